"""Jobs on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from issuer.bulk.jobs import JobProgress
from issuer.bulk.models import ItemFailure, JobKind, JobState

MAX_NUMBERS = 20_000
TypeName = Annotated[str, Field(max_length=50, examples=["InsuranceCoverage"])]
SchemeCode = Annotated[str, Field(max_length=8, pattern=r"^[A-Z0-9]+$", examples=["8401"])]


class RenewalOrder(BaseModel):
    """What is to be renewed: credentials of a type that end within so many days, of one scheme where one is named."""

    model_config = ConfigDict(extra="forbid")

    credential_type: TypeName
    ending_within_days: int = Field(default=60, ge=1, le=3_650)
    scheme: SchemeCode | None = None


class StatusJobOrder(BaseModel):
    """Whose credentials of a type are to be given another status: by their numbers, or by their scheme."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["suspend", "restore", "revoke"]
    credential_type: TypeName
    numbers: list[Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]] = Field(
        default=[], max_length=MAX_NUMBERS, description="References, health numbers or identity numbers"
    )
    scheme: SchemeCode | None = None

    @model_validator(mode="after")
    def _say_whose(self) -> StatusJobOrder:
        if (self.scheme is None) == (not self.numbers):
            raise ValueError("either numbers or a scheme")
        return self


class PersonRenewal(BaseModel):
    """Which of a person's credentials are to be renewed."""

    model_config = ConfigDict(extra="forbid")

    credential_type: TypeName


class JobAnswer(BaseModel):
    """A job: `done` and `refused` of `total` are over. Times in seconds since 1970.

    `by_command`: it was begun by `sabai bulk renew`, and the office can only follow it. `approved`: it has begun under
    four eyes, and only an approver can cancel it.
    """

    id: str
    kind: JobKind
    credential_type: str
    scheme: str | None
    state: JobState
    by_command: bool
    approved: bool
    total: int
    done: int
    refused: int
    created_at: int
    finished_at: int | None


class PlannedAnswer(BaseModel):
    """The job, without one where there is nothing to do.

    `not_found` are places (from 0) in `numbers` whose number nobody has, or more than one person.
    """

    job: JobAnswer | None = None
    not_found: list[int] = []


class JobsAnswer(BaseModel):
    """The newest first, at most a hundred."""

    jobs: list[JobAnswer]


class FailureAnswer(BaseModel):
    """For whom it could not be done, and why."""

    person_id: str
    person_ref: str
    name: str
    failure: ItemFailure


class FailuresAnswer(BaseModel):
    """In the job's order, at most a thousand."""

    failures: list[FailureAnswer]


def job_answer(progress: JobProgress) -> JobAnswer:
    """A job as the wire has it."""
    job = progress.job
    return JobAnswer(
        id=job.id,
        kind=JobKind(job.kind),
        credential_type=job.credential_type,
        scheme=job.scope.removeprefix("scheme:") if job.scope.startswith("scheme:") else None,
        state=JobState(job.state),
        by_command=job.created_by is None,
        approved=progress.approved,
        total=job.total,
        done=progress.done,
        refused=progress.refused,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )
