"""From one state of an issuance to the next: a table of pure functions, and what is to be done in a state.

    AUTHORIZATION ─AuthorizationReady─▶ BROWSER ─CodeReceived─▶ TOKEN ─TokenReceived─▶ CREDENTIALS ─▶ ENDED
          ▲──────AuthorizationRepeated─────┘                      ▲─────AccessEnded─────────┘

    each credential:  WANTED ─KeysMade─▶ ASKED ─CredentialReceived─▶ RECEIVED ─▶ STORED or REFUSED ─IssuerNotified
                                           └─CredentialDeferred─▶ DEFERRED ─▲

With a pre-authorized code, and to fetch more copies, an issuance begins at TOKEN. Nothing here asks anybody or knows
the time. `advance` takes a state and what happened, and gives the next state; `next_action` says what a state calls
for. A pair that is not in the table is a mistake of ours and raises `ValueError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import chain
from typing import Any

from vc_core.protocols.oauth.token import (
    AuthorizationCodeGrant,
    RefreshTokenGrant,
    TokenRequest,
    create_token_request,
)
from vc_core.protocols.openid4vci.notification import Notification, NotificationEvent
from wallet_sdk.issuance.events import (
    AccessEnded,
    AccessRefused,
    Action,
    AskAgain,
    AskForCredential,
    AskForToken,
    AuthorizationReady,
    AuthorizationRepeated,
    CodeReceived,
    CredentialAction,
    CredentialDeferred,
    CredentialReceived,
    CredentialRefused,
    CredentialStored,
    Event,
    IssuerNotified,
    Judge,
    KeysMade,
    MakeKeys,
    NotifyIssuer,
    PrepareAuthorization,
    SessionEvent,
    TokenReceived,
)
from wallet_sdk.issuance.states import Authorization, IssuanceSession, Progress, Step, WantedCredential

NOT_GRANTED = "not_granted"
"""The refusal of a credential that the authorization server left out of its grant."""


def advance(session: IssuanceSession, event: Event) -> IssuanceSession:
    """The state after the event. Raises `ValueError` where the event can't happen in this state."""
    if isinstance(event, SessionEvent):
        change = _SESSION_TABLE.get((session.step, type(event)))
        if change is None:
            raise ValueError(f"{type(event).__name__} does not happen in the step {session.step}")
        return _ended_if_done(change(session, event))
    wanted = session.credentials[event.index]
    move = _CREDENTIAL_TABLE.get((wanted.progress, type(event)))
    if session.step is not Step.CREDENTIALS or move is None:
        raise ValueError(f"{type(event).__name__} does not happen in {session.step}, {wanted.progress}")
    before, after = session.credentials[: event.index], session.credentials[event.index + 1 :]
    return _ended_if_done(replace(session, credentials=(*before, move(wanted, event), *after)))


def next_action(session: IssuanceSession, *, now: int, leaving: AbstractSet[int] = frozenset()) -> Action | None:
    """What the state calls for; None where it waits for the holder or the issuer, or is at its end.

    `leaving`: places of credentials to leave for later.
    """
    match session.step:
        case Step.AUTHORIZATION:
            return PrepareAuthorization()
        case Step.TOKEN:
            return AskForToken()
        case Step.CREDENTIALS:
            served = (n for n, _ in enumerate(session.credentials) if n not in leaving)
            actions = (_credential_action(session.credentials[index], index, now) for index in served)
            return next((action for action in actions if action is not None), None)
    return None


def _credential_action(wanted: WantedCredential, index: int, now: int) -> CredentialAction | None:
    match wanted.progress:
        case Progress.WANTED:
            return MakeKeys(index)
        case Progress.ASKED:
            return AskForCredential(index)
        case Progress.DEFERRED:
            return AskAgain(index) if now >= wanted.ask_from else None
        case Progress.RECEIVED:
            return Judge(index)
    return NotifyIssuer(index) if wanted.owed is not None else None


def _ended_if_done(session: IssuanceSession) -> IssuanceSession:
    done = all(each.progress in (Progress.STORED, Progress.REFUSED) and not each.owed for each in session.credentials)
    return replace(session, step=Step.ENDED) if done and session.step is Step.CREDENTIALS else session


def _authorization_ready(session: IssuanceSession, event: AuthorizationReady) -> IssuanceSession:
    return replace(session, step=Step.BROWSER, authorization=replace(_begun(session), address=event.address))


def _authorization_repeated(session: IssuanceSession, event: AuthorizationRepeated) -> IssuanceSession:
    begun = _begun(session)
    again = replace(begun, address=None, redirect_uri=event.redirect_uri or begun.redirect_uri)
    return replace(session, step=Step.AUTHORIZATION, authorization=again)


def _code_received(session: IssuanceSession, event: CodeReceived) -> IssuanceSession:
    begun = _begun(session)
    grant = AuthorizationCodeGrant(event.code, begun.redirect_uri, begun.code_verifier)
    fields = create_token_request(TokenRequest(grant, session.client_id))
    return replace(session, step=Step.TOKEN, authorization=None, grant=fields)


def _begun(session: IssuanceSession) -> Authorization:
    if session.authorization is None:
        raise ValueError("this issuance has no authorization")
    return session.authorization


