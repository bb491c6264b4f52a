"""Authorization requests: pushed or brought by a browser, decided by the patient, redeemed by the wallet, once each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.clients import WalletClients
from issuer.authorization.identifiers import create_credential_identifiers, narrow
from issuer.authorization.models import Authorization, AuthorizationRequestRow
from issuer.authorization.repository import AuthorizationRepository
from issuer.authorization.request_repository import AuthorizationRequestRepository
from issuer.authorization.senders import Sender
from issuer.authorization.tokens import IssuedTokens, TokenService
from issuer.issuance.configurations import Configuration
from issuer.issuance.models import Offer
from issuer.issuance.repository import IssuanceRepository
from issuer.issuance.secrets import create_secret, hash_of
from vc_core.clock import Clock
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.authorization import (
    AuthorizationRequest,
    ReturnAddress,
    create_authorization_error_response,
    create_authorization_response,
    parse_authorization_request,
    parse_return_address,
)
from vc_core.protocols.oauth.pkce import verify_code_verifier
from vc_core.protocols.oauth.pushed_authorization import REQUEST_URI_PREFIX, parse_pushed_reference
from vc_core.protocols.oauth.token import AuthorizationCodeGrant, TokenRequest
from vc_core.web.database import Database

PUSHED_LIFETIME = 90
"""Seconds from the pushing of a request to its opening in the browser."""
SESSION_LIFETIME = 15 * 60
"""Seconds that a patient has at the page."""
CODE_LIFETIME = 300
"""Seconds that a wallet has to redeem an authorization code: one in a browser is opened by its holder again first."""
SHORT_CODE_LIFETIME = 60
"""The same under HAIP, whose FAPI 2.0 (section 5.3.2.1) has no more."""
KEPT_SECONDS = 24 * 3600
"""Seconds for which a request is kept after its end, so that a second use of its code is noticed."""


class SentBack(Exception):
    """The browser is to be sent back to the wallet, with an error; `url` says where."""

    def __init__(self, url: str) -> None:
        super().__init__("sent back to the wallet")
        self.url = url


@dataclass(frozen=True)
class AuthorizationRules:
    """What this issuer requires of authorization requests beyond PKCE; `code_lifetime` in seconds."""

    pushed_requests: bool = False
    code_lifetime: int = CODE_LIFETIME


class AuthorizationRequestService:
    """The authorization requests of this issuer."""

    def __init__(
        self,
        database: Database,
        configurations: Mapping[str, Configuration],
        clients: WalletClients,
        tokens: TokenService,
        rules: AuthorizationRules,
        public_url: str,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._configurations = configurations
        self._clients = clients
        self._tokens = tokens
        self._rules = rules
        self._public_url = public_url
        self._clock = clock
        self._randomness = randomness

    async def push(self, fields: Sequence[tuple[str, str]], sender: Sender) -> str:
        """Takes a pushed request in (RFC 9126); returns the secret at the end of its `request_uri`.

        The code is bound to the keys that its sender proved (RFC 9449 section 10.1). Raises `ProtocolError` with a code
        of RFC 6749 section 4.1.2.1 or 5.2.
        """
        if any(name == "request_uri" for name, _ in fields):
            raise ProtocolError("invalid_request", "A pushed request has no request_uri.")
        address = parse_return_address(fields)
        self._clients.check(address, attested=sender.instance_jkt is not None)
        secret = create_secret(self._randomness)
        async with self._database.transaction() as session:
            row = await self._create(session, fields, address, sender)
            row.request_uri_hash, row.expires_at = hash_of(secret), self._clock() + PUSHED_LIFETIME
            await AuthorizationRequestRepository(session).save(row)
        return secret

    async def open(self, fields: Sequence[tuple[str, str]]) -> str:
        """Begins at the page with what a browser brought; returns the secret for its cookie.

        Raises `SentBack` where the wallet is to be told of an error, `ProtocolError` where only the person at the
        browser may be: `invalid_client`, `invalid_request`, `invalid_request_uri`.
        """
        secret = create_secret(self._randomness)
        reference = parse_pushed_reference(fields)
        if reference is not None:
            request_uri_hash = hash_of(reference.request_uri.removeprefix(REQUEST_URI_PREFIX))
            async with self._database.transaction() as session:
                opened = await AuthorizationRequestRepository(session).open(
                    request_uri_hash,
                    reference.client_id,
                    session_hash=hash_of(secret),
                    expires_at=self._clock() + SESSION_LIFETIME,
                    now=self._clock(),
                )
            if not opened:
                raise ProtocolError("invalid_request_uri", "The request is unknown, expired or opened already.")
            return secret
        address = parse_return_address(fields)
        self._clients.check(address)
        try:
            if self._rules.pushed_requests:
                raise ProtocolError("invalid_request", "This issuer takes pushed authorization requests only.")
            async with self._database.transaction() as session:
                row = await self._create(session, fields, address, Sender())
                row.session_hash, row.expires_at = hash_of(secret), self._clock() + SESSION_LIFETIME
                await AuthorizationRequestRepository(session).save(row)
        except ProtocolError as error:
            raise self._sent_back(address, error) from error
        return secret

    async def load(self, secret: str) -> AuthorizationRequestRow | None:
        """The undecided request that a browser with this cookie is at; None where there is none, or no longer."""
        async with self._database.transaction() as session:
            return await AuthorizationRequestRepository(session).load_open(hash_of(secret), now=self._clock())

    async def allow(self, secret: str, configuration_ids: Sequence[str]) -> str:
        """The patient agrees to these configurations; returns where the browser goes with the code.

        Raises `ProtocolError` `invalid_request` where it was decided before, or is over.
        """
        code = create_secret(self._randomness)
        row = await self._decide(secret, hash_of(code), configuration_ids)
        return create_authorization_response(return_address_of(row), code=code, issuer=self._public_url)

    async def deny(self, secret: str) -> str:
        """The patient, or the issuer, refuses; returns where the browser goes with `access_denied`. As `allow`."""
        row = await self._decide(secret, None, [])
        error = ProtocolError("access_denied", "The request was refused.")
        return create_authorization_error_response(return_address_of(row), error, issuer=self._public_url)

    async def redeem(self, grant: AuthorizationCodeGrant, request: TokenRequest, sender: Sender) -> IssuedTokens:
        """Tokens for an authorization code, once; bound to what the sender proved.

        Raises `ProtocolError`: `invalid_grant` for a code that is unknown, expired, used, or bound to another client,
        address, verifier or key; `invalid_authorization_details` for what the patient did not agree to. The second use
        of a code revokes what the first one brought (RFC 6749 section 4.1.2).
        """
        code_hash, now = hash_of(grant.code), self._clock()
        async with self._database.transaction() as session:
            repository = AuthorizationRequestRepository(session)
            row = await repository.load_by_code(code_hash)
            issued = None
            if row is not None and row.code_used_at is None:
                authorization = self._authorization(row, grant, request, sender, now)
                if await repository.use_code(code_hash, now=now) and await _take_offer(session, authorization, now):
                    issued = await self._tokens.issue(session, authorization, sender)
                    await repository.link(row.id, authorization.id)
            elif row is not None and row.authorization_id is not None:
                # No error before the transaction's end: it would undo the revocation.
                await AuthorizationRepository(session).revoke_family(row.authorization_id, now=now)
        if issued is None:
            raise ProtocolError("invalid_grant", "The code is unknown, expired or used.")
        return issued

    async def forget_expired(self) -> None:
        """Forgets the requests that were over a day ago."""
        async with self._database.transaction() as session:
            await AuthorizationRequestRepository(session).forget(until=self._clock() - KEPT_SECONDS)

    async def _decide(
        self, secret: str, code_hash: str | None, configuration_ids: Sequence[str]
    ) -> AuthorizationRequestRow:
        now = self._clock()
        until = now + self._rules.code_lifetime
        async with self._database.transaction() as session:
            repository = AuthorizationRequestRepository(session)
            row = await repository.load_open(hash_of(secret), now=now)
            decided = row is not None and await repository.decide(
                row.id, code_hash=code_hash, configuration_ids=configuration_ids, until=until, now=now
            )
        if row is None or not decided:
            raise ProtocolError("invalid_request", "This request was decided already, or is over.")
        return row

    async def _create(
        self, session: AsyncSession, fields: Sequence[tuple[str, str]], address: ReturnAddress, sender: Sender
    ) -> AuthorizationRequestRow:
        """A row for a request, not written yet. Raises `ProtocolError`."""
        request = parse_authorization_request(fields, address, credential_issuer=self._public_url)
        if sender.dpop_jkt is not None and request.dpop_jkt not in (None, sender.dpop_jkt):
            raise ProtocolError("invalid_request", "dpop_jkt is not of the key that the DPoP proof has.")
        offer = None
        if request.issuer_state is not None:
            offer = await IssuanceRepository(session).load_offer_by_state(
                hash_of(request.issuer_state), now=self._clock()
            )
            if offer is None:
                raise ProtocolError("invalid_request", "issuer_state is of no offer that may still be taken.")
        return AuthorizationRequestRow(
            id=uuid4().hex,
            client_id=address.client_id,
            redirect_uri=address.redirect_uri,
            state=address.state,
            code_challenge=request.code_challenge,
            dpop_jkt=request.dpop_jkt or sender.dpop_jkt,
            instance_jkt=sender.instance_jkt,
            configuration_ids=self._asked_for(request, offer),
            with_identifiers=request.authorization_details is not None,
            offer_id=None if offer is None else offer.id,
            expires_at=0,
        )

    def _asked_for(self, request: AuthorizationRequest, offer: Offer | None) -> list[str]:
        """The configurations that a request is for: by details, by scope, or as its offer has them."""
        offered = self._configurations if offer is None else offer.configuration_ids
        known = [each for each in offered if each in self._configurations]  # an old offer may have one that is no more
        details = request.authorization_details or ()
        if not set(details) <= set(known):
            raise ProtocolError("invalid_authorization_details", "There is no such credential, or it was not offered.")
        asked = list(dict.fromkeys([*details, *(scope for scope in request.scopes if scope in known)]))
        if not asked and offer is not None and not request.scopes:
            asked = known
        if not asked:
            raise ProtocolError("invalid_scope", "The request is for no credential of this issuer.")
        return asked

    def _authorization(
        self,
        row: AuthorizationRequestRow,
        grant: AuthorizationCodeGrant,
        request: TokenRequest,
        sender: Sender,
        now: int,
    ) -> Authorization:
        if sender.client_id != row.client_id or grant.redirect_uri != row.redirect_uri:
            raise ProtocolError("invalid_grant", "The code was given to another wallet, or for another address.")
        if row.dpop_jkt not in (None, sender.dpop_jkt) or row.instance_jkt not in (None, sender.instance_jkt):
            raise ProtocolError("invalid_grant", "The code is bound to another key.")
        verify_code_verifier(grant.code_verifier, challenge=row.code_challenge)
        configuration_ids, identifiers = narrow(row.configuration_ids, request.authorization_details), None
        if row.with_identifiers or request.authorization_details is not None:
            identifiers = create_credential_identifiers(configuration_ids, self._randomness)
        return Authorization(
            id=row.id,
            family_id=row.id,
            person_id=row.person_id or "",
            configuration_ids=configuration_ids,
            credential_identifiers=identifiers,
            client_id=row.client_id,
            offer_id=row.offer_id,
            created_at=now,
        )

    def _sent_back(self, address: ReturnAddress, error: ProtocolError) -> SentBack:
        return SentBack(create_authorization_error_response(address, error, issuer=self._public_url))


def return_address_of(row: AuthorizationRequestRow) -> ReturnAddress:
    """Who asked, and where the browser is sent back to."""
    return ReturnAddress(row.client_id, row.redirect_uri, row.state)


async def _take_offer(session: AsyncSession, authorization: Authorization, now: int) -> bool:
    """Takes over what the offer that it began with states, once; False where another wallet was quicker."""
    if authorization.offer_id is None:
        return True
    offer = await session.get(Offer, authorization.offer_id)
    authorization.claims = None if offer is None else offer.claims
    return await IssuanceRepository(session).redeem(authorization.offer_id, now=now)
