"""The committed bytecode is what the committed source compiles to, byte for byte."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.node import NODE, require_packages

CONTRACTS = Path(__file__).parents[3] / "vc_core" / "ledger" / "contracts"
BUILD = CONTRACTS / "build"
PUSH0, PUSH1, PUSH32 = 0x5F, 0x60, 0x7F
NAMES = ("DidRegistry", "TrustRegistry", "Anchors")


def test_recompiling_gives_the_same_bytes(tmp_path: Path) -> None:
    require_packages(BUILD)
    subprocess.run([NODE, str(BUILD / "compile.mjs"), str(tmp_path)], check=True)

    for name in NAMES:
        assert (tmp_path / f"{name}.json").read_bytes() == (CONTRACTS / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_no_opcode_that_older_chains_lack(name: str) -> None:
    code = bytes.fromhex(json.loads((CONTRACTS / f"{name}.json").read_text("utf-8"))["deployedBytecode"][2:])
    opcodes, position = set(), 0
    while position < len(code):
        opcodes.add(code[position])
        position += 1 + (code[position] - PUSH1 + 1 if PUSH1 <= code[position] <= PUSH32 else 0)

    assert PUSH0 not in opcodes


def test_the_lock_file_names_no_download_address() -> None:
    assert '"resolved"' not in (BUILD / "package-lock.json").read_text("utf-8")
