"""Every input that the fuzzers kept, and every one that they start from, still ends as it must."""

import pytest

from tests.fuzz.corpus import FOLDER, load_corpus
from tests.fuzz.targets import TARGETS, starting_inputs


@pytest.mark.parametrize("parser", TARGETS)
def test_the_corpus_holds_no_finding(parser: str) -> None:
    target, kept = TARGETS[parser], load_corpus(parser)
    assert kept

    for data in [*starting_inputs(parser), *kept]:
        target.run(data)


def test_the_corpus_is_small_and_of_known_parsers() -> None:
    files = list(FOLDER.iterdir())

    assert {path.name for path in files} == {f"{parser}.txt" for parser in TARGETS}
    assert sum(path.stat().st_size for path in files) < 500_000
