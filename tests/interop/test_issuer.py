"""Our wallet takes credentials from an issuer on npm's @openid4vc packages, by `sabai wallet`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.interop.command_line import CommandLineWallet
from tests.support.credential_peers import PeerRefused
from tests.support.foreign_offices import FORMATS, TICKET
from tests.support.openid4vc_peers import ServicePeer
from tests.support.sample_services import SampleServices

pytestmark = pytest.mark.asyncio(loop_scope="session")

INTERVAL = 1.1
"""Seconds, a little more than the issuer asks wallets to wait."""
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


@pytest.fixture(params=["issuer", "strict_issuer"])
def either_issuer(request: pytest.FixtureRequest) -> ServicePeer:
    """The others' issuer, as it is by default and with all that it can demand."""
    found: ServicePeer = request.getfixturevalue(request.param)
    return found


async def test_we_go_through_its_authorization_page(either_issuer: ServicePeer, wallet: CommandLineWallet) -> None:
    offer = await either_issuer.ask("offer", ids=IDS, claims=TICKET, grant="authorization_code")

    done = await wallet.run("accept", offer["offer"], "--yes")

    assert done.ok, done
    assert {each["format"] for each in (await wallet.run("list", "--json")).json()} == set(FORMATS)


async def test_we_go_no_further_where_another_server_answers(issuer: ServicePeer, wallet: CommandLineWallet) -> None:
    terms = {"grant": "authorization_code", "fault": "another_server"}
    offer = await issuer.ask("offer", ids=IDS, claims=TICKET, **terms)

    done = await wallet.run("accept", offer["offer"], "--yes")

    assert (done.ok, "another server" in done.errors) == (False, True), done
    assert (await wallet.run("list", "--json")).json() == []


async def test_we_come_to_it_without_an_offer(either_issuer: ServicePeer, wallet: CommandLineWallet) -> None:
    offer = await either_issuer.ask("offer", ids=IDS, claims=TICKET, grant="authorization_code", standing=True)
    address = offer["issuer"]

    done = await wallet.run("get", address, "--pick", IDS[0], "--yes")

    assert done.ok, done
    assert [each["format"] for each in (await wallet.run("list", "--json")).json()] == [FORMATS[0]]


async def test_we_come_back_for_what_it_put_off(either_issuer: ServicePeer, wallet: CommandLineWallet) -> None:
    offer = await either_issuer.ask("offer", ids=[IDS[0]], claims=TICKET, deferred=True)

    begun = await wallet.run("accept", offer["offer"], "--yes")
    assert "Not here yet" in begun.output, begun
    again = await wallet.run("resume")
    assert "Not here yet" in again.output, again
    await either_issuer.ask("approve", reference=offer["reference"])
    await asyncio.sleep(INTERVAL)
    done = await wallet.run("resume")

    assert "Stored: Appointment ticket" in done.output, done
    assert (await wallet.run("pending", "--json")).json() == []


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
