"""The message that a proof signs, as a template: for documents that have one text, but for the values in it.

A template is made from a sample that has a mark for each value, by the code that makes the message of any document. It
gives what that code would give as long as the values need no escapes and change the order of nothing: the caller sees
to both, and tests compare the two.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from vc_core.formats.data_integrity.canonical import blank_nodes, canonical_rdf, renamed
from vc_core.formats.data_integrity.cryptosuites import Cryptosuite, ProofInput, canonical_forms
from vc_core.formats.data_integrity.expansion import expand_document

_MARK = re.compile(rb"90000000000000(\d\d)")


def mark(position: int) -> str:
    """What stands in a sample for the value at that position: digits, good in a text, in a URL and as a number."""
    return f"90000000000000{position:02}"


class MessageTemplate:
    """The messages of all documents that are the sample but for the values at its marks."""

    def __init__(self, document: Mapping[str, Any], configuration: Mapping[str, Any], cryptosuite: Cryptosuite) -> None:
        """`document` is without its proof, `configuration` the proof without its value. Raises as `message_to_sign`."""
        proof, unsecured = canonical_forms(ProofInput(document, configuration), cryptosuite)
        self._proof, self._proof_values = _template(proof)
        self._document, self._document_values = _template(unsecured)

    def fill(self, values: Sequence[bytes]) -> bytes:
        """The message for these values in UTF-8, of which there may be more than the sample has marks."""
        proof = self._proof % self._proof_values(values)
        document = self._document % self._document_values(values)
        return hashlib.sha256(proof).digest() + hashlib.sha256(document).digest()


class PresentationTemplate:
    """The messages of all presentations that are the sample but for the values at its marks, over RDF.

    A presentation has parts without a name: itself, the graph of the credential in it, that of the credential's proof,
    and this proof. RDFC-1.0 (section 4.6) names them in the order of the hashes of what is said about each; where no
    two hashes are the same that is all of it.
    """

    def __init__(self, document: Mapping[str, Any], configuration: Mapping[str, Any]) -> None:
        """As for `MessageTemplate`."""
        contexts = document["@context"]
        self._proof, self._proof_values = _template(
            canonical_rdf(expand_document({**configuration, "@context": contexts}))
        )
        self._quads = expand_document(document)
        self._nodes = sorted(blank_nodes(self._quads))
        self._about = [_template(self._about_one(node)) for node in self._nodes]
        self._forms: dict[tuple[int, ...], tuple[bytes, Callable[[Sequence[bytes]], tuple[bytes, ...]]]] = {}

    def fill(self, values: Sequence[bytes]) -> bytes:
        """The message for these values in UTF-8, of which there may be more than the sample has marks."""
        hashes = [hashlib.sha256(form % picked(values)).digest() for form, picked in self._about]
        ranks = tuple([sorted(hashes).index(each) for each in hashes])
        if ranks not in self._forms:  # of which there are as many as orders of four
            names = {node: f"_:c14n{rank}" for node, rank in zip(self._nodes, ranks, strict=True)}
            self._forms[ranks] = _template(renamed(self._quads, names))
        form, picked = self._forms[ranks]
        proof = self._proof % self._proof_values(values)
        return hashlib.sha256(proof).digest() + hashlib.sha256(form % picked(values)).digest()

    def _about_one(self, node: str) -> bytes:
        """What is said about a node, of which the hash is its first-degree hash (section 4.6)."""
        names = {each: "_:a" if each == node else "_:z" for each in self._nodes}
        return renamed([quad for quad in self._quads if node in quad], names)


def _template(form: bytes) -> tuple[bytes, Callable[[Sequence[bytes]], tuple[bytes, ...]]]:
    """What to fill by the operator `%`, and what picks the values for it."""
    positions = [int(found[1]) for found in _MARK.finditer(form)]
    return _MARK.sub(b"%b", form.replace(b"%", b"%%")), itemgetter(*positions)
