"""What a desk may ask and what not, who may ask at all, and what the holder signs by answering."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from pydantic import SecretStr
from sqlalchemy import text

from tests.support.certificates import certify
from tests.support.hospital import post_answer
from tests.support.portraits import portrait_claim
from tests.verifier.conftest import DESK_TOKEN, Registry
from tests.verifier.requests.conftest import PUBLIC_URL, AskingDesk, OpenAskingDesk
from tests.verifier.staff.conftest import Staffed
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.keys import Ed25519Signer, P256Signer, signer_to_pem
from vc_core.errors import SettingsError
from vc_core.formats.sd_jwt import parse_sd_jwt_presentation
from vc_core.protocols.openid4vp.transaction_data import CONSENT, VISIT, parse_transaction_data
from verifier.requests.service import KEEP_SECONDS, KEEP_SIGNED_SECONDS

VISIT_MEMBERS = {"hospital": "10661", "visit_id": "v-1", "visit_date": "2026-09-21", "service": "ตรวจผู้ป่วยนอก"}
CONSENT_MEMBERS = {"purpose": "Treatment", "recipient": "Riverside Hospital", "valid_until": "2026-12-31"}


async def refusal(desk: AskingDesk, **members: Any) -> tuple[int, str]:
    """The status and code with which a request is refused; nothing is kept of it."""
    body = {"policy": "coverage", "response_mode": "direct_post", **members}
    answer = await desk.client.post("/requests", json=body)
    statement = text("SELECT count(*) FROM presentation_request")
    kept = await desk.desk.app.state.database.write(lambda connection: connection.execute(statement).scalar_one())
    assert kept == 0
    return answer.status_code, answer.json()["code"]


async def test_requests_that_are_not_of_the_form(sqlite_asking: AskingDesk) -> None:
    for members in (
        {"policy": "everything"},
        {"policy": ""},
        {"response_mode": "fragment"},
        {"response_mode": "query.jwt"},
        {"client_id_prefix": "verifier_attestation"},
        {"request_uri_method": "put"},
        {"extra": 1},
        {"signed": False},
        {"expected_origins": ["https://riverside.example"]},
        {"return_to": "https://riverside.example/"},
        {"response_mode": "dc_api", "same_device": True},
        {"response_mode": "dc_api", "client_id_prefix": "redirect_uri"},
        {"response_mode": "dc_api", "signed": False, "client_id_prefix": "x509_hash"},
        {"response_mode": "dc_api", "expected_origins": ["javascript:1"]},
        {"transaction_data": [{"type": "payment", "members": {}}]},
        {"transaction_data": [{"type": VISIT, "members": {}}]},
        {"transaction_data": [{"type": VISIT, "members": VISIT_MEMBERS | {"amount": "1"}}]},
        {"transaction_data": [{"type": VISIT, "members": VISIT_MEMBERS}] * 6},
    ):
        assert await refusal(sqlite_asking, **members) == (400, "invalid_request"), members
    assert await refusal(sqlite_asking, client_id_prefix="x509_hash") == (409, "conflict")


async def test_a_hospital_asks_only_what_the_registry_lets_it(
    open_asking_desk: OpenAskingDesk, registry: Registry, tmp_path: Path
) -> None:
    """W10 from the other side: this one may see a coverage as it always shows itself, and nothing else."""
    database_url = f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}"
    async with open_asking_desk(database_url, hospital=registry.limited_hospital) as desk:
        for policy in ("identity", "coverage", "coverage+photo", "coverage+identity minimal", "guardian"):
            assert await refusal(desk, policy=policy) == (403, "not_accredited")
            assert await refusal(desk, policy=policy, client_id_prefix="redirect_uri") == (403, "not_accredited")


async def test_formats_that_show_too_much_are_not_offered(
    open_asking_desk: OpenAskingDesk, registry: Registry, tmp_path: Path
) -> None:
    database_url = f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}"
    async with open_asking_desk(database_url, hospital=registry.modest_hospital) as desk:
        request = await desk.fetch(await desk.ask("identity"))
        assert [each.format for each in request.dcql_query.credentials] == ["dc+sd-jwt"]
        assert request.client_metadata.vp_formats_supported.keys() == {"dc+sd-jwt"}
        request = await desk.fetch(await desk.ask("coverage"))
        assert "copay_baht" not in {each.path[-1] for each in request.dcql_query.credentials[0].claims}


async def test_a_hospital_that_is_not_in_the_registry_asks_nothing(
    open_asking_desk: OpenAskingDesk, tmp_path: Path
) -> None:
    unknown = "did:ethr:0x539:0x00000000000000000000000000000000000000aa"
    settings: dict[str, Any] = {"facility_did": unknown, "requests_verification_method": None, "requests_key": None}
    async with open_asking_desk(f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}", **settings) as desk:
        assert await refusal(desk) == (409, "conflict")
        assert await refusal(desk, client_id_prefix="redirect_uri") == (403, "not_accredited")


async def test_only_the_desk_asks_and_hears(open_asking_desk: OpenAskingDesk, create_postgres_url: Any) -> None:
    production: dict[str, Any] = {"profile": "production", "desk_token": SecretStr(DESK_TOKEN)}
    async with open_asking_desk(create_postgres_url(), **production) as desk:
        body = {"policy": "coverage", "response_mode": "direct_post"}
        paths = ["/requests/x", "/requests/x/qr.png", "/requests/x/digital-credential", "/signed-transactions/x"]
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            assert (await desk.client.post("/requests", json=body, headers=headers)).status_code == 401
            for path in paths:
                assert (await desk.client.get(path, headers=headers)).status_code == 401
        desk.client.headers["Authorization"] = f"Bearer {DESK_TOKEN}"
        created = await desk.ask()
        assert (await desk.result(created))["state"] == "created"
        del desk.client.headers["Authorization"]
        request = await desk.fetch(created)  # wallets have no token
        assert str(request.client_id).startswith("decentralized_identifier:")
        cross_site = {"Authorization": f"Bearer {DESK_TOKEN}", "Sec-Fetch-Site": "cross-site"}
        assert (await desk.client.post("/requests", json=body, headers=cross_site)).status_code == 400


async def test_the_audit_log_says_which_member_asked(sqlite_asking: AskingDesk) -> None:
    sqlite_asking.client.base_url = httpx.URL(PUBLIC_URL)
    somsri = await Staffed(sqlite_asking.client, sqlite_asking.clock).join("somsri")
    body = {"policy": "identity", "response_mode": "direct_post"}
    created = (await somsri.client.post("/requests", json=body)).json()
    request = await sqlite_asking.fetch(created)
    query_id = request.dcql_query.credentials[0].id
    shown = sqlite_asking.wallet.show_sd_jwt(request, query_id, sqlite_asking.wallet.sd_jwt(HEALTH_ID))
    for _ in range(2):  # the second is refused, and recorded too
        await post_answer(sqlite_asking.client, request, {query_id: (shown,)})
    statement = text("SELECT DISTINCT staff_id FROM check_record")
    asked_by = await sqlite_asking.desk.app.state.database.write(lambda c: c.execute(statement).scalars().all())
    assert asked_by == [somsri.member["id"]]


@pytest.mark.parametrize(("type_", "members"), [(VISIT, VISIT_MEMBERS), (CONSENT, CONSENT_MEMBERS)])
async def test_what_the_holder_signs_is_kept_as_proof(
    sqlite_asking: AskingDesk, type_: str, members: dict[str, str]
) -> None:
    created = await sqlite_asking.ask("identity", transaction_data=[{"type": type_, "members": members}])
    request = await sqlite_asking.fetch(created)
    assert [each.format for each in request.dcql_query.credentials] == ["dc+sd-jwt"]
    # What is kept for years has no photo.
    assert "portrait" not in {each.path[-1] for each in request.dcql_query.credentials[0].claims}
    (asked,) = request.transaction_data
    assert (asked.type, dict(asked.members), asked.credential_ids) == (type_, members, ("identity",))
    wallet = sqlite_asking.wallet
    held = wallet.sd_jwt(HEALTH_ID, portrait=portrait_claim())
    more = wallet.show_sd_jwt(request, "identity", held, disclose=["name", "name_latin", "birth_date", "portrait"])
    refused = await post_answer(sqlite_asking.client, request, {"identity": (more,)})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    shown = wallet.show_sd_jwt(request, "identity", held)
    assert (await post_answer(sqlite_asking.client, request, {"identity": (shown,)})).status_code == 200

    result = await sqlite_asking.result(created)
    assert result["verdict"] == "accepted"
    (signed_id,) = result["signed_transactions"]
    proof = (await sqlite_asking.client.get(f"/signed-transactions/{signed_id}")).json()
    read = parse_transaction_data(proof["transaction_data"], credential_ids=["identity"])
    presentation = parse_sd_jwt_presentation(proof["presentation"])
    assert "portrait" not in presentation.credential.claims
    assert presentation.transaction_data_hashes == (read.sha_256,)
    presentation.signed.verify(sqlite_asking.wallet.holder.public_key)
    assert (await sqlite_asking.client.get("/signed-transactions/x")).status_code == 404


async def test_an_answer_that_does_not_sign_is_no_proof(sqlite_asking: AskingDesk) -> None:
    for hashes in ([], ["A" * 43]):
        created = await sqlite_asking.ask("identity", transaction_data=[{"type": VISIT, "members": VISIT_MEMBERS}])
        request = await sqlite_asking.fetch(created)
        wallet = sqlite_asking.wallet
        options: dict[str, Any] = {"transaction_data_hashes": hashes}
        shown = wallet.show_sd_jwt(request, "identity", wallet.sd_jwt(HEALTH_ID), **options)
        await post_answer(sqlite_asking.client, request, {"identity": (shown,)})
        result = await sqlite_asking.result(created)
        assert (result["code"], result["signed_transactions"]) == ("WRONG_AUDIENCE", [])


async def test_old_requests_are_forgotten_and_proofs_later(asking: AskingDesk) -> None:
    created = await asking.ask("identity", transaction_data=[{"type": VISIT, "members": VISIT_MEMBERS}])
    request = await asking.fetch(created)
    shown = asking.wallet.show_sd_jwt(request, "identity", asking.wallet.sd_jwt(HEALTH_ID))
    await post_answer(asking.client, request, {"identity": (shown,)})
    proof = f"/signed-transactions/{(await asking.result(created))['signed_transactions'][0]}"
    await asking.desk.app.state.requests.forget_old()
    assert (await asking.result(created))["verdict"] == "accepted"
    asking.clock.advance(KEEP_SECONDS + 1)
    await asking.desk.app.state.requests.forget_old()
    assert (await asking.client.get(f"/requests/{created['id']}")).status_code == 404
    assert (await asking.client.get(proof)).status_code == 200
    asking.clock.advance(KEEP_SIGNED_SECONDS)
    await asking.desk.app.state.requests.forget_old()
    assert (await asking.client.get(proof)).status_code == 404


async def test_settings_that_do_not_go_together(
    open_asking_desk: OpenAskingDesk, registry: Registry, tmp_path: Path
) -> None:
    ed25519, garbage = tmp_path / "ed25519.pem", tmp_path / "garbage.pem"
    ed25519.write_bytes(signer_to_pem(Ed25519Signer.generate()))
    garbage.write_bytes(b"no key")
    for settings in (
        {"requests_key": None},
        {"requests_verification_method": None},
        {"requests_verification_method": registry.limited_hospital.requests_method},
        {"requests_verification_method": None, "requests_key": None, "requests_certificates": garbage},
        {"requests_key": str(ed25519)},
        {"requests_key": str(garbage)},
        {"requests_key": str(tmp_path / "missing.pem")},
        {"requests_certificates": garbage},
        {"requests_certificates": tmp_path / "missing.crt"},
    ):
        with pytest.raises(SettingsError):
            async with open_asking_desk(f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}", **settings):
                pass


async def test_nothing_is_asked_with_a_key_that_the_registry_does_not_have(
    open_asking_desk: OpenAskingDesk, registry: Registry, tmp_path: Path
) -> None:
    """One that it never had, and another's under the right name."""
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(signer_to_pem(P256Signer.generate()))
    for settings in (
        {"requests_verification_method": registry.hospital.did + "#delegate-9"},
        {"requests_key": str(stranger)},
    ):
        async with open_asking_desk(f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}", **settings) as desk:
            assert await refusal(desk) == (409, "conflict")


