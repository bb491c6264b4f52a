"""`sabai staff invite`: which desk it asks, and with what token."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sabai.__main__ import application
from sabai.commands.staff import Desk, find_desk
from vc_core.errors import InvalidRequest

SERVICES = {"verifier": "http://127.0.0.1:8002", "tokens": {"desk": "not for this", "manager": "of the data folder"}}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The folder of a running `sabai up`."""
    (tmp_path / "services.json").write_text(json.dumps(SERVICES))
    (tmp_path / "token").write_text("of the hospital\n")
    return tmp_path


def test_the_desk_of_a_running_sabai_up(data_dir: Path) -> None:
    assert find_desk(None, None, data_dir) == Desk("http://127.0.0.1:8002", "of the data folder")


def test_a_hospitals_desk(data_dir: Path) -> None:
    found = find_desk("https://desk.hospital.example", data_dir / "token", data_dir / "nothing here")
    assert found == Desk("https://desk.hospital.example", "of the hospital")


@pytest.mark.parametrize("verifier", [None, "https://desk.hospital.example"])
def test_no_desk_is_a_plain_error(tmp_path: Path, verifier: str | None) -> None:
    with pytest.raises(InvalidRequest):
        find_desk(verifier, None, tmp_path)
    refused = CliRunner().invoke(application, ["staff", "invite", "Anong", "--data-dir", str(tmp_path)])
    assert refused.exit_code == 1
    assert "--verifier" in refused.output
    assert "Traceback" not in refused.output
