"""`POST /vc-api/credentials/issue`: any credential of the data model, in our name only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from issuer.app import create_app
from issuer.settings import IssuerSettings
from tests.issuer.conftest import Chain
from tests.issuer.wallet import ISSUER, OFFICER
from tests.support.clock import SetClock
from tests.support.lifespan import lifespan_of
from tests.support.vc_api import INVALID_CREDENTIALS, VALID_CREDENTIALS, general_credential
from vc_core.did.ethr_resolution import EthrDids
from vc_core.did.key import KeyDids
from vc_core.did.resolver import DidResolver
from vc_core.encoding import base64url_decode
from vc_core.errors import SettingsError
from vc_core.formats.data_integrity import ProofPurpose, verify_credential_document
from vc_core.formats.data_integrity.proof_keys import resolve_key
from vc_core.formats.vc_jwt import parse_enveloped_credential, parse_vc_jwt
from vc_core.formats.vcdm import parse_credential_document
from vc_core.http import HttpClient
from vc_core.ledger.identities import MirroredIdentities
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror

URL = "/vc-api/credentials/issue"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what is issued here is not in the database."""
    return f"sqlite+aiosqlite:///{tmp_path / 'service'}.sqlite"


@pytest.fixture
async def resolver(chain: Chain, clock: SetClock) -> DidResolver:
    """Looks keys up where anybody else would."""
    mirror = RegistryMirror(chain.ledger, chain.addresses, MemoryMirrorStore(), clock)
    await mirror.start()
    await mirror.advance()
    return DidResolver({"ethr": EthrDids(MirroredIdentities(mirror, chain.ledger), clock), "key": KeyDids()})


async def _issue(client: httpx.AsyncClient, credential: Any, **options: Any) -> httpx.Response:
    return await client.post(URL, json={"credential": credential, "options": options})


async def _issued(client: httpx.AsyncClient, credential: Any, **options: Any) -> dict[str, Any]:
    response = await _issue(client, credential, **options)
    assert response.status_code == 201, response.text
    return dict(response.json()["verifiableCredential"])


SUITES: list[tuple[dict[str, str], int]] = [
    ({}, 0),
    ({"cryptosuite": "eddsa-rdfc-2022"}, 0),
    ({"cryptosuite": "eddsa-jcs-2022", "type": "DataIntegrityProof"}, 0),
    ({"cryptosuite": "ecdsa-rdfc-2019"}, 1),
    ({"cryptosuite": "ecdsa-jcs-2019"}, 1),
]


async def test_each_cryptosuite_with_its_key(
    client: httpx.AsyncClient, resolver: DidResolver, chain: Chain, clock: SetClock
) -> None:
    for options, key in SUITES:
        issued = await _issued(client, general_credential(), **options)
        method = chain.vc_api.keys[key].verification_method
        assert issued["issuer"] == method.partition("#")[0]
        assert issued["proof"]["verificationMethod"] == method
        assert issued["proof"]["cryptosuite"] == options.get("cryptosuite", "eddsa-rdfc-2022")
        assert issued["proof"]["created"] == "2026-09-21T14:13:20Z"
        credential = parse_credential_document(issued)
        assert len(await verify_credential_document(credential, resolver, now=clock.now)) == 1


async def test_by_the_key_that_is_asked_for(client: httpx.AsyncClient, resolver: DidResolver, chain: Chain) -> None:
    for each in chain.vc_api.keys:
        issued = await _issued(client, general_credential(), verificationMethod=each.verification_method)
        assert issued["proof"]["verificationMethod"] == each.verification_method
        assert issued["issuer"] == each.verification_method.partition("#")[0]
        await verify_credential_document(parse_credential_document(issued), resolver, now=2_000_000_000)


async def test_an_issuer_of_ours_stays_as_it_was_written(client: httpx.AsyncClient, chain: Chain) -> None:
    for each in chain.vc_api.keys:
        did = each.verification_method.partition("#")[0]
        assert (await _issued(client, general_credential(issuer=did)))["issuer"] == did
        described = {"id": did, "name": "Example University"}
        assert (await _issued(client, general_credential(issuer=described)))["issuer"] == described
    named = await _issued(client, general_credential(issuer={"name": "Example University"}))
    assert named["issuer"] == {
        "id": chain.vc_api.keys[0].verification_method.partition("#")[0],
        "name": "Example University",
    }


