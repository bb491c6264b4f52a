"""What a bulk issuance has to do: whose credentials end soon, although the roster has more to say.

For each person and configuration only the newest credential counts. It is renewed for the key that it is bound to: the
wallet that holds it has that key, and proves it when it fetches the new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, delete, insert, select, update
from sqlmodel import col

from issuer.bulk.models import BulkItem, BulkJob, JobKind, JobState
from issuer.issuance.claims import expiry_of
from issuer.issuance.models import Issuance
from issuer.roster.models import Person
from vc_core.credential_types.definition import CredentialType
from vc_core.errors import ProtocolError
from vc_core.formats.status_list import Status

_PEOPLE_AT_ONCE = 400
"""Their ids go into one statement, which SQLite bounds."""


@dataclass(frozen=True)
class Scope:
    """Whose credentials: everybody's, those of one scheme, or one person's; and by what name a job has that."""

    scheme: str | None = None
    person_id: str | None = None

    @property
    def name(self) -> str:
        """What `BulkJob.scope` says."""
        if self.person_id is not None:
            return f"person:{self.person_id}"
        return "" if self.scheme is None else f"scheme:{self.scheme}"

    def of(self, query: Select[Any]) -> Select[Any]:
        """A query of people, narrowed to these."""
        if self.person_id is not None:
            query = query.where(col(Person.id) == self.person_id)
        return query if self.scheme is None else query.where(col(Person.scheme) == self.scheme)


EVERYBODY = Scope()


def open_job(connection: Connection, credential_type: CredentialType, scope: Scope = EVERYBODY) -> BulkJob | None:
    """The renewal of this type in this scope that is not over."""
    query = select(BulkJob).where(
        col(BulkJob.kind) == JobKind.RENEW,
        col(BulkJob.credential_type) == credential_type.name,
        col(BulkJob.scope) == scope.name,
        col(BulkJob.finished_at).is_(None),
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else BulkJob(**row)


def all_jobs(connection: Connection) -> list[BulkJob]:
    """Every job, the newest first."""
    rows = connection.execute(select(BulkJob).order_by(col(BulkJob.created_at).desc(), col(BulkJob.id))).mappings()
    return [BulkJob(**row) for row in rows]


def create_job(
    connection: Connection,
    credential_type: CredentialType,
    *,
    ending_before: int,
    now: int,
    scope: Scope = EVERYBODY,
    state: JobState = JobState.RUNNING,
    created_by: str | None = None,
) -> BulkJob:
    """A new renewal with all its items, in one transaction: what ends before that time and can be longer.

    Where there are none, it is not kept.

    Raises `IntegrityError` where another process has just made one.
    """
    job = BulkJob(
        id=uuid4().hex,
        credential_type=credential_type.name,
        scope=scope.name,
        state=state,
        created_by=created_by,
        total=0,
        created_at=now,
    )
    connection.execute(insert(BulkJob).values(**job.model_dump()))
    number = 0
    for newest in _newest_credentials(connection, credential_type, scope):
        rows = []
        for row in newest:
            if _is_due(row, credential_type, ending_before=ending_before, now=now):
                rows.append(
                    {
                        "job_id": job.id,
                        "number": number,
                        "person_id": row["person_id"],
                        "configuration_id": row["configuration_id"],
                        "holder_thumbprint": row["holder_thumbprint"],
                        "holder_jwk": row["holder_jwk"],
                        "state": 0,
                    }
                )
                number += 1
        if rows:
            connection.execute(insert(BulkItem), rows)
    job.total = number
    if number == 0:
        connection.execute(delete(BulkJob).where(col(BulkJob.id) == job.id))
        return job
    connection.execute(update(BulkJob).where(col(BulkJob.id) == job.id).values(total=number))
    return job


def _newest_credentials(
    connection: Connection, credential_type: CredentialType, scope: Scope
) -> Iterator[Sequence[Mapping[str, Any]]]:
    """For some people at a time the newest credential in each configuration, beside the roster's row."""
    last = ""
    while True:
        query = scope.of(select(Person).where(col(Person.id) > last).order_by(col(Person.id)).limit(_PEOPLE_AT_ONCE))
        people = {row["id"]: row for row in connection.execute(query).mappings()}
        if not people:
            return
        last = max(people)
        issued = (
            select(
                col(Issuance.person_id),
                col(Issuance.configuration_id),
                col(Issuance.holder_thumbprint),
                col(Issuance.holder_jwk),
                col(Issuance.status),
                col(Issuance.expires_at),
            )
            .where(col(Issuance.person_id).in_(people), col(Issuance.credential_type) == credential_type.name)
            .order_by(col(Issuance.expires_at), col(Issuance.issued_at), col(Issuance.id))
        )
        newest = {(row["person_id"], row["configuration_id"]): row for row in connection.execute(issued).mappings()}
        yield [{**row, "person": people[row["person_id"]]} for row in newest.values()]


def _is_due(row: Mapping[str, Any], credential_type: CredentialType, *, ending_before: int, now: int) -> bool:
    if row["holder_jwk"] is None or row["status"] != Status.VALID.value or row["expires_at"] >= ending_before:
        return False
    try:
        return expiry_of(row["person"], credential_type, issued_at=now) > int(row["expires_at"])
    except ProtocolError:
        return False
