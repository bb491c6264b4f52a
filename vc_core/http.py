"""The only outgoing HTTP client: bounded in time and size, no redirects, and no way to inside addresses.

An address that an offer, a credential or an issuer's metadata names is an attacker's choice until shown otherwise. So
the host is resolved here, every one of its addresses must be public, and the connection goes to the very address that
was checked (a second look-up could answer differently). Plain http and loopback are for the embedded profile only;
inside addresses at all are for a client whose every address is the operator's own choice: the ledger's nodes.

A look-up blocks its thread for as long as the resolver likes, also when nobody waits for it any more. Each client has
a few threads of its own for that, and while a look-up that nobody waits for hangs, no other of that site begins. So who
names hosts of a domain with a slow name server holds up one thread; with as many domains as there are threads, all that
this client asks of others. Where strangers name the hosts, a list of those that are asked is the better answer, and a
client of their own the next best.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx

from vc_core.encoding import EncodingError, parse_json, parse_json_object
from vc_core.errors import FetchBlocked, FetchFailed, FetchTooLarge

TIMEOUT_SECONDS = 5.0
IDLE_SECONDS = 2
"""How long an idle connection is used again: many servers end theirs after five, and what is sent meanwhile is lost."""
LOOKUPS_AT_ONCE = 16
MAX_RESPONSE_BYTES = 1024 * 1024

PROOF_HEADERS = frozenset({"authorization", "dpop", "oauth-client-attestation", "oauth-client-attestation-pop"})
"""The headers that a caller may add to a request, in lower case: those by which it proves who it is."""
PUSH_HEADERS = frozenset({"content-encoding", "ttl", "urgency", "topic"})
"""What a push says of itself to a push service (RFC 8030 section 5, RFC 8291 section 4), in lower case."""
_CALLERS_HEADERS = PROOF_HEADERS | PUSH_HEADERS | {"idempotency-key"}
MAX_HEADER_LENGTH = 8 * 1024
_MAX_PORT = 65_535
_SHARED_BELOW_COUNTRIES = frozenset(("ac", "co", "com", "edu", "go", "gov", "in", "mi", "net", "or", "org"))
"""What many registrants share under a country's code, as in `hospital.go.th`."""
_HEADER_TEXT = re.compile(r"[!-~]+( [!-~]+)*\Z")

