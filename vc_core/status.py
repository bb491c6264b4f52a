"""Issuers' status lists as a verifier keeps them: whole, verified, refreshed when due, never older than before.

A list is fetched whole, so that its publisher doesn't learn whose credential is being checked. A copy serves until its
`ttl` has passed; after that a newer one is fetched, and while none can be had the old one serves until it expires
(Token Status List section 8.3). `refresh_due`, called now and then, does that before a desk has to wait for it. A list
signed before the newest one ever seen is refused: it could be one rolled back. What was seen is kept in a
`StatusMemory`, so that it is not forgotten when the service starts anew.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from vc_core.crypto.x509 import KeyReference, issuer_of
from vc_core.encoding import EncodingError, base64url_decode, parse_json_object
from vc_core.errors import FetchError, ReasonCode, Rejection
from vc_core.formats.credential import CredentialStatus
from vc_core.formats.status_list import (
    CLOCK_TOLERANCE,
    Status,
    UnverifiedStatusList,
    VerifiedStatusList,
    parse_status_list_token,
)
from vc_core.formats.status_list_credential import (
    JWT_TYP,
    UnverifiedBitstringStatusList,
    VerifiedBitstringStatusList,
    parse_status_list_credential,
)
from vc_core.http import HttpClient
from vc_core.trust import TrustSource

MAX_LISTS = 2000
RETRY_SECONDS = 10
"""After a failed fetch nobody tries again for this long, so that desks don't queue for an issuer that is down."""
ACCEPT = "application/statuslist+jwt, application/vc+jwt, application/vc"

_FETCHES_AT_ONCE = 4
_MAX_HEADER = 64 * 1024
"""Characters that a JWT's header may have: certificates are long."""


@dataclass(frozen=True)
class KnownStatus:
    """A credential's status, and when the issuer signed the list that says so (seconds since 1970)."""

    status: Status
    as_of: int


class StatusSource(Protocol):
    """Where the status of credentials is known from."""

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """The status at `reference`, from a list that `issuer` signed. Raises `Rejection` `STATUS_UNAVAILABLE`."""


class StatusMemory(Protocol):
    """When the newest list ever seen of an issuer at an address was signed, in seconds since 1970."""

    async def newest(self, issuer: str, uri: str) -> int:
        """That time; 0 where none was seen."""

    async def remember(self, signed: SignedStatusList) -> None:
        """Takes note of a list; one that is not newer than the one that is kept changes nothing."""


class ShortMemory:
    """Remembers nothing beyond the copies at hand: for whoever has no database."""

    async def newest(self, issuer: str, uri: str) -> int:
        """See `StatusMemory`."""
        return 0

    async def remember(self, signed: SignedStatusList) -> None:
        """See `StatusMemory`."""


@dataclass(frozen=True)
class SignedStatusList:
    """A list with the text that it came in, the address of its publication, and the key that signed it."""

    uri: str
    token: str
    verification_method: KeyReference
    list: VerifiedStatusList | VerifiedBitstringStatusList

    @property
    def issuer(self) -> str:
        """Whose key that is: a DID, or an https URL that certificates stand for."""
        return issuer_of(self.verification_method)


@dataclass(frozen=True)
class _Copy:
    """The newest list ever had, expired or not, and None before the first; asked for again from `refresh_at` on.

    `failed`: no newer one could be had the last time. `failure` says why nobody knows the status when the list has
    expired or there is none.
    """

    signed: SignedStatusList | None
    refresh_at: int
    failed: bool = False
    failure: str = "The issuer's status list has expired."

    def serves(self, now: int) -> bool:
        """Whether there is a list that is in force."""
        return self.signed is not None and now < self.signed.list.expires_at