async def test_nothing_is_asked_with_a_certificate_that_is_over(
    open_asking_desk: OpenAskingDesk, registry: Registry, tmp_path: Path
) -> None:
    leaf = certify(
        "Riverside Hospital",
        certify("Sample Ministry"),
        ca=None,
        usage="digital_signature",
        names=[x509.DNSName("desk.riverside.example")],
        key=registry.hospital.requests_key._private_key,
        days=99,
    )
    certificates = tmp_path / "requests.crt"
    certificates.write_bytes(leaf.pem)
    database_url = f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}"
    async with open_asking_desk(database_url, requests_certificates=certificates) as desk:
        assert await refusal(desk, client_id_prefix="x509_hash") == (409, "conflict")
        assert (await desk.ask())["authorization_request"] is not None


@pytest.mark.parametrize("path", ["/requests/{}", "/requests/{}/digital-credential", "/signed-transactions/{}"])
async def test_an_id_that_none_can_have_is_not_found(asking: AskingDesk, path: str) -> None:
    """PostgreSQL can't even compare a text with NUL in it."""
    for request_id in ("a%00", "%00", "a" * 65, "ก", "a%0A"):
        got = await asking.client.get(path.format(request_id))
        assert (got.status_code, got.json()["code"]) == (404, "not_found")
