"""From a JSON-LD document to RDF: every member becomes a statement, or the document is refused.

JSON-LD processors drop what no context defines, relative URLs and null without a word, and what is dropped is not
signed. This one drops nothing: it knows the contexts (`active_context`), turns each member into one or more quads, and
refuses the document at the first one for which that can't be done. It does what JSON-LD 1.1 API sections 5.1
(expansion) and 8.1 (to RDF) do for the documents that it accepts; tests compare it with PyLD.

Not supported, and refused: lists (`@list`), sets within sets, `@graph`, `@reverse`, `@included`, `@nest`, `@index`,
blank node identifiers, and whole numbers over 2^53 - 1, which others read inexactly. The direction of a text
(`@direction`) has no place in RDF: it may be there, and no proof over RDF covers it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import rfc8785

from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity.active_context import (
    EMPTY,
    ActiveContext,
    Term,
    is_reserved,
    known_context,
    with_known_context,
    with_own_terms,
    within_property,
    within_types,
)

MAX_VALUES = 4000
"""Members and items that a document may have, at all levels together."""
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
_MAX_CONTEXTS = 10

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_RDF_JSON = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_WITH_CONTEXTS = {
    "<https://www.w3.org/2018/credentials#verifiableCredential>",
    "<https://w3id.org/security#proof>",
}
"""Where documents within a document begin, which have contexts of their own: known ones, as all are."""
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")
# Canonical N-Quads (RDF-CANON section 5): these characters are escaped, and no others. The last two are none of XML's.
_TO_ESCAPE = re.compile(r'[\x00-\x1f\x7f"\\\ufffe\uffff]')
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_NO_TERM = Term(None)


class Quad(NamedTuple):
    """A statement, its parts as N-Quads writes them; `graph` is empty for the default graph."""

    subject: str
    predicate: str
    object: str
    graph: str


def expand_document(document: Mapping[str, Any], *, own_terms: bool = False) -> list[Quad]:
    """All that a document says, as quads with blank nodes `_:b0`, `_:b1`…

    `own_terms` lets the document's `@context` define new terms, as plain names for IRIs. Raises `Rejection`:
    `TOO_LARGE`, or `MALFORMED` where a context is not known or a member would not be signed.
    """
    expansion = _Expansion(own_terms)
    expansion.node(document, EMPTY, "", context_allowed=True)
    return expansion.quads


def literal(lexical: str, datatype: str | None = None) -> str:
    """A literal in canonical N-Quads; without a datatype it is a plain text."""
    if _TO_ESCAPE.search(lexical):
        lexical = _TO_ESCAPE.sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}", lexical)
    if datatype is None or datatype == _XSD + "string":
        return f'"{lexical}"'
    return f'"{lexical}"^^<{datatype}>'


class _Expansion:
    """One document on its way to quads."""

    def __init__(self, own_terms: bool) -> None:
        self.quads: list[Quad] = []
        self._own_terms = own_terms
        self._blank_nodes = 0
        self._values = 0
        self._depth = 0
        self._roots: dict[str, str] = {}

    def node(
        self, members: Mapping[str, Any], active: ActiveContext, graph: str, *, context_allowed: bool = False
    ) -> str:
        """Writes an object's statements and returns its name."""
        if self._depth == MAX_DEPTH:
            raise Rejection(ReasonCode.TOO_LARGE, "The document has too many parts within each other.")
        self._depth += 1
        if "@context" in members:
            if not context_allowed:
                raise _refusal("A part of the document brings a context of its own.")
            active = self._context(members["@context"], active)
        types = _types(members, active)
        typed = within_types(active, types)
        subject = self._name(members, typed)
        self._check_once(subject, graph, members)
        for each in types:
            self._write(subject, RDF_TYPE, _iri(active.expand(each, vocabulary=True)), graph)
        for name, value in members.items():
            if name == "@context":
                continue
            predicate = typed.expand(name, vocabulary=True)
            if predicate in ("@id", "@type"):
                continue
            if name not in typed.terms and predicate is not None and is_reserved(predicate):
                raise _refusal("A member that has a name is written by its IRI.")
            self._property(subject, _iri(predicate), name, value, typed, graph)
        self._depth -= 1
        return subject

    def _check_once(self, subject: str, graph: str, members: Mapping[str, Any]) -> None:
        """Refuses a second object that says more of the document itself: members of it would be out of sight."""
        if graph not in self._roots:
            self._roots[graph] = subject
        elif self._roots[graph] == subject and len(members) > 1:
            raise _refusal("A part of the document says more of the document itself.")

    def _context(self, value: Any, active: ActiveContext) -> ActiveContext:
        """The known contexts that a document names, in order, and the terms that it may define of its own."""
        listed = value if isinstance(value, list) else [value]
        if active is EMPTY and 0 < len(listed) <= _MAX_CONTEXTS and all(isinstance(each, str) for each in listed):
            return known_context(tuple(listed))
        found = active
        for each in listed[: _MAX_CONTEXTS + 1]:
            if isinstance(each, str):
                found = with_known_context(found, each)
            elif isinstance(each, dict) and self._own_terms:
                found = with_own_terms(found, each)
            else:
                raise _refusal("The document brings a context of its own.")
        if len(listed) > _MAX_CONTEXTS:
            raise _refusal("The document has too many contexts.")
        return found

    def _name(self, members: Mapping[str, Any], active: ActiveContext) -> str:
        ids = [value for name, value in members.items() if active.expand(name, vocabulary=True) == "@id"]
        if not ids:
            return self._new_blank_node()
        if len(ids) > 1 or not isinstance(ids[0], str):
            raise _refusal("An id is not one absolute URL.")
        return _iri(active.expand(ids[0], vocabulary=False))

    def _property(self, subject: str, predicate: str, name: str, value: Any, active: ActiveContext, graph: str) -> None:
        term = active.terms.get(name, _NO_TERM)
        if term.type == "@json":
            self._write(subject, predicate, literal(_canonical_json(value), _RDF_JSON), graph)
            return
        for each in value if isinstance(value, list) else [value]:
            self._values += 1
            if self._values > MAX_VALUES:
                raise Rejection(ReasonCode.TOO_LARGE, "The document has too many parts.")
            if not isinstance(each, dict):
                written = _scalar(each, term, within_property(active, name, reference=True))
            elif "@value" in each:
                written = _value_object(each, within_property(active, name, reference=True))
            else:
                written = self._object(predicate, each, name, term, active, graph)
            self._write(subject, predicate, written, graph)

    def _object(
        self, predicate: str, value: dict[str, Any], name: str, term: Term, active: ActiveContext, graph: str
    ) -> str:
        """A nested object's name; in a graph of its own where the term has it so."""
        reference = len(value) == 1 and active.expand(next(iter(value)), vocabulary=True) == "@id"
        inner = within_property(active, name, reference=reference)
        context_allowed = predicate in _WITH_CONTEXTS
        if not term.graph:
            return self.node(value, inner, graph, context_allowed=context_allowed)
        own_graph = self._new_blank_node()
        self.node(value, inner, own_graph, context_allowed=context_allowed)
        return own_graph

    def _new_blank_node(self) -> str:
        name = f"_:b{self._blank_nodes}"
        self._blank_nodes += 1
        return name

    def _write(self, subject: str, predicate: str, value: str, graph: str) -> None:
        self.quads.append(Quad(subject, predicate, value, graph))


