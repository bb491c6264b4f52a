"""did:web (W3C CCG): a DID document on a web site, as good as the site's name and certificate, and no better.

The DID is somebody's text and names an address that is then asked. So only one plain spelling of a host name and a path
is taken, the guarded client decides whether the host is one to ask, and of the answer only keys and relationships of
the DID itself are read and written anew: nothing else that a site says goes any further.

What was fetched serves for a minute. If the site then can't be asked, it serves on, until ten minutes after it was
fetched: a failure never replaces what is known, and never outlives what was promised about a withdrawn key.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from vc_core.clock import Clock
from vc_core.did.document import DidDocument
from vc_core.did.resolution import DidResolution, ResolutionError, ResolutionFailed, ResolutionOptions
from vc_core.did.web_document import MAX_DOCUMENT_BYTES, parse_web_document
from vc_core.errors import FetchError
from vc_core.http import HttpClient, HttpResponse

FRESH_SECONDS = 60
"""For how long a document serves without asking again."""

KEPT_SECONDS = 600
"""For how long a document serves where the site can't be asked."""

_PREFIX = "did:web:"
_ACCEPT = "application/did+ld+json, application/did+json, application/did, application/ld+json, application/json"
_MEDIA_TYPES = set(_ACCEPT.split(", "))
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?P<name>(?:{_LABEL}\.)*(?P<last>{_LABEL}))(?:%3A(?P<port>[1-9][0-9]{{0,4}}))?\Z")
_NUMBER = re.compile(r"[0-9]+\Z|0x[0-9a-f]*\Z")  # a last label by which URL parsers take the host for an IPv4 address
_SEGMENT = re.compile(r"[A-Za-z0-9._-]+\Z")
_MAX_CACHED = 1024
_MAX_AT_ONCE = 8


def did_web_url(did: str) -> str:
    """The https URL of the document of a did:web. Raises `ResolutionFailed` for other spellings than the plain one."""
    host, *path = did.removeprefix(_PREFIX).split(":")
    match = _HOST.match(host)
    if match is None or len(match["name"]) > 253 or _NUMBER.match(match["last"]):
        raise _invalid("The DID names no host, or an address in place of a name.")
    port = match["port"]
    if port is not None and int(port) > 65_535:
        raise _invalid("The DID names a port that there is not.")
    if any(not _SEGMENT.match(segment) or segment.strip(".") == "" for segment in path):
        raise _invalid("The DID's path has a part that is empty, made of dots, or encoded.")
    authority = match["name"] if port is None else f"{match['name']}:{port}"
    return "/".join(["https:/", authority, *(path or [".well-known"]), "did.json"])


@dataclass(frozen=True)
class _Fetched:
    document: DidDocument
    at: int


class WebDids:
    """The method did:web. `http` must be the guarded client of the service's profile."""

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._cache: dict[str, _Fetched] = {}
        self._asking = asyncio.Semaphore(_MAX_AT_ONCE)

    async def resolve(self, did: str, options: ResolutionOptions) -> DidResolution:
        """See `DidMethod`; a site keeps no versions."""
        options.refuse_versions()
        url = did_web_url(did)
        known = self._cache.get(did)
        if known is None or not 0 <= self._clock() - known.at < FRESH_SECONDS:
            known = await self._renewed(did, url, known)
        return DidResolution(known.document, retrieved=known.at)

    async def _renewed(self, did: str, url: str, known: _Fetched | None) -> _Fetched:
        """A document fetched now, or the one that is known where the site gives none. Raises `ResolutionFailed`."""
        try:
            fetched = _Fetched(await self._fetch(did, url), self._clock())
        except ResolutionFailed as failure:
            if failure.error is ResolutionError.NOT_FOUND:
                self._cache.pop(did, None)
            elif known is not None and 0 <= self._clock() - known.at < KEPT_SECONDS:
                return known
            raise
        self._cache.pop(did, None)
        self._cache[did] = fetched
        if len(self._cache) > _MAX_CACHED:
            del self._cache[next(iter(self._cache))]
        return fetched

    async def _fetch(self, did: str, url: str) -> DidDocument:
        try:
            async with self._asking:
                answer = await self._http.get(url, accept=_ACCEPT)
        except FetchError as cause:  # blocked or failed: which of them would tell of the network that we are in
            raise ResolutionFailed(ResolutionError.INTERNAL_ERROR, "The DID's site could not be asked.") from cause
        _check_answer(answer)
        return parse_web_document(did, answer.body)


def _check_answer(answer: HttpResponse) -> None:
    """That the answer is a document of a size and type to be read. Redirects are not followed."""
    if answer.status in (404, 410):
        raise ResolutionFailed(ResolutionError.NOT_FOUND, "The DID's site has no such document.")
    if answer.status != 200:
        raise ResolutionFailed(ResolutionError.INTERNAL_ERROR, "The DID's site did not give the document.")
    if len(answer.body) > MAX_DOCUMENT_BYTES:
        raise ResolutionFailed(ResolutionError.INVALID_DID_DOCUMENT, "The DID's document is too large.")
    if _media_type(answer) not in _MEDIA_TYPES:
        raise ResolutionFailed(ResolutionError.INVALID_DID_DOCUMENT, "The DID's site gave something else.")


def _media_type(answer: HttpResponse) -> Any:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _invalid(detail: str) -> ResolutionFailed:
    return ResolutionFailed(ResolutionError.INVALID_DID, detail)
