"""The nonce endpoint's answer (section 7): a `c_nonce` that a proof must carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vc_core.errors import ProtocolError
from vc_core.protocols.text import is_text


def create_nonce_response(c_nonce: str) -> dict[str, Any]:
    """A nonce response (section 7.2)."""
    return {"c_nonce": c_nonce}


def parse_nonce_response(value: Mapping[str, Any]) -> str:
    """The `c_nonce`. Raises `ProtocolError` `server_error`."""
    c_nonce = value.get("c_nonce")
    if not is_text(c_nonce):
        raise ProtocolError("server_error", "The answer holds no nonce.")
    return str(c_nonce)
