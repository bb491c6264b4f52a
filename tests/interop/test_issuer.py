"""Our wallet takes credentials from an issuer on npm's @openid4vc packages, by `sabai wallet`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.command_line import CommandLineWallet
from tests.support.credential_peers import PeerRefused
from tests.support.foreign_offices import FORMATS, TICKET
from tests.support.openid4vc_peers import ServicePeer
from tests.support.sample_services import SampleServices

pytestmark = pytest.mark.asyncio(loop_scope="session")

IDS = [f"Ticket_{each}" for each in FORMATS]
FAULTS = {
    "another_holder": "HOLDER_KEY",
    "another_key": "BAD_SIGNATURE",
    "another_type": "NOT_A_CREDENTIAL",
    "missing_claim": "MALFORMED",
}


@pytest.fixture
def wallet(services: SampleServices, tmp_path: Path) -> CommandLineWallet:
    """A new wallet of ours."""
    return CommandLineWallet.create(tmp_path / "wallet", services.running.urls["backend"])


@pytest.mark.parametrize("by_reference", [False, True])
async def test_we_take_what_it_offers(
    services: SampleServices, issuer: ServicePeer, wallet: CommandLineWallet, by_reference: bool
) -> None:
    offer = await issuer.ask("offer", ids=IDS, claims=TICKET, tx_code=True, by_reference=by_reference)

    assert (await wallet.run("accept", offer["offer"], "--tx-code", offer["tx_code"], "--yes")).ok

    held = (await wallet.run("list", "--json")).json()
    assert {each["format"] for each in held} == set(FORMATS)
    assert {each["issuer"]["did"] for each in held} == {services.foreign_hospital.did}
    for each in held:
        assert (await wallet.run("show", each["id"], "--json")).json()["claims"] == TICKET


async def test_we_bring_all_that_it_demands(strict_issuer: ServicePeer, wallet: CommandLineWallet) -> None:
    offer = await strict_issuer.ask("offer", ids=IDS, claims=TICKET, tx_code=True)

    done = await wallet.run("accept", offer["offer"], "--tx-code", offer["tx_code"], "--yes")

    assert done.ok, done
    held = (await wallet.run("list", "--json")).json()
    assert {each["format"] for each in held} == set(FORMATS)
    assert (await strict_issuer.ask("notifications"))[-1]["event"] == "credential_accepted"


@pytest.mark.parametrize("configuration_id", IDS)
@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
async def test_we_keep_nothing_that_it_makes_wrong(
    issuer: ServicePeer, wallet: CommandLineWallet, configuration_id: str, fault: str, code: str
) -> None:
    offer = await issuer.ask("offer", ids=[configuration_id], claims=TICKET, fault=fault)

    done = await wallet.run("accept", offer["offer"], "--yes")

    assert (done.ok, code in done.errors) == (False, True), done
    assert (await wallet.run("list", "--json")).json() == []


async def test_their_own_wallet_takes_the_same(issuer: ServicePeer, holder: ServicePeer) -> None:
    good = await issuer.ask("offer", ids=IDS, claims=TICKET)
    taken = await holder.ask("take", offer=good["offer"])
    assert [each["claims"]["name_latin"] for each in taken["credentials"]] == [TICKET["name_latin"]] * 2

    for configuration_id in IDS:
        for fault in ("another_holder", "another_key"):
            bad = await issuer.ask("offer", ids=[configuration_id], claims=TICKET, fault=fault)
            with pytest.raises(PeerRefused):
                await holder.ask("take", offer=bad["offer"])
