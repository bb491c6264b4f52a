"""Tables of work in bulk: jobs, what each has to do, and what waits for wallets to fetch it."""

from enum import IntEnum, StrEnum

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from issuer.models import IssuerTable

_OPEN = text("finished_at IS NULL")


class JobKind(StrEnum):
    """What a job does with credentials of one type: issues the next ones, or changes the status of those there are."""

    RENEW = "renew"
    SUSPEND = "suspend"
    RESTORE = "restore"
    REVOKE = "revoke"


class JobState(StrEnum):
    """Whether somebody works on it. It is begun, paused and continued by one conditional UPDATE."""

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ItemState(IntEnum):
    """How far an item is. It only ever goes up, by one conditional UPDATE.

    A renewal is recorded before it is signed; a change of status is done in one step, and is `DONE` then.
    """

    PLANNED = 0
    RECORDED = 1
    SIGNED = 2
    DONE = 2
    REFUSED = 3


class ItemFailure(StrEnum):
    """Why an item was refused; `FAULTY` is for what nobody foresaw, and the log has more."""

    LEFT_ROSTER = "left_roster"
    NOT_OFFERED = "not_offered"
    INCOMPLETE = "incomplete"
    TOO_LONG = "too_long"
    COVERAGE_ENDED = "coverage_ended"
    WITHDRAWN = "withdrawn"
    NOTHING_ISSUED = "nothing_issued"
    REVOKED = "revoked"
    FAULTY = "faulty"


class BulkJob(IssuerTable, table=True):
    """One piece of work on one credential type (by name).

    `scope` says whose credentials: empty for everybody's, `scheme:…`, `person:…`, or `list:…` for a list of people. Of
    the same kind, type and scope there is at most one at a time that is not over. `created_by` is the principal at the
    office who planned it, for whom the service works on it; None where the command line does. `ends_entitlement`: a
    revocation after which nothing new is issued until an officer offers it.
    """

    __tablename__ = "bulk_jobs"
    __table_args__ = (
        Index(
            "ix_bulk_jobs_open",
            "kind",
            "credential_type",
            "scope",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: str = Field(primary_key=True, max_length=32)
    kind: str = Field(default=JobKind.RENEW.value, max_length=10)
    credential_type: str = Field(max_length=50)
    scope: str = Field(default="", max_length=50)
    state: str = Field(default=JobState.RUNNING.value, max_length=10)
    ends_entitlement: bool = Field(default=False)
    created_by: str | None = Field(default=None, max_length=32)
    total: int
    created_at: int = Field(sa_type=BigInteger)
    finished_at: int | None = Field(default=None, sa_type=BigInteger)


class BulkItem(IssuerTable, table=True):
    """One step of a job: for whom; of a renewal also in which configuration, to which key (a JWK in JSON).

    `failure` is an `ItemFailure` where it was refused.
    """

    __tablename__ = "bulk_items"
    __table_args__ = (Index("ix_bulk_items_state", "job_id", "state", "number"),)

    job_id: str = Field(primary_key=True, max_length=32, foreign_key="bulk_jobs.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person_id: str = Field(max_length=32, foreign_key="people.id")
    configuration_id: str | None = Field(default=None, max_length=100)
    holder_thumbprint: str | None = Field(default=None, max_length=43)
    holder_jwk: str | None = Field(default=None, max_length=200)
    state: int = 0
    failure: str | None = Field(default=None, max_length=20)


class WaitingCredential(IssuerTable, table=True):
    """A credential that was signed ahead and waits for the wallet with the key of this thumbprint to fetch it.

    It says nothing that the roster does not, and nobody but that wallet can present it.
    """

    __tablename__ = "waiting_credentials"

    issuance_id: str = Field(primary_key=True, max_length=32, foreign_key="issuances.id")
    holder_thumbprint: str = Field(max_length=43, index=True)
    credential: str = Field(sa_type=Text)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    fetched_at: int | None = Field(default=None, sa_type=BigInteger)
