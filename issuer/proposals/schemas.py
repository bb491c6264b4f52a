"""Proposals on the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from issuer.proposals.actions import ActionReason
from issuer.proposals.models import Proposal, ProposalState
from vc_core.credential_types.text import is_displayable

MAX_NOTE = 500


def _check_note(text: str) -> str:
    """Raises `ValueError` for characters that no line of text has."""
    if text and not is_displayable(text):
        raise ValueError("has characters that can't be shown")
    return text


Note = Annotated[str, AfterValidator(_check_note)]
"""A line of free text, kept by the issuer only."""


class ReasonedRequest(BaseModel):
    """Why something is asked for. Where the reason is `other`, the note must say which."""

    model_config = ConfigDict(extra="forbid")

    reason: ActionReason
    note: Note = Field(default="", max_length=MAX_NOTE, description="Free text, kept here only")

    @model_validator(mode="after")
    def _say_which_other(self) -> ReasonedRequest:
        if self.reason is ActionReason.OTHER and not self.note.strip():
            raise ValueError("note must say which other reason")
        return self


class Rejection(BaseModel):
    """Why a proposal is rejected, for who proposed it."""

    model_config = ConfigDict(extra="forbid")

    note: Note = Field(min_length=1, max_length=MAX_NOTE)


class ProposalAnswer(BaseModel):
    """A proposal; times in seconds since 1970. `decided_by` is null where nobody had to or has yet."""

    id: str
    action: str
    record_id: str
    parameters: dict[str, Any]
    reason: str
    note: str
    state: ProposalState
    proposed_by: str
    proposed_at: int
    expires_at: int
    decided_by: str | None
    decided_at: int | None
    decision_note: str
    changed: int | None = Field(description="How many records it changed; null until it is done")


class ProposalsAnswer(BaseModel):
    """The newest first, at most 200."""

    proposals: list[ProposalAnswer]


def proposal_answer(proposal: Proposal, state: ProposalState) -> ProposalAnswer:
    """A proposal as the wire has it, in the state that it is in by now."""
    return ProposalAnswer(**proposal.model_dump(exclude={"detail", "state"}), state=state)
