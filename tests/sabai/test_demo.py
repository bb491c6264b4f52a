"""The demo as a person starts it: a process of its own, killed at any moment, and started again."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sabai.__main__ import main
from tests.support.ports import free_port

REFUSALS = (
    "REPLAYED",
    "EXPIRED_PRESENTATION",
    "SUSPENDED",
    "REVOKED",
    "UNTRUSTED_ISSUER",
    "BAD_SIGNATURE",
    "NOT_A_CREDENTIAL",
)
KILL_AFTER_LINES = ("1. The ledger", "50 new people", "says the code", "kept: ", "scanned: OK", "coverage suspended")
"""What the demo has just said when it is killed: nothing of that may be lost."""


def _start(folder: Path) -> subprocess.Popen[str]:
    """Starts the demo: at first on ports that stay free meanwhile, later on these again, as it does by itself."""
    command = [sys.executable, "-m", "sabai", "demo", "--once", "--data-dir", str(folder)]
    if not (folder / "services.json").exists():
        command += ["--ports", f"{free_port()},{free_port()},{free_port()}"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", bufsize=1
    )


def _finish(folder: Path) -> str:
    """Starts the demo once more and returns all that it says."""
    command = [sys.executable, "-m", "sabai", "demo", "--once", "--data-dir", str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return ended.stdout


@pytest.mark.timeout(900)
def test_killed_at_any_moment_it_loses_nothing_that_it_said_and_ends_well(tmp_path: Path) -> None:
    said_before: list[str] = []
    for marker in KILL_AFTER_LINES:
        with _start(tmp_path) as demo:
            assert demo.stdout is not None
            for line in demo.stdout:
                said_before.append(line)
                if marker in line:
                    break
            demo.kill()
    dids = {line.strip() for line in said_before if "did:ethr:" in line}
    assert len(dids) == 6  # the same six at every start

    said = _finish(tmp_path)
    assert {line.strip() for line in said.splitlines() if "did:ethr:" in line} == dids
    for told in (
        "0 new people, 50 known before",
        "line 52",
        "They are in the wallet already",
        "scanned: OK",
        "push through firebase-admin",
    ):
        assert told in said
    for code in REFUSALS:
        assert re.search(rf"✘ .*: {code}\b", said), code
    assert (tmp_path / "qr.png").read_bytes().startswith(b"\x89PNG")
    services = json.loads((tmp_path / "services.json").read_bytes())
    assert services.keys() >= {"backend", "issuer", "verifier", "chain_id", "contracts", "dids", "tokens"}
    for private in (tmp_path / "services.json", tmp_path / "tokens.json", tmp_path / "demo-wallet"):
        assert private.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("ports", ["8000", "a,b,c", "1,2,3,4"])
def test_ports_that_are_none_are_told_in_one_sentence(
    tmp_path: Path, ports: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sabai", "up", "--data-dir", str(tmp_path / "data"), "--ports", ports])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.strip() == "--ports takes three numbers, such as 8000,8001,8002 (settings)"


def test_up_serves_until_it_is_told_to_stop_and_has_its_folder_to_itself(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sabai", "up", "--data-dir", str(tmp_path), "--ports", "0,0,0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        try:
            while not (tmp_path / "services.json").exists():
                assert first.poll() is None
                time.sleep(0.1)
            second = subprocess.run(command, capture_output=True, text=True, check=False)
            assert second.returncode == 1
            assert "ledger_locked" in second.stderr
            first.send_signal(signal.SIGTERM)
            assert first.wait() == 0
        finally:
            first.kill()
