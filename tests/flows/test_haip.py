"""HAIP 1.0 from end to end: offered or wanted, fetched through the issuer's page, shown to a desk; and what is refused.

Everything goes by certificates of one authority: the issuer's, the wallet provider's, the hospital's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from backend.settings import WalletProviderSettings
from issuer.settings import IssuingKeySettings, WalletClientSettings
from sabai.keys.development_ca import DevelopmentCa
from sabai.organisations import HOSPITAL_A, WALLET_PROVIDER, Organisation, issuing_organisations
from tests.issuer.authorization.browser import PatientsBrowser
from tests.support.clock import SetClock
from tests.support.people import CHEAP, PASSPHRASE, import_roster, person_id
from tests.support.town import BACKEND, DESK_A, DESK_TOKEN, ISSUER, Town, running_town
from vc_core.certificate_trust import AnchoredTrust
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws
from vc_core.errors import ServiceRefused
from vc_core.trust import TrustSource
from vc_core.trust_anchors import load_trust_anchors
from vc_core.web.settings import ProtocolProfile
from wallet_sdk.issuance import accept_offer, describe_offer, fetch_offer, finish_authorization, read_offer
from wallet_sdk.openid4vp import flow
from wallet_sdk.registry import refresh_registry
from wallet_sdk.wallet import Wallet

BACK = "https://wallet.test/back"
VERIFIER = "v" * 43
COVERAGE, HEALTH_ID = "InsuranceCoverage_dc+sd-jwt", "HealthId_dc+sd-jwt"
PERSON = {"identifier": "0012345678901", "day": "14", "month": "3", "year": "1994"}
PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


class Authority:
    """The development CA of a town, and what its services are set to by it."""

    def __init__(self, folder: Path, clock: SetClock, provider_by_certificate: bool) -> None:
        self.ca = DevelopmentCa.load_or_make(folder, now=clock())
        self.folder, self._clock, self._certify_provider = folder, clock, provider_by_certificate
        self.anchors_file = self._anchors("issuer.test", "InsuranceCoverage", "HealthId")
        self.provider_anchors_file = self._anchors("backend.test", "WalletAttestation")

    def _anchors(self, host: str, *credential_types: str) -> Path:
        """A file of trust anchors of its own."""
        written = self.ca.write_anchors(host=host, credential_types=credential_types)
        return written.rename(written.with_name(f"{host}.json"))

    def certify(self, organisation: Organisation, url: str, *, requests: bool = False) -> Path:
        """The certificate of an organisation's key for this URL, in a file."""
        key = organisation.requests_key if requests else organisation.credential_key
        assert key is not None
        path = self.folder / f"{organisation.profile.slug}.crt"
        subject = organisation.profile.name
        path.write_bytes(self.ca.certify(key.public_key, subject=subject, url=url, now=self._clock()))
        return path

    def settings(self, town: Town) -> Mapping[str, Mapping[str, Any]]:
        """Issuer, desk and backend under HAIP. The credential keys sign status lists too, which production refuses."""
        methods, keys = town.registered.methods, []
        for name, organisation in issuing_organisations(town.registered.organisations).items():
            if name not in ("HealthId", INSURANCE_COVERAGE.name):
                continue
            certificates, method = (
                str(self.certify(organisation, ISSUER)),
                methods[organisation.credential_key.public_key],
            )
            keys.append(
                IssuingKeySettings(
                    credential_type=name,
                    verification_method=method,
                    key=str(organisation.credential_key_path),
                    status_verification_method=method,
                    status_key=str(organisation.credential_key_path),
                    certificates=certificates,
                    status_certificates=certificates,
                )
            )
        provider = town.organisation(WALLET_PROVIDER.slug)
        return {
            ISSUER: {
                "protocol_profile": ProtocolProfile.HAIP,
                "issuing_keys": tuple(keys),
                "trust_anchors": self.provider_anchors_file,
                "wallet_clients": (WalletClientSettings(client_id=BACKEND, name="Wallet", redirect_uris=(BACK,)),),
            },
            DESK_A: {
                "protocol_profile": ProtocolProfile.HAIP,
                "requests_certificates": self.certify(town.organisation(HOSPITAL_A.slug), DESK_A, requests=True),
                "trust_anchors": self.anchors_file,
            },
            BACKEND: {
                "wallet_provider": WalletProviderSettings(
                    verification_method=methods[provider.credential_key.public_key],
                    key=str(provider.credential_key_path),
                    certificates=self.certify(provider, BACKEND) if self._certify_provider else None,
                )
            },
        }


