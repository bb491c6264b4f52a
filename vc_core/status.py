"""Issuers' status lists as a verifier keeps them: whole, verified, refreshed when due, never older than before.

A list is fetched whole, so that its publisher doesn't learn whose credential is being checked. A copy serves until its
`ttl` has passed; after that a newer one is fetched, and while none can be had the old one serves until it expires
(Token Status List section 8.3). A list signed before the copy at hand is refused: it could be one rolled back.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from typing import Protocol

from vc_core.errors import FetchError, ReasonCode, Rejection
from vc_core.formats.credential import StatusReference
from vc_core.formats.status_list import Status, VerifiedStatusList, parse_status_list_token
from vc_core.http import HttpClient
from vc_core.trust import TrustSource

MAX_LISTS = 1000
RETRY_SECONDS = 10
"""After a failed fetch nobody tries again for this long, so that desks don't queue for an issuer that is down."""


@dataclass(frozen=True)
class KnownStatus:
    """A credential's status, and when the issuer signed the list that says so (seconds since 1970)."""

    status: Status
    as_of: int


class StatusSource(Protocol):
    """Where the status of credentials is known from."""

    async def status(self, reference: StatusReference, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """The status at `reference`, from a list that `issuer` signed. Raises `Rejection` `STATUS_UNAVAILABLE`."""


@dataclass(frozen=True)
class _Copy:
    """The newest list ever had, expired or not, and None before the first; asked for again from `refresh_at` on.

    `failure` says why nobody knows the status when the list has expired or there is none.
    """

    list: VerifiedStatusList | None
    refresh_at: int
    failure: str = "The issuer's status list has expired."


class StatusLists:
    """Fetches status lists and keeps the newest verified copy of each, at most `MAX_LISTS` of them, in memory."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._copies: OrderedDict[tuple[str, str], _Copy] = OrderedDict()
        self._fetching: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def status(self, reference: StatusReference, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """See `StatusSource`. Desks that ask at once for a list that is due share one fetch, and its failure too."""
        key = (issuer, reference.uri)
        copy = self._copies.get(key)
        if copy is None or now >= copy.refresh_at:
            async with self._fetching[key]:
                copy = await self._refreshed(key, trust, now)
            if not self._fetching[key].locked():
                self._fetching.pop(key, None)
        if copy.list is None or now >= copy.list.expires_at:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, copy.failure)
        return KnownStatus(copy.list.status(reference.index), copy.list.issued_at)

    async def _refreshed(self, key: tuple[str, str], trust: TrustSource, now: int) -> _Copy:
        """The copy under this key, fetched anew if it is due; the one at hand where no newer can be had."""
        copy = self._copies.get(key)
        if copy is not None and now < copy.refresh_at:
            return copy
        newest = copy.list if copy is not None else None
        try:
            fetched = await self._fetch(*key, trust, now)
            if newest is not None and fetched.issued_at < newest.issued_at:
                raise Rejection(
                    ReasonCode.STATUS_UNAVAILABLE, "The issuer's status list is older than one seen before."
                )
            copy = _Copy(fetched, min(now + fetched.time_to_live, fetched.expires_at))
        except Rejection as cause:
            copy = _Copy(newest, now + RETRY_SECONDS, cause.message)
        self._copies[key] = copy
        self._copies.move_to_end(key)
        if len(self._copies) > MAX_LISTS:
            self._copies.popitem(last=False)
        return copy

    async def _fetch(self, issuer: str, uri: str, trust: TrustSource, now: int) -> VerifiedStatusList:
        unavailable = "The issuer's status list can't be had, so nobody knows whether this still holds."
        try:
            response = await self._http.get(uri, accept="application/statuslist+jwt")
        except FetchError as cause:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, unavailable) from cause
        if response.status != 200:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, unavailable)
        try:
            token = parse_status_list_token(response.body.decode("ascii"))
            if token.issuer != issuer:
                raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "The status list is another issuer's.")
            key = trust.verification_key(token.verification_method, at=now)
        except UnicodeDecodeError as cause:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, unavailable) from cause
        except Rejection as cause:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, cause.message) from cause
        return token.verify(key, expected_uri=uri, now=now)
