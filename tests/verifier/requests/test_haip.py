"""A desk that keeps to HAIP 1.0: what it asks, what it takes, and what of our own it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from sabai.keys.development_ca import DevelopmentCa
from tests.conftest import NOW
from tests.support.claims import sample_claims
from tests.support.hospital import link_fields, post_answer, post_form
from tests.support.issuing import DAY
from tests.support.verification import CountedBytes
from tests.verifier.conftest import Registry, create_settings
from tests.verifier.requests.conftest import PUBLIC_URL, AskingDesk, OpenAskingDesk
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import P256Signer
from vc_core.crypto.x509 import CertificateChain, decode_x5c, load_own_certificates
from vc_core.errors import SettingsError
from vc_core.formats.credential import StatusReference
from vc_core.formats.sd_jwt import create_sd_jwt_vc
from vc_core.formats.status_list import Status, StatusList, create_status_list_token
from vc_core.protocols.openid4vp.client_id import certificate_hash
from vc_core.protocols.openid4vp.response import AuthorizationResponse, create_response_form
from verifier.requests.keys import load_request_keys

ISSUER_URL = "https://issuer.office.example"
STATUS_URI = ISSUER_URL + "/status/1"


@dataclass
class Office:
    """An issuer that certificates name, and their authority."""

    ca: DevelopmentCa
    signer: P256Signer
    chain: CertificateChain
    statuses: StatusList

    @classmethod
    def create(cls, folder: Path) -> Office:
        """One whose coverage a desk with these anchors takes."""
        ca, signer = DevelopmentCa.load_or_make(folder, now=NOW), P256Signer.generate()
        pem = ca.certify(signer.public_key, subject="Office", url=ISSUER_URL, now=NOW)
        own = load_own_certificates(pem, issuer=ISSUER_URL, key=signer.public_key)
        return cls(ca, signer, own.chain, StatusList(2, 64))

    def sd_jwt(self, desk: AskingDesk) -> str:
        """A coverage for the wallet's key."""
        return create_sd_jwt_vc(
            INSURANCE_COVERAGE,
            sample_claims(INSURANCE_COVERAGE),
            verification_method=self.chain,
            signer=self.signer,
            issued_at=desk.clock() - 60,
            expires_at=desk.clock() + DAY,
            status=StatusReference(STATUS_URI, 7),
            holder_key=desk.wallet.holder.public_key,
            randomness=CountedBytes(),
        )

    def publish(self, desk: AskingDesk) -> None:
        """Its status list, at its address."""
        token = create_status_list_token(
            self.statuses,
            uri=STATUS_URI,
            verification_method=self.chain,
            signer=self.signer,
            issued_at=desk.clock(),
            expires_at=desk.clock() + DAY,
            time_to_live=60,
        )
        headers = {"Content-Type": "application/statuslist+jwt"}
        desk.desk.statuses.answers[STATUS_URI] = httpx.Response(200, text=token, headers=headers)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The issuer."""
    return Office.create(tmp_path / "keys")


def haip_settings(office: Office, registry: Registry, folder: Path) -> dict[str, Any]:
    """The settings of a desk under HAIP, but for those that `open_asking_desk` makes."""
    certificates = folder / "requests.crt"
    key = registry.hospital.requests_key.public_key
    certificates.write_bytes(office.ca.certify(key, subject="Riverside Hospital", url=PUBLIC_URL, now=NOW))
    anchors = office.ca.write_anchors(host="office.example", credential_types=["InsuranceCoverage"])
    return {"protocol_profile": "haip", "requests_certificates": certificates, "trust_anchors": anchors}


@pytest.fixture
async def haip(
    open_asking_desk: OpenAskingDesk, registry: Registry, office: Office, tmp_path: Path
) -> AsyncIterator[AskingDesk]:
    """A desk under HAIP that trusts the office."""
    settings = haip_settings(office, registry, tmp_path)
    async with open_asking_desk(f"sqlite+aiosqlite:///{tmp_path / 'haip.sqlite'}", **settings) as desk:
        office.publish(desk)
        yield desk


async def test_request_is_what_the_profile_asks_for(haip: AskingDesk, office: Office) -> None:
    """Sections 5 and 5.1: signed, by reference, `x509_hash` without the anchor, DCQL, a key for each answer."""
    created = await haip.ask("coverage", "direct_post.jwt")
    fields = link_fields(created["authorization_request"])
    path = fields["request_uri"].removeprefix(PUBLIC_URL)
    jws = parse_jws((await haip.client.get(path)).text, typ="oauth-authz-req+jwt")
    [certificate] = decode_x5c(jws.header["x5c"])
    assert jws.header["alg"] == "ES256"
    assert fields["client_id"] == jws.payload["client_id"] == f"x509_hash:{certificate_hash(certificate)}"
    assert (jws.payload["response_type"], jws.payload["response_mode"]) == ("vp_token", "direct_post.jwt")
    metadata = jws.payload["client_metadata"]
    assert metadata["encrypted_response_enc_values_supported"] == ["A128GCM", "A256GCM"]
    [key] = metadata["jwks"]["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ECDH-ES", "enc")
    [query] = jws.payload["dcql_query"]["credentials"]
    assert query["format"] == "dc+sd-jwt"
    assert [each["type"] for each in query["trusted_authorities"]] == ["aki"]
    other = await haip.fetch(await haip.ask("coverage", "direct_post.jwt"))
    assert other.client_metadata is not None
    assert other.client_metadata.keys[0]["x"] != key["x"]


@pytest.mark.parametrize("same_device", [False, True])
async def test_certified_coverage_is_accepted(haip: AskingDesk, office: Office, same_device: bool) -> None:
    created = await haip.ask("coverage", "direct_post.jwt", same_device=same_device)
    cookie = ""
    if same_device:
        start = await haip.client.get(created["start_url"].removeprefix(PUBLIC_URL))
        cookie = start.headers["set-cookie"].partition(";")[0]
    request = await haip.fetch(created)
    shown = haip.wallet.show_sd_jwt(request, "coverage", office.sd_jwt(haip))
    answer = await post_answer(haip.client, request, {"coverage": (shown,)})
    assert answer.status_code == 200, answer.text
    if same_device:
        assert (await haip.result(created))["verdict"] is None  # until the browser comes back (section 5.1)
        path = answer.json()["redirect_uri"].removeprefix(PUBLIC_URL)
        assert (await haip.client.get(path)).status_code == 403  # in another browser
        assert (await haip.client.get(path, headers={"Cookie": cookie})).status_code == 200
    result = await haip.result(created)
    assert (result["state"], result["verdict"], result["code"]) == ("answered", "accepted", "OK")
    assert result["presentations"][0]["issuer"]["name"] == "issuer.office.example"


async def test_revoked_in_the_certified_list(haip: AskingDesk, office: Office) -> None:
    office.statuses.set(7, Status.INVALID)
    office.publish(haip)
    created = await haip.ask("coverage", "direct_post.jwt")
    request = await haip.fetch(created)
    shown = haip.wallet.show_sd_jwt(request, "coverage", office.sd_jwt(haip))
    await post_answer(haip.client, request, {"coverage": (shown,)})
    assert (await haip.result(created))["code"] == "REVOKED"


async def test_issuer_that_a_did_names_is_refused(haip: AskingDesk) -> None:
    """Section 6.1.1: such a credential does not even answer the query."""
    created = await haip.ask("coverage", "direct_post.jwt")
    request = await haip.fetch(created)
    shown = haip.wallet.show_sd_jwt(request, "coverage", haip.wallet.sd_jwt(INSURANCE_COVERAGE))
    answer = await post_answer(haip.client, request, {"coverage": (shown,)})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert (await haip.result(created))["verdict"] is None


async def test_answer_in_the_clear_is_refused(haip: AskingDesk, office: Office) -> None:
    created = await haip.ask("coverage", "direct_post.jwt")
    request = await haip.fetch(created)
    shown = haip.wallet.show_sd_jwt(request, "coverage", office.sd_jwt(haip))
    form = create_response_form(AuthorizationResponse({"coverage": (shown,)}, request.state))
    answer = await post_form(haip.client, request, form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "change",
    [
        {"response_mode": "direct_post"},
        {"response_mode": "dc_api"},
        *({"client_id_prefix": each} for each in ("decentralized_identifier", "x509_san_dns", "redirect_uri")),
    ],
    ids=str,
)
async def test_what_the_profile_does_not_have_is_not_asked(haip: AskingDesk, change: dict[str, str]) -> None:
    body = {"policy": "coverage", "response_mode": "direct_post.jwt"} | change
    answer = await haip.client.post("/requests", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert "HAIP" in answer.json()["detail"]


@pytest.mark.parametrize("signed", [True, False])
async def test_browsers_are_asked_for_encrypted_answers(haip: AskingDesk, signed: bool) -> None:
    """Section 5.2."""
    created = await haip.ask("coverage", "dc_api.jwt", signed=signed)
    entry = created["digital_credentials_request"]
    assert entry["protocol"] == ("openid4vp-v1-signed" if signed else "openid4vp-v1-unsigned")
    if not signed:
        assert entry["data"]["response_mode"] == "dc_api.jwt"
        assert entry["data"]["dcql_query"]["credentials"][0]["format"] == "dc+sd-jwt"


async def test_desk_has_one_name_and_needs_what_the_profile_needs(
    office: Office, registry: Registry, tmp_path: Path
) -> None:
    key = tmp_path / "requests.pem"
    key.write_bytes(registry.hospital.pem)
    asking = {
        "public_url": PUBLIC_URL,
        "facility_did": registry.hospital.did,
        "requests_verification_method": registry.hospital.requests_method,
        "requests_key": str(key),
    }
    good = create_settings(registry, "sqlite+aiosqlite://", **asking, **haip_settings(office, registry, tmp_path))
    good.check()
    assert [str(each) for each in load_request_keys(good).names] == ["x509_hash"]
    for name in ("requests_certificates", "trust_anchors"):
        with pytest.raises(SettingsError, match=f"haip needs {name}"):
            good.model_copy(update={name: None}).check()
