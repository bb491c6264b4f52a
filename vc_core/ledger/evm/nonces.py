"""Which nonce a transaction gets, when many of one account are under way at once.

A node counts the pending ones only once it has them, and another node may not have them yet, so what was given out here
counts too. A nonce is used up when its transaction was handed to a node; until then the next one waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


class NonceBook:
    """Gives out the nonces of any number of accounts."""

    def __init__(self, count: Callable[[bytes], Awaitable[int]]) -> None:
        """`count`: how many transactions of an address the node knows, pending ones included."""
        self._count = count
        self._next: dict[bytes, int] = {}
        self._locks: dict[bytes, asyncio.Lock] = {}

    @asynccontextmanager
    async def next(self, address: bytes) -> AsyncIterator[int]:
        """The address's next nonce, used up when the block ends, and free again where it raises."""
        async with self._locks.setdefault(address, asyncio.Lock()):
            nonce = max(await self._count(address), self._next.get(address, 0))
            yield nonce
            self._next[address] = nonce + 1

    def forget(self, address: bytes) -> None:
        """Believes the nodes alone again: a transaction was given up, or someone else uses the account."""
        self._next.pop(address, None)