async def test_as_a_jwt_of_each_kind(client: httpx.AsyncClient, resolver: DidResolver, clock: SetClock) -> None:
    for format in ("vc+jwt", "vc+sd-jwt"):
        enveloped = await _issued(client, general_credential(), format=format)
        envelope = parse_enveloped_credential(enveloped)
        assert envelope.kind == format
        found = await resolve_key(envelope.verification_method, resolver, purpose=ProofPurpose.ASSERTION_METHOD)
        envelope.verify(found, now=clock.now)
        issued = dict(envelope.document.document)
        assert issued.pop("issuer") == envelope.signer
        assert issued == general_credential()
    hidden = (await _issued(client, general_credential(), format="vc+sd-jwt"))["id"]
    assert b"alumniOf" not in base64url_decode(hidden.split(".")[1])
    older = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuanceDate": "2024-07-01T19:23:24Z",
        "credentialSubject": {"id": "did:example:1"},
    }
    response = await _issue(client, older, format="jwt_vc_json")
    envelope = parse_vc_jwt(response.json()["verifiableCredential"])
    found = await resolve_key(envelope.verification_method, resolver, purpose=ProofPurpose.ASSERTION_METHOD)
    envelope.verify(found, now=clock.now)
    assert (await _issue(client, general_credential(), format="jwt_vc_json")).status_code == 422
    assert (
        await _issue(client, general_credential(), format="vc+jwt", cryptosuite="eddsa-jcs-2022")
    ).status_code == 400


async def test_challenge_and_domain_go_into_the_proof(client: httpx.AsyncClient) -> None:
    issued = await _issued(client, general_credential(), challenge="a question", domain="verifier.example")
    assert (issued["proof"]["challenge"], issued["proof"]["domain"]) == ("a question", "verifier.example")


async def test_what_is_issued(client: httpx.AsyncClient) -> None:
    for changes in VALID_CREDENTIALS.values():
        credential = general_credential(**changes)
        issued = await _issued(client, credential)
        assert {name: value for name, value in issued.items() if name not in ("issuer", "proof")} == credential


async def test_what_is_not_of_the_model(client: httpx.AsyncClient) -> None:
    for fault, changes in INVALID_CREDENTIALS.items():
        for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
            response = await _issue(client, general_credential(**changes), cryptosuite=suite)
            assert response.status_code in (400, 422), fault
            assert response.json()["code"] in ("MALFORMED", "invalid_request"), fault
            assert "evil" not in response.text


async def test_it_signs_in_nobody_elses_name(client: httpx.AsyncClient) -> None:
    others = ["did:example:university", "https://university.example/issuers/565049", {"id": "did:example:u"}]
    for issuer in (*others, 7, None, {"id": 7}, []):
        response = await _issue(client, general_credential() | {"issuer": issuer})
        assert response.status_code == 400
        assert response.json()["code"] == "invalid_request"


async def test_it_does_not_sign_for_those_that_desks_trust(client: httpx.AsyncClient, chain: Chain) -> None:
    for each in chain.keys:
        did = each.verification_method.partition("#")[0]
        assert (await _issue(client, general_credential(issuer=did))).status_code == 400
        response = await _issue(client, general_credential(), verificationMethod=each.verification_method)
        assert response.status_code == 400


NOT_ASKED_PROPERLY: list[dict[str, Any]] = [
    {},
    {"credential": []},
    {"credential": general_credential(), "options": []},
    {"credential": general_credential(), "other": {}},
    {"credential": general_credential() | {"proof": {}}},
    {"credential": general_credential(), "options": {"mandatoryPointers": ["/issuer"]}},
    {"credential": general_credential(), "options": {"cryptosuite": "bbs-2023"}},
    {"credential": general_credential(), "options": {"cryptosuite": 7}},
    {"credential": general_credential(), "options": {"cryptosuite": ["eddsa-rdfc-2022"]}},
    {"credential": general_credential(), "options": {"type": "Ed25519Signature2020"}},
    {"credential": general_credential(), "options": {"format": "mso_mdoc"}},
    {"credential": general_credential(), "options": {"domain": ""}},
    {"credential": general_credential(), "options": {"challenge": "c" * 2049}},
]


