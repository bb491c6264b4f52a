"""Text in protocol messages."""

from __future__ import annotations

from typing import Any

_MAX_TEXT = 2048


def is_text(value: Any) -> bool:
    """Whether the value is a text, not empty, of at most 2048 characters, none of them NUL: no database keeps that."""
    return isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and "\0" not in value
