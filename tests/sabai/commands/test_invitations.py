"""`sabai staff invite` and `sabai office invite`: whom they ask, with what token, for which roles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sabai.__main__ import application
from sabai.commands import office
from sabai.commands.invitations import Inviter, find_inviter
from vc_core.errors import InvalidRequest

SERVICES = {
    "issuer": "http://127.0.0.1:8000",
    "verifier": "http://127.0.0.1:8002",
    "tokens": {"desk": "not for this", "manager": "of the desk", "officer": "of the office"},
}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The folder of a running `sabai up`."""
    (tmp_path / "services.json").write_text(json.dumps(SERVICES))
    (tmp_path / "token").write_text("of the hospital\n")
    return tmp_path


def test_the_services_of_a_running_sabai_up(data_dir: Path) -> None:
    desk = find_inviter("verifier", "manager", url=None, token_file=None, data_dir=data_dir)
    assert desk == Inviter("http://127.0.0.1:8002", "of the desk")
    offices = find_inviter("issuer", "officer", url=None, token_file=None, data_dir=data_dir)
    assert offices == Inviter("http://127.0.0.1:8000", "of the office")


@pytest.mark.parametrize("end", ["", "/"])
def test_a_service_elsewhere(data_dir: Path, end: str) -> None:
    url, elsewhere = "https://desk.hospital.example", data_dir / "nothing here"
    found = find_inviter("verifier", "manager", url=url + end, token_file=data_dir / "token", data_dir=elsewhere)
    assert found == Inviter(url, "of the hospital")


@pytest.mark.parametrize(("group", "service"), [("staff", "verifier"), ("office", "issuer")])
@pytest.mark.parametrize("url", [None, "https://hospital.example"])
def test_no_service_is_a_plain_error(tmp_path: Path, group: str, service: str, url: str | None) -> None:
    with pytest.raises(InvalidRequest):
        find_inviter(service, "officer", url=url, token_file=None, data_dir=tmp_path)
    refused = CliRunner().invoke(application, [group, "invite", "Anong", "--data-dir", str(tmp_path)])
    assert refused.exit_code == 1
    assert f"--{service}" in refused.output
    assert "Traceback" not in refused.output


@pytest.mark.parametrize(
    ("options", "roles"),
    [([], ["approver", "officer"]), (["--role", "auditor"], ["auditor"])],
    ids=["as usual", "as told"],
)
def test_an_officer_is_invited_for_these_roles(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], roles: list[str]
) -> None:
    def answer(inviter: Inviter, path: str, wanted: dict[str, Any], trusted: Path | None) -> dict[str, Any]:
        assert (inviter.token, path, wanted) == ("of the office", "/officers", {"name": "Anong", "roles": roles})
        return {"officer_id": "1", "name": "Anong", "link": "http://localhost:8000/#invitation=x", "expires_at": 0}

    monkeypatch.setattr(office, "order_invitation", answer)
    done = CliRunner().invoke(application, ["office", "invite", "Anong", "--data-dir", str(data_dir), *options])
    assert done.exit_code == 0, done.output
    assert done.output.rstrip().endswith("#invitation=x")
