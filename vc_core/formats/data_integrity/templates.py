"""A shorter way to the canonical form, for credentials of our own types: a template of N-Quads for each, filled in.

A credential of ours always has the same members, flat and with names for all its parts, so its quads and their order
are known but for the values. The templates are made from the definitions of the types by the same code that expands any
document, and tests prove that they give byte for byte what `expand_document` and `canonical_rdf` give. Whatever is not
of exactly the known shape, in a member, a type or a character that would need care, gets None here and goes that way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType
from vc_core.credential_types.json_ld import document_contexts, document_types
from vc_core.formats.data_integrity.active_context import ActiveContext, known_context, within_types
from vc_core.formats.data_integrity.expansion import MAX_INTEGER, RDF_TYPE

_CREDENTIALS = "https://www.w3.org/2018/credentials#"
_STATUS = "https://www.w3.org/ns/credentials/status#"
_SECURITY = "https://w3id.org/security#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_ENTRY_TYPE = "BitstringStatusListEntry"
_ENTRY_MEMBERS = 5
"""`id`, `type`, `statusPurpose`, `statusListIndex`, `statusListCredential`."""
_MEMBERS = 7
"""`@context`, `id`, `type`, `issuer`, `validFrom`, `validUntil`, `credentialSubject`."""
_MAX_PATTERNS = 64
_PROOF_MEMBERS = {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose"}

_SCHEMES = ("did:", "https:", "urn:")
_PLAIN_IN_URLS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?&=#"
_NEED_ESCAPES = bytes([*range(32), 127, 0xEF]) + b'"\\'
"""In UTF-8, U+FFFE and U+FFFF by the first of their bytes, and with them all from U+F000 on that has two."""


class _NotKnown(Exception):
    """The document is not of a known shape."""


class _SubjectPattern:
    """The quads about a subject with certain members, as a pattern for its values."""

    def __init__(self, names: tuple[str, ...], claims: Mapping[str, Claim], active: ActiveContext) -> None:
        """`names` are the subject's members in its own order; raises `_NotKnown` where one is no claim."""
        if "id" not in names or not claims.keys() >= set(names) - {"id"}:
            raise _NotKnown
        integers = {name for name in names if name != "id" and claims[name].kind is ClaimKind.INTEGER}
        lines = {}
        for name in names:
            if name != "id":
                iri, datatype = f"<{active.terms[name].iri}>", active.terms[name].type
                end = f'"^^<{datatype}>' if datatype else '"'
                lines[iri] = f'<%(id)s> {iri} "%({name})s{end} .\n'
        self._kinds = [int if name in integers else str for name in names]
        self._quads = "".join(lines[iri] for iri in sorted(lines))
        self._integers = [name for name in names if name in integers]
        self._texts = [name for name in names if name != "id" and name not in integers]

    def texts_of(self, subject: Mapping[str, Any]) -> list[str]:
        """The values that are texts. Raises `_NotKnown` where a value is of another kind than its claim."""
        if [*map(type, subject.values())] != self._kinds:
            raise _NotKnown
        for name in self._integers:
            if not -MAX_INTEGER <= subject[name] <= MAX_INTEGER:
                raise _NotKnown
        return [subject[name] for name in self._texts]

    def fill(self, subject: Mapping[str, Any]) -> str:
        """The quads."""
        return self._quads % subject


