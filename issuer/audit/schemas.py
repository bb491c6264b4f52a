"""The record of what was done, on the wire."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from issuer.audit.proof import LedgerFinding


class AuditEntryAnswer(BaseModel):
    """One line; `at` in seconds since 1970, `hash` the chain's up to it, in hex digits."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: int
    principal_id: str = Field(
        description="An officer's id, `token` for the office's bearer token, `nobody` for whoever is not signed in"
    )
    action: str
    record_id: str = Field(description="Of the person, set of credentials or officer that it was about; may be empty")
    detail: str = Field(description="Such as the type of the credentials; nothing about a person")
    outcome: str = Field(description="done, proposed, approved, rejected, or the code of a refusal")
    hash: str


class AuditPage(BaseModel):
    """The newest lines first; `next` is what to pass as `before`, null on the last page."""

    entries: list[AuditEntryAnswer]
    next: int | None


class LedgerProofAnswer(BaseModel):
    """What the ledger proves of the log. Times are of the ledger's blocks, in seconds since 1970."""

    log: str = Field(description="The log's public name on the ledger")
    finding: LedgerFinding = Field(
        description="`log_proven`: the log agrees with every root. `log_not_anchored`: there is no root yet. "
        "`log_rewritten`: lines are not those that a root stands for. `log_shortened`: there are fewer lines than a "
        "root is over. `log_forked`: it agrees with the newest roots, not with one before. `root_unknown`: nobody here "
        "knows what a root stands for. `mirror_differs`: the mirror of the ledger here and the ledger itself do not "
        "agree (yet)"
    )
    anchors: int = Field(description="How many roots of the log the mirror of the ledger has")
    number: int = Field(description="Lines 1 to this one are proven; 0 for none")
    proven_at: int | None = Field(description="They were there, as they are now, at this time")
    failed_number: int | None = Field(description="The last line under the first root that the log does not agree with")
    failed_at: int | None = Field(description="When that root was written")
    asked: bool = Field(description="Whether the ledger itself confirmed the roots now, or only the mirror was at hand")


class ChainAnswer(BaseModel):
    """The chain, computed anew, and compared with the ledger."""

    intact: bool
    entries: int
    head: str = Field(description="The hash of the last line, in hex digits")
    broken_at: int | None = Field(description="The number of the first line that is not as it was written")
    ledger: LedgerProofAnswer


class HeadAnswer(BaseModel):
    """A head of the chain that went, or is to go, on the ledger: up to which line, and what blinds it; hex digits."""

    batch: int
    number: int
    hash: str
    blind: str


class HeadsAnswer(BaseModel):
    """In order; `next` is what to pass as `after`, null on the last page."""

    heads: list[HeadAnswer]
    next: int | None
