"""forge's fuzz and invariant tests of the contracts, from npm."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.node import require_packages

HERE = Path(__file__).parent
CONTRACTS = HERE.parents[1] / "vc_core" / "ledger" / "contracts"
FORGE = Path("@foundry-rs/forge-linux-amd64/bin/forge")
"""Named by platform: the package that chooses one needs all of them in the lock file, and not all are to be had."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The tests with the contracts beside them, and the tools that the lock file pins."""
    packages = require_packages(HERE)
    if not (packages / FORGE).exists():
        pytest.skip("npm has no forge for this machine")
    for file in [*HERE.glob("*.sol"), *HERE.glob("*.mjs"), HERE / "foundry.toml"]:
        shutil.copy(file, tmp_path)
    (tmp_path / "contracts").mkdir()
    for file in [*CONTRACTS.glob("*.sol"), *CONTRACTS.glob("*.json")]:
        shutil.copy(file, tmp_path / "contracts")
    (tmp_path / "node_modules").symlink_to(packages)
    return tmp_path


def test_no_input_and_no_sequence_breaks_the_contracts(project: Path) -> None:
    done = subprocess.run(
        [project / "node_modules" / FORGE, "test"], cwd=project, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert ": 17 tests passed, 0 failed, 0 skipped" in done.stdout, done.stdout + done.stderr


def test_the_lock_file_names_no_download_address() -> None:
    assert '"resolved"' not in (HERE / "package-lock.json").read_text("utf-8")
