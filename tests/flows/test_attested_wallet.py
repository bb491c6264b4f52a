"""A wallet at an issuer that demands DPoP and a wallet provider's attestation, and what stops a provider's wallets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from issuer.settings import Demand
from sabai.organisations import WALLET_PROVIDER
from tests.support.clock import SetClock
from tests.support.people import enrol, import_roster
from tests.support.town import BACKEND, Town, running_town
from vc_core.errors import ServiceRefused
from vc_core.ledger.events import AccreditationState, Role
from vc_core.ledger.registry import RegistryWriter
from vc_core.wallet_providers import WALLET_ATTESTATION
from vc_core.web.database import Database

YEAR = 365 * 86_400


@pytest.fixture
def issuer_database(create_database_url: Callable[[str], str]) -> str:
    return create_database_url("issuer")


@pytest.fixture
async def town(
    tmp_path: Path, clock: SetClock, create_database_url: Callable[[str], str], issuer_database: str
) -> AsyncIterator[Town]:
    """A town whose issuer demands all that it can of wallets."""
    demands: dict[str, Any] = {"dpop": Demand.REQUIRED, "wallet_attestation": Demand.REQUIRED}

    def database_url(name: str) -> str:
        return issuer_database if name == "issuer" else create_database_url(name)

    async with running_town(tmp_path, clock, database_url, **demands) as running:
        yield running


async def test_an_attested_wallet_is_served_until_its_provider_is_suspended(town: Town, issuer_database: str) -> None:
    await import_roster(town)
    patient = await enrol(town, "MU-1")
    assert len(patient.issuance.stored) == 4
    assert (await town.check(patient.qr(town)))["code"] == "OK"

    database = Database(issuer_database)
    async with database.transaction() as session:
        connection = await session.connection()
        tokens = (await connection.execute(text("SELECT dpop_jkt FROM access_tokens"))).scalars().all()
        wallets = (await connection.execute(text("SELECT client_id, instance_jkt FROM authorizations"))).all()
    await database.close()
    assert tokens
    assert all(tokens)
    assert {client_id for client_id, _ in wallets} == {BACKEND}
    assert len({key for _, key in wallets}) == len(wallets)  # a new key for each issuance

    await _suspend_the_provider(town)
    with pytest.raises(ServiceRefused) as refused:
        await enrol(town, "MANEE")
    assert refused.value.refusal == "invalid_client"


async def _suspend_the_provider(town: Town) -> None:
    writer = RegistryWriter(town.ledger, town.registered.addresses)
    await writer.set_accreditation(
        town.governor,
        town.organisation(WALLET_PROVIDER.slug).did,
        Role.PROVIDE_WALLETS,
        WALLET_ATTESTATION,
        valid_from=town.clock(),
        valid_until=town.clock() + YEAR,
        state=AccreditationState.SUSPENDED,
    )
    for app in town.apps.values():
        await app.state.registry.advance()
