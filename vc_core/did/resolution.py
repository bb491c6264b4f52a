"""DID resolution (W3C DID Resolution 1.0): what goes in besides the DID, and what comes out.

A resolution never raises: it gives a document and what is known about it, or one error of section 11. Within a method
an error is raised as `ResolutionFailed`; `vc_core.did.resolver` turns it into a result. Nothing that was asked is ever
repeated in an answer, except a DID that has the form of one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from vc_core.did.document import DidDocument, KeyFormat

DOCUMENT_MEDIA_TYPE = "application/did+ld+json"
MAX_DID_LENGTH = 2048
_DID = re.compile(r"did:([a-z0-9]+):(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+\Z")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_VERSION_ID = re.compile(r"[!-~]{1,64}\Z")
_NAMES = {"versionId", "versionTime", "expandRelativeUrls", "publicKeyFormat"}


class ResolutionError(StrEnum):
    """The errors of DID Resolution 1.0 section 11 that we give."""

    INVALID_DID = "INVALID_DID"
    INVALID_DID_DOCUMENT = "INVALID_DID_DOCUMENT"
    NOT_FOUND = "NOT_FOUND"
    REPRESENTATION_NOT_SUPPORTED = "REPRESENTATION_NOT_SUPPORTED"
    METHOD_NOT_SUPPORTED = "METHOD_NOT_SUPPORTED"
    INVALID_OPTIONS = "INVALID_OPTIONS"
    FEATURE_NOT_SUPPORTED = "FEATURE_NOT_SUPPORTED"
    INTERNAL_ERROR = "INTERNAL_ERROR"

    @property
    def type(self) -> str:
        """The error's URL."""
        return f"https://www.w3.org/ns/did#{self}"

    @property
    def keyword(self) -> str:
        """The error as DID Core 1.0 section 7.1.2 spelled it, such as `notFound`."""
        first, *others = self.split("_")
        return first.lower() + "".join(word.title() for word in others)


class ResolutionFailed(Exception):
    """What a method raises; `detail` is one plain sentence that repeats nothing of the question."""

    def __init__(self, error: ResolutionError, detail: str) -> None:
        super().__init__(detail)
        self.error = error
        self.detail = detail


@dataclass(frozen=True)
class ResolutionOptions:
    """The options of a resolution (section 4.1).

    `version_time` in seconds since 1970; `key_format`: how keys are to be written, None for the method's own way.
    """

    version_id: str | None = None
    version_time: int | None = None
    key_format: KeyFormat | None = None

    def refuse_versions(self) -> None:
        """For a method whose documents have no versions. Raises `ResolutionFailed`."""
        if self.version_id is not None or self.version_time is not None:
            raise ResolutionFailed(
                ResolutionError.FEATURE_NOT_SUPPORTED, "Documents of this DID method have no versions to ask for."
            )


@dataclass(frozen=True)
class DocumentMetadata:
    """What is known about a document (section 4.3); times in seconds since 1970."""

    version_id: str | None = None
    updated: int | None = None
    next_version_id: str | None = None
    next_update: int | None = None

    def to_json(self, *, deactivated: bool) -> dict[str, Any]:
        """The metadata as a JSON object, without what is not known."""
        known = {
            "versionId": self.version_id,
            "updated": _format_time(self.updated),
            "nextVersionId": self.next_version_id,
            "nextUpdate": _format_time(self.next_update),
            "deactivated": deactivated or None,
        }
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True)
class DidResolution:
    """The result of a resolution (section 9): a document, or an error and its `detail`.

    `retrieved`: as of when the answer is known to be true, in seconds since 1970; None where that is always.
    """

    document: DidDocument | None = None
    metadata: DocumentMetadata = field(default_factory=DocumentMetadata)
    retrieved: int | None = None
    error: ResolutionError | None = None
    detail: str = ""

    def to_json(self, *, keywords: bool = False) -> dict[str, Any]:
        """The result as a JSON object; `keywords`: with the errors of DID Core 1.0, as older clients read them."""
        if self.document is None:
            return {
                "didDocument": None,
                "didResolutionMetadata": {"error": self._error(keywords)},
                "didDocumentMetadata": {},
            }
        about: dict[str, Any] = {"contentType": DOCUMENT_MEDIA_TYPE}
        if self.retrieved is not None:
            about["retrieved"] = _format_time(self.retrieved)
        return {
            "didDocument": self.document.to_json(),
            "didResolutionMetadata": about,
            "didDocumentMetadata": self.metadata.to_json(deactivated=self.document.deactivated),
        }

    def _error(self, keywords: bool) -> Any:
        error = self.error or ResolutionError.INTERNAL_ERROR
        if keywords:
            return error.keyword
        return {"type": error.type, "title": error.replace("_", " ").capitalize(), "detail": self.detail}


class DidMethod(Protocol):
    """One DID method: resolves the DIDs that have its name."""

    async def resolve(self, did: str, options: ResolutionOptions) -> DidResolution:
        """The document; `did` has the syntax of a DID of this method. Raises `ResolutionFailed`."""


def parse_did(did: str) -> str:
    """The name of a DID's method. Raises `ResolutionFailed` for what is not a DID (DID Core section 3.1)."""
    match = _DID.match(did) if len(did) <= MAX_DID_LENGTH else None
    if match is None:
        raise ResolutionFailed(ResolutionError.INVALID_DID, "That is not a DID.")
    return match[1]


def parse_resolution_options(values: Mapping[str, str]) -> ResolutionOptions:
    """Options by their names in the specification, as the HTTP binding has them. Raises `ResolutionFailed`.

    `publicKeyFormat` is the did:key method's, and taken for every method. Relative DID URLs are always expanded.
    """
    if values.keys() - _NAMES:
        raise ResolutionFailed(ResolutionError.FEATURE_NOT_SUPPORTED, "There is an option that is not known here.")
    version_id, version_time = values.get("versionId"), values.get("versionTime")
    if version_id is not None and version_time is not None:
        raise _invalid("A version is named by its id or by a time, not by both.")
    if version_id is not None and not _VERSION_ID.match(version_id):
        raise _invalid("The option versionId is not of the documented form.")
    if values.get("expandRelativeUrls", "true") not in ("true", "false"):
        raise _invalid("The option expandRelativeUrls is true or false.")
    return ResolutionOptions(
        version_id,
        None if version_time is None else _parse_time(version_time),
        _parse_key_format(values.get("publicKeyFormat")),
    )


def _parse_key_format(value: str | None) -> KeyFormat | None:
    try:
        return None if value is None else KeyFormat(value)
    except ValueError as cause:
        raise _invalid("The option publicKeyFormat is Multikey, JsonWebKey or JsonWebKey2020.") from cause


def _parse_time(text: str) -> int:
    try:
        if not _DATETIME.match(text):
            raise ValueError("not in UTC to the second")
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError as cause:
        raise _invalid("The option versionTime is a time such as 2026-12-31T23:59:59Z.") from cause


def _format_time(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _invalid(detail: str) -> ResolutionFailed:
    return ResolutionFailed(ResolutionError.INVALID_OPTIONS, detail)
