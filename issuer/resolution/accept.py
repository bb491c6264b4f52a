"""What a client of DID resolution wants to be answered, by its `Accept` header."""

from __future__ import annotations

from vc_core.web import accept as any_accept

RESULT = "application/did-resolution"
"""The whole result of DID Resolution 1.0."""

LEGACY_RESULT = 'application/ld+json;profile="https://w3id.org/did-resolution"'
"""The whole result under its older name, which comes with the errors of DID Core 1.0."""

DOCUMENT_TYPES = {"application/did+ld+json": True, "application/did+json": False}
"""The document alone; whether it is JSON-LD, with `@context`."""

_PLAIN = "application/json"
_OURS = (RESULT, _PLAIN, LEGACY_RESULT, *DOCUMENT_TYPES)


def negotiated(accept: str) -> str | None:
    """The media type to answer with, the heaviest that we have; of several the first named. None for none of ours."""
    return any_accept.negotiated(accept, _OURS)