class StatusLists:
    """Fetches status lists and keeps the newest verified copy of each, at most `MAX_LISTS` of them, in memory."""

    def __init__(self, http: HttpClient, memory: StatusMemory | None = None) -> None:
        self._http = http
        self._memory = memory or ShortMemory()
        self._copies: OrderedDict[tuple[str, str], _Copy] = OrderedDict()
        self._fetching: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """See `StatusSource`. Desks that ask at once for a list that is due share one fetch, and its failure too."""
        key = (issuer, reference.uri)
        copy = self._copies.get(key)
        if copy is not None and copy.signed is not None and _is_disowned(copy.signed, trust):
            del self._copies[key]
            copy = None
        if copy is None or now >= copy.refresh_at:
            copy = await self._refreshed_once(key, trust, now, due_at=now)
        if copy.signed is None or not copy.serves(now):
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, copy.failure)
        return KnownStatus(copy.signed.list.status_of(reference), copy.signed.list.issued_at)

    async def take(self, uri: str, token: str, *, trust: TrustSource, now: int) -> SignedStatusList | None:
        """Keeps a list that came by another way than over the network; None where one as new was seen before.

        Raises `Rejection` `STATUS_UNAVAILABLE` where it is not properly signed for that address, or not in force.
        """
        signed = _verify(uri, token, trust, now)
        key = (signed.issuer, uri)
        if signed.list.issued_at < await self._newest_time(key, now) or self._has_one_as_new(key, signed):
            return None
        refresh_at = min(signed.list.issued_at + signed.list.time_to_live, signed.list.expires_at)
        self._keep(key, _Copy(signed, refresh_at))
        await self._memory.remember(signed)
        return signed

    async def fetch(self, uris: Iterable[str], *, trust: TrustSource, now: int) -> None:
        """Fetches those lists at these addresses that are not at hand, before any credential refers to them.

        The addresses must be of the operator's choice. What can't be had is left for the check that needs it.
        """
        known = {uri for (_, uri), copy in self._copies.items() if copy.serves(now)}
        await _few_at_once(self._try_first_fetch(uri, trust, now) for uri in uris if uri not in known)

    async def refresh_due(self, *, ahead: int, trust: TrustSource, now: int) -> None:
        """Fetches anew the lists that serve and are due within `ahead` seconds; those that can't be had leave the old.

        One that no longer serves is fetched when a credential needs it: nobody goes on asking where nothing is.
        """
        leads = {key: 0 if copy.failed else ahead for key, copy in self._copies.items() if copy.serves(now)}
        due = [key for key, lead in leads.items() if now + lead >= self._copies[key].refresh_at]
        await _few_at_once(self._refreshed_once(key, trust, now, due_at=now + leads[key]) for key in due)

    def kept(self) -> list[SignedStatusList]:
        """The lists at hand, expired ones too."""
        return [copy.signed for copy in self._copies.values() if copy.signed is not None]

    def _keep(self, key: tuple[str, str], copy: _Copy) -> None:
        self._copies[key] = copy
        self._copies.move_to_end(key)
        if len(self._copies) > MAX_LISTS:
            self._copies.popitem(last=False)

    async def _refreshed_once(self, key: tuple[str, str], trust: TrustSource, now: int, *, due_at: int) -> _Copy:
        """The copy under this key, fetched anew if it is due at `due_at`; who asks meanwhile waits for the same one."""
        async with self._fetching[key]:
            copy = await self._refreshed(key, trust, now, due_at)
        if not self._fetching[key].locked():
            self._fetching.pop(key, None)
        return copy

    async def _refreshed(self, key: tuple[str, str], trust: TrustSource, now: int, due_at: int) -> _Copy:
        """The copy under this key, fetched anew if it is due; the one at hand where no newer can be had."""
        copy = self._copies.get(key)
        if copy is not None and due_at < copy.refresh_at:
            return copy
        try:
            fetched = await self._fetch(*key, trust, now)
            # Asked for only now: a list may have come by another way while this one was fetched.
            if fetched.list.issued_at < await self._newest_time(key, now):
                raise Rejection(
                    ReasonCode.STATUS_UNAVAILABLE, "The issuer's status list is older than one seen before."
                )
            copy = _Copy(fetched, min(now + fetched.list.time_to_live, fetched.list.expires_at))
            await self._memory.remember(fetched)
        except Rejection as cause:
            copy = _Copy(self._newest(key), now + RETRY_SECONDS, failed=True, failure=cause.message)
        self._keep(key, copy)
        return copy

    async def _newest_time(self, key: tuple[str, str], now: int) -> int:
        """When the newest list ever seen under this key was signed. A time ahead of our clock does not count.

        It was noted while this clock was wrong: it must not keep every true list out until that time comes.
        """
        remembered = await self._memory.newest(*key)
        newest = self._newest(key)  # after the wait, since others go on meanwhile
        times = [remembered, 0 if newest is None else newest.list.issued_at]
        return max((each for each in times if each <= now + CLOCK_TOLERANCE), default=0)

    def _has_one_as_new(self, key: tuple[str, str], signed: SignedStatusList) -> bool:
        newest = self._newest(key)
        return newest is not None and signed.list.issued_at <= newest.list.issued_at

    def _newest(self, key: tuple[str, str]) -> SignedStatusList | None:
        copy = self._copies.get(key)
        return None if copy is None else copy.signed

    async def _try_first_fetch(self, uri: str, trust: TrustSource, now: int) -> None:
        try:
            token = await self._get(uri)
            await self.take(uri, token, trust=trust, now=now)
        except Rejection:
            return

    async def _fetch(self, issuer: str, uri: str, trust: TrustSource, now: int) -> SignedStatusList:
        signed = _verify(uri, await self._get(uri), trust, now)
        if signed.issuer != issuer:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "The status list is another issuer's.")
        return signed

    async def _get(self, uri: str) -> str:
        unavailable = "The issuer's status list can't be had, so nobody knows whether this still holds."
        try:
            response = await self._http.get(uri, accept=ACCEPT)
        except FetchError as cause:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, unavailable) from cause
        if response.status != 200:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, unavailable)
        try:
            return response.body.decode("ascii")
        except UnicodeDecodeError as cause:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, unavailable) from cause


