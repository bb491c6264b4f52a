"""Publications of status lists, their log, and its batches, in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.status.forms import StatusListForm
from issuer.status.models import StatusBatch, StatusLogEntry, StatusPublication
from vc_core.status_log import sha256_of


class PublicationRepository:
    """Publications within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def load_newest(self, list_id: str, form: StatusListForm) -> StatusPublication | None:
        """The version that was published last."""
        query = select(StatusPublication).where(
            col(StatusPublication.list_id) == list_id, col(StatusPublication.form) == form.value
        )
        return (await self._session.exec(query.order_by(col(StatusPublication.version).desc()).limit(1))).first()

    async def load(self, list_id: str, form: StatusListForm, version: int) -> StatusPublication | None:
        """One version."""
        return await self._session.get(StatusPublication, (list_id, form.value, version))

    async def save(self, publication: StatusPublication) -> None:
        """Writes a new version and its entry in the log. Raises `IntegrityError` where another process was first."""
        self._session.add(publication)
        self._session.add(
            StatusLogEntry(
                list_id=publication.list_id,
                form=publication.form,
                version=publication.version,
                issued_at=publication.issued_at,
                sha256=sha256_of(publication.signed.encode("utf-8")),
            )
        )
        await self._session.flush()

    async def delete_expired(self, list_id: str, form: StatusListForm, *, now: int) -> None:
        """Forgets the versions that nobody takes any more."""
        expired = delete(StatusPublication).where(
            col(StatusPublication.list_id) == list_id,
            col(StatusPublication.form) == form.value,
            col(StatusPublication.expires_at) <= now,
        )
        await self._session.exec(expired)

    # The log.

    async def load_entry(self, list_id: str, form: StatusListForm, version: int) -> StatusLogEntry | None:
        """The log's entry of a version."""
        query = select(StatusLogEntry).where(
            col(StatusLogEntry.list_id) == list_id,
            col(StatusLogEntry.form) == form.value,
            col(StatusLogEntry.version) == version,
        )
        return (await self._session.exec(query)).first()

    async def load_last_version(self, list_id: str, form: StatusListForm, *, batch: int) -> int | None:
        """The newest version of a list that is in this batch or one before."""
        query = select(func.max(StatusLogEntry.version)).where(
            col(StatusLogEntry.list_id) == list_id,
            col(StatusLogEntry.form) == form.value,
            col(StatusLogEntry.batch) <= batch,
        )
        return (await self._session.exec(query)).one()

    async def load_entries(self, batch: int) -> Sequence[StatusLogEntry]:
        """The entries of a batch, in the log's order."""
        query = select(StatusLogEntry).where(col(StatusLogEntry.batch) == batch).order_by(col(StatusLogEntry.id))
        return (await self._session.exec(query)).all()

    async def take_new_entries(self, batch: int, *, limit: int) -> None:
        """Puts the oldest entries that are in no batch yet into this one."""
        oldest = (
            select(StatusLogEntry.id)
            .where(col(StatusLogEntry.batch).is_(None))
            .order_by(col(StatusLogEntry.id))
            .limit(limit)
        )
        await self._session.exec(
            update(StatusLogEntry)
            .where(col(StatusLogEntry.id).in_(oldest), col(StatusLogEntry.batch).is_(None))
            .values(batch=batch)
            .execution_options(synchronize_session=False)
        )

    async def load_newest_batch(self) -> tuple[StatusBatch | None, int]:
        """The batch that was made last, and how many entries are in no batch yet: both as of one moment."""
        newest = select(func.max(StatusBatch.number)).scalar_subquery()
        waiting = (
            select(func.count())
            .select_from(StatusLogEntry)
            .where(col(StatusLogEntry.batch).is_(None))
            .scalar_subquery()
        )
        number, count = (await self._session.exec(select(newest, waiting))).one()
        return (None if number is None else await self.load_batch(number)), count

    async def load_batch(self, number: int) -> StatusBatch | None:
        """One batch."""
        return await self._session.get(StatusBatch, number)

    async def save_batch(self, batch: StatusBatch) -> None:
        """Writes a new batch. Raises `IntegrityError` where another process made this one."""
        self._session.add(batch)
        await self._session.flush()
