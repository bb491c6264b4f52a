"""Statuses on the wire."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, Field

from issuer.proposals.schemas import ReasonedRequest
from issuer.status.entitlements import ENDING_REASONS
from vc_core.formats.status_list import Status


class StatusName(StrEnum):
    """A status as officers call it."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"

    @property
    def status(self) -> Status:
        """The value in the status list."""
        return _STATUSES[self]

    @classmethod
    def of(cls, status: int) -> StatusName:
        """The name of a value in the status list."""
        return next(name for name, value in _STATUSES.items() if value == status)


_STATUSES = {
    StatusName.VALID: Status.VALID,
    StatusName.SUSPENDED: Status.SUSPENDED,
    StatusName.REVOKED: Status.INVALID,
}


class StatusChange(ReasonedRequest):
    """A new status for all of a person's credentials of one type, and why; revoked is final."""

    credential_type: str = Field(max_length=50, examples=["InsuranceCoverage"])
    status: StatusName

    def ending(self) -> dict[str, bool]:
        """What it says besides where it ends the entitlement too: a revocation for fraud, or of somebody who died."""
        ends = self.status is StatusName.REVOKED and self.reason in ENDING_REASONS
        return {"ends_entitlement": True} if ends else {}


class StatusAnswer(BaseModel):
    """What was asked for, and how many credentials changed by it."""

    credential_type: str
    status: StatusName
    changed: int


class IssuedCredential(BaseModel):
    """A credential that was issued; times in seconds since 1970."""

    credential_type: str
    format: str
    status: StatusName
    issued_at: int
    expires_at: int


class IssuedCredentials(BaseModel):
    """What was issued to a person, the newest first.

    `entitlement_ended` names the types of which nothing is issued to them until an officer offers it anew.
    """

    credentials: list[IssuedCredential]
    entitlement_ended: list[str]


class StatusListAggregation(BaseModel):
    """Where all lists of this issuer are, for whoever fetches them beforehand.

    `status_lists` are Token Status Lists (its section 9.3). The others are members of ours: the same as the W3C has
    them, with Data Integrity proofs and as JWTs.
    """

    status_lists: list[str]
    bitstring_status_lists: list[str]
    bitstring_status_list_jwts: list[str]


class InclusionProofAnswer(BaseModel):
    """The place of an entry in the tree of its batch, and the hashes beside its way up (RFC 9162)."""

    index: int
    size: int
    path: list[str]


class PublicationProof(BaseModel):
    """That a version is under an anchored root; `sabai status verify` and `sabai registry verify-proof` check it."""

    log: str
    chain_id: int
    anchors: str
    anchor_index: int
    entry: str = Field(description="The line of the log, in base64url.")
    inclusion_proof: InclusionProofAnswer
