"""Several decide: deploying with them, proposing, approving, executing, and what one alone can't do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_terminal import CHAIN_ID, Operator

DAY = 86_400


@pytest.fixture
def council(operator: Operator) -> list[str]:
    """The key files of three members, two of whom decide on the TrustRegistry from now on."""
    files = [operator.new_key(f"member-{number}") for number in (1, 2, 3)]
    accounts = [operator.address(file) for file in files]
    operator.ok("members", *accounts, "--threshold", "2", "--key", operator.governor)
    return files


def _propose(operator: Operator, key: str, *arguments: str) -> str:
    return str(operator.json("propose", *arguments, "--key", key)["id"])


def _proposals(operator: Operator, *options: str) -> list[dict[str, Any]]:
    return list(operator.json("proposals", *options))


def test_two_of_three_suspend(operator: Operator, council: list[str]) -> None:
    entry = ("payer", "issue", "InsuranceCoverage")
    alone = operator.fails("suspend", *entry, "--key", council[0])
    assert alone == "2 of 3 members decide on this: put `propose` before the command's name. (conflict)\n"
    identifier = _propose(operator, council[0], "suspend", *entry)
    assert operator.fails("execute", identifier, "--key", council[0]).startswith("Not enough members approved")
    (listed,) = _proposals(operator)
    assert (listed["id"], listed["state"], len(listed["approved_by"])) == (identifier, "open", 1)
    did = operator.did_of("payer")
    assert listed["action"] == (
        f"setAccreditationState(subject: {did}, role: issue, credentialType: InsuranceCoverage, state: suspended)"
    )
    told = operator.ok("approve", identifier[:12], "--key", council[1], typed="y\n")
    assert "2 of 2 members approved it; `sabai registry execute` performs it." in told
    assert _proposals(operator)[0]["state"] == "approved"
    operator.ok("execute", identifier, "--key", council[2])
    assert operator.json("show", "payer")["accreditations"][0]["state"] == "suspended"
    assert _proposals(operator) == []
    assert [each["state"] for each in _proposals(operator, "--all")] == ["executed"]
    assert operator.fails("execute", identifier, "--key", council[2]) == "The proposal is executed. (conflict)\n"


def test_who_approves_is_shown_what_and_may_refuse(operator: Operator, council: list[str]) -> None:
    identifier = _propose(operator, council[0], "accredit", "payer", "issue", "HealthId")
    refused = operator.run("approve", identifier, "--key", council[1], typed="n\n")
    assert refused.exit_code == 1
    assert "accredit(subject: did:ethr:" in refused.stderr
    assert "credentialType: HealthId" in refused.stderr
    assert len(_proposals(operator)[0]["approved_by"]) == 1
    twice = operator.fails("approve", identifier, "--key", council[0], "--yes")
    assert twice == "This member approved it already. (transaction_failed)\n"
    stranger = operator.new_key("stranger")
    assert "does not govern" in operator.fails("approve", identifier, "--key", stranger, "--yes")


def test_a_proposal_expires_and_lapses(operator: Operator, council: list[str]) -> None:
    first = _propose(operator, council[0], "kill-key", "payer#delegate-1")
    operator.clock.advance(7 * DAY + 1)
    second = _propose(operator, council[0], "mandate", "payer", "issue", "HealthId")
    states = {each["id"]: each["state"] for each in _proposals(operator, "--all")}
    assert states == {first: "expired", second: "open"}
    account = operator.address(council[0])
    change = _propose(operator, council[0], "members", account, "--threshold", "1")
    operator.ok("approve", change, "--key", council[1], "--yes")
    operator.ok("execute", change, "--key", council[1])
    assert {each["id"]: each["state"] for each in _proposals(operator, "--all")}[second] == "lapsed"
    operator.ok("kill-key", "payer#delegate-1", "--key", council[0])
    assert operator.json("show", "payer")["keys"][0]["state"] == "killed"


def test_proposing_has_a_dry_run(operator: Operator, council: list[str]) -> None:
    done = operator.json("propose", "--days", "3", "revoke", "payer", "issue", "HealthId", "--key", council[0],
                         "--dry-run")  # fmt: skip
    assert [each["function"] for each in done["transactions"]] == ["propose"]
    assert done["gas"] > 50_000
    assert _proposals(operator) == []


@pytest.mark.parametrize("identifier", ["0x1234", "ab", "nonsense"])
def test_an_unknown_proposal_is_told(operator: Operator, council: list[str], identifier: str) -> None:
    told = operator.fails("approve", identifier, "--key", council[0], "--yes")
    assert told.startswith("There is no one proposal of this id")


def test_an_accreditor_does_not_propose(operator: Operator, council: list[str]) -> None:
    arguments = ("propose", "accredit", "payer", "issue", "HealthId", "--as", "payer", "--key", council[0])
    assert (
        operator.fails(*arguments) == "An accreditor acts by itself: leave out --as or `propose`. (invalid_request)\n"
    )


def test_contracts_are_deployed_once_and_written_down(operator: Operator) -> None:
    key, out = operator.new_key("deployer"), operator.folder / "registry.json"
    members = [operator.address(operator.new_key(f"m{number}")) for number in (1, 2)]
    options = [option for member in members for option in ("--member", member)]
    arguments = ("deploy", "--key", key, "--out", str(out), "--chain-id", str(CHAIN_ID), *options, "--threshold", "2")
    estimated = operator.json(*arguments, "--dry-run")
    assert [each["function"] for each in estimated["transactions"]] == ["deploy"] * 3
    assert not out.exists()
    done = operator.json(*arguments, "--confirmations", "4")
    assert done["gas"] <= estimated["gas"]
    written = json.loads(out.read_bytes())
    assert written.keys() == {"chain_id", "confirmations", "first_block", "contracts"}
    assert (written["chain_id"], written["confirmations"]) == (CHAIN_ID, 4)
    assert operator.json(*arguments)["transactions"] == []
    overview = operator.json("show", "--registry", str(out))
    assert overview["governance"]["TrustRegistry"] == {"members": members, "threshold": 2}
    assert overview["organisations"] == []


def test_a_deployment_for_another_chain_is_refused(operator: Operator) -> None:
    out = operator.folder / "registry.json"
    arguments = ("deploy", "--key", operator.governor, "--out", str(out), "--chain-id", "96")
    assert "(wrong_chain)" in operator.fails(*arguments)
    assert not out.exists()


@pytest.fixture
def log(operator: Operator) -> Path:
    """A log of five entries, and the payer as its owner."""
    operator.ok("log-owner", "visit-receipts", operator.address(operator.key_of("payer")), "--key", operator.governor)
    path = operator.folder / "log.txt"
    path.write_text("".join(f"receipt {number}\n" for number in range(5)), "utf-8")
    return path


def _anchor(operator: Operator, log: Path) -> dict[str, Any]:
    key = operator.key_of("payer")
    return dict(operator.json("anchor", "visit-receipts", "--entries", str(log), "--key", key))


def _prove(operator: Operator, log: Path, line: int) -> Path:
    proof = operator.folder / f"proof-{line}.json"
    operator.ok("prove", "visit-receipts", "--entries", str(log), "--line", str(line), "--out", str(proof))
    return proof


def test_an_entry_is_proven_against_the_chain_and_without_it(operator: Operator, log: Path) -> None:
    anchored = _anchor(operator, log)
    assert (anchored["index"], anchored["size"]) == (1, 5)
    proof = _prove(operator, log, 3)
    assert "Proven: line 3 of 5 in visit-receipts, anchored 2026-" in operator.ok("verify-proof", str(proof))
    root = ("--root", anchored["root"], "--size", "5")
    assert operator.json("verify-proof", str(proof), *root)["line"] == 3
    operator.data_dir = operator.folder / "nowhere"
    assert operator.ok("verify-proof", str(proof), *root) == "Proven: line 3 of 5 in visit-receipts.\n"


def test_a_log_grows_and_old_proofs_stay_good(operator: Operator, log: Path) -> None:
    _anchor(operator, log)
    old = _prove(operator, log, 5)
    with log.open("a", encoding="utf-8") as file:
        file.write("receipt 5\n")
    too_early = operator.fails(
        "prove", "visit-receipts", "--entries", str(log), "--line", "6", "--out", str(operator.folder / "p.json")
    )
    assert too_early.startswith("This line is not anchored yet")
    assert _anchor(operator, log)["index"] == 2
    for proof in (old, _prove(operator, log, 6)):
        operator.ok("verify-proof", str(proof))


def test_a_changed_entry_proof_or_log_is_refused(operator: Operator, log: Path) -> None:
    _anchor(operator, log)
    proof = _prove(operator, log, 3)
    content = json.loads(proof.read_bytes())
    for change in ({"entry": "cmVjZWlwdCA5"}, {"anchor_index": 2}, {"log": "status-lists"}, {"chain_id": 1}):
        proof.write_text(json.dumps(content | change), "utf-8")
        operator.fails("verify-proof", str(proof))
    proof.write_text(json.dumps(content), "utf-8")
    wrong_root = ("--root", "00" * 32, "--size", "5")
    assert "not in the log" in operator.fails("verify-proof", str(proof), *wrong_root)
    assert "go together" in operator.fails("verify-proof", str(proof), "--size", "5")
    proof.write_text("{}", "utf-8")
    assert "is not a proof" in operator.fails("verify-proof", str(proof))
    log.write_text("receipt 0\nforged\n", "utf-8")
    forged = ("--entries", str(log), "--line", "2", "--out", str(proof))
    assert "not what was anchored" in operator.fails("prove", "visit-receipts", *forged)
    log.write_text("", "utf-8")
    assert "has no entries" in operator.fails("prove", "visit-receipts", *forged)


def test_only_a_logs_owner_anchors(operator: Operator, log: Path) -> None:
    arguments = ("anchor", "visit-receipts", "--entries", str(log), "--key", operator.key_of("hospital-a"))
    assert operator.fails(*arguments) == "This key does not own the log. (transaction_failed)\n"
