"""Selective disclosure (RFC 9901): from a payload full of digests, and some disclosures, to the claims disclosed.

The issuer signs digests in place of claims. A disclosure is the base64url text of a JSON array, `[salt, name, value]`
for a member of an object or `[salt, value]` for an element of an array; its digest is SHA-256 over that very text.
Digests stand in an object's `_sd` list, or in an array as `{"...": digest}`. A disclosed value may hold digests again.
Digests without a disclosure are claims withheld, or decoys: nobody can tell, and both vanish.

All that RFC 9901 section 7.1 says must be refused is refused here, whoever signed it: what two readers could
understand in two ways is not a credential.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from vc_core.encoding import (
    MAX_JSON_DEPTH,
    EncodingError,
    base64url_decode,
    base64url_encode,
    compact_json,
    parse_json,
)
from vc_core.errors import ReasonCode, Rejection

DIGESTS = "_sd"
DIGEST_ALGORITHM = "_sd_alg"
ELEMENT_DIGEST = "..."
SHA_256 = "sha-256"

_RESERVED = {DIGESTS, DIGEST_ALGORITHM, ELEMENT_DIGEST}


def create_disclosure(salt: bytes, name: str, value: Any) -> str:
    """The disclosure of an object's member (section 4.2.1), in base64url; `salt` of at least 128 bits."""
    return base64url_encode(compact_json([base64url_encode(salt), name, value]))


def create_element_disclosure(salt: bytes, value: Any) -> str:
    """The disclosure of an array's element (section 4.2.2), in base64url; `salt` as above."""
    return base64url_encode(compact_json([base64url_encode(salt), value]))


def disclosure_digest(disclosure: str) -> str:
    """SHA-256 over a disclosure as it travels (section 4.2.3), in base64url."""
    return base64url_encode(hashlib.sha256(disclosure.encode("ascii")).digest())


def parse_disclosure(disclosure: str) -> list[Any]:
    """A disclosure as its array, `[salt, name, value]` or `[salt, value]`. Raises `Rejection` `MALFORMED`."""
    try:
        parts = parse_json(base64url_decode(disclosure))
    except EncodingError as cause:
        raise _malformed("A disclosure of the credential can't be read.") from cause
    if not isinstance(parts, list) or len(parts) not in (2, 3) or not all(isinstance(each, str) for each in parts[:-1]):
        raise _malformed("A disclosure of the credential is not of the form that it must have.")
    if len(parts) == 3 and parts[1] in _RESERVED:
        raise _malformed("A disclosure of the credential has a name that it must not have.")
    return parts


def disclose_claims(payload: Mapping[str, Any], disclosures: Sequence[str]) -> dict[str, Any]:
    """The payload with every disclosure put in its place, without digests and `_sd_alg` (section 7.1, steps 2 to 5).

    Raises `Rejection` `MALFORMED`: another digest algorithm than SHA-256; a digest that occurs twice, even one that
    nobody discloses; a disclosure given twice, or whose digest stands nowhere; one for a member in an element's
    place or the reverse; a disclosed name that is reserved or taken; digests that are no list of texts; and values
    nested too deep.
    """
    if payload.get(DIGEST_ALGORITHM, SHA_256) != SHA_256:
        raise _malformed("The credential uses a digest algorithm that we do not.")
    parsed = [parse_disclosure(each) for each in disclosures]
    by_digest = dict(zip(map(disclosure_digest, disclosures), parsed, strict=True))
    if len(by_digest) != len(disclosures):
        raise _malformed("The credential comes with a disclosure twice.")
    processing = _Processing(by_digest)
    disclosed = processing.members({name: payload[name] for name in payload if name != DIGEST_ALGORITHM}, 0)
    if by_digest.keys() - processing.met:
        raise _malformed("The credential comes with a disclosure that does not belong to it.")
    return disclosed


class _Processing:
    """One walk through a payload: the disclosures by digest, and every digest met on the way."""

    def __init__(self, by_digest: Mapping[str, list[Any]]) -> None:
        self._by_digest = by_digest
        self.met: set[str] = set()

    def members(self, node: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """An object, its disclosed members in place."""
        if ELEMENT_DIGEST in node:
            raise _malformed("The credential has an array's digest outside an array.")
        result = {name: self._value(value, depth) for name, value in node.items() if name != DIGESTS}
        for digest in _list(node.get(DIGESTS, [])):
            disclosure = self._meet(digest)
            if disclosure is None:
                continue
            if len(disclosure) != 3:
                raise _malformed("A disclosure of the credential lacks the name of its claim.")
            _, name, value = disclosure
            if name in result:
                raise _malformed("A disclosure of the credential repeats a claim.")
            result[name] = self._value(value, depth)
        return result

    def _value(self, value: Any, depth: int) -> Any:
        # Disclosures inside disclosures could nest deeper than any JSON text that was checked.
        if depth > MAX_JSON_DEPTH:
            raise _malformed("The credential is nested too deep.")
        if isinstance(value, dict):
            return self.members(value, depth + 1)
        if isinstance(value, list):
            return self._elements(value, depth + 1)
        return value

    def _elements(self, node: list[Any], depth: int) -> list[Any]:
        result = []
        for element in node:
            if not isinstance(element, dict) or ELEMENT_DIGEST not in element:
                result.append(self._value(element, depth))
                continue
            if len(element) != 1:
                raise _malformed("The credential has more beside an array's digest than the digest.")
            disclosure = self._meet(element[ELEMENT_DIGEST])
            if disclosure is None:
                continue
            if len(disclosure) != 2:
                raise _malformed("A disclosure of the credential names an element that has no name.")
            result.append(self._value(disclosure[1], depth))
        return result

    def _meet(self, digest: Any) -> list[Any] | None:
        """The disclosure of this digest, if there is one; takes note of the digest either way."""
        if not isinstance(digest, str):
            raise _malformed("A digest of the credential is not text.")
        if digest in self.met:
            raise _malformed("The credential holds a digest twice.")
        self.met.add(digest)
        return self._by_digest.get(digest)


def _list(digests: Any) -> list[Any]:
    if not isinstance(digests, list):
        raise _malformed("The credential's digests are not a list.")
    return digests


def _malformed(message: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, message)
