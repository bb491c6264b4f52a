"""Status lists and the statuses of issued credentials, in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import literal_column, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.models import Authorization
from issuer.issuance.models import Issuance
from issuer.status.models import StatusListShard
from issuer.status.revisions import raise_revisions
from issuer.vc_api.models import GeneralCredential
from vc_core.formats.status_list import Status


class StatusRepository:
    """Statuses within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def load_list(self, list_id: str) -> StatusListShard | None:
        """The list of this id."""
        return await self._session.get(StatusListShard, list_id)

    async def load_newest_list(self, issuer: str) -> StatusListShard | None:
        """The list of this issuer with the highest shard number."""
        query = select(StatusListShard).where(col(StatusListShard.issuer) == issuer)
        return (await self._session.exec(query.order_by(col(StatusListShard.shard).desc()).limit(1))).first()

    async def load_lists(self) -> Sequence[StatusListShard]:
        """All lists, by id."""
        return (await self._session.exec(select(StatusListShard).order_by(col(StatusListShard.id)))).all()

    async def save_list(self, shard: StatusListShard) -> None:
        """Writes a new list. Raises `IntegrityError` where another process made the same one."""
        self._session.add(shard)
        await self._session.flush()

    async def count_entry(self, list_id: str, *, limit: int) -> bool:
        """Counts one more entry of the list as used; False where `limit` of them are already."""
        counted = await self._session.exec(
            update(StatusListShard)
            .where(col(StatusListShard.id) == list_id, col(StatusListShard.allocated) < limit)
            .values(allocated=col(StatusListShard.allocated) + 1)
            .execution_options(synchronize_session=False)
        )
        return counted.rowcount == 1

    async def is_used(self, list_id: str, index: int) -> bool:
        """Whether a credential has this entry."""
        for table in (Issuance, GeneralCredential):
            query = select(table.id).where(col(table.list_id) == list_id, col(table.status_index) == index)
            if (await self._session.exec(query)).first() is not None:
                return True
        return False

    async def load_set_entries(self, list_id: str) -> Sequence[tuple[int, int]]:
        """The entries of a list that are not valid: index and status."""
        entries: list[tuple[int, int]] = []
        for table in (Issuance, GeneralCredential):
            query = select(table.status_index, table.status).where(
                # Not a parameter: only so do both databases see that the index over what was withdrawn has all of it.
                col(table.list_id) == list_id,
                col(table.status) != literal_column(str(Status.VALID.value)),
            )
            entries += [(index, status) for index, status in await self._session.exec(query) if index is not None]
        return entries

    async def load_statuses(self, person_id: str, credential_type: str) -> Sequence[int]:
        """The statuses of a person's credentials of a type."""
        query = select(Issuance.status).where(
            col(Issuance.person_id) == person_id, col(Issuance.credential_type) == credential_type
        )
        return (await self._session.exec(query)).all()

    async def load_families(self, person_id: str, credential_type: str) -> Sequence[str]:
        """The families of the authorizations by which a person's credentials of a type were issued, in order."""
        query = (
            select(Authorization.family_id)
            .join(Issuance, col(Issuance.authorization_id) == col(Authorization.id))
            .where(col(Issuance.person_id) == person_id, col(Issuance.credential_type) == credential_type)
        )
        return (await self._session.exec(query.distinct().order_by(col(Authorization.family_id)))).all()

    async def load_issued(self, person_id: str) -> Sequence[Issuance]:
        """What was issued to a person, the newest first."""
        query = select(Issuance).where(col(Issuance.person_id) == person_id).order_by(col(Issuance.issued_at).desc())
        return (await self._session.exec(query)).all()

    async def change_statuses(self, person_id: str, credential_type: str, status: Status) -> int:
        """Gives a person's credentials of a type another status, but for those revoked: that is final.

        Returns how many changed, and marks their lists as changed.
        """
        changed = await self._session.exec(
            update(Issuance)
            .where(
                col(Issuance.person_id) == person_id,
                col(Issuance.credential_type) == credential_type,
                col(Issuance.status).not_in([Status.INVALID.value, status.value]),
            )
            .values(status=status.value)
            .returning(col(Issuance.list_id))
            .execution_options(synchronize_session=False)
        )
        lists = [row[0] for row in changed if row[0] is not None]
        await raise_revisions(self._session, lists)
        return len(lists)
