"""DID documents from elsewhere: only what we use is read, keys of kinds that we know and the relationships they are in.

A verification method that is not the DID's own, not of a type or kind that we know, or that holds a private key, is
passed over, and so is every mention of it. What is passed over can't be used; what is malformed refuses the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from vc_core.crypto.keys import KeyFormatError
from vc_core.did.document import DidDocument, KeyFormat, ShownKey, VerificationMethod, parse_jwk, parse_multikey
from vc_core.did.multibase import MultibaseError, multibase_decode
from vc_core.did.resolution import ResolutionError, ResolutionFailed
from vc_core.encoding import EncodingError, parse_json_object

MAX_DOCUMENT_BYTES = 64 * 1024
_FRAGMENT = re.compile(r"#[A-Za-z0-9._~:=-]{1,256}\Z")
_RELATIONSHIPS = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation", "keyAgreement")


def parse_web_document(did: str, body: bytes) -> DidDocument:
    """The keys and relationships of the document of `did`. Raises `ResolutionFailed` with `INVALID_DID_DOCUMENT`."""
    try:
        document = parse_json_object(body)
    except EncodingError as cause:
        raise _invalid("The DID's document is not JSON.") from cause
    if document.get("id") != did:
        raise _invalid("The document is of another DID.")
    reader = _Reader(did)
    for described in _list(document, "verificationMethod"):
        reader.add_method(described)
    listed = {name: reader.references(_list(document, name)) for name in _RELATIONSHIPS}
    return DidDocument(
        did,
        tuple(reader.methods.values()),
        authentication=listed["authentication"],
        assertion_method=listed["assertionMethod"],
        capability_invocation=listed["capabilityInvocation"],
        capability_delegation=listed["capabilityDelegation"],
        key_agreement=listed["keyAgreement"],
    )


class _Reader:
    """The verification methods read so far; `None` marks one that was passed over."""

    def __init__(self, did: str) -> None:
        self._did = did
        self._seen: set[str] = set()
        self.methods: dict[str, VerificationMethod] = {}

    def references(self, entries: list[Any]) -> tuple[str, ...]:
        """The ids of a relationship's methods, each once; a method may also stand in the relationship itself."""
        found: dict[str, None] = {}
        for entry in entries:
            id = self._absolute(entry) if isinstance(entry, str) else self.add_method(entry)
            if id in self.methods:
                found[id] = None
        return tuple(found)

    def add_method(self, described: Any) -> str:
        """Reads one verification method; gives its id."""
        if not isinstance(described, dict) or not isinstance(described.get("id"), str):
            raise _invalid("The DID's document has a verification method that is none.")
        id = self._absolute(described["id"])
        if id in self._seen:
            raise _invalid("The DID's document describes a verification method twice.")
        self._seen.add(id)
        is_own = id.startswith(self._did) and _FRAGMENT.match(id, len(self._did))
        if is_own and described.get("controller") == self._did:
            method = _parse_method(id, described)
            if method is not None:
                self.methods[id] = method
        return id

    def _absolute(self, id: str) -> str:
        return self._did + id if id.startswith("#") else id


def _parse_method(id: str, described: Mapping[str, Any]) -> VerificationMethod | None:
    """A verification method of a type and key that we know; None for any other."""
    try:
        key_format = KeyFormat(described.get("type", ""))
        if key_format is KeyFormat.MULTIKEY:
            key: ShownKey = parse_multikey(multibase_decode(described["publicKeyMultibase"]))
        else:
            key = parse_jwk(described["publicKeyJwk"])
    except (AttributeError, KeyError, TypeError, ValueError, KeyFormatError, MultibaseError):
        return None
    return VerificationMethod.of_key(id, key, key_format)


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    value = document.get(name, [])
    if not isinstance(value, list):
        raise _invalid("The DID's document has a member of the wrong kind.")
    return value


def _invalid(detail: str) -> ResolutionFailed:
    return ResolutionFailed(ResolutionError.INVALID_DID_DOCUMENT, detail)
