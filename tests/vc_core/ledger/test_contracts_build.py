"""The committed bytecode is what the committed source compiles to, byte for byte."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

CONTRACTS = Path(__file__).parents[3] / "vc_core" / "ledger" / "contracts"
BUILD = CONTRACTS / "build"
PUSH0, PUSH1, PUSH32 = 0x5F, 0x60, 0x7F
NAMES = ("DidRegistry", "TrustRegistry", "Anchors")


@pytest.fixture(scope="module")
def compiler() -> str:
    """Node, with the compiler that the lock file pins beside the script."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed: the contracts can't be compiled here")
    if not (BUILD / "node_modules" / "solc").is_dir():
        installed = subprocess.run([npm, "ci", "--ignore-scripts"], cwd=BUILD, capture_output=True, check=False)
        if installed.returncode != 0:
            pytest.skip("npm could not fetch the compiler: no network")
    return node


def test_recompiling_gives_the_same_bytes(compiler: str, tmp_path: Path) -> None:
    subprocess.run([compiler, str(BUILD / "compile.mjs"), str(tmp_path)], check=True)

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
