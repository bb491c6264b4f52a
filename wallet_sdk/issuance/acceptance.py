"""What follows from the holder's yes: an issuance begins, goes on after a stop, and fetches more copies later.

accept_offer ────────────▶ Issuance                     by a pre-authorized code
accept_offer ─▶ (browser) ─▶ finish_authorization ─▶ Issuance      by the authorization code flow
resume_issuance ─────────▶ Issuance                     what was interrupted, or put off by the issuer
top_up ──────────────────▶ Issuance                     more copies of a credential that runs low
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from secrets import token_bytes

from vc_core.clock import Clock
from vc_core.crypto.keys import P256Signer
from vc_core.encoding import base64url_encode
from vc_core.errors import FetchError, InvalidRequest, NoSuchCredential, ProtocolError, ServiceRefused
from vc_core.http import HttpClient
from vc_core.protocols.oauth.authorization import parse_authorization_response
from vc_core.protocols.oauth.client_attestation import ATTESTATION_AUTH_METHOD
from vc_core.protocols.oauth.server_metadata import parse_authorization_server_metadata
from vc_core.protocols.oauth.token import PreAuthorizedCodeGrant, RefreshTokenGrant, TokenRequest, create_token_request
from vc_core.protocols.openid4vci.notification import Notification, NotificationEvent
from vc_core.trust import TrustSource
from wallet_sdk.attestation import HeldAttestation, fetch_wallet_attestation
from wallet_sdk.content import Grant, HeldCredential
from wallet_sdk.issuance.answers import refusal
from wallet_sdk.issuance.events import AccessRefused, AuthorizationRepeated, CodeReceived
from wallet_sdk.issuance.offers import DescribedOffer, describe_more
from wallet_sdk.issuance.received import check_trust_age
from wallet_sdk.issuance.run import Issuance, Run
from wallet_sdk.issuance.saved import KIND, create_saved, parse_saved
from wallet_sdk.issuance.states import Authorization, IssuanceSession, Progress, Step, WantedCredential
from wallet_sdk.issuance.transitions import advance
from wallet_sdk.wallet import Wallet

CLIENT_ID = "sabai-wallet"
"""The name under which this wallet asks where a server wants one and the wallet has no attestation."""


async def accept_offer(
    wallet: Wallet,
    http: HttpClient,
    described: DescribedOffer,
    *,
    tx_code: str | None = None,
    redirect_uri: str | None = None,
    client_id: str = CLIENT_ID,
    any_issuer: bool = False,
    trust: TrustSource,
    clock: Clock,
    randomness: Callable[[int], bytes] = token_bytes,
) -> Issuance:
    """Fetches each credential with keys of its own, verifies it, and stores it at once if it is good.

    Where the offer `needs_browser`, the result has the `address` to open, from where the browser comes back to
    `redirect_uri`; `finish_authorization` goes on. `any_issuer`: the holder was told that nobody vouches for an issuer
    that the registry does not know, and agreed to keep what it signs; others are judged as ever.

    Raises `ServiceRefused`, `ProtocolError` or `FetchError` where the issuer gives no access at all, and before it is
    asked anything `InvalidRequest` without the transaction code or `redirect_uri` that the offer needs, `Rejection`
    `STALE_TRUST`. What goes wrong with one credential is in the result.
    """
    check_trust_age(trust, now=clock())
    offer = described.offer
    if offer.tx_code is not None and not tx_code:
        raise InvalidRequest("This offer needs the transaction code that the issuing office gave with it.")
    if described.needs_browser and redirect_uri is None:
        raise InvalidRequest("This offer needs a browser, and an address for it to come back to.")
    session = replace(_create_session(described, now=clock(), client_id=client_id), any_issuer=any_issuer)
    attestation = await _attest(wallet, http, session, clock, randomness)
    if attestation is not None:
        session = replace(session, client_id=attestation.client_id, attested=True)
    if offer.pre_authorized_code is not None:
        code = PreAuthorizedCodeGrant(offer.pre_authorized_code, tx_code if offer.tx_code is not None else None)
        asked = create_token_request(TokenRequest(code, session.client_id), location=session.credential_issuer)
        session = replace(session, grant=asked)
    else:
        begun = Authorization(
            redirect_uri or "",
            state=base64url_encode(randomness(32)),
            code_verifier=base64url_encode(randomness(32)),
            issuer_state=offer.authorization_code.issuer_state if offer.authorization_code else None,
        )
        session = replace(session, step=Step.AUTHORIZATION, authorization=begun)
    wallet.save_session(create_saved(session))
    run = Run(wallet, http, session, trust=trust, clock=clock, randomness=randomness, attestation=attestation)
    return await run.to_the_end()


async def _attest(
    wallet: Wallet, http: HttpClient, session: IssuanceSession, clock: Clock, randomness: Callable[[int], bytes]
) -> HeldAttestation | None:
    """The wallet provider's attestation of the session's key, where the authorization server takes one.

    None where it does without and the provider gives none. Raises `ServiceRefused`, `FetchError`.
    """
    methods = session.server_metadata().client_authentication_methods
    if ATTESTATION_AUTH_METHOD not in methods:
        return None
    key = P256Signer.from_bytes(session.client_key)
    try:
        return await fetch_wallet_attestation(http, wallet.provider, key, clock=clock, randomness=randomness)
    except (FetchError, ServiceRefused):
        if "none" not in methods:
            raise
        return None


async def finish_authorization(
    wallet: Wallet,
    http: HttpClient,
    session_id: str,
    returned_to: str,
    *,
    trust: TrustSource,
    clock: Clock,
    randomness: Callable[[int], bytes] = token_bytes,
) -> Issuance:
    """Goes on once the browser came back; `returned_to` is the whole address that it came back to.

    Raises as `accept_offer`. An address that does not belong to this issuance, or comes from another server (`iss`),
    changes nothing: `ProtocolError`. A refusal ends the issuance: `ServiceRefused`.
    """
    session = pending_issuance(wallet, session_id)
    if session.step is not Step.BROWSER or session.authorization is None:
        raise InvalidRequest("This issuance does not wait for a browser.")
    check_trust_age(trust, now=clock())
    try:
        code = parse_authorization_response(
            returned_to, expected_state=session.authorization.state, expected_issuer=session.authorization_server
        )
    except ProtocolError as error:
        if error.code == "server_error":
            raise
        wallet.delete_session(advance(session, AccessRefused()).id)
        raise refusal(str(error.code)) from error
    session = advance(session, CodeReceived(code))
    wallet.save_session(create_saved(session))
    return await Run(wallet, http, session, trust=trust, clock=clock, randomness=randomness).to_the_end()


async def resume_issuance(
    wallet: Wallet,
    http: HttpClient,
    session_id: str,
    *,
    redirect_uri: str | None = None,
    trust: TrustSource,
    clock: Clock,
    randomness: Callable[[int], bytes] = token_bytes,
) -> Issuance:
    """Goes on with one of `pending_issuances`. Raises as `accept_offer`; `NoSuchCredential` where it is none.

    One that waits for the holder's browser begins anew with a fresh address, since the one before may be too old; the
    browser then comes back to `redirect_uri`, None for where it was to come back to before.
    """
    check_trust_age(trust, now=clock())
    session = pending_issuance(wallet, session_id)
    if session.step is Step.BROWSER:
        session = advance(session, AuthorizationRepeated(redirect_uri))
        wallet.save_session(create_saved(session))
    return await Run(wallet, http, session, trust=trust, clock=clock, randomness=randomness).to_the_end()


async def top_up(
    wallet: Wallet,
    http: HttpClient,
    held: HeldCredential,
    *,
    trust: TrustSource,
    clock: Clock,
    randomness: Callable[[int], bytes] = token_bytes,
) -> Issuance:
    """Fetches new copies of a credential in the place of those used, by the grant that its issuer gave.

    Raises as `accept_offer`; `NoSuchCredential` where the issuer gave no such grant.
    """
    check_trust_age(trust, now=clock())
    session = await _come_back(wallet, http, held, now=clock())
    session = replace(session, tops_up=held.id)
    wallet.save_session(create_saved(session))
    return await Run(wallet, http, session, trust=trust, clock=clock, randomness=randomness).to_the_end()


async def delete_credential(
    wallet: Wallet,
    http: HttpClient,
    credential_id: str,
    *,
    clock: Clock,
    randomness: Callable[[int], bytes] = token_bytes,
) -> HeldCredential:
    """Forgets a credential and its keys, and tells its issuer so if it asked to be told and lets the wallet come back.

    The credential is gone in any case; what the issuer could not be told now, `resume_issuance` tells it later.
    """
    held = wallet.credential(credential_id)
    session = None
    if held.source is not None and held.source.notification_id is not None and _grant_of(wallet, held) is not None:
        with suppress(FetchError, ProtocolError, ServiceRefused):
            session = await _come_back(wallet, http, held, now=clock())
            owed = Notification(held.source.notification_id, NotificationEvent.DELETED)
            gone = replace(session.credentials[0], progress=Progress.STORED, owed=owed)
            session = replace(session, credentials=(gone,))
    wallet.delete_credential(held.id, session=None if session is None else create_saved(session))
    if session is not None:
        with suppress(FetchError, ProtocolError, ServiceRefused):
            await Run(wallet, http, session, trust=None, clock=clock, randomness=randomness).to_the_end()
    return held


async def _come_back(wallet: Wallet, http: HttpClient, held: HeldCredential, *, now: int) -> IssuanceSession:
    """A session by the grant that came with a credential. Raises as `describe_offer`, and `NoSuchCredential`."""
    source, grant = held.source, _grant_of(wallet, held)
    if source is None or grant is None:
        raise NoSuchCredential("The issuer of this credential gave no leave to come back for more copies.")
    described = await describe_more(
        http, source.credential_issuer, source.credential_configuration_id, grant.authorization_server
    )
    return replace(
        _create_session(described, now=now, client_id=None),
        client_id=grant.client_id,
        client_key=grant.client_key,
        attested=grant.attested,
        grant=create_token_request(TokenRequest(RefreshTokenGrant(grant.refresh_token), grant.client_id)),
        credentials=(WantedCredential(source.credential_configuration_id, source.credential_identifier),),
        grant_id=grant.id,
        any_issuer=not held.in_registry,
    )


def pending_issuances(wallet: Wallet) -> tuple[IssuanceSession, ...]:
    """What is under way, the oldest first. Raises `WalletDamaged` where another version of the program wrote it."""
    return tuple(parse_saved(each) for each in wallet.sessions(KIND))


def pending_issuance(wallet: Wallet, session_id: str) -> IssuanceSession:
    """The issuance under way of that id, or of the one id that starts so. Raises `NoSuchCredential`."""
    found = [each for each in pending_issuances(wallet) if session_id and each.id.startswith(session_id)]
    if len(found) != 1:
        raise NoSuchCredential("There is no issuance of this id under way.")
    return found[0]


def _grant_of(wallet: Wallet, held: HeldCredential) -> Grant | None:
    return None if held.source is None or held.source.grant_id is None else wallet.grant(held.source.grant_id)


def _create_session(described: DescribedOffer, *, now: int, client_id: str | None) -> IssuanceSession:
    """The session at its beginning; the way to a token is still to be put in."""
    ids = [each.credential_configuration_id for each in described.credentials]
    every = described.issuer["credential_configurations_supported"]
    server = parse_authorization_server_metadata(described.server, expected_issuer=described.server["issuer"])
    anonymous = not described.needs_browser and server.anonymous_pre_authorized
    return IssuanceSession(
        id=uuid.uuid4().hex,
        started_at=now,
        issuer={**described.issuer, "credential_configurations_supported": {each: every[each] for each in ids}},
        server=described.server,
        step=Step.TOKEN,
        credentials=tuple(WantedCredential(each) for each in ids),
        client_key=P256Signer.generate().to_bytes(),
        client_id=None if anonymous else client_id,
    )
