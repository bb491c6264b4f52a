"""Addresses that protocol messages carry: what is taken for one, and where metadata is found."""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

from vc_core.errors import ProtocolError

_MAX_URL = 2048
_URL_TEXT = re.compile(r"[!-~]+\Z")


def check_url(text: Any, *, code: str) -> str:
    """The text, when it is an https URL without user name and fragment; plain http is taken for this machine only.

    Raises `ProtocolError` with the given code.
    """
    if not isinstance(text, str) or len(text) > _MAX_URL or not _URL_TEXT.match(text):
        raise ProtocolError(code, "An address is missing or is not a web address.")
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError as cause:
        raise ProtocolError(code, "An address is not a web address.") from cause
    if not has_host or "@" in parts.netloc or "#" in text:
        raise ProtocolError(code, "An address is not a plain web address.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts)):
        raise ProtocolError(code, "An address is not https.")
    return text


def check_identifier(text: Any, *, code: str) -> str:
    """As `check_url`, for the identifier of an issuer or server: no query either (OpenID4VCI 1.0 section 12.2.1)."""
    url = check_url(text, code=code)
    if "?" in url:
        raise ProtocolError(code, "An issuer's address has no query.")
    return url


def well_known_url(identifier: str, name: str) -> str:
    """Where the metadata of that name is: `/.well-known/<name>` between the identifier's host and its path."""
    parts = urlsplit(identifier)
    path = "" if parts.path == "/" else parts.path
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{path}"


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
