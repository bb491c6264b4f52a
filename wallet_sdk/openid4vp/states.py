"""How far a presentation is, as a value that doesn't change and that the wallet's file keeps.

What goes out to a verifier is in the state before it goes: a wallet that was killed while it sent can send the same
again, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Step(StrEnum):
    """What a presentation waits for."""

    RECEIVED = "received"
    """A link came; nobody was asked anything."""
    FETCHED = "fetched"
    """The request is here; it may be anybody's."""
    VERIFIED = "verified"
    """It is known who asks, if anybody can know, and for what."""
    CONSENT_ASKED = "consent_asked"
    """The holder was shown what would be shown to whom."""
    CONSENTED = "consented"
    """The holder agreed; the answer is made, and may have gone out."""
    SENT = "sent"
    """The verifier took it, and said where the holder is to go on."""
    DONE = "done"
    REFUSED = "refused"
    """The holder said no."""
    FAILED = "failed"
    """It can't be answered, or the verifier did not take the answer."""


BEFORE_CONSENT = (Step.RECEIVED, Step.FETCHED, Step.VERIFIED, Step.CONSENT_ASKED)
ENDED = frozenset({Step.DONE, Step.REFUSED, Step.FAILED})


@dataclass(frozen=True)
class Outgoing:
    """What goes to the verifier: the form's fields, and the address that they are posted to."""

    response_uri: str
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class PresentationSession:
    """A presentation under way; times in seconds since 1970.

    `request` is the request object as it came, None as long as there is none and where the link is the request.
    `request_digest` names the request; one that was `answered`, whatever came of that, is not answered again.
    `shown_digest` names what the holder was last asked about (`answer_digest`), None where nobody was asked.
    `outgoing` is the one answer, or the one error, that may still go out. `error` is the code of a failure,
    `redirect_uri` where the verifier sends the holder.
    """

    id: str
    step: Step
    link: str
    started_at: int
    wallet_nonce: str | None = None
    request: str | None = field(default=None, repr=False)
    request_digest: str | None = None
    shown_digest: str | None = None
    answered: bool = False
    outgoing: Outgoing | None = None
    error: str | None = None
    redirect_uri: str | None = None