def _types(members: Mapping[str, Any], active: ActiveContext) -> tuple[str, ...]:
    values = [value for name, value in members.items() if active.expand(name, vocabulary=True) == "@type"]
    if len(values) > 1:
        raise _refusal("An object names its types twice.")
    types = values[0] if values else []
    types = types if isinstance(types, list) else [types]
    if not all(isinstance(each, str) for each in types):
        raise _refusal("A type is not a text.")
    return tuple(types)


def _iri(expanded: str | None) -> str:
    if expanded is None or expanded.startswith("@"):
        raise _refusal("The document uses a term that none of its contexts defines, or a relative URL.")
    return f"<{expanded}>"


def _scalar(value: Any, term: Term, active: ActiveContext) -> str:
    if term.graph or value is None or isinstance(value, list):
        raise _refusal("A member's value would be left out of what is signed.")
    if isinstance(value, str):
        if term.type in ("@id", "@vocab"):
            return _iri(active.expand(value, vocabulary=term.type == "@vocab"))
        return literal(value, term.type)
    return _native(value, None if term.type in ("@id", "@vocab") else term.type)


def _value_object(value: Mapping[str, Any], active: ActiveContext) -> str:
    """A JSON-LD value object: `@value` with `@type`, or with `@language` and `@direction`."""
    plain, datatype, language = value["@value"], value.get("@type"), value.get("@language")
    if value.keys() - {"@value", "@type", "@language", "@direction"}:
        raise _refusal("A value object has members that we do not support.")
    if "@type" in value:
        if not isinstance(datatype, str) or "@language" in value or "@direction" in value:
            raise _refusal("A value object has a bad type.")
        iri = _iri(active.expand(datatype, vocabulary=True))[1:-1]
        return literal(plain, iri) if isinstance(plain, str) else _native(plain, iri)
    if "@language" in value:
        if not isinstance(plain, str) or not isinstance(language, str) or not _LANGUAGE.match(language):
            raise _refusal("A value object has a bad language.")
        return f"{literal(plain)}@{language.lower()}"
    if value.get("@direction", "ltr") not in ("ltr", "rtl"):
        raise _refusal("A value object has a bad direction.")
    return literal(plain) if isinstance(plain, str) else _native(plain, None)


def _native(value: Any, datatype: str | None) -> str:
    """A number or boolean of JSON as a literal (JSON-LD 1.1 API section 8.6)."""
    if isinstance(value, bool):
        return literal("true" if value else "false", datatype or _XSD + "boolean")
    if not isinstance(value, int | float) or (isinstance(value, int) and abs(value) > MAX_INTEGER):
        raise _refusal("A member's value would be left out of what is signed, or read differently by others.")
    if value % 1 or abs(value) >= 1e21 or datatype == _XSD + "double":
        mantissa, _, exponent = f"{value:.15E}".partition("E")
        whole, _, fraction = mantissa.partition(".")
        return literal(f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}", datatype or _XSD + "double")
    return literal(str(int(value)), datatype or _XSD + "integer")


def _canonical_json(value: Any) -> str:
    try:
        return rfc8785.dumps(value).decode("utf-8")
    except (rfc8785.CanonicalizationError, ValueError) as cause:
        raise _refusal("A number in the document is read differently by others.") from cause


def _refusal(message: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, message)
