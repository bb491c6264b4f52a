"""Where the status of a new credential goes: a random free entry of its issuer's newest list.

Random, so that an index says nothing of when, or after whom, a credential was issued. A list is left for a new one
once half of it is used: until then a random entry is free at the second try on average.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, union_all, update
from sqlmodel import col

from issuer.issuance.models import Issuance
from issuer.status.models import StatusListShard
from issuer.status.repository import StatusRepository
from issuer.vc_api.models import GeneralCredential
from vc_core.encoding import base64url_encode
from vc_core.web.database import is_among

LIST_SIZE = 2**17
"""Entries of a list."""
FILLED = LIST_SIZE // 2
"""Used entries after which a new list is begun."""
_DRAWN_AT_ONCE = 4_000
_ID_BYTES = 6  # eight characters, since the list's address is in every QR pass
LONGEST_PLACE = (base64url_encode(bytes(_ID_BYTES)), LIST_SIZE - 1)
"""A list and an index that take as much room in a credential as any."""


@dataclass(frozen=True)
class Allocation:
    """An entry of a list."""

    list_id: str
    index: int


async def allocate(repository: StatusRepository, issuer: str, randomness: Callable[[int], bytes]) -> Allocation:
    """A free entry in a list of this issuer; it is taken once a row with it is written, in the same transaction.

    Two transactions can't take the same entry, since a unique constraint makes the second one fail.
    """
    shard = await repository.load_newest_list(issuer)
    if shard is None or not await repository.count_entry(shard.id, limit=FILLED):
        number = 0 if shard is None else shard.shard + 1
        shard = StatusListShard(id=base64url_encode(randomness(_ID_BYTES)), issuer=issuer, shard=number, allocated=1)
        await repository.save_list(shard)
    while True:
        index = int.from_bytes(randomness(4), "big") % LIST_SIZE
        if not await repository.is_used(shard.id, index):
            return Allocation(shard.id, index)


def allocate_block(
    connection: Connection, issuer: str, count: int, randomness: Callable[[int], bytes]
) -> list[Allocation]:
    """As `allocate`, for `count` entries in one go: they are counted as used at once, in one list or several."""
    allocations: list[Allocation] = []
    while len(allocations) < count:
        list_id, size = _reserve(connection, issuer, count - len(allocations), randomness)
        allocations += [Allocation(list_id, index) for index in _free_indices(connection, list_id, size, randomness)]
    return allocations


def _reserve(connection: Connection, issuer: str, wanted: int, randomness: Callable[[int], bytes]) -> tuple[str, int]:
    """The newest list and how many of its entries are reserved now: no more than it has room for; else a new list."""
    newest = connection.execute(
        select(col(StatusListShard.id), col(StatusListShard.shard), col(StatusListShard.allocated))
        .where(col(StatusListShard.issuer) == issuer)
        .order_by(col(StatusListShard.shard).desc())
        .limit(1)
    ).first()
    room = 0 if newest is None else FILLED - newest.allocated
    if newest is not None and room > 0:
        size = min(wanted, room)
        reserved = connection.execute(
            update(StatusListShard)
            .where(col(StatusListShard.id) == newest.id, col(StatusListShard.allocated) <= FILLED - size)
            .values(allocated=col(StatusListShard.allocated) + size)
        )
        return newest.id, size if reserved.rowcount == 1 else 0
    shard = StatusListShard(
        id=base64url_encode(randomness(_ID_BYTES)),
        issuer=issuer,
        shard=0 if newest is None else newest.shard + 1,
        allocated=min(wanted, FILLED),
    )
    connection.execute(insert(StatusListShard).values(**shard.model_dump()))
    return shard.id, shard.allocated


def _free_indices(connection: Connection, list_id: str, count: int, randomness: Callable[[int], bytes]) -> list[int]:
    """So many different entries that no credential has, in random order."""
    found: dict[int, None] = {}
    while len(found) < count:
        # Twice as many as are missing: seldom are more than half of them used.
        size = min(2 * (count - len(found)), _DRAWN_AT_ONCE)
        drawn = dict.fromkeys(number % LIST_SIZE for number in struct.unpack(f">{size}I", randomness(4 * size)))
        used = union_all(
            *(
                select(col(table.status_index)).where(
                    col(table.list_id) == list_id, is_among(connection, col(table.status_index), drawn)
                )
                for table in (Issuance, GeneralCredential)
            )
        )
        for index in connection.execute(used).scalars():
            drawn.pop(index, None)
        found |= drawn
    return list(found)[:count]
