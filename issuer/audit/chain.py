"""The chain: each line's hash covers the line and the hash before it, so that none can be changed, taken out, put in or
moved without every later hash being another.

    hash of line n = SHA-256( hash of line n−1 || "\\n" || line n as canonical JSON (RFC 8785) )

in lower-case hex digits; before line 1 are 64 zeros. Whoever may write to the database could compute all of it anew:
that is found by the hashes that were written to the ledger before (`issuer.audit.proof`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import rfc8785

START = "0" * 64
"""The hash before the first line."""


@dataclass(frozen=True)
class AuditLine:
    """What one line says, numbered from 1; `at` in seconds since 1970. Nothing in it is about a person but ids."""

    number: int
    at: int
    principal_id: str
    action: str
    record_id: str
    detail: str
    outcome: str


class BrokenChain(Exception):
    """The line of this number is not the one that was written, or there is none."""

    def __init__(self, number: int) -> None:
        super().__init__(f"the chain breaks at line {number}")
        self.number = number


def hash_line(previous: str, line: AuditLine) -> str:
    """The hash of a line that follows the line with the hash `previous`."""
    return hashlib.sha256(previous.encode("ascii") + b"\n" + rfc8785.dumps(asdict(line))).hexdigest()


def verify_lines(previous: tuple[int, str], lines: Iterable[tuple[AuditLine, str]]) -> tuple[int, str]:
    """The number and hash of the last of these lines, each given with its hash, which follow the line `previous`.

    Raises `BrokenChain`.
    """
    number, expected = previous
    for line, written in lines:
        number += 1
        try:
            expected = hash_line(expected, line)
        except ValueError as cause:  # a number that JSON does not have, which nobody wrote down here
            raise BrokenChain(number) from cause
        if line.number != number or written != expected:
            raise BrokenChain(number)
    return number, expected
