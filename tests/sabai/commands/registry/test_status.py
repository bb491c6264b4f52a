"""`sabai status`: publish, anchor, verify, against an issuer that is played here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from sabai.commands.registry.terminal import RegistryContext
from sabai.commands.status import status as application
from sabai.registry.access import Surroundings
from tests.support.registry_terminal import CHAIN_ID, Operator
from vc_core.crypto.keys import load_signer
from vc_core.formats.status_list import Status, StatusList, create_status_list_token
from vc_core.http import HttpClient
from vc_core.ledger.merkle import MerkleTree
from vc_core.ledger.proven_entry import ProvenEntry
from vc_core.status_log import PublishedVersion, sha256_of

OFFICE, TOKEN, LOG = "issuing-office", "officer-token", "sabai/status"
ISSUER = "https://issuer.test"
LIST = ISSUER + "/status/abcdefgh"


class PlayedIssuer:
    """Publishes one list in two versions, both in one batch, and believes its ledger to be as `anchored` says."""

    def __init__(self, operator: Operator) -> None:
        services = json.loads((operator.data_dir / "services.json").read_bytes())
        self.contract = services["contracts"]["Anchors"].lower()
        self.anchored: int | None = None
        self.batches = 0
        self.versions: dict[str, str] = {}
        entries = []
        signer = load_signer(Path(operator.key_of(OFFICE, "status.pem")).read_bytes())
        for version, value in enumerate((Status.VALID, Status.INVALID), start=1):
            statuses = StatusList(2, 4096)
            statuses.set(7, value)
            issued_at = operator.clock() - 100 + version
            self.versions[f"{LIST}/{version}"] = signed = create_status_list_token(
                statuses,
                uri=LIST,
                verification_method=operator.did_of(OFFICE) + "#delegate-2",
                signer=signer,
                issued_at=issued_at,
                expires_at=issued_at + 3600,
                time_to_live=60,
            )
            digest = sha256_of(signed.encode("ascii"))
            entries.append(PublishedVersion(f"{LIST}/{version}", issued_at, digest).to_entry())
        self.entries, self.tree = entries, MerkleTree(entries)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if request.method == "POST":
            return self._batch(request)
        if url == ISSUER + "/status":
            return httpx.Response(200, json={"status_lists": [LIST], "bitstring_status_lists": []})
        if url in (*self.versions, LIST):
            return httpx.Response(200, text=self.versions[LIST + "/2" if url == LIST else url])
        if url.endswith("/proof") and self.anchored is not None:
            return httpx.Response(200, json=self._proof(int(url.split("/")[-2]) - 1))
        return httpx.Response(404, json={})

    def _batch(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return httpx.Response(401, json={})
        self.batches += 1
        if self.anchored is not None and self.batches > 1:
            return httpx.Response(200, json={"log": LOG, "batch": None})
        root = self.tree.root.hex()
        return httpx.Response(200, json={"log": LOG, "batch": 1, "root": root, "size": 2, "waiting": 0})

    def _proof(self, place: int) -> dict[str, Any]:
        assert self.anchored is not None
        entry, proof = self.entries[place], self.tree.create_proof(place)
        return ProvenEntry(LOG, CHAIN_ID, self.contract, self.anchored, entry, proof).to_json()


@pytest.fixture
def issuer(operator: Operator) -> PlayedIssuer:
    return PlayedIssuer(operator)


def run(operator: Operator, issuer: PlayedIssuer, *arguments: str) -> Result:
    """A command of `sabai status` on the operator's data folder."""
    around = Surroundings(operator.clock, lambda: HttpClient(transport=httpx.MockTransport(issuer)))
    place = ["--data-dir", str(operator.data_dir)]
    return CliRunner().invoke(application, [*arguments, *place], obj=RegistryContext(around))


def anchor(operator: Operator, issuer: PlayedIssuer) -> Any:
    """`sabai status anchor` by a key that owns the log; what it printed."""
    owner, token = operator.new_key("log.key"), operator.folder / "token"
    token.write_text(TOKEN, "ascii")
    operator.ok("log-owner", LOG, operator.address(owner), "--key", operator.governor)
    issuer.anchored = 1
    options = ["--key", owner, "--issuer", ISSUER, "--token-file", str(token), "--json"]
    result = run(operator, issuer, "anchor", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_all_lists_are_published(operator: Operator, issuer: PlayedIssuer) -> None:
    result = run(operator, issuer, "publish", "--issuer", ISSUER)
    assert result.exit_code == 0
    assert result.stdout.startswith("1 lists are published: ")


def test_what_was_published_is_anchored_once_and_proven(operator: Operator, issuer: PlayedIssuer) -> None:
    told = anchor(operator, issuer)
    assert told["batches"] == [{"batch": 1, "size": 2, "root": issuer.tree.root.hex()}]
    assert [each["function"] for each in told["transactions"]] == ["anchor"]
    for version, revoked in ((1, 0), (2, 1)):
        result = run(operator, issuer, "verify", f"{LIST}/{version}", "--json")
        assert result.exit_code == 0, result.output
        facts = json.loads(result.stdout)
        assert (facts["anchor_index"], facts["entries"], facts["set"]) == (1, 4096, revoked)
        assert (facts["invalid"], facts["suspended"]) == (revoked, 0)
    told = run(operator, issuer, "verify", f"{LIST}/2").stdout
    assert told.startswith(f"Proven: {LIST}/2\n")


def test_a_root_that_is_there_already_is_not_written_again(operator: Operator, issuer: PlayedIssuer) -> None:
    anchor(operator, issuer)
    issuer.batches = 0
    options = ["--key", str(operator.folder / "log.key"), "--issuer", ISSUER]
    result = run(operator, issuer, "anchor", *options, "--token-file", str(operator.folder / "token"))
    assert (result.exit_code, result.stdout.strip()) == (0, "Nothing is new.")


def test_another_list_than_the_anchored_one_is_refused(operator: Operator, issuer: PlayedIssuer) -> None:
    anchor(operator, issuer)
    first, second = (issuer.versions[f"{LIST}/{version}"] for version in (1, 2))
    kept = operator.folder / "kept"
    for text, code in ((first, 0), (second, 1), (first[:-1], 1), ("", 1)):
        kept.write_text(text, "ascii")
        result = run(operator, issuer, "verify", f"{LIST}/1", "--file", str(kept))
        assert result.exit_code == code, result.output


def test_what_is_not_anchored_yet_is_said_so(operator: Operator, issuer: PlayedIssuer) -> None:
    result = run(operator, issuer, "verify", f"{LIST}/1")
    assert result.exit_code == 1
    assert "not on the ledger yet" in result.stderr


def test_without_the_officers_token_nothing_is_anchored(operator: Operator, issuer: PlayedIssuer) -> None:
    result = run(operator, issuer, "anchor", "--key", operator.governor, "--issuer", ISSUER)
    assert result.exit_code == 1
    assert "401" in result.stderr


def test_an_issuer_must_be_named(operator: Operator, issuer: PlayedIssuer) -> None:
    result = run(operator, issuer, "publish")
    assert (result.exit_code, "Say which issuer" in result.stderr) == (1, True)
