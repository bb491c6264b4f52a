"""Selective disclosure as issuers and holders do it (RFC 9901): hiding claims behind digests, choosing which to show.

What to hide or show is named by paths into the claims, as OpenID4VCI and SD-JWT VC write them (claims path pointers):

    ("address", "city")       a member of an object in a member
    ("nationalities", 1)      the second element of an array
    ("nationalities", None)   every element of an array, each by itself

A path below another hidden one makes disclosures inside a disclosure (recursive ones): `("address",)` together with
`("address", "city")` lets the holder show the address with or without the city. How a reader puts the claims back in
their places is in `disclosures.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Signer
from vc_core.encoding import base64url_encode, base64url_encode_lines
from vc_core.formats.disclosures import (
    DIGEST_ALGORITHM,
    DIGESTS,
    ELEMENT_DIGEST,
    SHA_256,
    create_disclosure,
    create_element_disclosure,
    disclose_claims,
    disclosure_digest,
    disclosure_digests,
    parse_disclosure,
)

SALT_BYTES = 16
_ALIGNED_SALT_BYTES, _ALIGNED_SALT_LENGTH = 18, 24
"""Salts that begin where a group of base64 begins, so that many are encoded at once."""
_DECOY_BYTES = 32

Path = tuple[str | int | None, ...]
Randomness = Callable[[int], bytes]

_RESERVED = {DIGESTS, DIGEST_ALGORITHM, ELEMENT_DIGEST}
NO_DECOYS: Mapping[Path, int] = {}


def create_sd_jwt(
    header: Mapping[str, Any],
    payload: Mapping[str, Any],
    *,
    hidden: Iterable[Path],
    signer: Signer,
    randomness: Randomness,
    decoys: Mapping[Path, int] = NO_DECOYS,
) -> str:
    """An SD-JWT of this payload, with all its disclosures and no key binding (section 4); `hidden` says what is hidden.

    `decoys` says how many digests of nothing to add to the object or array at a path (section 4.2.5), `()` being the
    payload; `randomness` gives that many random bytes, for salts and decoys. Raises `ValueError` as `conceal` does.
    """
    concealed, disclosures = conceal(payload, hidden, randomness=randomness, decoys=decoys)
    issuer_jwt = sign_jws(header, {**concealed, DIGEST_ALGORITHM: SHA_256}, signer)
    return "~".join([issuer_jwt, *disclosures, ""])


def conceal(
    payload: Mapping[str, Any],
    hidden: Iterable[Path],
    *,
    randomness: Randomness,
    decoys: Mapping[Path, int] = NO_DECOYS,
) -> tuple[dict[str, Any], list[str]]:
    """The payload with digests in the place of what is hidden, and the disclosures that bring it back.

    Raises `ValueError` for a path that leads nowhere: what was to be hidden must not be shown because of a slip; and
    where the payload has a member of a reserved name.
    """
    _refuse_reserved(payload)
    tree = _Branch()
    for path in hidden:
        for place in _places(payload, path):
            tree.at(place).hidden = True
    for path, count in decoys.items():
        for place in _places(payload, path) if path else [()]:
            tree.at(place).decoys = count
    concealing = _Concealing(randomness)
    concealed = concealing.members(payload, tree)
    return concealed, concealing.disclosures


def conceal_members(
    members: Mapping[str, str | int], *, randomness: Randomness, decoys: int
) -> tuple[list[str], bytes]:
    """The digests of an object's members and of so many decoys, mixed, and the disclosures in ASCII, each with its `~`.

    As `conceal`, for members of the payload itself, which are all that our credential types hide: many a second. No
    name of a member is a reserved one, and no value anything but text or a whole number: who calls sees to that.
    """
    end_of_salts = _ALIGNED_SALT_BYTES * len(members)
    drawn = randomness(end_of_salts + _DECOY_BYTES * decoys)
    salts, length = base64url_encode(drawn[:end_of_salts]), _ALIGNED_SALT_LENGTH
    disclosures = base64url_encode_lines(
        [
            orjson.dumps((salts[start : start + length], name, value))
            for start, (name, value) in zip(range(0, len(salts), length), members.items(), strict=True)
        ]
    )
    hashed = disclosures.splitlines()
    hashed += [drawn[start : start + _DECOY_BYTES] for start in range(end_of_salts, len(drawn), _DECOY_BYTES)]
    # In the order of their texts, which doesn't tell which claim is which (section 4.2.4.1).
    return sorted(disclosure_digests(hashed)), disclosures.replace(b"\n", b"~")


def select_disclosures(payload: Mapping[str, Any], disclosures: Sequence[str], shown: Iterable[Path]) -> list[str]:
    """Those of the disclosures that show what is at the paths: with all that is in it, and what is on the way there.

    `payload` is the issuer's with its digests, positions in arrays count what there is with everything disclosed.
    Paths that lead nowhere show nothing. Raises `Rejection` as `disclose_claims` does.
    """
    everything = disclose_claims(payload, disclosures)
    wanted = [place for path in shown for place in _places_or_none(everything, path)]
    located = dict(_located(payload, (), {disclosure_digest(each): each for each in disclosures}))
    return [each for each in disclosures if any(_on_one_line(located[each], place) for place in wanted)]


@dataclass
class _Branch:
    """A place in the claims on the way to something hidden: whether it is hidden itself, and what is below."""

    hidden: bool = False
    decoys: int = 0
    below: dict[str | int, _Branch] = field(default_factory=dict)

    def at(self, place: Sequence[str | int]) -> _Branch:
        """The branch at a place below, grown where there is none."""
        branch = self
        for step in place:
            branch = branch.below.setdefault(step, _Branch())
        return branch


class _Concealing:
    """One walk through a payload; `disclosures` are those made on the way."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self.disclosures: list[str] = []

    def members(self, node: Mapping[str, Any], branch: _Branch) -> dict[str, Any]:
        """An object, its hidden members replaced by digests."""
        kept: dict[str, Any] = {}
        digests = [self._decoy() for _ in range(branch.decoys)]
        for name, value in node.items():
            below = branch.below.get(name)
            if below is None:
                kept[name] = value
                continue
            inner = self._value(value, below)
            if below.hidden:
                digests.append(self._keep(create_disclosure(self._randomness(SALT_BYTES), name, inner)))
            else:
                kept[name] = inner
        if digests:
            # Sorted, so that their order doesn't tell which claim is which (section 4.2.4.1).
            kept[DIGESTS] = sorted(digests)
        return kept

    def _value(self, value: Any, branch: _Branch) -> Any:
        if isinstance(value, Mapping):
            return self.members(value, branch)
        return self._elements(value, branch) if isinstance(value, list) else value

    def _elements(self, node: list[Any], branch: _Branch) -> list[Any]:
        result: list[Any] = []
        for index, value in enumerate(node):
            below = branch.below.get(index)
            if below is None:
                result.append(value)
                continue
            inner = self._value(value, below)
            if below.hidden:
                disclosure = create_element_disclosure(self._randomness(SALT_BYTES), inner)
                result.append({ELEMENT_DIGEST: self._keep(disclosure)})
            else:
                result.append(inner)
        for _ in range(branch.decoys):
            # Anywhere among the others: at the end, they would be known for what they are.
            place = int.from_bytes(self._randomness(8), "big") % (len(result) + 1)
            result.insert(place, {ELEMENT_DIGEST: self._decoy()})
        return result

    def _keep(self, disclosure: str) -> str:
        self.disclosures.append(disclosure)
        return disclosure_digest(disclosure)

    def _decoy(self) -> str:
        return base64url_encode(hashlib.sha256(self._randomness(_DECOY_BYTES)).digest())


