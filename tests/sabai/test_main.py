"""The front door: what it lists is there, and who only holds a wallet does not wait for the services to load."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from sabai.__main__ import COMMANDS, application

SERVICES = ("alembic", "eth", "fastapi", "firebase_admin", "sqlalchemy")
LOADED = f"""
import sys
from typer.testing import CliRunner
from sabai.__main__ import application
for words in ([], ["wallet"], ["registry"], ["status"], ["office"], ["staff"]):
    assert CliRunner().invoke(application, [*words, "--help"]).exit_code == 0
    if not words:
        assert not any(name.startswith("sabai.commands") for name in sys.modules)
print(sorted({SERVICES} & sys.modules.keys()))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_listed_is_there(name: str) -> None:
    shown = CliRunner().invoke(application, [name, "--help"])
    assert shown.exit_code == 0
    assert " ".join(COMMANDS[name][1].split()[:5]) in shown.output


def test_only_what_needs_the_services_loads_them() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stdout + done.stderr