_IPV4_IN_LAST_BITS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
"""NAT64 (RFC 6052 section 2.1) and IPv4-compatible addresses (RFC 4291 section 2.5.5.1)."""
_NOT_PUBLIC = (ipaddress.IPv6Network("fec0::/10"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""Inside networks that `ipaddress` takes for public: site-local, and a network's own NAT64 (RFC 8215)."""


@dataclass(frozen=True)
class HttpResponse:
    """An answer: its status code, headers (names in lower case) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object; raises `FetchFailed` where it isn't one."""
        try:
            return parse_json_object(self.body)
        except EncodingError as cause:
            raise FetchFailed("the answer is not a JSON object") from cause

    def json(self) -> Any:
        """The body as any JSON value; raises `FetchFailed` where it isn't JSON."""
        try:
            return parse_json(self.body)
        except EncodingError as cause:
            raise FetchFailed("the answer is not JSON") from cause


@cache
def _known_authorities() -> ssl.SSLContext:
    """TLS as the known authorities vouch for it: one for all clients, since reading them takes 20 milliseconds."""
    return httpx.create_ssl_context(trust_env=False)


def _known_authorities_and(certificate: Path) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.load_verify_locations(cafile=certificate)
    return context


class HttpClient:
    """Asks other services. `allow_loopback` admits http and this machine's own addresses: the embedded profile only.

    `allow_private` admits these and private networks, over http too: only for addresses that the operator wrote down.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        allow_private: bool = False,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        timeout_seconds: float = TIMEOUT_SECONDS,
        trusted_certificate: Path | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`timeout_seconds` is how long the other side may be silent; twice that is the most that a request takes.

        `trusted_certificate`: a PEM file with one more certificate to trust, such as a self-signed one of our own.

        `transport` replaces the network, address checks included: tests pass the services' own applications.
        """
        self._allow_loopback = allow_loopback or allow_private
        self._allow_private = allow_private
        self._max_response_bytes = max_response_bytes
        self._most_seconds = timeout_seconds * 2
        self._resolves = transport is None
        self._lookups = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="lookup")
        self._hanging: list[tuple[str, Future[list[Any]]]] = []
        """The look-ups that nobody waits for any more, each with its host's site."""
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=_known_authorities() if trusted_certificate is None else _known_authorities_and(trusted_certificate),
            timeout=timeout_seconds,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=IDLE_SECONDS),
            follow_redirects=False,
            trust_env=False,
            # Hosts are known to the client by address alone, so one host's cookie would go to others: none is kept.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": "sabai", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        """Closes the connections; a look-up that hangs is left behind."""
        await self._client.aclose()
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def get(
        self,
        url: str,
        *,
        accept: str = "application/json",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """GET; any status is an answer. Raises `FetchBlocked`, or `FetchFailed` where none came or it was too large.

        `token` goes as a bearer token. `headers` are further ones by name: of `PROOF_HEADERS`, `PUSH_HEADERS`,
        and `Idempotency-Key`.
        """
        return await self._request("GET", url, accept=accept, token=token, headers=headers)

    async def post_json(
        self, url: str, value: Any, *, token: str | None = None, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """POST of a JSON value; as `get`."""
        return await self._request("POST", url, token=token, headers=headers, json=value)

    async def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """POST of a form, as OAuth's endpoints take it; as `get`."""
        return await self._request("POST", url, accept=accept, headers=headers, data=dict(fields))

    async def post_bytes(
        self,
        url: str,
        content: bytes,
        *,
        content_type: str,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """POST of a body of that media type; as `get`."""
        return await self._request(
            "POST", url, token=token, headers=headers, content=content, content_type=content_type
        )

    async def post_file(self, url: str, field: str, content: bytes, *, content_type: str) -> HttpResponse:
        """POST of one file in a form (multipart/form-data); as `get`."""
        return await self._request("POST", url, files={field: (field, content, content_type)})

    async def _request(
        self,
        method: str,
        url: str,
        *,
        accept: str = "application/json",
        content_type: str | None = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> HttpResponse:
        target = _parse_address(url)
        sent = {"Accept": accept, "Host": target.netloc.decode("ascii"), **_checked_headers(headers or {})}
        if content_type is not None:
            sent["Content-Type"] = content_type
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        extensions = {}
        if target.scheme == "https":
            extensions["sni_hostname"] = target.host
            # The pool knows connections by address. One whose certificate was checked for another host at the same
            # address must not serve this one.
            sent["Connection"] = "close"
        try:
            async with asyncio.timeout(self._most_seconds):
                pinned = await self._checked(target)
                request = self._client.build_request(method, pinned, headers=sent, extensions=extensions, **content)
                response = await self._client.send(request, stream=True)
                try:
                    body = await _read_bounded(response, self._max_response_bytes)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, TimeoutError, UnicodeError) as cause:
            # UnicodeError: httpx reads the address of a redirect, which it does not follow, and trips over some hosts.
            raise FetchFailed("the other side did not answer") from cause
        return HttpResponse(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)

    async def _checked(self, url: httpx.URL) -> httpx.URL:
        """The address with its host replaced by one checked IP address."""
        if url.scheme not in ("https", "http") or url.userinfo:
            raise FetchBlocked("only web addresses without a user name are asked")
        if not self._resolves:
            return url
        if url.scheme == "http" and not self._allow_loopback:
            raise FetchBlocked("only https addresses are asked")
        addresses = await self._resolve(url.host)
        for address in map(_unmapped, addresses):
            is_ours = self._is_ours(address)
            if address.is_multicast or not (_is_public(address) or is_ours):
                raise FetchBlocked("an address inside a private network is not asked")
            if url.scheme == "http" and not is_ours:
                raise FetchBlocked("only https addresses are asked")
        return url.copy_with(host=str(addresses[0]))

    async def _resolve(self, host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
        def look_up() -> list[Any]:
            return socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)

        site = site_of(host)
        self._hanging = [each for each in self._hanging if not each[1].done()]
        if any(site == each for each, _ in self._hanging):
            raise FetchFailed("an earlier look-up of this site has not ended yet")
        lookup = self._lookups.submit(look_up)
        try:
            found = await asyncio.wrap_future(lookup)
        except (OSError, UnicodeError) as cause:
            raise FetchFailed("the host has no address") from cause
        except asyncio.CancelledError:
            if not lookup.cancel():
                self._hanging.append((site, lookup))
            raise
        addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
        if not addresses:
            raise FetchFailed("the host has no address")
        return addresses

    def _is_ours(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        """Whether the address is an inside one that this client may ask."""
        if address.is_loopback:
            return self._allow_loopback
        return self._allow_private and address.is_private and not (address.is_link_local or address.is_unspecified)


def site_of(host: str) -> str:
    """The part of a host's name that one registrant is likely to have: `push.example`, `hospital.go.th`."""
    labels = host.lower().rstrip(".").split(".")
    is_shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_BELOW_COUNTRIES
    return ".".join(labels[-3 if is_shared else -2 :])


def _parse_address(url: str) -> httpx.URL:
    """The address, of which httpx can read host and port too. Raises `FetchBlocked`."""
    try:
        parsed = httpx.URL(url)
        readable = parsed.host != "" and (parsed.port is None or 0 < parsed.port <= _MAX_PORT)
    except (httpx.InvalidURL, UnicodeError) as cause:
        raise FetchBlocked("not a web address") from cause
    if not readable:
        raise FetchBlocked("not a web address")
    return parsed


def _checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers, when they are a caller's to set and can't begin another line. Raises `FetchBlocked`."""
    for name, value in headers.items():
        if name.lower() not in _CALLERS_HEADERS:
            raise FetchBlocked("a header that a caller may not set")
        if len(value) > MAX_HEADER_LENGTH or not _HEADER_TEXT.match(value):
            raise FetchBlocked("a header that is too long or not of visible characters")
    return headers


def _unmapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address in IPv6 clothes is judged as the IPv4 address that it reaches."""
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in _IPV4_IN_LAST_BITS) and int(address) > 1:  # not `::`, `::1`
            return ipaddress.IPv4Address(address.packed[-4:])
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not any(address in network for network in _NOT_PUBLIC)


async def _read_bounded(response: httpx.Response, max_bytes: int) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise FetchFailed("the answer is compressed, which was not asked for")
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise FetchTooLarge("the answer is too large")
    return bytes(body)
