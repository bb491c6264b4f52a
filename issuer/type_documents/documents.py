"""The documents of every credential type, by their paths; they are made once, since a type never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.json_ld import create_context
from vc_core.credential_types.json_schema import create_schema
from vc_core.credential_types.type_metadata import type_metadata_bytes
from vc_core.encoding import compact_json


@dataclass(frozen=True)
class Document:
    """A document as it is served; `etag` with its quotes."""

    content: bytes
    media_type: str
    etag: str


def create_documents(types: Iterable[CredentialType]) -> Mapping[str, Document]:
    """The documents of these types, by path such as `contexts/HealthId/v1`."""
    return dict(pair for each in types for pair in _documents(each))


def _documents(credential_type: CredentialType) -> Iterator[tuple[str, Document]]:
    place = f"{credential_type.name}/v{credential_type.version}"
    context, schema = compact_json(create_context(credential_type)), compact_json(create_schema(credential_type))
    yield f"contexts/{place}", _document(context, "application/ld+json")
    yield f"schemas/{place}", _document(schema, "application/schema+json")
    yield f"vct/{credential_type.vct}", _document(type_metadata_bytes(credential_type), "application/json")


def _document(content: bytes, media_type: str) -> Document:
    return Document(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
