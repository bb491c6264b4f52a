"""Adding a credential type is adding one file: issuer, wallet, desk and docs know it then, and nothing else changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

PROGRAM = Path(__file__).parents[2]
DEFINITION = Path(__file__).parent / "new_type" / "vaccination_record.py"
ROOMS = ("backend", "issuer", "sabai", "tests", "verifier", "wallet_sdk")
_NOT_LINKED = {"credential_types", "__pycache__"}


def _copy_with(definition: Path, target: Path) -> None:
    """The program as it is, by links, with one more file among the credential types."""
    _link(PROGRAM, target, [PROGRAM / room for room in ROOMS])
    for folder in ("vc_core", "vc_core/credential_types"):
        inner = PROGRAM / folder
        _link(inner, target / folder, [each for each in inner.iterdir() if each.name not in _NOT_LINKED])
    (target / "vc_core" / "credential_types" / definition.name).write_bytes(definition.read_bytes())


def _link(source: Path, target: Path, entries: Iterable[Path]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for each in entries:
        (target / each.relative_to(source)).symlink_to(each)


def test_a_type_in_one_file_is_issued_held_shown_and_documented(tmp_path: Path) -> None:
    _copy_with(DEFINITION, tmp_path / "program")
    (tmp_path / "data").mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "tests.flows.new_type.walk", str(tmp_path / "data")],
        cwd=tmp_path / "program",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)

    names = {each["locale"]: each["name"] for each in found["metadata"]["credential_metadata"]["display"]}
    assert names["km"] == "កំណត់ត្រាវ៉ាក់សាំង"
    assert found["documents"] == [200, 200, 200]

    assert found["refused"] == []
    assert found["wallet"].count("Vaccination record") == found["formats"] >= 4
    assert "วัคซีน: หัด" in found["shown"]

    assert (found["verdict"]["code"], found["verdict"]["credential_type"]) == ("OK", "VaccinationRecord")
    assert [(each["label"], each["value"]) for each in found["verdict"]["claims"]] == [
        ("Vaccine", "measles"),
        ("Vaccinated on", "2026-05-02"),
    ]
    for text in ("บันทึกวัคซีน", "วัคซีน", "หัด", "2 พฤษภาคม 2569"):
        assert text in found["page"]
    assert "## VaccinationRecord" in found["docs"]


def test_the_program_itself_knows_nothing_of_it() -> None:
    """So what the walk found came from the file alone."""
    mentions = [
        path
        for room in (*ROOMS, "vc_core", "docs")
        for path in (PROGRAM / room).rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".html"} and "VaccinationRecord" in path.read_text("utf-8")
    ]
    assert {path.name for path in mentions} == {"vaccination_record.py", "walk.py", "test_new_type.py"}
