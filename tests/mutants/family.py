"""What a format's mutants are, and how they are written down."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.faults import Edit
from vc_core.errors import ReasonCode

VECTORS = Path(__file__).parents[1] / "vectors"
FOLDER = VECTORS / "mutants"
MAX_WRITTEN = 8_192
"""Characters of the longest text that is written down: what is refused for its size alone stays out of the files."""


@dataclass(frozen=True)
class Mutant:
    """A text with one fault. `row` names the kind of attack in the project's list, and is empty for none of them."""

    name: str
    row: str
    code: str
    text: str


def named(name: str) -> tuple[str, str]:
    """Name and row of what is written as `name [row]`, or without a row."""
    match = re.fullmatch(r"(.*?)(?: \[([A-Z]+[0-9]+)\])?", name)
    assert match is not None
    return match[1], match[2] or ""


@dataclass(frozen=True)
class Fault:
    """How a mutant is made of the good text, where that is not told by a file of vectors."""

    name: str
    row: str
    code: ReasonCode
    edits: tuple[Edit, ...]


def fault(code: ReasonCode, name: str, *edits: Edit, row: str = "") -> Fault:
    """A fault in one line."""
    return Fault(name, row, code, edits)


def mutants_of(faults: Sequence[Fault], forge: Callable[[Sequence[Edit]], str]) -> list[Mutant]:
    """The texts that `forge` makes with those edits."""
    return [Mutant(each.name, each.row, each.code, forge(each.edits)) for each in faults]


@dataclass(frozen=True)
class Family:
    """A format: a good text, its mutants, what a verifier must know (`terms`), and ours, which raises `Rejection`."""

    format: str
    terms: Mapping[str, Any]
    good: str
    mutants: Sequence[Mutant]
    check: Callable[[str], Awaitable[object]]

    @property
    def path(self) -> Path:
        """The file of its vectors."""
        return FOLDER / f"{self.format}.json"

    def written(self) -> str:
        """The contents of that file."""
        shown = [vars(mutant) for mutant in self.mutants if len(mutant.text) <= MAX_WRITTEN]
        vectors = {"format": self.format, "terms": self.terms, "good": self.good, "mutants": shown}
        return json.dumps(vectors, ensure_ascii=True, indent=1) + "\n"
