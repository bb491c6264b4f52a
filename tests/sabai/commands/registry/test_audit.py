"""`sabai audit`: anchor and verify, against an issuer that is played here, who may have changed its log meanwhile."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from issuer.audit.chain import START, AuditLine, hash_line
from issuer.audit.proof import DEFAULT_LOG, BlindedHead
from sabai.commands.audit import audit as application
from sabai.commands.registry.terminal import RegistryContext
from sabai.registry.access import Surroundings
from tests.support.registry_terminal import Operator
from vc_core.http import HttpClient

ISSUER, TOKEN = "https://issuer.test", "officer-token"
PAGE = 3


@dataclass
class PlayedIssuer:
    """An office with an audit log, whose service believes a root to be on the ledger once it was asked for again."""

    lines: list[AuditLine] = field(default_factory=list)
    heads: list[BlindedHead] = field(default_factory=list)
    told: int = 0
    away: bool = False

    def act(self, count: int) -> None:
        """So many lines more."""
        for number in range(len(self.lines) + 1, len(self.lines) + count + 1):
            self.lines.append(AuditLine(number, 100 + number, "officer", "offer", "person", "", "done"))

    def hashes(self) -> list[str]:
        """Computed from the lines as they are."""
        found = [START]
        for line in self.lines:
            found.append(hash_line(found[-1], line))
        return found

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            return httpx.Response(503, json={})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return httpx.Response(401, json={})
        values = {name: int(value) for name, value in request.url.params.items()}
        answers = {"/audit": self._page, "/audit/heads": self._heads, "/audit/batches": self._batch}
        return httpx.Response(200, json=answers[request.url.path](values))

    def _page(self, values: dict[str, int]) -> dict[str, object]:
        hashes, before = self.hashes(), values.get("before", len(self.lines) + 1)
        lines = [asdict(line) | {"hash": hashes[line.number]} for line in self.lines[: before - 1][-PAGE:]]
        return {"entries": lines[::-1], "next": lines[0]["number"] if before - 1 > PAGE else None}

    def _heads(self, values: dict[str, int]) -> dict[str, object]:
        after = values["after"]
        heads = [{"batch": after + 1, **asdict(head)} for head in self.heads[after : after + 1]]
        return {"heads": heads, "next": after + 1 if after + 1 < len(self.heads) else None}

    def _batch(self, _values: dict[str, int]) -> dict[str, object]:
        if self.told == len(self.heads) and (not self.heads or self.heads[-1].number < len(self.lines)):
            number = len(self.lines)
            self.heads.append(BlindedHead(number, self.hashes()[number], f"{number:064x}"))
        elif self.told < len(self.heads):
            self.told += 1
            return {"log": DEFAULT_LOG, "batch": None}
        else:
            return {"log": DEFAULT_LOG, "batch": None}
        return {"log": DEFAULT_LOG, "batch": len(self.heads), "root": self.heads[-1].root, "size": 1, "waiting": 0}


@dataclass
class Auditor:
    """Who runs the commands, with the log's key and the officer's token."""

    operator: Operator
    issuer: PlayedIssuer
    key: str

    def run(self, *arguments: str) -> Result:
        """A command of `sabai audit` on the operator's data folder."""
        operator, transport = self.operator, httpx.MockTransport(self.issuer)
        around = Surroundings(operator.clock, lambda: HttpClient(transport=transport))
        options = ["--issuer", ISSUER + "/", "--token-file", str(operator.folder / "token")]
        options += ["--data-dir", str(operator.data_dir)]
        return CliRunner().invoke(application, [*arguments, *options], obj=RegistryContext(around))

    def anchor(self) -> int:
        """How many transactions it took."""
        result = self.run("anchor", "--key", self.key, "--json")
        assert result.exit_code == 0, result.output
        return len(json.loads(result.stdout)["transactions"])

    def refused(self) -> tuple[str, str]:
        """What is said of a log that is not as it was: what is proven all the same, and what is wrong."""
        result = self.run("verify")
        assert result.exit_code == 1, result.output
        return (result.stdout.splitlines() or [""])[-1], result.stderr.strip()


@pytest.fixture
def auditor(operator: Operator) -> Auditor:
    key = operator.new_key("log.key")
    Path(operator.folder / "token").write_text(TOKEN, "ascii")
    operator.ok("log-owner", DEFAULT_LOG, operator.address(key), "--key", operator.governor)
    return Auditor(operator, PlayedIssuer(), key)


def test_a_log_is_proven_and_what_was_done_to_it_afterwards_is_found(auditor: Auditor) -> None:
    issuer = auditor.issuer
    assert auditor.refused()[1].endswith("nothing is proven. (log_not_anchored)")
    for count in (4, 3):
        issuer.act(count)
        assert auditor.anchor() == 1
    assert auditor.anchor() == 0
    issuer.act(1)
    told = json.loads(auditor.run("verify", "--json").stdout)
    assert (told["finding"], told["entries"], told["number"], told["broken_at"]) == ("log_proven", 8, 7, None)
    assert "Proven: lines 1 to 7 are those that were there on " in auditor.run("verify").stdout

    before = list(issuer.lines)
    issuer.lines[5] = replace(before[5], outcome="never")
    proven, wrong = auditor.refused()
    assert proven.startswith("Proven: lines 1 to 4 ")
    assert wrong.startswith("Lines 5 to 7 are not those that were there on ")
    assert wrong.endswith(": the log was rewritten. (log_rewritten)")
    assert auditor.anchor() == 1
    assert auditor.refused()[1].endswith("and anchored again after that. (log_forked)")

    kept, issuer.heads = issuer.heads, issuer.heads[:2]
    assert auditor.refused()[1].endswith("(log_rewritten)")
    issuer.lines = before[:6]
    assert auditor.refused()[1].endswith("and has 6 now: it was shortened. (log_shortened)")
    issuer.lines, issuer.heads = before, kept[1:]
    proven, wrong = auditor.refused()
    assert proven == "The audit log has 8 lines, and its chain holds."
    assert wrong.endswith("somebody else writes to this log. (root_unknown)")


def test_a_job_that_goes_on_makes_up_for_what_failed(auditor: Auditor, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer, waited = auditor.issuer, list[int]()
    issuer.act(2)
    issuer.away = True

    def pause(seconds: int) -> bool:
        waited.append(seconds)
        issuer.away = False
        return len(waited) == 3

    monkeypatch.setattr("sabai.commands.anchoring.stopped_within", pause)
    result = auditor.run("anchor", "--key", auditor.key, "--every", "60")
    assert (result.exit_code, waited) == (0, [60, 60, 60])
    assert "503" in result.stderr
    told = [line for line in result.stdout.splitlines() if line.endswith(".")]
    assert told == ["The audit log is anchored as it is now.", "Nothing is new."]


def test_what_is_no_audit_log_is_refused(auditor: Auditor, monkeypatch: pytest.MonkeyPatch) -> None:
    auditor.issuer.act(7)
    for page in ({}, {"entries": [], "next": 9}, {"entries": [{"number": 1}], "next": None}):
        monkeypatch.setattr(PlayedIssuer, "_page", lambda _self, _values, page=page: page)
        assert auditor.refused()[1].endswith("(fetch_failed)")
    (auditor.operator.folder / "token").write_text("another", "ascii")
    assert "401" in auditor.run("verify").stderr