def _places(node: Any, path: Path) -> list[tuple[str | int, ...]]:
    """The places that a path names in the claims. Raises `ValueError` where it leads nowhere, or is empty."""
    if not path:
        raise ValueError("an empty path names no claim")
    step, rest = path[0], path[1:]
    if step is None and isinstance(node, list):
        steps: list[str | int] = list(range(len(node)))
    elif (isinstance(step, str) and isinstance(node, Mapping) and step in node) or (
        isinstance(step, int) and isinstance(node, list) and 0 <= step < len(node)
    ):
        steps = [step]
    else:
        raise ValueError("a path that leads to no claim")
    if not rest:
        return [(each,) for each in steps]
    return [(each, *further) for each in steps for further in _places(node[each], rest)]


def _places_or_none(node: Any, path: Path) -> list[tuple[str | int, ...]]:
    try:
        return _places(node, path)
    except ValueError:
        return []


def _located(
    node: Any, place: tuple[str | int, ...], by_digest: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Each disclosure with the place of what it discloses. The payload was processed before, so its form is good."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name != DIGESTS:
                yield from _located(value, (*place, name), by_digest)
        for digest in node.get(DIGESTS, []):
            if disclosure := by_digest.get(digest):
                _, name, value = parse_disclosure(disclosure)
                yield disclosure, (*place, name)
                yield from _located(value, (*place, name), by_digest)
    elif isinstance(node, list):
        index = 0
        for element in node:
            value = element
            if isinstance(element, Mapping) and ELEMENT_DIGEST in element:
                disclosure = by_digest.get(element[ELEMENT_DIGEST])
                if disclosure is None:
                    continue
                value = parse_disclosure(disclosure)[1]
                yield disclosure, (*place, index)
            yield from _located(value, (*place, index), by_digest)
            index += 1


def _on_one_line(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    """Whether one place is the other, is in it, or is on the way to it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _refuse_reserved(node: Any) -> None:
    """Raises `ValueError` for a name that stands for digests (section 4.1): no reader would take it for a claim."""
    if isinstance(node, Mapping):
        if not _RESERVED.isdisjoint(node):
            raise ValueError("a claim of a reserved name")
        for value in node.values():
            _refuse_reserved(value)
    elif isinstance(node, list):
        for value in node:
            _refuse_reserved(value)
