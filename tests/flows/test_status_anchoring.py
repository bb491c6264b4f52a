"""What an issuer published is on the ledger, under one root for many lists, and can be proven to anybody.

So is the head of its audit log, in a log of its own.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from issuer.audit.proof import DEFAULT_LOG as AUDIT_LOG
from issuer.audit.proof import BlindedHead
from tests.flows.test_registry import follow, writer_of
from tests.support.people import Patient, enrol, import_roster
from tests.support.town import ISSUER, OFFICER_TOKEN, Town
from vc_core.errors import LedgerError
from vc_core.ledger.anchors import NO_HEAD
from vc_core.ledger.events import log_id
from vc_core.ledger.governance import create_log_owner_action
from vc_core.ledger.proven_entry import parse_proven_entry
from vc_core.ledger.transactions import LedgerKey
from vc_core.status_log import DEFAULT_LOG, parse_published_version, sha256_of


@pytest.fixture
async def patient(town: Town) -> Patient:
    """A migrant worker with all four credentials in her wallet."""
    await import_roster(town)
    return await enrol(town, "MU-1")


async def publish_all(town: Town) -> dict[str, str]:
    """Asks for every list; the signed text of each version by its address."""
    told = (await town.http.get(ISSUER + "/status")).json_object()
    answers = [await town.http.get(uri) for uris in told.values() for uri in uris]
    return {answer.headers["content-location"]: answer.body.decode("ascii") for answer in answers}


async def test_published_lists_are_anchored_together_and_each_is_proven_as_is_the_audit_log(
    town: Town, patient: Patient
) -> None:
    assert (await town.http.post_json(ISSUER + "/status/batches", {})).status == 401
    versions = await publish_all(town)
    owner, writer = LedgerKey.generate(), writer_of(town)
    await writer.act(town.governor, create_log_owner_action(DEFAULT_LOG, owner.address))
    answers = await asyncio.gather(*(town.officer_post("/status/batches", {}) for _ in range(5)))
    batch = answers[0]
    assert all(answer == batch for answer in answers)
    assert (batch["log"], batch["batch"], batch["size"], batch["waiting"]) == (DEFAULT_LOG, 1, len(versions), 0)
    address = next(iter(versions))
    assert (await town.http.get(address + "/proof")).status == 404

    root = bytes.fromhex(batch["root"])
    await writer.anchor(owner, DEFAULT_LOG, root, size=batch["size"], previous_head=NO_HEAD)
    await follow(town)
    assert (await town.officer_post("/status/batches", {}))["batch"] is None

    anchors = town.apps[ISSUER].state.registry.anchors(DEFAULT_LOG)
    assert [anchor.log for anchor in anchors] == [log_id(DEFAULT_LOG).hex()]
    for address, signed in versions.items():
        proven = parse_proven_entry((await town.http.get(address + "/proof")).json_object())
        _, inclusion = proven.verify(anchors)
        published = parse_published_version(inclusion.entry)
        assert (published.uri, published.sha256) == (address, sha256_of(signed.encode("ascii")))
        with pytest.raises(LedgerError):
            proven.verify([])

    town.clock.advance(3600)
    await publish_all(town)
    assert (await town.officer_post("/status/batches", {}))["batch"] == 2
    await prove_audit_log(town)


async def prove_audit_log(town: Town) -> None:
    """The head of the audit log is anchored by the same steps, and the log proven by it."""

    async def verification() -> dict[str, Any]:
        answer = await town.http.get(ISSUER + "/audit/verification", token=OFFICER_TOKEN)
        return dict(answer.json_object())

    assert (await verification())["ledger"]["finding"] == "log_not_anchored"
    owner, writer = LedgerKey.generate(), writer_of(town)
    await writer.act(town.governor, create_log_owner_action(AUDIT_LOG, owner.address))
    batch = await town.officer_post("/audit/batches", {})
    assert batch == await town.officer_post("/audit/batches", {})
    assert (batch["log"], batch["batch"], batch["size"]) == (AUDIT_LOG, 1, 1)
    root = bytes.fromhex(batch["root"])
    receipt = await writer.anchor(owner, AUDIT_LOG, root, size=1, previous_head=NO_HEAD)
    assert (await verification())["ledger"]["finding"] == "mirror_differs"
    await follow(town)
    assert (await town.officer_post("/audit/batches", {}))["batch"] is None

    told = await verification()
    assert (told["intact"], told["entries"] > 0) == (True, True)
    assert told["ledger"] == {
        "log": AUDIT_LOG,
        "finding": "log_proven",
        "anchors": 1,
        "number": told["entries"],
        "proven_at": (await town.ledger.block(receipt.block_number)).timestamp,
        "failed_number": None,
        "failed_at": None,
        "asked": True,
    }
    [head] = (await town.http.get(ISSUER + "/audit/heads", token=OFFICER_TOKEN)).json_object()["heads"]
    assert (head["number"], head["hash"]) == (told["entries"], told["head"])
    assert BlindedHead(head["number"], head["hash"], head["blind"]).root == batch["root"]
