"""The whole way from the roster to verified credentials, and what the metadata says of it."""

from __future__ import annotations

import httpx
import pytest

from issuer.keys import IssuingKey, load_issuing_keys
from issuer.settings import IssuerSettings
from tests.issuer.wallet import (
    COVERAGE,
    COVERAGE_JWT,
    COVERAGE_LD,
    COVERAGE_QR,
    HEALTH_ID,
    HEALTH_JWT,
    HEALTH_LD,
    HEALTH_QR,
    ISSUER,
    OFFICER,
    Wallet,
)
from tests.support.clock import SetClock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import LANGUAGES
from vc_core.formats.presentation import parse_credential
from vc_core.protocols.oauth.server_metadata import parse_authorization_server_metadata
from vc_core.protocols.openid4vci.credential import IssuedCredentials, parse_credential_response
from vc_core.protocols.openid4vci.issuer_metadata import parse_issuer_metadata

ALL = (HEALTH_ID, HEALTH_QR, HEALTH_JWT, HEALTH_LD, COVERAGE, COVERAGE_QR, COVERAGE_JWT, COVERAGE_LD)


@pytest.fixture
def keys(settings: IssuerSettings) -> dict[str, IssuingKey]:
    """The issuing keys by type."""
    return dict(load_issuing_keys(settings))


async def test_metadata_describes_every_type_in_five_languages(client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/openid-credential-issuer")
    metadata = parse_issuer_metadata(answer.json(), expected_issuer=ISSUER)
    types = CREDENTIAL_TYPES.values()
    assert {f"{each.name}_dc+sd-jwt" for each in types} <= set(metadata.configurations)
    assert {each.name for each in types if f"{each.name}_qr_pass" in metadata.configurations} == {
        each.name for each in types if each.qr_pass
    }
    assert metadata.display[0].name == " / ".join(f"Office of {each.name}" for each in types)
    for configuration in metadata.configurations.values():
        assert {display.locale for display in configuration.display} == set(LANGUAGES)
    server = await client.get("/.well-known/oauth-authorization-server")
    assert (
        parse_authorization_server_metadata(server.json(), expected_issuer=ISSUER).token_endpoint == ISSUER + "/token"
    )


async def test_one_token_brings_every_offered_credential(
    people: dict[str, str], wallet: Wallet, clock: SetClock, keys: dict[str, IssuingKey]
) -> None:
    token = await wallet.authorized(people["A1"], *ALL)
    places = set()
    for configuration in ALL:
        answer = await wallet.credential(token, configuration)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        response = parse_credential_response(answer.json())
        assert isinstance(response, IssuedCredentials)
        credential = parse_credential(response.credentials[0])
        credential.signed.verify(keys[configuration.partition("_")[0]].signer.public_key)
        assert credential.holder_key == wallet.key.public_key
        assert credential.claims["name"] == "မောင်မောင်"
        assert credential.issued_at == clock()
        places.add(credential.status)
    assert len(places) == len(ALL)


async def test_claims_come_from_the_roster(client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet) -> None:
    person = (await client.get(f"/people/{people['A1']}", headers=OFFICER)).json()
    health_id = parse_credential(await wallet.issued(people["A1"], HEALTH_ID)).claims
    names = ("health_id", "name", "name_latin", "birth_date", "nationality", "identifier_system", "identifier_value")
    assert dict(health_id) == {name: person[name] for name in names} | {"birth_year": 1992}
    coverage = parse_credential(await wallet.issued(people["A1"], COVERAGE)).claims
    assert coverage["scheme"] == "8401"
    assert coverage["regular_hospital"] == "10661"
    assert "identifier_value" not in coverage


async def test_an_optional_claim_without_a_value_is_left_out(people: dict[str, str], wallet: Wallet) -> None:
    assert "nationality" not in parse_credential(await wallet.issued(people["A3"], HEALTH_ID)).claims


async def test_a_coverage_ends_with_its_last_day_in_bangkok(people: dict[str, str], wallet: Wallet) -> None:
    credential = parse_credential(await wallet.issued(people["A2"]))
    assert credential.expires_at == 1_793_466_000  # 2026-11-01 00:00 +07:00


async def test_a_coverage_that_has_ended_is_not_issued(people: dict[str, str], wallet: Wallet) -> None:
    token = await wallet.authorized(people["A3"], COVERAGE, HEALTH_ID)
    answer = await wallet.credential(token)
    assert (answer.status_code, answer.json()["error"]) == (400, "credential_request_denied")
    assert (await wallet.credential(token, HEALTH_ID)).status_code == 200


async def test_ready_when_the_registry_has_our_keys(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert answer.json() == {"status": "ok", "parts": {"database": True, "registry": True, "keys": True}}
