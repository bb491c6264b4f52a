"""JSON log lines: one object a line, with named fields only, so that personal data has no free text to slip into.

Requests are logged by their route's pattern (`/people/{person_id}`), never by their path, query, headers or body.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from functools import lru_cache
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FIELDS = ("method", "route", "status", "milliseconds", "error", "where", "code", "count", "service")
_INDISCREET = (
    "aiosqlite",
    "alembic",
    "firebase_admin",
    "google",
    "httpcore",
    "httpx",
    "psycopg",
    "sqlalchemy",
    "urllib3",
    "uvicorn.access",
)
"""Libraries whose lines below a warning hold addresses, queries and what is in them, such as a patient's number."""
_log = logging.getLogger("sabai.requests")


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time, level, logger, message, and those of `extra`'s fields that are allowed."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without the text of exceptions: their messages may hold what a client sent."""
        line = {
            "time": _write_time(int(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        given = record.__dict__
        line |= {name: given[name] for name in _FIELDS if name in given}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return _write_line(line)


def _write_line(line: dict[str, Any]) -> str:
    try:
        return orjson.dumps(line).decode("utf-8")
    except TypeError:  # half a surrogate pair, which UTF-8 can't write
        return json.dumps(line)


@lru_cache(maxsize=1)
def _write_time(seconds: int) -> str:
    """The same for all lines of a second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def configure_logging(level: int = logging.INFO) -> None:
    """Sends every logger's lines to standard error as JSON.

    Who called, and in which thread and process, is in no line, and finding it out takes longer than writing one: left
    out as logging's documentation says under "Optimization".
    """
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for indiscreet in _INDISCREET:
        logging.getLogger(indiscreet).setLevel(logging.WARNING)


def log_failure(log: logging.Logger, message: str, failure: BaseException) -> None:
    """Says that something nobody foresaw happened, of which kind and where, and nothing of what was in it."""
    frames = traceback.extract_tb(failure.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
    log.error(message, extra={"error": type(failure).__name__, "where": where})


class RequestLog:
    """ASGI middleware that logs each request's method, route pattern, status and time.

    Where the logger `sabai.requests` is open for it, a line as `JsonFormatter` writes it goes straight to standard
    error: by way of `logging` it took a fifteenth of a whole check.
    """

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and logs it when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            if _log.isEnabledFor(logging.INFO):
                _log_request(scope, self._service, status, started)


def _log_request(scope: Scope, service: str, status: int, started: float) -> None:
    line = {
        "time": _write_time(int(time.time())),
        "level": "info",
        "logger": _log.name,
        "message": "request",
        "method": scope["method"],
        "route": getattr(scope.get("route"), "path", "unknown"),
        "status": status,
        "milliseconds": round((time.perf_counter() - started) * 1000, 1),
        "service": service,
    }
    try:
        sys.stderr.write(_write_line(line) + "\n")
    except (OSError, ValueError):
        pass  # a full disk or a closed stream: as with `logging`, no request fails over its line
