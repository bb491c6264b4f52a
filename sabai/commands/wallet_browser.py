"""The way back from an issuer's page: the holder's browser, and the address on this machine that it comes back to.

The address is a port of 127.0.0.1 that is open for one answer and a few minutes (RFC 8252 section 7.3). Whatever else
asks there gets the same page and changes nothing: only an answer that carries the request's `state` is taken. Where the
browser runs on another machine, the holder pastes the address that the browser ended at.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from vc_core.errors import FetchFailed

WAITING_SECONDS = 300
PASTED_REDIRECT_URI = "http://127.0.0.1:49151/callback"
"""Where a browser ends whose address the holder pastes: nobody listens there."""

_PATH = "/callback"
_MAX_REQUEST = 16 * 1024
_READING_SECONDS = 5.0
_REQUEST_LINE = re.compile(rb"GET (/callback\?[!-~]{1,8192}) HTTP/1\.[01]\r\n")
_PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
    b"Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    b"<!doctype html><title>Sabai</title><p>Back to the wallet: this window can be closed.</p>"
)


class BrowserReturn:
    """An address on this machine that waits for the holder's browser."""

    def __init__(self) -> None:
        """For `listen` only."""
        self._came: asyncio.Queue[str] = asyncio.Queue(maxsize=100)
        self.redirect_uri = ""

    @classmethod
    @asynccontextmanager
    async def listen(cls) -> AsyncIterator[BrowserReturn]:
        """Listens on a free port of 127.0.0.1 while the context is open. Raises `OSError`."""
        waiting = cls()
        server = await asyncio.start_server(waiting._answer, "127.0.0.1", 0, limit=_MAX_REQUEST)
        async with server:
            port = server.sockets[0].getsockname()[1]
            waiting.redirect_uri = f"http://127.0.0.1:{port}{_PATH}"
            yield waiting

    async def wait(self, *, expected_state: str, seconds: float = WAITING_SECONDS) -> str:
        """The address of the answer that belongs to this request. Raises `FetchFailed` where none comes in time."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    address = await self._came.get()
                    if parse_qs(urlsplit(address).query).get("state") == [expected_state]:
                        return address
        except TimeoutError as cause:
            raise FetchFailed("nobody came back from the issuer's page") from cause

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READING_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                found = _REQUEST_LINE.match(request)
                if found is not None and not self._came.full():
                    origin = self.redirect_uri.removesuffix(_PATH)
                    self._came.put_nowait(origin + found[1].decode("ascii"))
                writer.write(_PAGE)
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()
