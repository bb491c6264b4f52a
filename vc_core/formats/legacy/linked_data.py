"""The form that a legacy JSON-LD document must have before its signature means anything.

Its signature covers statements, not text, and there are many ways to write text that makes the same statements: an
expiry date under another name, in another object of the same `id`, or nested where nobody looks. Checks that read the
text would miss it. So one plain way is taken: names from the table of contexts, no keyword but `@context` at the top,
no inline context, absolute IRIs only, and no value that vanishes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.legacy.contexts import CONTEXTS, CREDENTIALS_V1

MAX_NODES = 500
"""Objects in one document; the largest known legacy credential has about 40."""

_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+\Z")


def is_absolute_iri(value: Any) -> bool:
    """Whether this is text that JSON-LD takes for an absolute IRI, and RDF for a valid one."""
    return isinstance(value, str) and len(value) <= 2048 and _ABSOLUTE_IRI.match(value) is not None


def check_plain_form(document: Mapping[str, Any]) -> None:
    """Returns when a document without its `proof` says only what its contexts define. Raises `MALFORMED`."""
    names = _contexts(document.get("@context"))
    checker = _PlainForm(
        types=frozenset().union(*(CONTEXTS[name].types for name in names)),
        terms=frozenset().union(*(CONTEXTS[name].terms for name in names)),
        references=frozenset().union(*(CONTEXTS[name].references for name in names)),
        root_id=document.get("id"),
    )
    checker.check_object({name: value for name, value in document.items() if name not in ("@context", "id")})
    if "id" in document:
        checker.check_reference(document["id"])


def _contexts(value: Any) -> list[str]:
    names = value if isinstance(value, list) else [value]
    if not names or names[0] != CREDENTIALS_V1 or len(names) > len(CONTEXTS):
        raise _malformed("It does not begin with the context of VCDM 1.1.")
    if any(not isinstance(name, str) or name not in CONTEXTS for name in names):
        raise _malformed("It names a JSON-LD context that is not on the list.")
    return names


class _PlainForm:
    """What a document may use, and how many objects it has had so far."""

    def __init__(
        self, *, types: frozenset[str], terms: frozenset[str], references: frozenset[str], root_id: Any
    ) -> None:
        self._types = types
        self._terms = terms
        self._references = references
        self._root_id = root_id
        self._nodes = 0

    def check_object(self, node: Mapping[str, Any]) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise Rejection(ReasonCode.TOO_LARGE, "The credential has too many parts.")
        for name, value in node.items():
            self._check_member(name, value)

    def _check_member(self, name: str, value: Any) -> None:
        if name == "type":
            self._check_types(_items(value))
        elif name == "id":
            self.check_reference(value)
            if value == self._root_id:
                raise _malformed("A part of it has the id of the whole.")
        elif name in self._references:
            self._check_values(_items(value), reference=True)
        elif name in self._terms:
            self._check_values(_items(value), reference=False)
        else:
            raise _malformed("It has a member that its contexts do not define.")

    def _check_types(self, types: Iterable[Any]) -> None:
        if not all(isinstance(type, str) and type in self._types for type in types):
            raise _malformed("It has a type that its contexts do not define.")

    def _check_values(self, values: Iterable[Any], *, reference: bool) -> None:
        for value in values:
            if isinstance(value, dict):
                self.check_object(value)
            elif value is None or isinstance(value, list):
                raise _malformed("It has a member without a value, or a list in a list.")
            elif reference:
                self.check_reference(value)

    def check_reference(self, value: Any) -> None:
        """Returns when this is an absolute IRI: any other reference is dropped before the signature is checked."""
        if not is_absolute_iri(value):
            raise _malformed("It refers to something by what is not an absolute IRI.")


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _malformed(sentence: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, sentence)
