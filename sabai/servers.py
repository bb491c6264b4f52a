"""HTTP servers inside this process: sockets taken first, so that a port in use is known before anything starts."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from vc_core.errors import SettingsError
from vc_core.web.process import KEEP_ALIVE_SECONDS

_STOP_SECONDS = 5


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises `SettingsError` where the port is taken."""
    try:
        listener = socket.create_server((host, port), backlog=1024)
    except OSError as cause:
        raise SettingsError([f"port {port} on {host} can't be used: choose others with --ports"]) from cause
    # asyncio sets this only on sockets that it made itself. Without it the second part of an answer, the body, waits
    # for the client's delayed acknowledgement of the first: 40 ms a request.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(listener: socket.socket, *, secure: bool = False, name: str | None = None) -> str:
    """The URL of a listening socket, https if `secure`, with this name in place of its address where there is one."""
    host, port = listener.getsockname()[:2]
    return f"{'https' if secure else 'http'}://{name or host}:{port}"


@dataclass(frozen=True)
class TlsFiles:
    """A server's certificate, followed by those that lead to a known one, and its private key: PEM files."""

    certificate: Path
    key: Path

    def check(self) -> None:
        """Raises `SettingsError` where they can't be read or don't belong together."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key)
        except (OSError, ValueError) as cause:
            raise SettingsError(["the TLS certificate and key can't be read, or don't belong together"]) from cause


@dataclass(frozen=True)
class Served:
    """An application and the socket that it answers on, by TLS if there are files for it."""

    application: ASGIApp
    listener: socket.socket
    tls: TlsFiles | None = None


class _Server(uvicorn.Server):
    """A server that leaves signals to the program that it is one part of."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(served: Sequence[Served]) -> AsyncIterator[None]:
    """Runs the applications, lifespans included, from when all have started until the block ends.

    An application that fails to start, or stops by itself, ends the others and raises.
    """
    servers = [_Server(_config(each)) for each in served]
    tasks = [
        asyncio.create_task(server.serve(sockets=[each.listener])) for server, each in zip(servers, served, strict=True)
    ]
    try:
        while not all(server.started for server in servers):
            if any(task.done() for task in tasks):
                raise SettingsError(["a service did not start: its log line above says why"])
            await asyncio.sleep(0.01)
        yield
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks, return_exceptions=True)


def _config(served: Served) -> uvicorn.Config:
    return uvicorn.Config(
        served.application,
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
        ssl_certfile=None if served.tls is None else served.tls.certificate,
        ssl_keyfile=None if served.tls is None else served.tls.key,
    )
