"""Marking status lists as changed, so that they are published anew."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.status.models import StatusListShard


async def raise_revisions(session: AsyncSession, list_ids: Iterable[str]) -> None:
    """Gives each of these lists a new revision, within the transaction that changed their entries.

    They are locked in the order in which a bulk job locks them: an UPDATE alone locks its rows as it finds them, and
    two transactions that find them otherwise would wait for each other.
    """
    chosen = col(StatusListShard.id).in_(sorted(set(list_ids)))
    ordered = select(StatusListShard.id).where(chosen).order_by(col(StatusListShard.issuer), col(StatusListShard.shard))
    await session.exec(ordered.with_for_update(key_share=True))
    await session.exec(
        update(StatusListShard)
        .where(chosen)
        .values(revision=col(StatusListShard.revision) + 1)
        .execution_options(synchronize_session=False)
    )
