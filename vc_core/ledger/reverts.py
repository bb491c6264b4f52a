"""Why a contract reverted, in words: one reading for every engine."""

from __future__ import annotations

import re

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from vc_core.errors import TransactionFailed

_ERROR_SELECTOR = bytes.fromhex("08c379a0")  # Error(string)
_PANIC_SELECTOR = bytes.fromhex("4e487b71")  # Panic(uint256)
_REASON = re.compile(r"[A-Za-z0-9_ .:-]{1,64}\Z")


class Reverted(TransactionFailed):
    """A contract refused; `output` is its revert data, as it came."""

    def __init__(self, output: bytes) -> None:
        super().__init__(f"the contract refused: {revert_reason(output)}")
        self.output = output


def revert_reason(output: bytes) -> str:
    """The reason string of a contract's revert data, where it is a short plain one; else what kind it is."""
    if output[:4] == _PANIC_SELECTOR:
        return "panic"
    if output[:4] == _ERROR_SELECTOR:
        try:
            (reason,) = decode(("string",), output[4:])
        except (DecodingError, OverflowError, UnicodeDecodeError):
            return "no reason given"
        if _REASON.match(reason):
            return str(reason)
    return "no reason given"
