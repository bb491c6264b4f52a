"""Conditional requests: a reader that has the newest copy is told so, and gets nothing else."""

from __future__ import annotations

from fastapi import Request


def has_copy(request: Request, etag: str) -> bool:
    """Whether `If-None-Match` names this version (RFC 9110 section 13.1.2, weak comparison); `etag` with its quotes."""
    names = [name.strip().removeprefix("W/") for name in request.headers.get("if-none-match", "").split(",")]
    return etag in names or names == ["*"]
