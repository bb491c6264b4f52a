"""What the VC API issued, in the database. A change of status is one conditional statement."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.status.revisions import raise_revisions
from issuer.vc_api.models import GeneralCredential
from vc_core.formats.status_list import Status


class GeneralRepository:
    """General credentials within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, credential: GeneralCredential) -> None:
        """Writes a new one. Raises `IntegrityError` where its entry is taken."""
        self._session.add(credential)
        await self._session.flush()

    async def load_by_hash(self, credential_hash: str) -> Sequence[GeneralCredential]:
        """Those by the name that whoever asked has for them; one document may have been signed several times."""
        return await self._load(col(GeneralCredential.credential_hash) == credential_hash)

    async def load_by_entry(self, list_id: str, index: int) -> Sequence[GeneralCredential]:
        """The one at this place, if any."""
        return await self._load(col(GeneralCredential.list_id) == list_id, col(GeneralCredential.status_index) == index)

    async def change_status(self, ids: Sequence[str], status: Status, *, only_from: Sequence[Status]) -> int:
        """Gives those that have one of these statuses another; returns how many, and marks their lists as changed."""
        changed = await self._session.exec(
            update(GeneralCredential)
            .where(
                col(GeneralCredential.id).in_(ids),
                col(GeneralCredential.status).in_([each.value for each in only_from]),
            )
            .values(status=status.value)
            .returning(col(GeneralCredential.list_id))
            .execution_options(synchronize_session=False)
        )
        lists = [row[0] for row in changed]
        await raise_revisions(self._session, lists)
        return len(lists)

    async def _load(self, *conditions: ColumnElement[bool]) -> Sequence[GeneralCredential]:
        return (await self._session.exec(select(GeneralCredential).where(*conditions))).all()
