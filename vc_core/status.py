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
from vc_core.formats.credential import CredentialStatus, StatusReference
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

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """The status at `reference`, from a list that `issuer` signed. Raises `Rejection` `STATUS_UNAVAILABLE`."""


@dataclass(frozen=True)
class SignedStatusList:
    """A list with the token that it came in, the address of its publication, and the key that signed it (a DID URL)."""

    uri: str
    token: str
    verification_method: str
    list: VerifiedStatusList

    @property
    def issuer(self) -> str:
        """The DID of the signing key."""
        return self.verification_method.partition("#")[0]


@dataclass(frozen=True)
class _Copy:
    """The newest list ever had, expired or not, and None before the first; asked for again from `refresh_at` on.

    `failure` says why nobody knows the status when the list has expired or there is none.
    """

    signed: SignedStatusList | None
    refresh_at: int
    failure: str = "The issuer's status list has expired."


class StatusLists:
    """Fetches status lists and keeps the newest verified copy of each, at most `MAX_LISTS` of them, in memory."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._copies: OrderedDict[tuple[str, str], _Copy] = OrderedDict()
        self._fetching: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """See `StatusSource`. Desks that ask at once for a list that is due share one fetch, and its failure too."""
        if not isinstance(reference, StatusReference):
            raise Rejection(
                ReasonCode.STATUS_UNAVAILABLE, "The credential's status is of a kind that is not read here."
            )
        key = (issuer, reference.uri)
        self._forget_disowned(key, trust)
        copy = self._copies.get(key)
        if copy is None or now >= copy.refresh_at:
            async with self._fetching[key]:
                copy = await self._refreshed(key, trust, now)
            if not self._fetching[key].locked():
                self._fetching.pop(key, None)
        if copy.signed is None or now >= copy.signed.list.expires_at:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, copy.failure)
        return KnownStatus(copy.signed.list.status(reference.index), copy.signed.list.issued_at)

    def take(self, uri: str, token: str, *, trust: TrustSource, now: int) -> SignedStatusList | None:
        """Keeps a list that came by another way than over the network; None where the one at hand is as new.

        Raises `Rejection` `STATUS_UNAVAILABLE` where it is not properly signed for that address, or not in force.
        """
        signed = _verify(uri, token, trust, now)
        key = (signed.issuer, uri)
        copy = self._copies.get(key)
        if copy is not None and copy.signed is not None and signed.list.issued_at <= copy.signed.list.issued_at:
            return None
        refresh_at = min(signed.list.issued_at + signed.list.time_to_live, signed.list.expires_at)
        self._keep(key, _Copy(signed, refresh_at))
        return signed

    def kept(self) -> list[SignedStatusList]:
        """The lists at hand, expired ones too."""
        return [copy.signed for copy in self._copies.values() if copy.signed is not None]

    def _forget_disowned(self, key: tuple[str, str], trust: TrustSource) -> None:
        """Drops a list whose signing key was killed since: it says what the thief likes."""
        signed = self._newest(key)
        if signed is not None:
            try:
                trust.verification_key(signed.verification_method, at=signed.list.issued_at)
            except Rejection:
                del self._copies[key]

    def _keep(self, key: tuple[str, str], copy: _Copy) -> None:
        self._copies[key] = copy
        self._copies.move_to_end(key)
        if len(self._copies) > MAX_LISTS:
            self._copies.popitem(last=False)

    async def _refreshed(self, key: tuple[str, str], trust: TrustSource, now: int) -> _Copy:
        """The copy under this key, fetched anew if it is due; the one at hand where no newer can be had."""
        copy = self._copies.get(key)
        if copy is not None and now < copy.refresh_at:
            return copy
        try:
            fetched = await self._fetch(*key, trust, now)
            # Asked for only now: a list may have come by another way while this one was fetched.
            newest = self._newest(key)
            if newest is not None and fetched.list.issued_at < newest.list.issued_at:
                raise Rejection(
                    ReasonCode.STATUS_UNAVAILABLE, "The issuer's status list is older than one seen before."
                )
            copy = _Copy(fetched, min(now + fetched.list.time_to_live, fetched.list.expires_at))
        except Rejection as cause:
            copy = _Copy(self._newest(key), now + RETRY_SECONDS, cause.message)
        self._keep(key, copy)
        return copy

    def _newest(self, key: tuple[str, str]) -> SignedStatusList | None:
        copy = self._copies.get(key)
        return None if copy is None else copy.signed

    async def _fetch(self, issuer: str, uri: str, trust: TrustSource, now: int) -> SignedStatusList:
        unavailable = "The issuer's status list can't be had, so nobody knows whether this still holds."
        try:
            response = await self._http.get(uri, accept="application/statuslist+jwt")
        except FetchError as cause:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, unavailable) from cause
        if response.status != 200:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, unavailable)
        try:
            text = response.body.decode("ascii")
        except UnicodeDecodeError as cause:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, unavailable) from cause
        signed = _verify(uri, text, trust, now)
        if signed.issuer != issuer:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "The status list is another issuer's.")
        return signed


def _verify(uri: str, text: str, trust: TrustSource, now: int) -> SignedStatusList:
    """The list in this token, if the key that it names signed it for this address and it is in force."""
    try:
        token = parse_status_list_token(text)
        key = trust.verification_key(token.verification_method, at=now)
    except Rejection as cause:
        raise Rejection(ReasonCode.STATUS_UNAVAILABLE, cause.message) from cause
    return SignedStatusList(uri, text, token.verification_method, token.verify(key, expected_uri=uri, now=now))
