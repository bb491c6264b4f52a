"""Claims path pointers (OpenID4VP 1.0 section 7): which claims of a JSON credential a path names.

    ("address", "city")       a member of an object
    ("nationalities", 1)      the second element of an array
    ("degrees", None, "type") the member `type` of every element that has one

What a path finds are places, each a path without None: a place names one claim, and a holder discloses that claim and
none beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Path = tuple[str | int | None, ...]
Place = tuple[str | int, ...]

MAX_STEPS = 16


def find_places(claims: Mapping[str, Any], path: Path) -> tuple[Place, ...]:
    """Where in the credential the claims are that the path names, in the credential's order; empty where it has none.

    Section 7.1.1: a step that does not fit an element, such as a name where there is an array, makes the whole path
    name nothing; a name or index that is not there only drops that element.
    """
    found: list[tuple[Place, Any]] = [((), claims)]
    for step in path:
        if any(not _fits(step, node) for _, node in found):
            return ()
        found = [((*place, each), below) for place, node in found for each, below in _below(node, step)]
    return tuple(place for place, _ in found)


def claim_at(claims: Any, place: Place) -> Any:
    """The claim at a place that `find_places` found in the same claims."""
    for step in place:
        claims = claims[step]
    return claims


def _fits(step: str | int | None, node: Any) -> bool:
    return isinstance(node, Mapping if isinstance(step, str) else list)


def _below(node: Any, step: str | int | None) -> list[tuple[str | int, Any]]:
    if step is None:
        return list(enumerate(node))
    there = step in node if isinstance(step, str) else 0 <= step < len(node)
    return [(step, node[step])] if there else []
