"""Canonical forms, which are what a proof signs: RDF Dataset Canonicalization (RDFC-1.0) and JSON (RFC 8785, JCS).

RDFC-1.0 gives blank nodes names that depend on nothing but their surroundings. Nodes whose surroundings look alike are
told apart by trying all orders, so a document of a few hundred bytes can keep a machine busy for minutes, and nothing
interrupts it. How many look alike is counted first, therefore, and the document refused where it is more than any real
credential has.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any

import orjson
import pyoxigraph
import rfc8785

from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity.expansion import MAX_INTEGER, Quad

MAX_BLANK_NODES = 200
MAX_ALIKE = 12
"""Blank nodes that may look like another one at first sight."""


class Digest(Enum):
    """The hash function within RDFC-1.0 and over its result."""

    SHA256 = "sha256"
    SHA384 = "sha384"

    def of(self, data: bytes) -> bytes:
        """The digest of some bytes."""
        return (hashlib.sha256(data) if self is Digest.SHA256 else hashlib.sha384(data)).digest()


_RDFC = {
    Digest.SHA256: pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0,
    Digest.SHA384: pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}


def canonical_rdf(quads: Collection[Quad], digest: Digest = Digest.SHA256) -> bytes:
    """The canonical N-Quads of a dataset whose blank nodes are named `_:b…`, in UTF-8.

    Raises `Rejection` with `TOO_LARGE` where telling the blank nodes apart would take too long.
    """
    names = blank_nodes(quads)
    if len(names) > 1:
        _refuse_poison(quads, names)
        return _rdfc(quads, digest)
    return renamed(set(quads), dict.fromkeys(names, "_:c14n0"))


def blank_nodes(quads: Iterable[Quad]) -> set[str]:
    """The blank nodes of a dataset."""
    return {part for quad in quads for part in (quad.subject, quad.object, quad.graph) if part[:2] == "_:"}


def renamed(quads: Iterable[Quad], names: Mapping[str, str]) -> bytes:
    """N-Quads in order, in UTF-8, with these names for blank nodes."""
    lines = [_line(*[names.get(part, part) for part in quad]) for quad in quads]
    return "".join(sorted(lines)).encode("utf-8")


def canonical_json(value: Any) -> bytes:
    """A JSON value in its canonical form (RFC 8785). Raises `Rejection` with `MALFORMED` for a number that has none."""
    if _is_plain(value):
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        # Members are sorted by UTF-16 units, by orjson in UTF-8: the same up to U+DFFF, so below the lead byte 0xEE.
        if not _may_sort_differently(text):
            return text
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, ValueError) as cause:
        raise Rejection(ReasonCode.MALFORMED, "A number in the document is read differently by others.") from cause


_ABOVE_SURROGATES = bytes(range(0xEE, 0x100))


def _may_sort_differently(text: bytes) -> bool:
    return len(text.translate(None, _ABOVE_SURROGATES)) != len(text)


def _is_plain(value: Any) -> bool:
    """Whether orjson writes this as RFC 8785 does, but for the order of members: no floats, no long numbers."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is dict:
        return all(map(_is_plain, value.values()))
    if kind is list:
        return all(map(_is_plain, value))
    return kind is int and -MAX_INTEGER <= value <= MAX_INTEGER


def _line(subject: str, predicate: str, object: str, graph: str) -> str:
    return f"{subject} {predicate} {object} {graph} .\n" if graph else f"{subject} {predicate} {object} .\n"


def _refuse_poison(quads: Collection[Quad], blank_nodes: Collection[str]) -> None:
    """Counts the blank nodes that RDFC-1.0 could not name from their own quads (RDF-CANON section 4.6)."""
    around: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for quad in quads:
        for name in {part for part in quad if part[:2] == "_:"}:
            seen = ("_:a" if part == name else "_:z" if part[:2] == "_:" else part for part in quad)
            around[name].add(tuple(seen))
    looks = Counter(frozenset(each) for each in around.values())
    if len(blank_nodes) > MAX_BLANK_NODES or sum(count for count in looks.values() if count > 1) > MAX_ALIKE:
        raise Rejection(ReasonCode.TOO_LARGE, "The document has too many nameless parts that look alike.")


def _rdfc(quads: Collection[Quad], digest: Digest) -> bytes:
    text = "".join(_line(*quad) for quad in quads)
    # What is a URL was decided with `is_url`: a second opinion, on ports for one, would be a SyntaxError here.
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS, lenient=True))
    dataset.canonicalize(_RDFC[digest])
    written = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS) or b""
    return b"".join(sorted(written.splitlines(keepends=True)))
