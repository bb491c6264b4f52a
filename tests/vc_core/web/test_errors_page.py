"""docs/errors.md explains every code that we can answer with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from vc_core import errors

PAGE = Path(__file__).parents[3] / "docs" / "errors.md"


def _tree(kind: type[errors.SabaiError]) -> Iterator[type[errors.SabaiError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)


def _own_codes() -> set[str]:
    return {kind.code for kind in _tree(errors.SabaiError) if kind.__module__ == errors.__name__}


def test_every_code_has_a_heading() -> None:
    headings = set(re.findall(r"^### (\S+)$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert headings == _own_codes() | set(errors.ReasonCode)


def test_every_error_class_is_drawn_in_the_tree() -> None:
    drawing = errors.__doc__ or ""
    for kind in _tree(errors.SabaiError):
        if kind.__module__ == errors.__name__:
            assert kind.__name__ in drawing
