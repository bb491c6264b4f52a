"""Where the status of a new credential goes: a random free entry of its issuer's newest list.

Random, so that an index says nothing of when, or after whom, a credential was issued. A list is left for a new one
once half of it is used: until then a random entry is free at the second try on average.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from issuer.status.models import StatusListShard
from issuer.status.repository import StatusRepository
from vc_core.encoding import base64url_encode

LIST_SIZE = 2**17
"""Entries of a list."""
FILLED = LIST_SIZE // 2
"""Used entries after which a new list is begun."""
_ID_BYTES = 6  # eight characters, since the list's address is in every QR pass


@dataclass(frozen=True)
class Allocation:
    """An entry of a list."""

    list_id: str
    index: int


async def allocate(repository: StatusRepository, issuer: str, randomness: Callable[[int], bytes]) -> Allocation:
    """A free entry in a list of this DID; it is taken once a row with it is written, in the same transaction.

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
