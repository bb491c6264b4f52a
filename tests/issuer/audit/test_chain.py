"""The chain of hashes: every change of what was written is found, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from issuer.audit.chain import START, AuditLine, BrokenChain, hash_line, verify_lines

LINES = [AuditLine(number, 100 + number, "officer", "offer", "person", "", "done") for number in range(1, 6)]


def chain() -> list[tuple[AuditLine, str]]:
    """The lines, each with its hash."""
    written, previous = [], START
    for line in LINES:
        previous = hash_line(previous, line)
        written.append((line, previous))
    return written


def test_a_whole_chain_and_its_parts_hold() -> None:
    written = chain()
    assert verify_lines((0, START), written) == (5, written[-1][1])
    assert verify_lines(verify_lines((0, START), written[:2]), written[2:]) == (5, written[-1][1])


@pytest.mark.parametrize(
    "change",
    [
        {"at": 1},
        {"at": 2**60},
        {"principal_id": "another"},
        {"action": "revoke"},
        {"record_id": ""},
        {"detail": "x"},
        {"outcome": "rejected"},
        {"number": 2},
    ],
    ids=["at", "no-time", "principal_id", "action", "record_id", "detail", "outcome", "number"],
)
def test_a_changed_line_breaks_it_there(change: dict[str, int | str]) -> None:
    written = chain()
    written[2] = (replace(written[2][0], **change), written[2][1])  # type: ignore[arg-type]
    with pytest.raises(BrokenChain) as broken:
        verify_lines((0, START), written)
    assert broken.value.number == 3


def test_a_line_that_is_missing_moved_or_put_in_breaks_it() -> None:
    written = chain()
    for damaged, number in (
        (written[:1] + written[2:], 2),
        ([written[0], written[2], written[1], *written[3:]], 2),
        ([*written[:4], written[3], written[4]], 5),
        (written[1:], 1),
    ):
        with pytest.raises(BrokenChain) as broken:
            verify_lines((0, START), damaged)
        assert broken.value.number == number


def test_a_line_written_anew_breaks_the_next() -> None:
    written = chain()
    forged = replace(written[1][0], outcome="rejected")
    written[1] = (forged, hash_line(written[0][1], forged))
    with pytest.raises(BrokenChain) as broken:
        verify_lines((0, START), written)
    assert broken.value.number == 3