def _token_received(session: IssuanceSession, event: TokenReceived) -> IssuanceSession:
    access = event.access
    if access.refresh_token is None and session.access is not None:
        access = replace(access, refresh_token=session.access.refresh_token)  # RFC 6749 section 6
    credentials = session.credentials
    if event.identifiers is not None:
        credentials = tuple(chain.from_iterable(_granted(each, event.identifiers) for each in credentials))
    return replace(session, step=Step.CREDENTIALS, credentials=credentials, grant={}, access=access)


def _granted(wanted: WantedCredential, identifiers: Mapping[str, tuple[str, ...]]) -> tuple[WantedCredential, ...]:
    """The credential by each of its names in the grant; one that is under way already keeps its name."""
    if wanted.progress is not Progress.WANTED:
        return (wanted,)
    named = identifiers.get(wanted.credential_configuration_id, ())
    if not named:
        return (_refusal(wanted, NOT_GRANTED, "The authorization server did not grant this credential."),)
    if wanted.credential_identifier is not None:
        kept = wanted.credential_identifier if wanted.credential_identifier in named else named[0]
        return (replace(wanted, credential_identifier=kept),)
    return tuple(replace(wanted, credential_identifier=each) for each in named)


def _access_ended(session: IssuanceSession, event: AccessEnded) -> IssuanceSession:
    if session.access is None or session.access.refresh_token is None:
        raise ValueError("there is nothing to ask for a new access token with")
    fields = create_token_request(TokenRequest(RefreshTokenGrant(session.access.refresh_token), session.client_id))
    return replace(session, step=Step.TOKEN, grant=fields)


def _access_refused(session: IssuanceSession, event: AccessRefused) -> IssuanceSession:
    return replace(session, step=Step.ENDED, authorization=None, grant={})


def _keys_made(wanted: WantedCredential, event: KeysMade) -> WantedCredential:
    return replace(wanted, progress=Progress.ASKED, holder_keys=event.holder_keys)


def _received(wanted: WantedCredential, event: CredentialReceived) -> WantedCredential:
    return replace(
        wanted,
        progress=Progress.RECEIVED,
        received=event.credentials,
        transaction_id=None,
        notification_id=event.notification_id,
    )


def _deferred(wanted: WantedCredential, event: CredentialDeferred) -> WantedCredential:
    return replace(wanted, progress=Progress.DEFERRED, transaction_id=event.transaction_id, ask_from=event.ask_from)


def _refused(wanted: WantedCredential, event: CredentialRefused) -> WantedCredential:
    return _refusal(wanted, event.code, event.message)


def _refusal(wanted: WantedCredential, code: str, message: str) -> WantedCredential:
    """The keys go too: an issuer has seen them, so they serve for nothing else."""
    return replace(_told(wanted, Progress.REFUSED, NotificationEvent.FAILURE), refusal=(code, message))


def _stored(wanted: WantedCredential, event: CredentialStored) -> WantedCredential:
    return _told(wanted, Progress.STORED, NotificationEvent.ACCEPTED)


def _told(wanted: WantedCredential, progress: Progress, event: NotificationEvent) -> WantedCredential:
    """The end of a credential's way, but for what its issuer asked to be told."""
    owed = None if wanted.notification_id is None else Notification(wanted.notification_id, event)
    return WantedCredential(
        wanted.credential_configuration_id, wanted.credential_identifier, progress=progress, owed=owed
    )


def _notified(wanted: WantedCredential, event: IssuerNotified) -> WantedCredential:
    return replace(wanted, owed=None)


_SESSION_TABLE: Mapping[tuple[Step, type], Callable[[IssuanceSession, Any], IssuanceSession]] = {
    (Step.AUTHORIZATION, AuthorizationReady): _authorization_ready,
    (Step.AUTHORIZATION, AccessRefused): _access_refused,
    (Step.BROWSER, AuthorizationRepeated): _authorization_repeated,
    (Step.BROWSER, CodeReceived): _code_received,
    (Step.BROWSER, AccessRefused): _access_refused,
    (Step.TOKEN, TokenReceived): _token_received,
    (Step.TOKEN, AccessRefused): _access_refused,
    (Step.CREDENTIALS, AccessEnded): _access_ended,
}
_CREDENTIAL_TABLE: Mapping[tuple[Progress, type], Callable[[WantedCredential, Any], WantedCredential]] = {
    (Progress.WANTED, KeysMade): _keys_made,
    (Progress.WANTED, CredentialRefused): _refused,
    (Progress.ASKED, CredentialReceived): _received,
    (Progress.ASKED, CredentialDeferred): _deferred,
    (Progress.ASKED, CredentialRefused): _refused,
    (Progress.DEFERRED, CredentialReceived): _received,
    (Progress.DEFERRED, CredentialDeferred): _deferred,
    (Progress.DEFERRED, CredentialRefused): _refused,
    (Progress.RECEIVED, CredentialStored): _stored,
    (Progress.RECEIVED, CredentialRefused): _refused,
    (Progress.STORED, IssuerNotified): _notified,
    (Progress.REFUSED, IssuerNotified): _notified,
}
