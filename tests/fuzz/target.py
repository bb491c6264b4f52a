"""What a target of the fuzzers is, and what the targets share."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MUTANTS = Path(__file__).parents[1] / "vectors" / "mutants"


@dataclass(frozen=True)
class Target:
    """`run` raises only for a finding; `seeds` are inputs to start from.

    `longest`: bytes of the longest input to try, a little over what the parser itself takes.
    """

    run: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    longest: int


def as_text(data: bytes) -> str:
    """UTF-8, in which a byte that is none becomes a lone surrogate."""
    return data.decode("utf-8", "surrogateescape")


def finish(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as finished:
        return finished.value
    raise AssertionError("it waited for something")


def mutants_of(*formats: str) -> list[bytes]:
    """The texts in the files of mutants of these formats, good ones first, as inputs of kind `T`."""
    files = [json.loads((_MUTANTS / f"{each}.json").read_text("ascii")) for each in formats]
    texts = [text for file in files for text in (file["good"], *(mutant["text"] for mutant in file["mutants"]))]
    return [b"T" + text.encode("utf-8", "surrogatepass") for text in texts]
