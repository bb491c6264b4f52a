"""JSON-LD context processing (JSON-LD 1.1 API section 4), as far as contexts of credentials need it, and strict.

An `ActiveContext` says what the terms of a document mean at one place in it. It changes on the way down: a type may
bring terms of its own (a type-scoped context, which holds for that object only), a property as well (property-scoped,
which holds for all below it). What a document can't do is to give another meaning to a term that is protected, as all
terms of credentials are: that is refused here, not left to the reader to notice.

Not supported, and refused: `@base`, `@import`, `@reverse`, `@nest`, default languages, and containers other than
`@graph` and `@set`. No context that we know has any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from vc_core.credential_types.json_ld import VOCABULARY
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity.contexts import CONTEXTS
from vc_core.formats.vcdm import is_url

_CONTEXT_KEYWORDS = {"@version", "@protected", "@propagate", "@vocab"}
_TERM_KEYWORDS = {"@id", "@type", "@container", "@context", "@protected", "@prefix"}
_RESERVED = ("https://www.w3.org/2018/credentials#", "https://w3id.org/security#", VOCABULARY)
"""Vocabularies whose members are written by their terms only."""
_GENERIC_DELIMITERS = tuple(":/?#[]@")
MAX_OWN_TERMS = 100
_UNSCOPED = object()
"""Stands for a term without a context of its own, since `null` is one."""


@dataclass(frozen=True)
class Term:
    """What a term means. `iri` is absolute or a keyword such as `@id`; None where a context takes the term away.

    `type` is `@id`, `@vocab`, `@json`, the IRI of a datatype, or None; `graph` tells that values are graphs.
    """

    iri: str | None
    type: str | None = None
    graph: bool = False
    prefix: bool = False
    context: Any = _UNSCOPED
    protected: bool = field(default=False, compare=False)

    @property
    def scoped(self) -> bool:
        """Whether the term brings a context of its own."""
        return self.context is not _UNSCOPED


@dataclass(frozen=True, eq=False)
class ActiveContext:
    """The terms that hold at one place of a document, and the vocabulary for those not defined (None for none).

    `previous` is what holds for the objects below, where this one holds for one object only.
    """

    terms: Mapping[str, Term] = field(default_factory=lambda: MappingProxyType({}))
    vocab: str | None = None
    previous: ActiveContext | None = None
    scopes: dict[tuple[str, ...], ActiveContext] = field(default_factory=dict)
    """The contexts of terms that have one of their own, once asked for; they last as long as this one."""

    def expand(self, text: str, *, vocabulary: bool) -> str | None:
        """The IRI or keyword that a text stands for, None where it stands for nothing (section 5.2).

        `vocabulary`: as a property, a type or a value of such, so that terms count; without, as an id.
        """
        if text.startswith("@"):
            return text
        if vocabulary and text in self.terms:
            return self.terms[text].iri
        prefix, colon, suffix = text.partition(":")
        if colon and prefix:
            term = self.terms.get(prefix)
            if term is not None and term.prefix and not suffix.startswith("//") and term.iri is not None:
                text = term.iri + suffix
            return text if is_url(text) else None
        if vocabulary and self.vocab is not None and is_url(self.vocab + text):
            return self.vocab + text
        return None


EMPTY = ActiveContext()


@lru_cache(maxsize=256)
def known_context(urls: tuple[str, ...]) -> ActiveContext:
    """The active context of a document with these contexts, in order.

    Raises `Rejection` with `MALFORMED` where one is not known, or gives another meaning to a protected term.
    """
    active = EMPTY
    for url in urls:
        active = with_known_context(active, url)
    return active


def with_known_context(active: ActiveContext, url: str) -> ActiveContext:
    """An active context with one more that is known. Raises as `known_context` does."""
    if url not in CONTEXTS:
        raise _refusal("The document uses a context that we do not know.")
    return _process(active, CONTEXTS[url], override=False)


def is_reserved(iri: str) -> bool:
    """Whether only a known context's term may stand for this IRI: so that what is said of a credential has one name.

    A signature over RDF fits whatever name a member has. Who looks for `validUntil` must find it there or nowhere.
    """
    return iri.startswith(_RESERVED)


def with_own_terms(active: ActiveContext, definitions: Mapping[str, Any]) -> ActiveContext:
    """An active context with terms that the document itself defines: new ones only, each an absolute IRI as text.

    Raises `Rejection` with `MALFORMED` for anything else that a context may hold.
    """
    if len(definitions) > MAX_OWN_TERMS:
        raise _refusal("The document defines too many terms of its own.")
    schemes = {iri.partition(":")[0] for iri in definitions.values() if is_url(iri)}
    for name, iri in definitions.items():
        is_name = name and name[0] != "@" and ":" not in name and name not in schemes
        if name in active.terms or not is_name or not is_url(iri) or is_reserved(iri):
            raise _refusal("The document defines more than new terms of its own.")
    return _process(active, dict(definitions), override=False)


def within_property(active: ActiveContext, name: str, *, reference: bool) -> ActiveContext:
    """What holds within the value of a property, before the value's own types count.

    `reference`: the value is no object with members of its own, so that what holds for the object around it still does.
    """
    term = active.terms.get(name)
    outer = active if reference or active.previous is None else active.previous
    if term is None or not term.scoped:
        return outer
    key = (name,)
    if key not in outer.scopes:
        outer.scopes[key] = _process(outer, term.context, override=True)
    return outer.scopes[key]


def within_types(active: ActiveContext, types: tuple[str, ...]) -> ActiveContext:
    """What holds for the members of an object of these types, as the document writes them, and for no object below."""
    scoped = sorted({name for name in types if name in active.terms and active.terms[name].scoped})
    if not scoped:
        return active
    key = ("@type", *scoped)
    if key not in active.scopes:
        found = active
        for name in scoped:
            found = _process(found, active.terms[name].context, override=False)
            found = replace(found, previous=active.previous or active)
        active.scopes[key] = found
    return active.scopes[key]


def _process(active: ActiveContext, local: Any, *, override: bool) -> ActiveContext:
    """An active context with one local context added; `override` lets it redefine protected terms (section 4.1)."""
    if local is None:
        if not override and any(term.protected for term in active.terms.values()):
            raise _refusal("A context takes away terms that are protected.")
        return EMPTY
    if not isinstance(local, Mapping) or any(key[:1] == "@" and key not in _CONTEXT_KEYWORDS for key in local):
        raise _refusal("A context uses what we do not support.")
    vocab = local.get("@vocab", active.vocab)
    terms = dict(active.terms)
    scope = _Scope(active, local, vocab)
    for name in local:
        if not name.startswith("@"):
            term = scope.define(name)
            old = terms.get(name)
            if old is not None and old.protected and not override:
                if old != term:
                    raise _refusal("A context gives another meaning to a protected term.")
                term = old
            terms[name] = term
    return ActiveContext(MappingProxyType(terms), vocab, active.previous)


@dataclass(frozen=True)
class _Scope:
    """One local context while its terms are defined, in terms of each other and of what held before."""

    active: ActiveContext
    local: Mapping[str, Any]
    vocab: str | None

    def define(self, name: str) -> Term:
        """The definition of a term (section 4.2)."""
        value = self.local[name]
        definition = {"@id": value} if value is None or isinstance(value, str) else value
        if not isinstance(definition, Mapping) or definition.keys() - _TERM_KEYWORDS:
            raise _refusal("A context defines a term in a way that we do not support.")
        container: Any = definition.get("@container", [])
        containers = {container} if isinstance(container, str) else set(container)
        if not containers <= {"@graph", "@set"}:
            raise _refusal("A context uses a container that we do not support.")
        iri = self._expand(definition["@id"], name) if "@id" in definition else self._default(name)
        simple = isinstance(value, str) and iri is not None and iri.endswith(_GENERIC_DELIMITERS)
        return Term(
            iri,
            type=self._expand(definition["@type"], name) if "@type" in definition else None,
            graph="@graph" in containers,
            prefix=bool(definition.get("@prefix", simple)),
            context=definition.get("@context", _UNSCOPED),
            protected=bool(definition.get("@protected", self.local.get("@protected", False))),
        )

    def _default(self, name: str) -> str | None:
        return (
            self._expand(name, name) if ":" in name else ActiveContext(vocab=self.vocab).expand(name, vocabulary=True)
        )

    def _expand(self, text: str | None, defining: str) -> str | None:
        if text is None or text.startswith("@"):
            return text
        prefix, _, suffix = text.partition(":")
        if prefix in self.local and prefix != defining and not suffix.startswith("//"):
            base = self.define(prefix)
            if base.iri is not None and base.prefix and suffix:
                return base.iri + suffix
        if text in self.local and text != defining:
            return self.define(text).iri
        return ActiveContext(self.active.terms, self.vocab).expand(text, vocabulary=True)


def _refusal(message: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, message)
