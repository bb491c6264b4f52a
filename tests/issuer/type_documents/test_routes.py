"""The public documents of the credential types: there for every type, the same bytes each time, and good to keep."""

from __future__ import annotations

import base64
import hashlib

import httpx
import pytest
from pyld import jsonld

from tests.issuer.wallet import HEALTH_ID, Wallet
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.json_ld import context_url, create_context
from vc_core.credential_types.json_schema import create_schema, schema_url
from vc_core.credential_types.type_metadata import create_type_metadata
from vc_core.crypto.jose import parse_jws


async def test_every_type_has_its_documents(client: httpx.AsyncClient) -> None:
    for each in CREDENTIAL_TYPES.values():
        for path, media_type, content in (
            (context_url(each).removeprefix("https://sabai.invalid"), "application/ld+json", create_context(each)),
            (schema_url(each).removeprefix("https://sabai.invalid"), "application/schema+json", create_schema(each)),
            (f"/vct/{each.vct}", "application/json", create_type_metadata(each)),
        ):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
            assert answer.json() == content
            assert answer.headers["cache-control"] == "public, max-age=3600"
            assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_copy_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/contexts/HealthId/v1")
    for names in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = await client.get("/contexts/HealthId/v1", headers={"If-None-Match": names})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = await client.get("/contexts/HealthId/v1", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/contexts/HealthId/v2",
        "/contexts/HealthId/1",
        "/contexts/Diploma/v1",
        "/schemas/healthid/v1",
        "/schemas/vct/v1",
        "/vct/urn:sabai:credential:HealthId:2",
        "/vct/HealthId",
        "/vct/..%2Fcontexts%2FHealthId%2Fv1",
    ],
)
async def test_there_is_nothing_else(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_wallet_finds_the_metadata_from_vct_and_knows_it_by_its_digest(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet
) -> None:
    issued = await wallet.issued(people["A1"], HEALTH_ID)
    payload = parse_jws(issued.partition("~")[0], typ="dc+sd-jwt").payload
    content = (await client.get(f"/vct/{payload['vct']}")).content
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode("ascii")
    assert payload["vct#integrity"] == f"sha256-{digest}"


async def test_a_served_context_is_one_that_others_can_read(client: httpx.AsyncClient) -> None:
    context = (await client.get("/contexts/AppointmentTicket/v1")).json()
    (expanded,) = jsonld.expand({**context, "appointment_date": "2026-11-30"})
    assert expanded == {
        "https://sabai.invalid/vocab#appointment_date": [
            {"@value": "2026-11-30", "@type": "http://www.w3.org/2001/XMLSchema#date"}
        ]
    }
