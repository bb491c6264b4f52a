"""From one state of a presentation to the next: a table of pure functions.

    RECEIVED ─Fetched─▶ FETCHED ─Verified─▶ VERIFIED ─ConsentAsked─▶ CONSENT_ASKED ─Consented─▶ CONSENTED
                                                                                                    │ Answered
                                        DONE ◀─GoneOn─ SENT ◀── with an address to go on at ────────┤
                                          ▲                                                         │
                                          └─────────────────────────────────────────────────────────┘
    RECEIVED to CONSENT_ASKED ─Declined─▶ REFUSED ─Told─▶ REFUSED
    every step up to CONSENTED ─Failed─▶ FAILED ─Told─▶ FAILED

Nothing here asks anybody or knows the time. A pair that is not in the table is a mistake of ours and raises
`ValueError`: above all, there is no way to another answer once there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wallet_sdk.openid4vp.states import BEFORE_CONSENT, Outgoing, PresentationSession, Step


@dataclass(frozen=True)
class Fetched:
    """The request came; `request` None where the link itself is the request."""

    request: str | None = field(repr=False)


@dataclass(frozen=True)
class Verified:
    """The request is what it should be; `request_digest` names it."""

    request_digest: str


@dataclass(frozen=True)
class ConsentAsked:
    """The holder was asked about the answer that `shown_digest` names."""

    shown_digest: str


@dataclass(frozen=True)
class Consented:
    """The holder agreed, and this is the answer."""

    outgoing: Outgoing


@dataclass(frozen=True)
class Declined:
    """The holder said no; `outgoing` tells the verifier, None where it is not to know."""

    outgoing: Outgoing | None


@dataclass(frozen=True)
class Failed:
    """It can't go on, for the reason that `error` is the code of; `outgoing` as above."""

    error: str
    outgoing: Outgoing | None = None


@dataclass(frozen=True)
class Answered:
    """The verifier took the answer; `redirect_uri` is where the holder is to go on, if anywhere."""

    redirect_uri: str | None


@dataclass(frozen=True)
class GoneOn:
    """The holder went there, or won't."""


@dataclass(frozen=True)
class Told:
    """The verifier was told of the end, or could not be."""


Event = Fetched | Verified | ConsentAsked | Consented | Declined | Failed | Answered | GoneOn | Told


def advance(session: PresentationSession, event: Event) -> PresentationSession:
    """The state after the event. Raises `ValueError` where the event can't happen in this state."""
    change = _TABLE.get((session.step, type(event)))
    if change is None:
        raise ValueError(f"{type(event).__name__} does not happen in the step {session.step}")
    return change(session, event)


def _fetched(session: PresentationSession, event: Fetched) -> PresentationSession:
    return replace(session, step=Step.FETCHED, request=event.request)


def _verified(session: PresentationSession, event: Verified) -> PresentationSession:
    return replace(session, step=Step.VERIFIED, request_digest=event.request_digest)


def _consent_asked(session: PresentationSession, event: ConsentAsked) -> PresentationSession:
    return replace(session, step=Step.CONSENT_ASKED, shown_digest=event.shown_digest)


def _consented(session: PresentationSession, event: Consented) -> PresentationSession:
    return replace(session, step=Step.CONSENTED, answered=True, outgoing=event.outgoing)


def _declined(session: PresentationSession, event: Declined) -> PresentationSession:
    return replace(session, step=Step.REFUSED, request=None, outgoing=event.outgoing)


def _failed(session: PresentationSession, event: Failed) -> PresentationSession:
    return replace(session, step=Step.FAILED, request=None, error=event.error, outgoing=event.outgoing)


def _answered(session: PresentationSession, event: Answered) -> PresentationSession:
    """What was shown is forgotten here: the verifier has it."""
    step = Step.DONE if event.redirect_uri is None else Step.SENT
    return replace(session, step=step, request=None, outgoing=None, redirect_uri=event.redirect_uri)


def _gone_on(session: PresentationSession, event: GoneOn) -> PresentationSession:
    return replace(session, step=Step.DONE, redirect_uri=None)


def _told(session: PresentationSession, event: Told) -> PresentationSession:
    return replace(session, outgoing=None)


_TABLE: Mapping[tuple[Step, type], Callable[[PresentationSession, Any], PresentationSession]] = {
    (Step.RECEIVED, Fetched): _fetched,
    (Step.FETCHED, Verified): _verified,
    (Step.VERIFIED, ConsentAsked): _consent_asked,
    (Step.CONSENT_ASKED, ConsentAsked): _consent_asked,
    (Step.CONSENT_ASKED, Consented): _consented,
    (Step.CONSENTED, Answered): _answered,
    (Step.SENT, GoneOn): _gone_on,
    (Step.REFUSED, Told): _told,
    (Step.FAILED, Told): _told,
    **{(step, Declined): _declined for step in BEFORE_CONSENT},
    **{(step, Failed): _failed for step in (*BEFORE_CONSENT, Step.CONSENTED)},
}
