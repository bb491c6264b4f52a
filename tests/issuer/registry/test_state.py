"""What the office is told of the registry: keys, accreditations, and what to see to before a desk refuses."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from issuer.app import MIGRATIONS
from issuer.keys import IssuingKey, load_issuing_keys
from issuer.models import REGISTRY_TABLES
from issuer.registry.state import OLD, SOON, RegistryStateService, RegistryWarning, StateWarning
from issuer.settings import IssuerSettings
from tests.conftest import NOW
from tests.issuer.conftest import CHAIN_ID, YEAR, Chain
from tests.issuer.wallet import OFFICER
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.web.database import Database
from vc_core.web.registry import MirroredRegistry

TYPE = "InsuranceCoverage"


async def test_all_is_well(client: httpx.AsyncClient, settings: IssuerSettings) -> None:
    told = (await client.get("/registry", headers=OFFICER)).json()
    assert told["warnings"] == []
    assert (told["chain_id"], told["synced_at"], told["now"]) == (CHAIN_ID, NOW, NOW)
    assert len(told["organisations"]) == len(settings.issuing_keys)
    [office] = [each for each in told["organisations"] if each["name"] == f"Office of {TYPE}"]
    assert office["accreditations"] == [
        {"credential_type": TYPE, "valid_from": 0, "valid_until": NOW + 5 * YEAR, "given_by": ""}
    ]
    keys = {each["verification_method"].partition("#")[2]: each for each in office["keys"]}
    uses = {name: (key["algorithm"], key["signs"], key["signs_lists"]) for name, key in keys.items()}
    assert uses == {
        "delegate-1": ("ES256", [TYPE], []),
        "delegate-2": ("EdDSA", [], [TYPE]),
        "delegate-3": ("ES256", [], []),
    }
    assert all(key["valid_until"] > NOW + 4 * YEAR for key in keys.values())


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (OLD + 1, {RegistryWarning.MIRROR_OLD}),
        (
            5 * YEAR - SOON + 1,
            {RegistryWarning.MIRROR_OLD, RegistryWarning.ACCREDITATION_ENDS, RegistryWarning.KEY_ENDS},
        ),
        (
            5 * YEAR,
            {RegistryWarning.MIRROR_OLD, RegistryWarning.ACCREDITATION_MISSING, RegistryWarning.KEY_MISSING},
        ),
    ],
    ids=["an hour", "nearly all", "all"],
)
async def test_what_ends_is_warned_of(
    settings: IssuerSettings, chain: Chain, clock: SetClock, later: int, expected: set[RegistryWarning]
) -> None:
    keys = {name: key for name, key in load_issuing_keys(settings).items() if name == TYPE}
    told = await report(settings, chain, clock, keys, later)
    assert {each.code for each in told} == expected


async def test_a_key_that_is_not_the_registry_s(settings: IssuerSettings, chain: Chain, clock: SetClock) -> None:
    ours = load_issuing_keys(settings)[TYPE]
    other = replace(ours, signer=P256Signer.generate())
    told = await report(settings, chain, clock, {TYPE: other}, 0)
    assert told == [StateWarning(RegistryWarning.KEY_MISSING, ours.verification_method)]


async def report(
    settings: IssuerSettings, chain: Chain, clock: SetClock, keys: dict[str, IssuingKey], later: int
) -> list[StateWarning]:
    """The warnings by a mirror that was compared now, so many seconds later."""
    database = Database(settings.database_url)
    registry = MirroredRegistry(chain.ledger, settings, database, REGISTRY_TABLES, clock)
    empty = RegistryStateService(registry, keys, CHAIN_ID, clock)
    assert [each.code for each in (await empty.report()).warnings] == [RegistryWarning.NOT_READ]
    await database.migrate(MIGRATIONS)
    await registry.advance()
    service = RegistryStateService(registry, keys, CHAIN_ID, lambda: clock() + later)
    warnings = (await service.report()).warnings
    await database.close()
    return list(warnings)