async def _few_at_once(work: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Runs all of it, a few at a time; what fails here is a fault of ours, not of an issuer."""
    places = asyncio.Semaphore(_FETCHES_AT_ONCE)

    async def run(each: Coroutine[Any, Any, object]) -> None:
        async with places:
            await each

    async with asyncio.TaskGroup() as group:
        for each in work:
            group.create_task(run(each))


def _is_disowned(signed: SignedStatusList, trust: TrustSource) -> bool:
    """Whether the key that signed the list was killed since: it says what the thief likes."""
    try:
        trust.verification_key(signed.verification_method, at=signed.list.issued_at)
    except Rejection:
        return True
    return False


def _verify(uri: str, text: str, trust: TrustSource, now: int) -> SignedStatusList:
    """The list in this text, if the key that it names signed it for this address and it is in force."""
    try:
        unverified = _parse(text)
        key = trust.verification_key(unverified.verification_method, at=now)
    except Rejection as cause:
        raise Rejection(ReasonCode.STATUS_UNAVAILABLE, cause.message) from cause
    verified = unverified.verify(key, expected_uri=uri, now=now)
    return SignedStatusList(uri, text, unverified.verification_method, verified)


def _parse(text: str) -> UnverifiedStatusList | UnverifiedBitstringStatusList:
    """A token, or a W3C status list credential: a JSON document, or a JWT whose `typ` says so."""
    try:
        segment = text[:_MAX_HEADER].partition(".")[0]
        header = {} if text.startswith("{") else parse_json_object(base64url_decode(segment))
    except EncodingError as cause:
        raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "The issuer's status list can't be read.") from cause
    if header.get("typ", JWT_TYP) == JWT_TYP:
        return parse_status_list_credential(text)
    return parse_status_list_token(text)
