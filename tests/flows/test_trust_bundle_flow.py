"""A desk that has neither ledger nor network verifies by trust bundles: what they bring, and how old it may get."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from sabai.organisations import HOSPITAL_A, ISSUING_OFFICE, PAYER
from sabai.registry.bundling import fetch_status_lists
from tests.support.lifespan import lifespan_of
from tests.support.people import Patient, enrol, import_roster
from tests.support.town import BACKEND, CHAIN_ID, DESK_TOKEN, ISSUER, Town
from vc_core.did.multibase import multibase_encode
from vc_core.errors import FetchFailed
from vc_core.http import HttpClient
from vc_core.ledger.governance import create_kill_key_action
from vc_core.ledger.no_ledger import NoLedger
from vc_core.ledger.registry import RegistryWriter
from vc_core.ledger.snapshot import RegistrySnapshot, parse_registry_snapshot
from vc_core.trust_bundle.contents import BundleContents
from vc_core.trust_bundle.envelope import create_trust_bundle
from verifier.app import create_app
from verifier.settings import VerifierSettings

OFFLINE = "https://offline.test"
DAY = 86_400


@pytest.fixture
async def patient(town: Town) -> Patient:
    """Naw Mu Paw, with a coverage in her wallet."""
    await import_roster(town)
    return await enrol(town, "MU-1")


@asynccontextmanager
async def offline_desk(town: Town, database_url: str) -> AsyncIterator[None]:
    """A desk of hospital A that reaches nothing; it was told to take the issuing office's bundles."""
    office = town.organisation(ISSUING_OFFICE.slug)
    hospital = town.organisation(HOSPITAL_A.slug)
    addresses = town.registered.addresses
    settings = VerifierSettings(
        public_url=OFFLINE,
        database_url=database_url,
        chain_id=CHAIN_ID,
        did_registry="0x" + addresses.did_registry.hex(),
        trust_registry="0x" + addresses.trust_registry.hex(),
        anchors="0x" + addresses.anchors.hex(),
        facility_did=hospital.did,
        facility_name=hospital.profile.name,
        hospital_code=hospital.profile.hospital_code or "",
        desk_token=SecretStr(DESK_TOKEN),
        bundle_signer=office.did,
        bundle_signer_key=multibase_encode(office.status_key.public_key.to_multikey()),
    )
    nowhere = HttpClient(transport=type(town.transport)())
    app = create_app(settings, clock=town.clock, ledger=NoLedger(CHAIN_ID), http=nowhere)
    async with lifespan_of(app):
        town.transport.add(OFFLINE, app)
        yield
    await nowhere.close()


async def read_snapshot(town: Town) -> RegistrySnapshot:
    """The registry as the wallet provider serves it to everybody."""
    await town.apps[BACKEND].state.registry.advance()
    return parse_registry_snapshot((await town.http.get(BACKEND + "/registry")).json_object())


async def create_bundle(town: Town) -> bytes:
    """What the issuing office makes of the registry and of all status lists, as they are now."""
    office = town.organisation(ISSUING_OFFICE.slug)
    key = office.status_key
    lists = await fetch_status_lists(town.http, [ISSUER + "/status"])
    contents = BundleContents(town.clock(), town.clock(), await read_snapshot(town), lists)
    method = town.registered.methods[key.public_key]
    return create_trust_bundle(contents, verification_method=method, signer=key)


async def carry(town: Town, bundle: bytes, *, expected: int = 200) -> dict[str, Any]:
    """Someone brings the file to the desk."""
    answer = await town.http.post_bytes(
        OFFLINE + "/trust-bundle", bundle, content_type="application/octet-stream", token=DESK_TOKEN
    )
    assert answer.status == expected, answer.body
    return answer.json_object()


