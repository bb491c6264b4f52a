"""DPoP (RFC 9449): tokens that only the holder of a key can use.

With each request the client sends a proof, a JWT that its key signed over the request's method and address. The
authorization server binds the token to the key's thumbprint (`jkt`), and whoever takes the token asks for a proof by
that same key: a stolen token alone opens nothing. A proof says when it was made and has an identifier, so that it
counts once; a nonce that the server gave out shows that it was not made in advance.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from vc_core.crypto.jose import JwsError, parse_jws, sign_jws
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, SignatureInvalid, Signer
from vc_core.encoding import base64url_encode
from vc_core.errors import ProtocolError
from vc_core.protocols.text import is_text

DPOP_TYPE = "dpop+jwt"
DPOP_ALGORITHMS = (str(Algorithm.ES256),)
USE_DPOP_NONCE = "use_dpop_nonce"
DPOP_HEADER = "DPoP"
DPOP_NONCE_HEADER = "DPoP-Nonce"
DPOP_WINDOW_SECONDS = 300
"""How far the time in a proof may be from the server's clock, either way; so long its `jti` must be remembered."""

_MAX_PROOF = 8 * 1024
_MAX_IDENTIFIER = 256
_DEFAULT_PORTS = {"https": 443, "http": 80}
_URL_TEXT = re.compile(r"[!-~]+\Z")
_NONCE = re.compile(r"[!#-\[\]-~]{1,1024}\Z")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]\Z")


@dataclass(frozen=True)
class VerifiedDpopProof:
    """That the request comes from the holder of `key`, whose thumbprint is `jkt` (RFC 7638, SHA-256, base64url).

    The server still owes: that the token, if there is one, is bound to this `jkt`; that `jti` was not seen with this
    key within twice `DPOP_WINDOW_SECONDS`; and that `nonce` (None where the proof has none) is one that it gave out.
    """

    jkt: str
    nonce: str | None
    jti: str
    key: PublicKey


def create_dpop_proof(
    signer: Signer,
    *,
    method: str,
    url: str,
    issued_at: int,
    jti: str,
    access_token: str | None = None,
    nonce: str | None = None,
) -> str:
    """A proof for one request (section 4.2); `jti` of at least 96 random bits, `issued_at` in seconds since 1970.

    `access_token` is the one that the request carries, `nonce` the newest that the server gave out.
    """
    parts = urlsplit(url)
    claims: dict[str, Any] = {
        "jti": jti,
        "htm": method,
        "htu": parts._replace(query="", fragment="").geturl(),
        "iat": issued_at,
    }
    if access_token is not None:
        claims["ath"] = _token_hash(access_token)
    if nonce is not None:
        claims["nonce"] = nonce
    return sign_jws({"typ": DPOP_TYPE, "jwk": signer.public_key.to_jwk()}, claims, signer)


def verify_dpop_proof(
    text: str, *, expected_method: str, expected_url: str, now: int, access_token: str | None = None
) -> VerifiedDpopProof:
    """The checks of section 4.3 that need nothing but the request. Raises `ProtocolError` `invalid_dpop_proof`.

    1. A JWT of its own type, by ES256, that the key in its `jwk` signed; a private key there is refused.
    2. `htm` and `htu` are the request's method and address, the latter without query and fragment.
    3. `iat` is within `DPOP_WINDOW_SECONDS` of `now`.
    4. `ath` is the hash of the access token that came with it, where one did.
    5. `jti` and `nonce` are what the caller has to look up.
    """
    # 1.
    if len(text) > _MAX_PROOF:
        raise _refused("The DPoP proof is too long.")
    try:
        proof = parse_jws(text, typ=DPOP_TYPE, algorithms=DPOP_ALGORITHMS)
        key = PublicKey.from_jwk(proof.header.get("jwk"))
        claims = proof.verify(key)
    except (JwsError, KeyFormatError, SignatureInvalid) as cause:
        raise _refused("The DPoP proof is not a JWT that its own key signed.") from cause

    # 2.
    if claims.get("htm") != expected_method or not _is_same_address(claims.get("htu"), expected_url):
        raise _refused("The DPoP proof was made for another request.")

    # 3.
    issued_at = claims.get("iat")
    if type(issued_at) is not int or abs(now - issued_at) > DPOP_WINDOW_SECONDS:
        raise _refused("The DPoP proof's time is missing, or too far from ours.")

    # 4.
    if access_token is not None and claims.get("ath") != _token_hash(access_token):
        raise _refused("The DPoP proof was made for another access token.")

    # 5.
    return _identified(claims, key)


def parse_dpop_nonce(headers: Mapping[str, str]) -> str | None:
    """The nonce that an answer's headers (names in lower case) give out for the next proof (section 8), if any."""
    nonce = headers.get(DPOP_NONCE_HEADER.lower(), "")
    return nonce if _NONCE.match(nonce) else None


def is_dpop_nonce_asked(headers: Mapping[str, str], error: str | None) -> bool:
    """Whether an answer says `use_dpop_nonce`: as an authorization server's `error` (section 8), or as a resource's
    challenge in `WWW-Authenticate` (section 9).
    """
    return error == USE_DPOP_NONCE or f'error="{USE_DPOP_NONCE}"' in headers.get("www-authenticate", "")


def _identified(claims: Mapping[str, Any], key: PublicKey) -> VerifiedDpopProof:
    jti, nonce = claims.get("jti"), claims.get("nonce")
    if not is_text(jti) or len(str(jti)) > _MAX_IDENTIFIER:
        raise _refused("The DPoP proof's jti is missing or too long.")
    if nonce is not None and not is_text(nonce):
        raise _refused("The DPoP proof's nonce is not text.")
    return VerifiedDpopProof(key.thumbprint(), nonce, str(jti), key)


def _token_hash(access_token: str) -> str:
    """`ath`: base64url of the SHA-256 of the token."""
    return base64url_encode(hashlib.sha256(access_token.encode("utf-8")).digest())


def _is_same_address(claimed: Any, expected: str) -> bool:
    """Whether both are one address once normalised (RFC 3986 sections 6.2.2 and 6.2.3), query and fragment aside."""
    if not is_text(claimed) or not _URL_TEXT.match(claimed):
        return False
    try:
        return _normalised(urlsplit(claimed)) == _normalised(urlsplit(expected))
    except ValueError:
        return False


def _normalised(parts: SplitResult) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and path. A user name has no place in an address here, so that it makes a difference."""
    if "@" in parts.netloc:
        raise ValueError("an address with a user name")
    path = _without_dot_segments(_ESCAPE.sub(_normalised_escape, parts.path)) or "/"
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme), path


def _normalised_escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.match(character) else match[0].upper()


def _without_dot_segments(path: str) -> str:
    """RFC 3986 section 5.2.4, for an absolute path."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _refused(message: str) -> ProtocolError:
    return ProtocolError("invalid_dpop_proof", message)