class _Template:
    """The quads of one credential type."""

    def __init__(self, credential_type: CredentialType) -> None:
        self.contexts, self.types = document_contexts(credential_type), document_types(credential_type)
        self._active = known_context(tuple(self.contexts))
        if any(term.prefix for term in within_types(self._active, tuple(self.types)).terms.values()):
            raise ValueError("a context whose terms are prefixes needs more than a template")
        self._claims = {claim.name: claim for claim in credential_type.claims}
        iris = sorted(f"<{self._active.expand(each, vocabulary=True)}>" for each in self.types)
        self._first_lines = "".join(f"{{name}} {RDF_TYPE} {iri} .\n" for iri in iris)
        self._patterns: dict[tuple[str, ...], _SubjectPattern] = {}

    def check(self, document: Mapping[str, Any]) -> None:
        """Returns where the document has the shape; raises `_NotKnown`, or what working with another shape raises."""
        if document["@context"] != self.contexts or document["type"] != self.types:
            raise _NotKnown
        entries = document.get("credentialStatus", [])
        if len(document) != _MEMBERS + ("credentialStatus" in document):
            raise _NotKnown
        subject, name = document["credentialSubject"], document["id"]
        texts = self._pattern(tuple(subject)).texts_of(subject)
        texts += document["validFrom"], document["validUntil"]
        urls, names = [name, document["issuer"], subject["id"]], {name, subject["id"]}
        for entry in entries:
            if len(entry) != _ENTRY_MEMBERS or entry["type"] != _ENTRY_TYPE:
                raise _NotKnown
            texts += entry["statusPurpose"], entry["statusListIndex"]
            urls += entry["id"], entry["statusListCredential"]
            names.add(entry["id"])
        if len(names) != 2 + len(entries):
            raise _NotKnown
        _check_plain(texts, urls)

    def fill(self, document: Mapping[str, Any]) -> bytes:
        """The canonical N-Quads of a document that has the shape."""
        subject, entries = document["credentialSubject"], document.get("credentialStatus", [])
        blocks = [(f"<{entry['id']}>", _entry(entry)) for entry in entries]
        # In the order of their subjects, brackets included, so that none is the beginning of another one.
        blocks.sort()
        blocks.append((f"<{document['id']}>", self._credential(document, [name for name, _ in blocks])))
        blocks.append((f"<{subject['id']}>", self._pattern(tuple(subject)).fill(subject)))
        blocks.sort()
        return b"".join([block.encode("utf-8") for _, block in blocks])

    def _pattern(self, names: tuple[str, ...]) -> _SubjectPattern:
        pattern = self._patterns.get(names)
        if pattern is None:
            pattern = _SubjectPattern(names, self._claims, self._active)
            if len(self._patterns) < _MAX_PATTERNS:
                self._patterns[names] = pattern
        return pattern

    def _credential(self, document: Mapping[str, Any], entries: list[str]) -> str:
        name = f"<{document['id']}>"
        statuses = "".join([f"{name} <{_CREDENTIALS}credentialStatus> {each} .\n" for each in entries])
        return (
            f"{self._first_lines.replace('{name}', name)}{statuses}"
            f"{name} <{_CREDENTIALS}credentialSubject> <{document['credentialSubject']['id']}> .\n"
            f"{name} <{_CREDENTIALS}issuer> <{document['issuer']}> .\n"
            f'{name} <{_CREDENTIALS}validFrom> "{document["validFrom"]}"^^<{_XSD}dateTime> .\n'
            f'{name} <{_CREDENTIALS}validUntil> "{document["validUntil"]}"^^<{_XSD}dateTime> .\n'
        )


def _entry(entry: Mapping[str, Any]) -> str:
    name = f"<{entry['id']}>"
    return (
        f"{name} {RDF_TYPE} <{_STATUS}{_ENTRY_TYPE}> .\n"
        f"{name} <{_STATUS}statusListCredential> <{entry['statusListCredential']}> .\n"
        f'{name} <{_STATUS}statusListIndex> "{entry["statusListIndex"]}" .\n'
        f'{name} <{_STATUS}statusPurpose> "{entry["statusPurpose"]}" .\n'
    )


def _check_plain(texts: list[str], urls: list[str]) -> None:
    """Raises `_NotKnown`, `TypeError` or `UnicodeEncodeError` where a text needs escapes, or a URL more than a look."""
    if len(text := "".join(texts).encode("utf-8")) != len(text.translate(None, _NEED_ESCAPES)):
        raise _NotKnown
    if "".join(urls).encode("ascii").translate(None, _PLAIN_IN_URLS):
        raise _NotKnown
    for url in urls:
        if not url.startswith(_SCHEMES) or url.endswith(":") or url.count("#") > 1:
            raise _NotKnown


_TEMPLATES = {each.name: _Template(each) for each in CREDENTIAL_TYPES.values()}


def canonical_rdf_by_template(document: Mapping[str, Any]) -> bytes | None:
    """The canonical N-Quads of a credential without proofs, or None where it is not of exactly a known shape."""
    template = _template_of(document)
    return None if template is None else template.fill(document)


def has_known_shape(document: Mapping[str, Any]) -> bool:
    """Whether a credential without proofs is of exactly a known shape, so that all its members mean something."""
    return _template_of(document) is not None


def _template_of(document: Mapping[str, Any]) -> _Template | None:
    try:
        template = _TEMPLATES[document["type"][-1]]
        template.check(document)
    except (_NotKnown, AttributeError, KeyError, IndexError, TypeError, UnicodeEncodeError):
        return None
    return template


def proof_rdf_by_template(configuration: Mapping[str, Any]) -> bytes | None:
    """The canonical N-Quads of a proof on a VCDM 2.0 document, or None where it has more than the members of any."""
    try:
        created, suite, purpose = configuration["created"], configuration["cryptosuite"], configuration["proofPurpose"]
        if configuration.keys() != _PROOF_MEMBERS or configuration["type"] != "DataIntegrityProof":
            return None
        if purpose != "assertionMethod":
            return None
        _check_plain([created, suite], [configuration["verificationMethod"]])
    except (_NotKnown, KeyError, TypeError, UnicodeEncodeError):
        return None
    return (
        f'_:c14n0 <http://purl.org/dc/terms/created> "{configuration["created"]}"^^<{_XSD}dateTime> .\n'
        f"_:c14n0 {RDF_TYPE} <{_SECURITY}DataIntegrityProof> .\n"
        f'_:c14n0 <{_SECURITY}cryptosuite> "{configuration["cryptosuite"]}"^^<{_SECURITY}cryptosuiteString> .\n'
        f"_:c14n0 <{_SECURITY}proofPurpose> <{_SECURITY}assertionMethod> .\n"
        f"_:c14n0 <{_SECURITY}verificationMethod> <{configuration['verificationMethod']}> .\n"
    ).encode()