@pytest.fixture
def provider_by_certificate() -> bool:
    """Whether the wallet provider has a certificate; a test that wants none says so."""
    return True


@pytest.fixture
def authority(tmp_path: Path, clock: SetClock, provider_by_certificate: bool) -> Authority:
    """The authority that all trust."""
    return Authority(tmp_path, clock, provider_by_certificate)


@pytest.fixture
async def town(
    tmp_path: Path, clock: SetClock, create_database_url: Callable[[str], str], authority: Authority
) -> AsyncIterator[Town]:
    """A town where issuer and one desk keep to HAIP, with its roster."""
    async with running_town(tmp_path, clock, create_database_url, authority.settings) as running:
        await import_roster(running)
        yield running


@pytest.fixture
def wallet(tmp_path: Path) -> Wallet:
    """An empty wallet."""
    return Wallet.create(tmp_path / "wallet", PASSPHRASE, provider=BACKEND, cost=CHEAP)


async def trusted(town: Town, wallet: Wallet, authority: Authority) -> TrustSource:
    """What the wallet trusts: the registry, and issuers by the anchors that its owner chose."""
    registry = await refresh_registry(wallet, town.http, now=town.clock())
    return AnchoredTrust(registry, load_trust_anchors(authority.anchors_file))


async def sign_in(town: Town, address: str) -> str:
    """The patient's browser from the address that the wallet opens to the one that it comes back to."""
    person = await person_id(town, "MU-1")
    code = (await town.officer_post(f"/people/{person}/sign-in-codes", {}, expected=201))["code"]
    async with httpx.AsyncClient(transport=town.transport, base_url=ISSUER) as client:
        browser = PatientsBrowser(client)
        await browser.open(dict(parse_qsl(urlsplit(address).query)))
        shown = await browser.sign_in(code, PERSON)
        assert shown.status_code == 200, shown.text
        return await browser.decide()


async def test_from_the_offer_to_the_verdict(town: Town, wallet: Wallet, authority: Authority) -> None:
    order = {"person_id": await person_id(town, "MU-1"), "credential_configuration_ids": [COVERAGE, HEALTH_ID]}
    made = await town.officer_post("/offers", order, expected=201)
    assert "tx_code" not in made
    trust = await trusted(town, wallet, authority)
    described = await describe_offer(town.http, await fetch_offer(town.http, read_offer(made["offer_link"])))
    assert described.needs_browser
    begun = await accept_offer(wallet, town.http, described, redirect_uri=BACK, trust=trust, clock=town.clock)
    assert begun.address is not None
    assert set(dict(parse_qsl(urlsplit(begun.address).query))) == {"client_id", "request_uri"}  # pushed
    returned = await sign_in(town, begun.address)
    assert dict(parse_qsl(urlsplit(returned).query))["iss"] == ISSUER
    issuance = await finish_authorization(wallet, town.http, begun.session_id, returned, trust=trust, clock=town.clock)
    assert not issuance.refused
    assert {held.issuer_name for held in issuance.stored} == {"issuer.test"}

    asked = await town.http.post_json(
        DESK_A + "/requests", {"policy": "coverage", "response_mode": "direct_post.jwt"}, token=DESK_TOKEN
    )
    assert asked.status == 201, asked.body
    created = asked.json_object()
    session = flow.begin(wallet, created["authorization_request"], now=town.clock())
    session = await flow.fetch(wallet, town.http, session)
    judged: dict[str, Any] = {"trust": trust, "anchors": [authority.ca.certificate], "now": town.clock()}
    session, consent = flow.ask(wallet, session, **judged)
    session = flow.give_consent(wallet, session, consent.choice, **judged)
    await flow.send(wallet, town.http, session)
    result = (await town.http.get(f"{DESK_A}/requests/{created['id']}", token=DESK_TOKEN)).json_object()
    assert (result["state"], result["verdict"], result["code"]) == ("answered", "accepted", "OK")
    assert result["presentations"][0]["issuer"]["name"] == "issuer.test"


