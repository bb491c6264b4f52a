"""The status lists as the office sees them: how full each is, what was published of it, and what is on the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.keys import IssuingKey
from issuer.status.allocation import FILLED, LIST_SIZE
from issuer.status.anchoring import AnchoringService
from issuer.status.forms import StatusListForm
from issuer.status.models import StatusListShard
from issuer.status.publication import FRESH, PublicationService
from issuer.status.publication_repository import PublicationRepository
from issuer.status.repository import StatusRepository
from vc_core.crypto.x509 import issuer_of
from vc_core.errors import NotFound
from vc_core.formats.status_list import Status
from vc_core.web.database import Database


@dataclass(frozen=True)
class ListOverview:
    """One list; times in seconds since 1970. Of its forms it is the token's versions that are told.

    `used` of `capacity` entries are taken; a list is left for a new one when half of its `size` is. `version` is None
    before it was ever published; `due_at` is from when on the next who asks gets a new version, 0 for at once.
    `anchored_version` is the newest version that is on the ledger, None for none.
    """

    id: str
    issuer: str
    credential_types: Sequence[str]
    size: int
    capacity: int
    used: int
    suspended: int
    revoked: int
    version: int | None
    published_at: int | None
    due_at: int
    anchored_version: int | None


@dataclass(frozen=True)
class ListsOverview:
    """All lists, and how many published versions wait for the ledger; `anchored_at` is the time of the last root."""

    lists: Sequence[ListOverview]
    waiting: int
    anchored_at: int | None


class ListOverviewService:
    """The lists for the office."""

    def __init__(
        self,
        database: Database,
        keys: Mapping[str, IssuingKey],
        publications: PublicationService,
        anchoring: AnchoringService,
    ) -> None:
        self._database = database
        self._keys = keys
        self._publications = publications
        self._anchoring = anchoring

    async def overview(self) -> ListsOverview:
        """All lists, by issuer and age."""
        anchors = self._anchoring.log.anchors()
        async with self._database.transaction() as session:
            newest, waiting = await PublicationRepository(session).load_newest_batch()
            last_batch = 0 if newest is None else newest.number
            if newest is not None and self._anchoring.find(newest) is None:
                last_batch, waiting = last_batch - 1, waiting + newest.size
            shards = await StatusRepository(session).load_lists()
            shards = sorted(shards, key=lambda each: (each.issuer, each.shard))
            lists = [await self._list(session, shard, last_batch) for shard in shards]
        return ListsOverview(lists, waiting, anchors[-1].at.block_timestamp if anchors else None)

    async def publish(self) -> None:
        """Has every list published in every form that it has, where it is due."""
        async with self._database.transaction() as session:
            shards = await StatusRepository(session).load_lists()
        for shard in shards:
            for form in StatusListForm:
                with suppress(NotFound):  # a form that this list does not have, or a list that we no longer sign
                    await self._publications.current(shard.id, form)

    async def _list(self, session: AsyncSession, shard: StatusListShard, last_batch: int) -> ListOverview:
        publications = PublicationRepository(session)
        newest = await publications.load_newest(shard.id, StatusListForm.TOKEN)
        counted = Counter(status for _, status in await StatusRepository(session).load_set_entries(shard.id))
        changed = newest is None or newest.revision != shard.revision
        return ListOverview(
            id=shard.id,
            issuer=shard.issuer,
            credential_types=[name for name, key in self._keys.items() if _signs_lists_of(key, shard.issuer)],
            size=LIST_SIZE,
            capacity=FILLED,
            used=shard.allocated,
            suspended=counted[Status.SUSPENDED.value],
            revoked=counted[Status.INVALID.value],
            version=None if newest is None else newest.version,
            published_at=None if newest is None else newest.issued_at,
            due_at=0 if changed or newest is None else newest.issued_at + FRESH,
            anchored_version=await publications.load_last_version(shard.id, StatusListForm.TOKEN, batch=last_batch),
        )


def _signs_lists_of(key: IssuingKey, issuer: str) -> bool:
    return any(issuer_of(reference) == issuer for reference, _ in key.status_keys())
