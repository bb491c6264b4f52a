"""An operator's command, seen at the desk: over the running chain's JSON-RPC endpoint, as beside `sabai up`."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from sabai.commands.registry.application import registry as application
from sabai.commands.registry.terminal import RegistryContext
from sabai.organisations import PAYER
from sabai.registry.access import Surroundings
from tests.support.people import Patient, enrol, import_roster
from tests.support.town import CHAIN_ID, DESK_A, Town
from vc_core.http import HttpClient
from vc_core.web.rpc import create_rpc_app


@pytest.fixture
async def patient(town: Town) -> Patient:
    """A migrant worker with all four credentials in her wallet."""
    await import_roster(town)
    return await enrol(town, "MU-1")


async def command(town: Town, *arguments: str) -> Any:
    """A command in a thread of its own, since it has an event loop of its own; the chain is in this process."""
    addresses = town.registered.addresses
    services = {
        "chain_id": CHAIN_ID,
        "rpc": "http://chain.test",
        "contracts": {
            "DidRegistry": "0x" + addresses.did_registry.hex(),
            "TrustRegistry": "0x" + addresses.trust_registry.hex(),
            "Anchors": "0x" + addresses.anchors.hex(),
        },
        "dids": {PAYER.slug: town.organisation(PAYER.slug).did},
    }
    (town.folder / "services.json").write_text(json.dumps(services), "utf-8")
    transport = httpx.ASGITransport(create_rpc_app(town.ledger))
    context = RegistryContext(Surroundings(town.clock, lambda: HttpClient(transport=transport)))
    line = [*arguments, "--data-dir", str(town.folder), "--json"]
    result = await asyncio.to_thread(CliRunner().invoke, application, line, obj=context)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_a_key_that_an_operator_kills_is_refused_at_the_desk(town: Town, patient: Patient) -> None:
    assert (await town.check(patient.qr(town), DESK_A))["code"] == "OK"
    payer = town.organisation(PAYER.slug)
    method = town.registered.methods[payer.credential_key.public_key]

    killed = await command(town, "kill-key", method, "--key", str(payer.folder / "ledger.key"))
    assert killed["key_hash"]
    await town.until_followed()

    town.clock.advance(1)
    assert (await town.check(patient.qr(town), DESK_A))["code"] == "BAD_SIGNATURE"
    shown = await command(town, "show", PAYER.slug)
    assert [each["state"] for each in shown["keys"]] == ["killed", "valid"]
