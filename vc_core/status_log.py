"""The log of published status lists: one line of text for each version, whose roots go on the ledger.

`sabai-status-list <address> <issued at> <SHA-256>`: the address at which this version stays what it is, the time that
it was signed in seconds since 1970, and the SHA-256 of the signed text in hex digits. So an issuer can't show one desk
another list than the others, or deny later what it published, without leaving traces.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

DEFAULT_LOG = "sabai/status"
"""The public name of the log, where the issuer has no other."""

_LINE = re.compile(r"sabai-status-list ([\x21-\x7e]{1,2000}) (0|[1-9][0-9]{0,11}) ([0-9a-f]{64})\Z")


@dataclass(frozen=True)
class PublishedVersion:
    """An entry of the log."""

    uri: str
    issued_at: int
    sha256: str

    def to_entry(self) -> bytes:
        """The line, without its end."""
        return f"sabai-status-list {self.uri} {self.issued_at} {self.sha256}".encode("ascii")


def parse_published_version(entry: bytes) -> PublishedVersion:
    """The reverse of `PublishedVersion.to_entry`. Raises `ValueError`."""
    match = _LINE.match(entry.decode("ascii"))
    if match is None:
        raise ValueError("not an entry of a log of status lists")
    return PublishedVersion(match[1], int(match[2]), match[3])


def sha256_of(signed: bytes) -> str:
    """The hash of a version's signed text, as the log has it."""
    return hashlib.sha256(signed).hexdigest()
