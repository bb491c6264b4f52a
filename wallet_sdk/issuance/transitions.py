"""From one state of an issuance to the next: a table of pure functions, and what is to be done in a state.

    TOKEN ──TokenReceived──▶ CREDENTIALS ──(each credential)──▶ ENDED
                                │
             WANTED ─KeysMade─▶ ASKED ─CredentialReceived─▶ RECEIVED ─Judged─▶ STORED or REFUSED

Nothing here asks anybody or knows the time. `advance` takes a state and what happened, and gives the next state;
`next_action` says what a state calls for. A pair that is not in the table is a mistake of ours and raises `ValueError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from wallet_sdk.issuance.states import Access, IssuanceSession, Progress, Step, WantedCredential

# What happens.


@dataclass(frozen=True)
class TokenReceived:
    """The authorization server gave access."""

    access: Access


@dataclass(frozen=True)
class TokenRefused:
    """The authorization server said no, and would say so again."""


@dataclass(frozen=True)
class KeysMade:
    """The keys for one credential are made: to be saved before their proofs go out."""

    index: int
    holder_keys: tuple[bytes, ...]


@dataclass(frozen=True)
class CredentialReceived:
    """The issuer answered with a credential, in one copy or more."""

    index: int
    credentials: tuple[str, ...]


@dataclass(frozen=True)
class CredentialRefused:
    """There will be no such credential: the issuer said no, or what came must not be kept; `code` is stable."""

    index: int
    code: str
    message: str


@dataclass(frozen=True)
class CredentialStored:
    """The credential was good, and is in the wallet."""

    index: int


Event = TokenReceived | TokenRefused | KeysMade | CredentialReceived | CredentialRefused | CredentialStored

# What is to be done.


@dataclass(frozen=True)
class AskForToken:
    """Send the token request."""


@dataclass(frozen=True)
class MakeKeys:
    """Make the keys for the credential at that place, and save them."""

    index: int


@dataclass(frozen=True)
class AskForCredential:
    """Send the credential request for the credential at that place, with a fresh nonce."""

    index: int


@dataclass(frozen=True)
class Judge:
    """Verify what came for the credential at that place; store it if it is good."""

    index: int


CredentialAction = MakeKeys | AskForCredential | Judge
Action = AskForToken | CredentialAction


def advance(session: IssuanceSession, event: Event) -> IssuanceSession:
    """The state after the event. Raises `ValueError` where the event can't happen in this state."""
    if isinstance(event, TokenReceived | TokenRefused):
        change = _SESSION_TABLE.get((session.step, type(event)))
        if change is None:
            raise ValueError(f"{type(event).__name__} does not happen in the step {session.step}")
        return change(session, event)
    wanted = session.credentials[event.index]
    move = _CREDENTIAL_TABLE.get((wanted.progress, type(event)))
    if session.step is not Step.CREDENTIALS or move is None:
        raise ValueError(f"{type(event).__name__} does not happen in {session.step}, {wanted.progress}")
    before, after = session.credentials[: event.index], session.credentials[event.index + 1 :]
    credentials = (*before, move(wanted, event), *after)
    ended = all(each.progress in (Progress.STORED, Progress.REFUSED) for each in credentials)
    return replace(session, credentials=credentials, step=Step.ENDED if ended else Step.CREDENTIALS)


def next_action(session: IssuanceSession, *, leaving: AbstractSet[int] = frozenset()) -> Action | None:
    """What the state calls for; None where it is at its end. `leaving`: places of credentials to leave for later."""
    if session.step is Step.TOKEN:
        return AskForToken()
    if session.step is Step.CREDENTIALS:
        for index, wanted in enumerate(session.credentials):
            action = _ACTIONS.get(wanted.progress)
            if action is not None and index not in leaving:
                return action(index)
    return None


def _token_received(session: IssuanceSession, event: TokenReceived) -> IssuanceSession:
    return replace(session, step=Step.CREDENTIALS, grant={}, access=event.access)


def _token_refused(session: IssuanceSession, event: TokenRefused) -> IssuanceSession:
    return replace(session, step=Step.ENDED, grant={})


def _keys_made(wanted: WantedCredential, event: KeysMade) -> WantedCredential:
    return replace(wanted, progress=Progress.ASKED, holder_keys=event.holder_keys)


def _received(wanted: WantedCredential, event: CredentialReceived) -> WantedCredential:
    return replace(wanted, progress=Progress.RECEIVED, received=event.credentials)


def _refused(wanted: WantedCredential, event: CredentialRefused) -> WantedCredential:
    """The keys go too: an issuer has seen them, so they serve for nothing else."""
    return WantedCredential(wanted.credential_configuration_id, Progress.REFUSED, refusal=(event.code, event.message))


def _stored(wanted: WantedCredential, event: CredentialStored) -> WantedCredential:
    return WantedCredential(wanted.credential_configuration_id, Progress.STORED)


_SESSION_TABLE: Mapping[tuple[Step, type], Callable[[IssuanceSession, Any], IssuanceSession]] = {
    (Step.TOKEN, TokenReceived): _token_received,
    (Step.TOKEN, TokenRefused): _token_refused,
}
_CREDENTIAL_TABLE: Mapping[tuple[Progress, type], Callable[[WantedCredential, Any], WantedCredential]] = {
    (Progress.WANTED, KeysMade): _keys_made,
    (Progress.ASKED, CredentialReceived): _received,
    (Progress.ASKED, CredentialRefused): _refused,
    (Progress.RECEIVED, CredentialStored): _stored,
    (Progress.RECEIVED, CredentialRefused): _refused,
}
_ACTIONS: Mapping[Progress, Callable[[int], CredentialAction]] = {
    Progress.WANTED: MakeKeys,
    Progress.ASKED: AskForCredential,
    Progress.RECEIVED: Judge,
}
