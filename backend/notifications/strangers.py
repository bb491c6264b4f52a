"""Push services that nobody vouches for: where `BACKEND_WEB_PUSH_HOSTS` is `*`, whoever has a health ID names them.

Such a host may take as long as it likes to be looked up and to answer. So these have a client of their own, whose
look-ups are not those of the browsers' push services, and which waits for less long; a few of the places that all
pushes share; and a rest when they did not answer. A push that finds no place is not kept waiting, since that would take
another's: it is tried again later, as one is that got no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from backend.notifications.push import PushUnavailable
from vc_core.clock import Clock
from vc_core.errors import FetchBlocked, FetchError
from vc_core.http import HttpClient, site_of

AT_ONCE = 4
"""How many of the pushes under way may be to such hosts: half of those that a process has."""
AT_ONCE_TO_A_SITE = 2
REST_SECONDS = 120
"""How long a site that did not answer is left alone."""
_MAX_RESTS = 1024


class StrangersHosts:
    """Who of them is being asked, and who is left alone. `http` is this object's to close."""

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._asked: Counter[str] = Counter()
        self._rests: dict[str, int] = {}
        """Until when a site is left alone; the newest last."""

    @contextmanager
    def place(self, endpoint: str) -> Iterator[HttpClient]:
        """The client to ask the endpoint with. Raises `PushUnavailable` where there is no place for it now.

        A `FetchError` that leaves the block is no answer of the host's.
        """
        site = site_of(urlsplit(endpoint).hostname or "")
        left = self._rests.get(site, 0) - self._clock()
        if 0 < left <= REST_SECONDS:
            raise PushUnavailable("host_rests", left)
        if self._asked.total() >= AT_ONCE or self._asked[site] >= AT_ONCE_TO_A_SITE:
            raise PushUnavailable("no_place")
        self._asked[site] += 1
        try:
            yield self._http
        except FetchBlocked:
            raise  # nobody was asked
        except FetchError:
            self._leave_alone(site)
            raise
        finally:
            self._asked -= Counter([site])  # what is at none is dropped

    def _leave_alone(self, site: str) -> None:
        self._rests.pop(site, None)
        if len(self._rests) >= _MAX_RESTS:
            del self._rests[next(iter(self._rests))]
        self._rests[site] = self._clock() + REST_SECONDS

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()
