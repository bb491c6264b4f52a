"""Fetching status lists before a desk needs them, so that no check waits for an issuer.

Which lists: those that were seen before, at this desk or another process of it, and those that the issuers named in the
settings tell of (Token Status List section 9). Every list is fetched whole, whoever is at the desk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from vc_core.clock import Clock
from vc_core.errors import FetchError, Rejection
from vc_core.http import HttpClient
from vc_core.status import MAX_LISTS, StatusLists
from vc_core.trust import TrustSource
from verifier.statuses.memory import DatabaseMemory

RUN_SECONDS = 5
AHEAD_SECONDS = 15
"""How long before a list is due it is fetched anew."""
AGGREGATION_SECONDS = 60
"""After which issuers are asked for new lists."""
_MAX_URI_LENGTH = 2000
_MEMBERS = ("status_lists", "bitstring_status_lists")
_log = logging.getLogger(__name__)


class StatusPrefetch:
    """Keeps the lists at hand fresh, and learns of new ones."""

    def __init__(
        self,
        statuses: StatusLists,
        memory: DatabaseMemory,
        *,
        trust: TrustSource,
        http: HttpClient,
        clock: Clock,
        aggregations: Sequence[str],
    ) -> None:
        """`aggregations`: the addresses at which issuers tell where their lists are, by the operator's choice."""
        self._statuses = statuses
        self._memory = memory
        self._trust = trust
        self._http = http
        self._clock = clock
        self._aggregations = aggregations
        self._ask_at = 0

    async def take_up_kept(self) -> None:
        """Takes over the lists in the database, verified anew; to be called at start, and now and then."""
        now = self._clock()
        for uri, token in await self._memory.load_all():
            try:
                await self._statuses.take(uri, token, trust=self._trust, now=now)
            except Rejection:
                continue  # expired, or its key is no longer good
            await asyncio.sleep(0)

    async def run(self) -> None:
        """One round: new lists, and those that are due soon."""
        now = self._clock()
        if now >= self._ask_at:
            self._ask_at = now + AGGREGATION_SECONDS
            for address in self._aggregations:
                await self._statuses.fetch(await self._uris_at(address), trust=self._trust, now=now)
            await self._memory.forget(now=now)
        await self._statuses.refresh_due(ahead=AHEAD_SECONDS, trust=self._trust, now=now)

    async def _uris_at(self, address: str) -> list[str]:
        """The lists that an issuer tells of; none where it can't be asked."""
        try:
            answer = await self._http.get(address)
            told = answer.json_object() if answer.status == 200 else {}
        except FetchError as cause:
            _log.warning("an issuer did not tell where its status lists are", extra={"error": cause.code})
            return []
        found = [uri for name in _MEMBERS for uri in _texts(told.get(name))]
        return found[:MAX_LISTS]


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    return [each for each in value if isinstance(each, str) and len(each) <= _MAX_URI_LENGTH]
