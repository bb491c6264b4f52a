"""What a client of DID resolution wants to be answered, by its `Accept` header (RFC 9110 section 12.5.1)."""

from __future__ import annotations

import re

RESULT = "application/did-resolution"
"""The whole result of DID Resolution 1.0."""

LEGACY_RESULT = 'application/ld+json;profile="https://w3id.org/did-resolution"'
"""The whole result under its older name, which comes with the errors of DID Core 1.0."""

DOCUMENT_TYPES = {"application/did+ld+json": True, "application/did+json": False}
"""The document alone; whether it is JSON-LD, with `@context`."""

_PLAIN = "application/json"
_OURS = (RESULT, _PLAIN, LEGACY_RESULT, *DOCUMENT_TYPES)  # the first is for whoever takes anything
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")
_MAX_LENGTH = 1000


def negotiated(accept: str) -> str | None:
    """The media type to answer with, the heaviest that we have; of several the first named. None for none of ours."""
    best, best_weight = None, 0.0
    for media_range in accept[:_MAX_LENGTH].split(",") if accept.strip() else ["*/*"]:
        name, weight = _parse_range(media_range)
        ours = next((each for each in _OURS if _matches(name, each)), None)
        if ours is not None and weight > best_weight:
            best, best_weight = ours, weight
    return best


def _parse_range(text: str) -> tuple[str, float]:
    """A media range without white space, in lower case, and its weight; of its parameters only a profile counts."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    weight = 1.0
    for parameter in parameters:
        if parameter.startswith("profile="):
            profile = parameter.removeprefix("profile=").strip('"')
            name += f';profile="{profile}"'
        elif parameter.startswith("q="):
            match = _WEIGHT.match(parameter)
            weight = float(match[1]) if match else 0.0
    return name, weight


def _matches(name: str, ours: str) -> bool:
    return name in ("*/*", "application/*", ours)
