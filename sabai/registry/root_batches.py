"""Writing to the ledger what a service wants anchored: roots of its status lists, or of its audit log.

The service holds no ledger key and the operator's machine none of the service's: they meet over HTTP. The service tells
the same root until it sees it on its own mirror of the ledger, so that work that was cut short is simply done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sabai.registry.access import OpenRegistry
from sabai.registry.anchored_log import newest_head
from vc_core.errors import FetchFailed, LedgerError
from vc_core.http import HttpClient
from vc_core.ledger.events import Anchored, log_id
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.transactions import LedgerKey

MIRROR_TRIES = 60
"""How often a service is asked whether it sees a root that is final on the ledger: soon at first, then each second."""


@dataclass(frozen=True)
class Batch:
    """A root to be anchored in the log of this public name, over `size` entries."""

    log: str
    number: int
    root: bytes
    size: int


class BatchSource:
    """Where a service tells what is to be anchored: the address of its batches, asked with the officer's token."""

    def __init__(self, http: HttpClient, address: str, token: str | None) -> None:
        self._http = http
        self._address = address
        self._token = token

    async def open_batch(self) -> Batch | None:
        """The root that is to be anchored; None where nothing is new. Raises `FetchFailed`."""
        answer = await self._http.post_json(self._address, {}, token=self._token)
        if answer.status != 200:
            raise FetchFailed(f"the issuer answered {answer.status}")
        told = answer.json_object()
        if told.get("batch") is None:
            return None
        try:
            return Batch(str(told["log"]), int(told["batch"]), bytes.fromhex(told["root"]), int(told["size"]))
        except (KeyError, TypeError, ValueError) as cause:
            raise FetchFailed("the issuer does not say what is to be anchored") from cause


async def anchor_batches(
    source: BatchSource,
    opened: OpenRegistry,
    owner: LedgerKey,
    load_state: Callable[[], Awaitable[RegistryState]],
    *,
    dry_run: bool,
) -> list[Batch]:
    """Writes root after root until nothing is new; returns what was written.

    A root that is on the ledger already, from an attempt that was cut short, is not written again. `load_state` reads
    the ledger anew. Raises `LedgerError` and `FetchError`.
    """
    written: list[Batch] = []
    there: Batch | None = None
    for tried in range(MIRROR_TRIES):
        batch = await source.open_batch()
        if batch is None:
            return written
        if batch != there:
            state = await load_state()
            if _find(batch, state) is None:
                head = newest_head(state, batch.log)
                await opened.writer.anchor(owner, batch.log, batch.root, size=batch.size, previous_head=head)
                written.append(batch)
            there = batch
        if dry_run:
            return written
        await asyncio.sleep(min(0.05 * 2**tried, 1.0))
    raise LedgerError("the issuer does not see the root on its ledger")


def _find(batch: Batch, state: RegistryState) -> Anchored | None:
    for anchored in state.anchors(log_id(batch.log).hex()):
        if (anchored.root, anchored.size) == (batch.root.hex(), batch.size):
            return anchored
    return None
