"""From a desk's question to its verdict: every policy, format, response mode and name."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
import zxingcpp
from cryptography import x509
from PIL import Image
from sqlalchemy import Connection, text

from tests.support.certificates import certify
from tests.support.hospital import bitstring_answer, link_fields, post_answer
from tests.support.portraits import portrait_claim
from tests.support.requests import VerifierTrust
from tests.verifier.conftest import Registry
from tests.verifier.requests.conftest import PUBLIC_URL, AskingDesk, OpenAskingDesk
from vc_core.credential_types.guardian_delegation import GUARDIAN_DELEGATION
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.formats.status_list import Status
from vc_core.protocols.openid4vp.request_object import parse_request_object
from vc_core.verifier_trust import verify_request_object
from verifier.requests.service import PORTRAIT_AGAIN_SECONDS, PORTRAIT_SECONDS


def read_any(png: bytes) -> str:
    """The text of the QR code in a picture."""
    with Image.open(io.BytesIO(png)) as image:
        return zxingcpp.read_barcodes(image.convert("L"))[0].text


MODES = ("direct_post", "direct_post.jwt")


@pytest.mark.parametrize("mode", MODES)
async def test_a_coverage_is_asked_for_shown_and_accepted(asking: AskingDesk, mode: str) -> None:
    created = await asking.ask("coverage", mode)
    assert (await asking.result(created))["state"] == "created"
    request = await asking.fetch(created, wallet_nonce="abc")
    waiting = await asking.result(created)
    assert (waiting["state"], waiting["verdict"]) == ("fetched", None)

    shown = asking.wallet.show_sd_jwt(request, "coverage", asking.wallet.sd_jwt(INSURANCE_COVERAGE))
    answer = await post_answer(asking.client, request, {"coverage": (shown,)})
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["cache-control"] == "no-store"

    result = await asking.result(created)
    assert (result["state"], result["verdict"], result["code"]) == ("answered", "accepted", "OK")
    assert result["coverage"]["scheme"] == "8401"
    assert result["person"]["name"] == "စန္ဒာလှိုင်"
    assert [each["credential_query_id"] for each in result["presentations"]] == ["coverage"]
    assert result["presentations"][0]["issuer"]["name"] == "Migrant Health Fund"


async def test_the_verdict_is_that_of_a_check(sqlite_asking: AskingDesk) -> None:
    """One verification path: the same credential by QR code and by OpenID4VP gives the same verdict."""
    created = await sqlite_asking.ask("coverage")
    request = await sqlite_asking.fetch(created)
    shown = sqlite_asking.wallet.show_sd_jwt(request, "coverage", sqlite_asking.wallet.sd_jwt(INSURANCE_COVERAGE))
    await post_answer(sqlite_asking.client, request, {"coverage": (shown,)})
    result = await sqlite_asking.result(created)
    checked = await sqlite_asking.desk.check(sqlite_asking.desk.show(holder=sqlite_asking.wallet.holder))
    assert checked.pop("check_id") != result["check_id"]
    assert {name: result[name] for name in checked} == checked


@pytest.mark.parametrize("policy", ["identity", "coverage", "coverage+photo", "coverage+identity minimal", "guardian"])
async def test_every_policy_asks_for_what_it_needs_and_no_more(sqlite_asking: AskingDesk, policy: str) -> None:
    desk, wallet = sqlite_asking, sqlite_asking.wallet
    created = await desk.ask(policy)
    request = await desk.fetch(created)
    types = {"identity": HEALTH_ID, "coverage": INSURANCE_COVERAGE, "guardian": GUARDIAN_DELEGATION}
    asked = [each.id for each in request.dcql_query.credentials if each.format == "dc+sd-jwt"]
    shown = {name: (wallet.show_sd_jwt(request, name, wallet.sd_jwt(types[name])),) for name in asked}
    assert (await post_answer(desk.client, request, shown)).status_code == 200
    result = await desk.result(created)
    assert (result["verdict"], result["code"]) == ("accepted", "OK")
    assert result["person"]["health_id"] == "SB4K7T9QX2M3"
    assert set(asked) == {each["credential_query_id"] for each in result["presentations"]}
    if policy == "coverage+identity minimal":
        assert result["person"]["birth_year"] is None
        assert result["coverage"] is not None


async def test_a_portrait_is_told_for_half_a_minute_and_kept_no_longer(asking: AskingDesk) -> None:
    def kept(connection: Connection) -> str:
        rows = connection.execute(text("SELECT * FROM presentation_request")).mappings().all()
        return " ".join(str(dict(row)) for row in rows)

    database, claim = asking.desk.app.state.database, portrait_claim()
    created = await asking.ask("coverage+photo", "direct_post.jwt")
    request, wallet = await asking.fetch(created), asking.wallet
    held = {"coverage": wallet.sd_jwt(INSURANCE_COVERAGE), "identity": wallet.sd_jwt(HEALTH_ID, portrait=claim)}
    shown = {name: (wallet.show_sd_jwt(request, name, each),) for name, each in held.items()}
    assert (await post_answer(asking.client, request, shown)).status_code == 200
    assert claim[100:200] not in await database.write(kept)
    results = await asyncio.gather(*(asking.result(created) for _ in range(3)))
    assert [each["person"]["portrait"] for each in results] == [claim] * 3
    assert results[0]["coverage"]["copay_baht"] == 30
    assert [each["person"].get("portrait") for each in results[0]["presentations"]] == [None, None]
    asking.clock.advance(PORTRAIT_AGAIN_SECONDS - 1)
    assert (await asking.result(created))["person"]["portrait"] == claim  # the answers before may have been lost
    asking.clock.advance(1)
    assert (await asking.result(created))["person"]["portrait"] is None
    await asking.desk.app.state.requests.forget_old()
    assert "'sealed_portrait': b" not in await database.write(kept)

    created = await asking.ask("identity")
    request = await asking.fetch(created)
    answer = wallet.show_sd_jwt(request, "identity", held["identity"])
    await post_answer(asking.client, request, {"identity": (answer,)})
    assert "'sealed_portrait': b" in await database.write(kept)
    asking.clock.advance(PORTRAIT_SECONDS)
    await asking.desk.app.state.requests.forget_old()
    assert "'sealed_portrait': b" not in await database.write(kept)
    result = await asking.result(created)
    assert (result["verdict"], result["person"]["portrait"]) == ("accepted", None)


async def test_a_portrait_that_was_not_asked_for_is_not_taken(
    open_asking_desk: OpenAskingDesk, registry: Registry, tmp_path: Path
) -> None:
    async with open_asking_desk(
        f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}", hospital=registry.modest_hospital
    ) as desk:
        created = await desk.ask("identity")
        request = await desk.fetch(created)
        assert "portrait" not in {each.path[-1] for each in request.dcql_query.credentials[0].claims}
        credential = desk.wallet.sd_jwt(HEALTH_ID, portrait=portrait_claim())
        names = ["name", "name_latin", "birth_date", "portrait"]
        shown = desk.wallet.show_sd_jwt(request, "identity", credential, disclose=names)
        assert (await post_answer(desk.client, request, {"identity": (shown,)})).status_code == 200
        result = await desk.result(created)
        assert (result["verdict"], result["person"]["portrait"]) == ("accepted", None)


async def test_an_optional_credential_may_be_left_out(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask("guardian")
    request = await sqlite_asking.fetch(created)
    wallet = sqlite_asking.wallet
    shown = wallet.show_sd_jwt(request, "guardian", wallet.sd_jwt(GUARDIAN_DELEGATION))
    assert (await post_answer(sqlite_asking.client, request, {"guardian": (shown,)})).status_code == 200
    assert (await sqlite_asking.result(created))["credential_type"] == "GuardianDelegation"


async def test_the_other_claim_set_will_do(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask("identity")
    request = await sqlite_asking.fetch(created)
    wallet = sqlite_asking.wallet
    options = {"disclose": ["name_latin", "birth_year"]}
    shown = wallet.show_sd_jwt(request, "identity", wallet.sd_jwt(HEALTH_ID), **options)
    assert (await post_answer(sqlite_asking.client, request, {"identity": (shown,)})).status_code == 200
    result = await sqlite_asking.result(created)
    assert (result["person"]["name"], result["person"]["name_latin"]) == (None, "Sandar Hlaing")


async def test_claims_that_were_not_needed_are_not_kept(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask("identity")
    request = await sqlite_asking.fetch(created)
    wallet = sqlite_asking.wallet
    options = {"disclose": ["name", "name_latin", "birth_date", "identifier_value", "nationality"]}
    shown = wallet.show_sd_jwt(request, "identity", wallet.sd_jwt(HEALTH_ID), **options)
    assert (await post_answer(sqlite_asking.client, request, {"identity": (shown,)})).status_code == 200
    assert [each["name"] for each in (await sqlite_asking.result(created))["claims"]] == ["birth_date"]


@pytest.mark.parametrize("format_", ["ldp_vc", "jwt_vc_json"])
async def test_w3c_formats(sqlite_asking: AskingDesk, format_: str) -> None:
    desk, wallet = sqlite_asking, sqlite_asking.wallet
    desk.desk.statuses.answers["https://issuer.test/bits/1"] = bitstring_answer(wallet.issuer, now=desk.clock())
    created = await desk.ask("coverage+identity minimal")
    request = await desk.fetch(created)
    show = wallet.ldp_vp if format_ == "ldp_vc" else wallet.jwt_vp
    vp_token = {
        f"coverage-{format_}": (show(request, INSURANCE_COVERAGE),),
        f"identity-{format_}": (show(request, HEALTH_ID),),
    }
    answer = await post_answer(desk.client, request, vp_token)
    assert answer.status_code == 200, answer.text
    result = await desk.result(created)
    assert (result["verdict"], result["code"], result["sentence"]) == (
        "accepted",
        "OK",
        "The person is covered here today.",
    )
    assert result["person"]["birth_year"] is None


async def test_a_revoked_credential_is_a_verdict_without_a_person(sqlite_asking: AskingDesk) -> None:
    desk, wallet = sqlite_asking, sqlite_asking.wallet
    wallet.issuer.set_status(Status.INVALID)
    created = await desk.ask("coverage+identity minimal")
    request = await desk.fetch(created)
    good = wallet.sd_jwt(HEALTH_ID)
    wallet.status_index = 7
    vp_token = {
        "coverage": (wallet.show_sd_jwt(request, "coverage", wallet.sd_jwt(INSURANCE_COVERAGE)),),
        "identity": (wallet.show_sd_jwt(request, "identity", good),),
    }
    assert (await post_answer(desk.client, request, vp_token)).status_code == 200
    result = await desk.result(created)
    assert (result["state"], result["verdict"], result["code"]) == ("answered", "rejected", "REVOKED")
    assert "Sandar" not in str(result)
    assert "စန္ဒာလှိုင်" not in str(result)
    assert [result["person"], *(each["person"] for each in result["presentations"])] == [None] * 3


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_wallet_can_tell_who_asks(sqlite_asking: AskingDesk, registry: Registry, method: str) -> None:
    created = await sqlite_asking.ask(request_uri_method=method)
    link = created["authorization_request"]
    assert link.startswith("openid4vp://?client_id=decentralized_identifier%3Adid%3Aethr%3A")
    assert ("request_uri_method=post" in link) is (method == "post")
    path = await _request_path(sqlite_asking, created)
    response = await sqlite_asking.client.post(path, data={"wallet_nonce": "n-1"})
    hospital = sqlite_asking.hospital
    trust = VerifierTrust(
        keys={hospital.requests_method: hospital.requests_key.public_key}, names={hospital.did: "Riverside Hospital"}
    )
    verified = verify_request_object(
        parse_request_object(response.text),
        expected_client_id=f"decentralized_identifier:{hospital.did}",
        expected_wallet_nonce="n-1",
        trust=trust,
        now=sqlite_asking.clock(),
    )
    assert verified.verifier.name == "Riverside Hospital"
    assert verified.request.response_uri is not None
    assert verified.request.response_uri.startswith(PUBLIC_URL + "/openid4vp/")


async def _request_path(desk: AskingDesk, created: dict[str, str]) -> str:
    return link_fields(created["authorization_request"])["request_uri"].removeprefix(PUBLIC_URL)


@pytest.mark.parametrize("prefix", ["x509_san_dns", "x509_hash", "redirect_uri"])
async def test_other_names(open_asking_desk: OpenAskingDesk, registry: Registry, tmp_path: Path, prefix: str) -> None:
    authority = certify("Sample Ministry")
    leaf = certify(
        "Riverside Hospital",
        authority,
        ca=None,
        usage="digital_signature",
        names=[x509.DNSName("desk.riverside.example")],
        key=registry.hospital.requests_key._private_key,
    )
    certificates = tmp_path / "requests.crt"
    certificates.write_bytes(leaf.pem)
    database_url = f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}"
    async with open_asking_desk(database_url, requests_certificates=certificates) as desk:
        created = await desk.ask("coverage", "direct_post.jwt", client_id_prefix=prefix)
        request = await desk.fetch(created)
        assert str(request.client_id).startswith(prefix + ":")
        if prefix != "redirect_uri":
            response = await desk.client.get(await _request_path(desk, created))
            verified = verify_request_object(
                parse_request_object(response.text),
                expected_client_id=str(request.client_id),
                trust=VerifierTrust(),
                anchors=[authority.certificate],
                now=desk.clock(),
            )
            expected = "Riverside Hospital" if prefix == "x509_hash" else "desk.riverside.example"
            assert verified.verifier.name == expected
        shown = desk.wallet.show_sd_jwt(request, "coverage", desk.wallet.sd_jwt(INSURANCE_COVERAGE))
        assert (await post_answer(desk.client, request, {"coverage": (shown,)})).status_code == 200
        assert (await desk.result(created))["verdict"] == "accepted"


async def test_pictures_of_the_link(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask()
    png = await sqlite_asking.client.get(f"/requests/{created['id']}/qr.png")
    svg = await sqlite_asking.client.get(f"/requests/{created['id']}/qr.svg")
    assert read_any(png.content) == created["authorization_request"]
    assert (png.headers["content-type"], svg.headers["content-type"]) == ("image/png", "image/svg+xml")
    assert svg.content.startswith(b"<?xml")
