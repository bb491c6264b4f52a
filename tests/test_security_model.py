"""Each row of the threat list on issuers, wallets and verifiers has a test: docs/security-model.md names it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROWS = (
    *("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I11", "I12", "I13"),
    *("W1", "W2", "W3", "W5", "W6", "W7", "W8", "W9", "W10"),
    *("V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9", "V10", "V11"),
)
"""There are no I10 and W4."""
_LINE = re.compile(r"^\| (?P<rows>[A-Z][0-9]+(?:(?:, | to )[A-Z][0-9]+)*) \|.*\| (?P<test>[^|]*) \|$", re.MULTILINE)
_FILE = re.compile(r"`((?:[\w/]+/)?(?:test_\w+\.py))`")


def named_tests() -> dict[str, list[str]]:
    """The test files that the document names, by row; one that is named for several counts for each."""
    found: dict[str, list[str]] = {}
    for line in _LINE.finditer((TESTS.parent / "docs/security-model.md").read_text("utf-8")):
        for row in re.findall(r"[A-Z][0-9]+", line["rows"]):
            found.setdefault(row, []).extend(_FILE.findall(line["test"]))
    return found


NAMED = named_tests()


@pytest.mark.parametrize("row", ROWS)
def test_row_has_a_test(row: str) -> None:
    assert NAMED.get(row), f"no line of docs/security-model.md names a test for {row}"


def test_named_tests_exist() -> None:
    there = ["/" + path.relative_to(TESTS.parent).as_posix() for path in TESTS.rglob("test_*.py")]
    files = {each for some in NAMED.values() for each in some}
    assert {each for each in files if not any(path.endswith("/" + each) for path in there)} == set()
