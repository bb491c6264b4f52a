"""Proof Key for Code Exchange (RFC 7636), `S256` only.

The wallet sends the hash of a secret with its authorization request and the secret itself with the code: whoever
catches the code on its way back can't use it.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from vc_core.encoding import base64url_encode
from vc_core.errors import ProtocolError

S256 = "S256"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")


def create_code_challenge(code_verifier: str) -> str:
    """The challenge that goes with a verifier (section 4.2)."""
    return base64url_encode(hashlib.sha256(code_verifier.encode("ascii")).digest())


def check_code_challenge(challenge: str | None, method: str | None) -> str:
    """The challenge of an authorization request. Raises `ProtocolError` `invalid_request`: none, or not `S256`."""
    if not challenge:
        raise ProtocolError("invalid_request", "code_challenge is missing: this server requires PKCE.")
    if method != S256:
        raise ProtocolError("invalid_request", "code_challenge_method must be S256.")
    if not _CHALLENGE.match(challenge):
        raise ProtocolError("invalid_request", "code_challenge is not a SHA-256 in base64url.")
    return challenge


def check_code_verifier(verifier: str) -> str:
    """The verifier of a token request, if it is of its form (section 4.1). Raises `ProtocolError` `invalid_request`."""
    if not _VERIFIER.match(verifier):
        raise ProtocolError("invalid_request", "code_verifier is not of a verifier's form.")
    return verifier


def verify_code_verifier(verifier: str, *, challenge: str) -> None:
    """Returns when the verifier is the challenge's. Raises `ProtocolError` `invalid_grant` (section 4.6)."""
    if not hmac.compare_digest(create_code_challenge(verifier), challenge):
        raise ProtocolError("invalid_grant", "code_verifier does not belong to the authorization request.")
