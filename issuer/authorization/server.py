"""The authorization server's parts put together, for the issuer that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from issuer.access import OfficeAccess
from issuer.authorization import (
    challenge_routes,
    code_routes,
    page_routes,
    presentation_routes,
    push_routes,
    token_routes,
)
from issuer.authorization.clients import WalletClients
from issuer.authorization.consent import ConsentService
from issuer.authorization.presentations import PresentationSignIn
from issuer.authorization.proof_headers import ProtectedResource
from issuer.authorization.requests import (
    CODE_LIFETIME,
    SHORT_CODE_LIFETIME,
    AuthorizationRequestService,
    AuthorizationRules,
)
from issuer.authorization.senders import SenderService
from issuer.authorization.server_nonces import ServerNonces
from issuer.authorization.sign_in import SignInService
from issuer.authorization.sms import SmsFolder
from issuer.authorization.tokens import TokenService
from issuer.issuance.configurations import Configuration
from issuer.issuance.offers import OfferService
from issuer.settings import IssuerSettings
from vc_core.clock import Clock
from vc_core.protocols.oauth.server_metadata import AuthorizationEndpoints, create_authorization_server_metadata
from vc_core.protocols.oauth.token import AUTHORIZATION_CODE_GRANT, PRE_AUTHORIZED_CODE_GRANT
from vc_core.trust import TrustSource
from vc_core.web.database import Database
from vc_core.web.settings import ProtocolProfile


@dataclass(frozen=True)
class AuthorizationServer:
    """The services behind the authorization server's endpoints."""

    public_url: str
    rules: AuthorizationRules
    grants: Sequence[str]
    scopes: Sequence[str]
    tokens: TokenService
    nonces: ServerNonces
    senders: SenderService
    requests: AuthorizationRequestService
    sign_in: SignInService
    presentations: PresentationSignIn
    consent: ConsentService

    def metadata(self) -> dict[str, Any]:
        """Its metadata (RFC 8414)."""
        endpoints = AuthorizationEndpoints(
            self.public_url + "/authorize", self.public_url + "/par", self.rules.pushed_requests, self.scopes
        )
        return create_authorization_server_metadata(
            self.public_url,
            token_endpoint=self.public_url + "/token",
            authorization=endpoints,
            proofs=self.senders.metadata(),
            pre_authorized=PRE_AUTHORIZED_CODE_GRANT in self.grants,
        )

    @property
    def resource(self) -> ProtectedResource:
        """What asks it for the authorization behind an access token."""
        return ProtectedResource(self.tokens, self.senders, self.public_url)

    def routers(self, offers: OfferService, office: OfficeAccess) -> Sequence[APIRouter]:
        """Its endpoints, its page, and the officer's route for one-time codes."""
        return (
            token_routes.create_router(offers, self.requests, self.tokens, self.senders, self.public_url),
            push_routes.create_router(self.requests, self.senders, self.public_url),
            challenge_routes.create_router(self.nonces),
            page_routes.create_router(self.requests, self.sign_in, self.presentations, self.consent, self.public_url),
            presentation_routes.create_router(self.presentations),
            code_routes.create_router(self.sign_in, office),
        )

    async def forget_expired(self) -> None:
        """Forgets what is over."""
        await self.tokens.forget_expired()
        await self.requests.forget_expired()
        await self.sign_in.forget_expired()
        await self.presentations.forget_expired()


def offered_grants(profile: ProtocolProfile) -> Sequence[str]:
    """By which grants wallets may begin, the usual one first: HAIP has no pre-authorized codes."""
    by_page = (AUTHORIZATION_CODE_GRANT,)
    return by_page if profile is ProtocolProfile.HAIP else (PRE_AUTHORIZED_CODE_GRANT, *by_page)


def authorization_rules(settings: IssuerSettings) -> AuthorizationRules:
    """What these settings require of authorization requests."""
    lifetime = SHORT_CODE_LIFETIME if settings.protocol_profile is ProtocolProfile.HAIP else CODE_LIFETIME
    return AuthorizationRules(pushed_requests=settings.require_pushed_requests, code_lifetime=lifetime)


def create_authorization_server(
    settings: IssuerSettings,
    database: Database,
    trust: TrustSource,
    configurations: Mapping[str, Configuration],
    health_id_issuer: str | None,
    clock: Clock,
    randomness: Callable[[int], bytes],
) -> AuthorizationServer:
    """The authorization server of an issuer with these settings. One-time codes are keyed with the officer's token.

    `health_id_issuer` is the DID of the health IDs that sign in, None where this issuer gives out none.
    """
    clients = WalletClients(settings.wallet_clients, loopback=settings.loopback_wallets)
    tokens, nonces = TokenService(database, clock, randomness), ServerNonces(database, clock, randomness)
    senders = SenderService(
        database,
        trust,
        nonces,
        settings.public_url,
        clock,
        dpop=settings.dpop,
        attestation=settings.wallet_attestation,
    )
    rules = authorization_rules(settings)
    sms = None if settings.sms_folder is None else SmsFolder(settings.sms_folder)
    secret = settings.officer_token.get_secret_value().encode("utf-8")
    return AuthorizationServer(
        settings.public_url,
        rules,
        offered_grants(settings.protocol_profile),
        tuple(configurations),
        tokens,
        nonces,
        senders,
        AuthorizationRequestService(
            database, configurations, clients, tokens, rules, settings.public_url, clock, randomness
        ),
        SignInService(database, sms, secret, clock, randomness),
        PresentationSignIn(database, trust, health_id_issuer, settings.public_url, clock, randomness),
        ConsentService(database, configurations, clients, clock),
    )
