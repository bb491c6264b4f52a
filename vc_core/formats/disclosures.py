"""Selective disclosure (RFC 9901): from a payload full of digests, and some disclosures, to the claims disclosed.

The issuer signs digests in place of claims. A disclosure is the base64url text of a JSON array, `[salt, name, value]`
for a member of an object or `[salt, value]` for an element of an array; its digest is SHA-256 over that very text.
Digests stand in an object's `_sd` list, or in an array as `{"...": digest}`. A disclosed value may hold digests again.
Digests without a disclosure are claims withheld, or decoys: nobody can tell, and both vanish.

All that RFC 9901 section 7.1 says must be refused is refused here, whoever signed it: what two readers could
understand in two ways is not a credential.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from vc_core.encoding import (
    MAX_JSON_DEPTH,
    base64url_decode,
    base64url_encode,
    base64url_encode_lines,
    compact_json,
    parse_json_arrays,
)
from vc_core.errors import ReasonCode, Rejection

DIGESTS = "_sd"
DIGEST_ALGORITHM = "_sd_alg"
ELEMENT_DIGEST = "..."
SHA_256 = "sha-256"

_RESERVED = {DIGESTS, DIGEST_ALGORITHM, ELEMENT_DIGEST}
_CONTAINERS = frozenset({dict, list})
_TEXT = frozenset({str})


def create_disclosure(salt: bytes, name: str, value: Any) -> str:
    """The disclosure of an object's member (section 4.2.1), in base64url; `salt` of at least 128 bits."""
    return base64url_encode(compact_json([base64url_encode(salt), name, value]))


def create_element_disclosure(salt: bytes, value: Any) -> str:
    """The disclosure of an array's element (section 4.2.2), in base64url; `salt` as above."""
    return base64url_encode(compact_json([base64url_encode(salt), value]))


def disclosure_digest(disclosure: str) -> str:
    """SHA-256 over a disclosure as it travels (section 4.2.3), in base64url."""
    return disclosure_digests([disclosure.encode("ascii")])[0]


def disclosure_digests(disclosures: Sequence[bytes]) -> list[str]:
    """As `disclosure_digest` for each of them."""
    digests = [sha256(each).digest() for each in disclosures]
    return base64url_encode_lines(digests).decode("ascii").splitlines()


def parse_disclosure(disclosure: str) -> list[Any]:
    """A disclosure as its array, `[salt, name, value]` or `[salt, value]`. Raises `Rejection` `MALFORMED`."""
    return _parse_disclosures([disclosure.encode("ascii", "replace")])[0]


def _parse_disclosures(disclosures: Sequence[bytes]) -> list[list[Any]]:
    """As `parse_disclosure` for each of them."""
    try:
        parsed = parse_json_arrays(list(map(base64url_decode, disclosures)))
    except ValueError as cause:
        raise _malformed("A disclosure of the credential can't be read.") from cause
    for parts in parsed:
        count = len(parts) if type(parts) is list else 0
        if not 2 <= count <= 3 or type(parts[0]) is not str or (count == 3 and type(parts[1]) is not str):
            raise _malformed("A disclosure of the credential is not of the form that it must have.")
        if count == 3 and parts[1] in _RESERVED:
            raise _malformed("A disclosure of the credential has a name that it must not have.")
    return parsed


def disclose_claims(payload: Mapping[str, Any], disclosures: Sequence[str | bytes]) -> dict[str, Any]:
    """The payload with every disclosure put in its place, without digests and `_sd_alg` (section 7.1, steps 2 to 5).

    Raises `Rejection` `MALFORMED`: another digest algorithm than SHA-256; a digest that occurs twice, even one that
    nobody discloses; a disclosure given twice, or whose digest stands nowhere; one for a member in an element's
    place or the reverse; a disclosed name that is reserved or taken; digests that are no list of texts; and values
    nested too deep.
    """
    if payload.get(DIGEST_ALGORITHM, SHA_256) != SHA_256:
        raise _malformed("The credential uses a digest algorithm that we do not.")
    texts = [each.encode("ascii", "replace") if isinstance(each, str) else each for each in disclosures]
    by_digest = dict(zip(disclosure_digests(texts), _parse_disclosures(texts), strict=True))
    if len(by_digest) != len(texts):
        raise _malformed("The credential comes with a disclosure twice.")
    processing = _Processing(by_digest)
    disclosed = processing.members(payload, 0)
    disclosed.pop(DIGEST_ALGORITHM, None)
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
        # Disclosures inside disclosures could nest deeper than any JSON text that was checked.
        if depth > MAX_JSON_DEPTH and node:
            raise _malformed("The credential is nested too deep.")
        result = dict(node)
        for name, value in node.items():
            if type(value) in _CONTAINERS and name != DIGESTS:
                result[name] = self._value(value, depth)
        if DIGESTS not in node:
            return result
        del result[DIGESTS]
        for disclosure in self._disclosures(node[DIGESTS]):
            if len(disclosure) != 3:
                raise _malformed("A disclosure of the credential lacks the name of its claim.")
            _, name, value = disclosure
            if name in result:
                raise _malformed("A disclosure of the credential repeats a claim.")
            result[name] = self._value(value, depth) if type(value) in _CONTAINERS else value
        return result

    def _value(self, value: Any, depth: int) -> Any:
        if type(value) is dict:
            return self.members(value, depth + 1)
        return self._elements(value, depth + 1) if type(value) is list else value

    def _elements(self, node: list[Any], depth: int) -> list[Any]:
        if depth > MAX_JSON_DEPTH and node:
            raise _malformed("The credential is nested too deep.")
        result = []
        for element in node:
            if not isinstance(element, dict) or ELEMENT_DIGEST not in element:
                result.append(self._value(element, depth))
                continue
            if len(element) != 1:
                raise _malformed("The credential has more beside an array's digest than the digest.")
            for disclosure in self._disclosures([element[ELEMENT_DIGEST]]):
                if len(disclosure) != 2:
                    raise _malformed("A disclosure of the credential names an element that has no name.")
                result.append(self._value(disclosure[1], depth))
        return result

    def _disclosures(self, digests: Any) -> list[list[Any]]:
        """The disclosures that there are of these digests; takes note of every digest either way."""
        if type(digests) is not list:
            raise _malformed("The credential's digests are not a list.")
        if not _TEXT.issuperset(map(type, digests)):
            raise _malformed("A digest of the credential is not text.")
        met_before = len(self.met)
        self.met.update(digests)
        if len(self.met) != met_before + len(digests):
            raise _malformed("The credential holds a digest twice.")
        return [self._by_digest[digest] for digest in digests if digest in self._by_digest]


def _malformed(message: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, message)