async def test_what_is_not_asked_properly(client: httpx.AsyncClient) -> None:
    for body in NOT_ASKED_PROPERLY:
        response = await client.post(URL, json=body)
        assert response.status_code == 400, response.text
        assert response.json()["code"] == "invalid_request"
        assert response.headers["content-type"] == "application/problem+json"


async def test_a_key_of_the_wrong_kind(client: httpx.AsyncClient, chain: Chain) -> None:
    method = chain.vc_api.keys[0].verification_method
    response = await _issue(client, general_credential(), cryptosuite="ecdsa-jcs-2019", verificationMethod=method)
    assert response.status_code == 400


async def test_a_body_that_is_no_json_object(client: httpx.AsyncClient) -> None:
    repeated = b'{"credential": {}, "credential": {}}'
    for content in (b"", b"[]", b"{", repeated, b'{"credential": NaN}', b"\xff", b"[" * 10_000):
        response = await client.post(URL, content=content, headers={"Content-Type": "application/json"})
        assert response.status_code == 400
        assert response.json()["code"] == "invalid_request"


async def test_a_form_of_another_site_is_not_taken(client: httpx.AsyncClient) -> None:
    """A page may send text to this machine without asking, JSON only after asking."""
    response = await client.post(URL, content=b'{"credential": {}}', headers={"Content-Type": "text/plain"})
    assert response.status_code == 400


async def test_linked_data_is_json(client: httpx.AsyncClient) -> None:
    response = await client.post(
        URL,
        json={"credential": general_credential()},
        headers={"Content-Type": 'application/ld+json; profile="http://www.w3.org/ns/json-ld#expanded"'},
    )
    assert response.status_code == 201


async def test_a_body_over_the_limit(client: httpx.AsyncClient) -> None:
    response = await _issue(client, general_credential(name="a" * 20_000_000))
    assert response.status_code == 413
    assert response.json()["code"] == "payload_too_large"


async def test_a_stranger_on_the_network_needs_the_officers_token(
    settings: IssuerSettings, chain: Chain, clock: SetClock
) -> None:
    http = HttpClient()
    async with lifespan_of(create_app(settings, clock=clock, ledger=chain.ledger, http=http)) as running:
        transport = httpx.ASGITransport(app=running.app, client=("192.0.2.7", 4711))
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as stranger:
            assert (await _issue(stranger, general_credential())).status_code == 401
            body = {"credential": general_credential()}
            assert (await stranger.post(URL, json=body, headers=OFFICER)).status_code == 201
    await http.close()


async def test_without_keys_there_is_no_vc_api(settings: IssuerSettings, chain: Chain, clock: SetClock) -> None:
    http = HttpClient()
    app = create_app(settings.model_copy(update={"vc_api": None}), clock=clock, ledger=chain.ledger, http=http)
    async with lifespan_of(app) as running:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=running.app), base_url=ISSUER) as client:
            assert (await _issue(client, general_credential())).status_code == 404
    await http.close()


async def test_it_is_not_ready_with_a_key_that_the_registry_has_not(
    settings: IssuerSettings, chain: Chain, clock: SetClock
) -> None:
    keys = chain.vc_api.keys
    swapped = chain.vc_api.model_copy(update={"keys": (keys[0].model_copy(update={"key": keys[1].key}), *keys[1:])})
    http = HttpClient()
    app = create_app(settings.model_copy(update={"vc_api": swapped}), clock=clock, ledger=chain.ledger, http=http)
    async with lifespan_of(app) as running:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=running.app), base_url=ISSUER) as client:
            assert (await client.get("/readyz")).status_code == 503
    await http.close()


def test_the_keys_are_of_a_did_that_issues_none_of_our_types(
    settings: IssuerSettings, chain: Chain, clock: SetClock
) -> None:
    ours = chain.vc_api.keys[0].model_copy(update={"verification_method": chain.keys[0].verification_method})
    mixed = chain.vc_api.model_copy(update={"keys": (*chain.vc_api.keys, ours)})
    with pytest.raises(SettingsError, match="must not sign for a DID that issues a credential type"):
        create_app(settings.model_copy(update={"vc_api": mixed}), clock=clock, ledger=chain.ledger, http=HttpClient())


async def test_the_description_of_the_api(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"][URL]["post"]
    assert "credential" in described["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert "201" in described["responses"]
