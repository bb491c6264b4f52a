"""Revert data in words."""

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from vc_core.ledger.reverts import revert_reason

ERROR = bytes.fromhex("08c379a0")
PANIC = bytes.fromhex("4e487b71")


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (ERROR + encode(("string",), ("bad_actor",)), "bad_actor"),
        (PANIC + encode(("uint256",), (0x11,)), "panic"),
        (b"", "no reason given"),
        (ERROR, "no reason given"),
        (ERROR + encode(("string",), ("<script>",)), "no reason given"),
        (ERROR + encode(("string",), ("x" * 65,)), "no reason given"),
    ],
)
def test_reasons(output: bytes, reason: str) -> None:
    assert revert_reason(output) == reason


@given(st.binary(max_size=200))
def test_any_data_gives_a_short_plain_reason(data: bytes) -> None:
    assert len(revert_reason(ERROR + data)) <= 64
