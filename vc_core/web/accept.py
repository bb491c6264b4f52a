"""What a client wants to be answered, by its `Accept` header (RFC 9110 section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")
_MAX_LENGTH = 1000


def negotiated(accept: str, ours: Sequence[str]) -> str | None:
    """The media type to answer with, the heaviest that we have; of several the first named. None for none of ours.

    `ours` begins with the one for whoever takes anything.
    """
    best, best_weight = None, 0.0
    for media_range in accept[:_MAX_LENGTH].split(",") if accept.strip() else ["*/*"]:
        name, weight = _parse_range(media_range)
        found = next((each for each in ours if name in ("*/*", "application/*", each)), None)
        if found is not None and weight > best_weight:
            best, best_weight = found, weight
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