async def test_metadata_offers_what_the_profile_has_and_nothing_else(town: Town) -> None:
    """Sections 4 and 4.1."""
    issuer = (await town.http.get(ISSUER + "/.well-known/openid-credential-issuer")).json_object()
    configurations = issuer["credential_configurations_supported"]
    assert set(configurations) == {COVERAGE, HEALTH_ID}
    for each in configurations.values():
        assert (each["format"], each["credential_signing_alg_values_supported"]) == ("dc+sd-jwt", ["ES256"])
        assert each["scope"]
        assert set(each["proof_types_supported"]) == {"jwt", "attestation"}
        assert all("key_attestations_required" in terms for terms in each["proof_types_supported"].values())
    assert issuer["nonce_endpoint"] == ISSUER + "/nonce"
    assert issuer["batch_credential_issuance"]["batch_size"] > 1
    signed = await town.http.get(ISSUER + "/.well-known/openid-credential-issuer", accept="application/jwt")
    header = parse_jws(signed.body.decode("ascii"), typ="openidvci-issuer-metadata+jwt").header
    assert len(header["x5c"]) == 1
    assert "kid" not in header
    server = (await town.http.get(ISSUER + "/.well-known/oauth-authorization-server")).json_object()
    assert server["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert server["require_pushed_authorization_requests"] is True
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth"]
    assert server["dpop_signing_alg_values_supported"] == ["ES256"]
    assert server["authorization_response_iss_parameter_supported"] is True


async def test_pre_authorized_codes_are_neither_made_nor_taken(town: Town) -> None:
    order = {
        "person_id": await person_id(town, "MU-1"),
        "credential_configuration_ids": [COVERAGE],
        "grants": [PRE_AUTHORIZED],
    }
    refused = await town.officer_post("/offers", order, expected=400)
    assert refused["code"] == "invalid_request"
    other_format = order | {"credential_configuration_ids": ["InsuranceCoverage_ldp_vc"], "grants": None}
    assert (await town.officer_post("/offers", other_format, expected=400))["code"] == "invalid_request"


async def test_wallets_that_are_not_attested_get_no_further_than_the_door(town: Town) -> None:
    """Sections 4.3 and 4.4: neither a request nor a code without a wallet attestation."""
    fields = {"client_id": BACKEND, "redirect_uri": BACK, "response_type": "code", "scope": COVERAGE, "state": "s"}
    async with httpx.AsyncClient(transport=town.transport, base_url=ISSUER) as client:
        for path, form in (
            ("/par", fields),
            ("/token", {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": "x"}),
            (
                "/token",
                {"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK, "code_verifier": "v" * 43},
            ),
        ):
            answer = await client.post(path, data=form)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), path
        by_browser = await client.get("/authorize", params=fields | {"code_challenge": "c" * 43})
        assert by_browser.status_code == 303
        assert dict(parse_qsl(urlsplit(by_browser.headers["location"]).query))["error"] == "invalid_request"
        bearer = await client.post("/credential", json={}, headers={"Authorization": "Bearer x"})
        assert (bearer.status_code, bearer.json()["error"]) == (401, "invalid_token")
        assert bearer.headers["www-authenticate"].startswith("DPoP")


@pytest.mark.parametrize("provider_by_certificate", [False])
async def test_attestations_by_a_did_do_not_count(town: Town, wallet: Wallet, authority: Authority) -> None:
    """Section 4.4.1: the provider's certificate must be in `x5c`."""
    trust = await trusted(town, wallet, authority)
    order = {"person_id": await person_id(town, "MU-1"), "credential_configuration_ids": [COVERAGE]}
    made = await town.officer_post("/offers", order, expected=201)
    described = await describe_offer(town.http, await fetch_offer(town.http, read_offer(made["offer_link"])))
    with pytest.raises(ServiceRefused) as refused:
        await accept_offer(wallet, town.http, described, redirect_uri=BACK, trust=trust, clock=town.clock)
    assert refused.value.refusal == "invalid_client"