async def test_a_day_at_a_desk_without_network(
    town: Town, patient: Patient, create_database_url: Callable[[str], str]
) -> None:
    bundle = await create_bundle(town)
    town.transport.unreachable |= {"issuer.test", "backend.test"}
    town.ledger.close()
    async with offline_desk(town, create_database_url("offline")):
        assert (await town.check(patient.qr(town), OFFLINE))["code"] == "STALE_TRUST"

        town.clock.advance(3600)  # on the way
        answer = await carry(town, bundle)
        assert (answer["age_seconds"], answer["status_lists_taken"]) == (3600, 2)
        verdict = await town.check(patient.qr(town), OFFLINE)
        assert (verdict["code"], verdict["issuer"]["name"]) == ("OK", PAYER.name)
        assert verdict["ages"] == {"registry_seconds": 3600, "trust_seconds": 3600, "status_seconds": 3600}
        page = await town.http.get(OFFLINE + "/")
        assert page.status == 200

        town.clock.advance(DAY - 3600)
        at_the_limit = await town.check(patient.qr(town), OFFLINE)
        assert at_the_limit["code"] == "STATUS_UNAVAILABLE"  # the issuer's lists are good for a day
        town.clock.advance(1)
        verdict = await town.check(patient.qr(town), OFFLINE)
        assert (verdict["code"], verdict["ages"]["registry_seconds"]) == ("STALE_TRUST", DAY + 1)


async def test_a_revoked_credential_and_then_a_killed_key_are_refused_from_the_next_bundle(
    town: Town, patient: Patient, create_database_url: Callable[[str], str]
) -> None:
    async with offline_desk(town, create_database_url("offline")):
        first = await create_bundle(town)
        await carry(town, first)
        assert (await town.check(patient.qr(town), OFFLINE))["code"] == "OK"

        await town.officer_post(
            f"/people/{patient.person_id}/status",
            {"credential_type": "InsuranceCoverage", "status": "suspended", "reason": "wrong_data"},
        )
        town.clock.advance(10)
        assert (await town.check(patient.qr(town), OFFLINE))["code"] == "OK"
        await carry(town, await create_bundle(town))
        assert (await town.check(patient.qr(town), OFFLINE))["code"] == "SUSPENDED"
        assert "older than one" in (await carry(town, first, expected=422))["detail"]

        await town.officer_post(
            f"/people/{patient.person_id}/status",
            {"credential_type": "InsuranceCoverage", "status": "valid", "reason": "wrong_data"},
        )
        payer = town.organisation(PAYER.slug)
        writer = RegistryWriter(town.ledger, town.registered.addresses)
        await writer.act(town.governor, create_kill_key_action(payer.did, payer.credential_key.public_key))
        town.clock.advance(10)
        third = await create_bundle(town)
        answer = await carry(town, third)
        assert answer["new_events"] == 1
        assert (await town.check(patient.qr(town), OFFLINE))["code"] == "BAD_SIGNATURE"
        assert (await carry(town, third))["new_events"] == 0


async def test_a_status_list_of_a_killed_key_no_longer_counts(
    town: Town, patient: Patient, create_database_url: Callable[[str], str]
) -> None:
    """Who has the key that signs status lists could hide a revocation."""
    async with offline_desk(town, create_database_url("offline")):
        await carry(town, await create_bundle(town))
        payer = town.organisation(PAYER.slug)
        writer = RegistryWriter(town.ledger, town.registered.addresses)
        await writer.act(town.governor, create_kill_key_action(payer.did, payer.status_key.public_key))
        town.clock.advance(10)
        answer = await carry(town, await create_bundle(town))
        assert answer["status_lists_refused"] == 1
        assert (await town.check(patient.qr(town), OFFLINE))["code"] == "STATUS_UNAVAILABLE"


async def test_no_bundle_without_all_status_lists(town: Town, patient: Patient) -> None:
    with pytest.raises(FetchFailed):
        await fetch_status_lists(town.http, [ISSUER + "/healthz"])
    with pytest.raises(FetchFailed):
        await fetch_status_lists(town.http, [ISSUER + "/nowhere"])
