"""Issuing by certificates: the whole way to a desk that trusts an anchor, and what keeps the issuer from starting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509

from issuer.app import create_app
from issuer.keys import load_issuing_keys, require_registered
from issuer.settings import Demand, IssuerSettings, IssuingKeySettings
from sabai.keys.development_ca import LEAF_DAYS, DevelopmentCa
from tests.conftest import NOW
from tests.issuer.conftest import Chain
from tests.issuer.wallet import COVERAGE, COVERAGE_LD, HEALTH_ID, ISSUER, OFFICER, Wallet
from tests.support.clock import SetClock
from tests.support.verification import FakeReplays, FakeTrust
from vc_core.certificate_trust import AnchoredTrust, TrustAnchor
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import Signer, load_signer
from vc_core.errors import ReasonCode, Rejection, SettingsError, SignerUnavailable
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.presentation import parse_credential
from vc_core.formats.sd_jwt import create_sd_jwt_presentation
from vc_core.http import HttpClient
from vc_core.protocols.openid4vci.credential import IssuedCredentials, parse_credential_response
from vc_core.status import StatusLists
from vc_core.verification import Policy, VerifiedPresentation, verify_presentation
from vc_core.web.settings import ProtocolProfile

DESK, DESK_NONCE = "x509_hash:dGhlIGRlc2s", "bm9uY2Utb2YtdGhpcy1kZXNr"
DAY = 86_400


@dataclass
class Certified:
    """The issuer's settings with certificates for one type, and the authority that signed them."""

    ca: DevelopmentCa
    entry: IssuingKeySettings
    others: tuple[IssuingKeySettings, ...]
    folder: Path
    changes: dict[str, Any] = field(default_factory=dict)

    def certify(self, name: str, signer: Signer, *, url: str = ISSUER) -> str:
        """A new file with the certificate of a key."""
        path = self.folder / f"{name}.pem"
        path.write_bytes(self.ca.certify(signer.public_key, subject=name, url=url, now=NOW))
        return str(path)


def signer_at(path: str) -> Signer:
    """The signer in a key file."""
    return load_signer(Path(path).read_bytes())


@pytest.fixture
def certified(chain: Chain, tmp_path: Path) -> Certified:
    """A development CA, and certificates for the keys of InsuranceCoverage."""
    ca = DevelopmentCa.load_or_make(tmp_path / "keys", now=NOW)
    [entry] = [each for each in chain.keys if each.credential_type == INSURANCE_COVERAGE.name]
    status_key = entry.status_key.replace("-status", "-p256")
    others = tuple(each for each in chain.keys if each is not entry)
    found = Certified(ca, entry, others, tmp_path)
    change = {
        "status_verification_method": entry.status_verification_method.replace("delegate-2", "delegate-3"),
        "status_key": status_key,
        "certificates": found.certify("coverage", signer_at(entry.key)),
        "status_certificates": found.certify("status", signer_at(status_key)),
    }
    found.entry = entry.model_copy(update=change)
    return found


@pytest.fixture
def settings(settings: IssuerSettings, certified: Certified) -> IssuerSettings:
    """The settings of the other tests, and certificates for one type."""
    return settings.model_copy(update={"issuing_keys": (certified.entry, *certified.others)})


def changed(settings: IssuerSettings, **change: Any) -> IssuerSettings:
    """The settings with the entry that has certificates changed."""
    first, *others = settings.issuing_keys
    return settings.model_copy(update={"issuing_keys": (first.model_copy(update=change), *others)})


Check = Callable[[str, Wallet], Any]


@pytest.fixture
async def check(client: httpx.AsyncClient, certified: Certified, clock: SetClock) -> AsyncIterator[Check]:
    """Presents an SD-JWT VC to a desk that trusts the development CA with this issuer's coverage, and nobody else."""
    anchor = TrustAnchor(certified.ca.certificate, frozenset({"issuer.test"}), frozenset({INSURANCE_COVERAGE.vct}))
    trust, replays = AnchoredTrust(FakeTrust(clock(), {}, {}), [anchor]), FakeReplays()
    http = HttpClient(transport=client._transport)
    statuses = StatusLists(http)

    async def present(sd_jwt: str, wallet: Wallet) -> VerifiedPresentation:
        presented = create_sd_jwt_presentation(
            sd_jwt, disclose=["name"], holder=wallet.key, presented_at=clock(), audience=DESK, nonce=DESK_NONCE
        )
        policy = Policy(
            accepted_types=frozenset({INSURANCE_COVERAGE.vct}),
            audiences=frozenset({DESK}),
            expected_nonce=DESK_NONCE,
            hospital_code="10661",
        )
        return await verify_presentation(
            presented, policy=policy, trust=trust, statuses=statuses, replays=replays, now=clock()
        )

    yield present
    await http.close()


async def test_coverage_by_certificates_is_accepted_until_it_is_revoked(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, check: Check, clock: SetClock
) -> None:
    sd_jwt = await wallet.issued(people["A1"], COVERAGE)
    assert (await check(sd_jwt, wallet)).credential.claims["name"] == "မောင်မောင်"

    change = {"credential_type": INSURANCE_COVERAGE.name, "status": "revoked", "reason": "wrong_data"}
    revoked = await client.post(f"/people/{people['A1']}/status", json=change, headers=OFFICER)
    assert revoked.status_code == 200, revoked.text
    clock.advance(61)
    with pytest.raises(Rejection) as refused:
        await check(sd_jwt, wallet)
    assert refused.value.code is ReasonCode.REVOKED


async def test_credential_and_list_carry_the_chain_without_its_anchor(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, certified: Certified
) -> None:
    sd_jwt = await wallet.issued(people["A1"], COVERAGE)
    jws = parse_jws(sd_jwt.partition("~")[0], typ="dc+sd-jwt")
    assert (jws.payload["iss"], jws.header["alg"], "kid" in jws.header) == (ISSUER, "ES256", False)
    uri = jws.payload["status"]["status_list"]["uri"]
    token = parse_jws((await client.get(uri)).text, typ="statuslist+jwt")
    assert (token.header["alg"], "kid" in token.header) == ("ES256", False)
    for header, name in ((jws.header, "coverage"), (token.header, "status")):
        [leaf] = header["x5c"]
        certificate = x509.load_pem_x509_certificate(
            f"-----BEGIN CERTIFICATE-----\n{leaf}\n-----END CERTIFICATE-----".encode()
        )
        assert certificate == x509.load_pem_x509_certificate((certified.folder / f"{name}.pem").read_bytes())
        assert certificate != certified.ca.certificate


async def test_other_formats_and_types_go_by_the_did(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, certified: Certified
) -> None:
    """And their lists are others, in every form; of the certificates' list there is the token alone."""
    by_certificates = await wallet.issued(people["A1"], COVERAGE)
    answer = await wallet.credential(await wallet.authorized(people["A1"], COVERAGE_LD), COVERAGE_LD)
    response = parse_credential_response(answer.json())
    assert isinstance(response, IssuedCredentials)
    linked_data = parse_credential(response.credentials[0])
    assert linked_data.verification_method == certified.entry.verification_method
    assert parse_credential(await wallet.issued(people["A1"], HEALTH_ID)).issuer.startswith("did:ethr:")
    for reference in linked_data.status:
        assert (await client.get(reference.uri)).status_code == 200  # signed with the P-256 key
    [reference] = parse_credential(by_certificates).status
    assert (await client.get(reference.uri)).status_code == 200
    assert (await client.get(reference.uri + "/revocation")).status_code == 404
    listed = (await client.get("/status")).json()
    assert reference.uri in listed["status_lists"]
    assert not any(reference.uri in each for each in listed["bitstring_status_lists"])


def problem_of(settings: IssuerSettings) -> str:
    """Why the keys can't be loaded, the only reason."""
    with pytest.raises(SettingsError) as refused:
        load_issuing_keys(settings)
    [problem] = refused.value.problems
    return problem


def test_certificates_that_do_not_fit_keep_the_issuer_from_starting(
    settings: IssuerSettings, certified: Certified
) -> None:
    prefix = "the certificates of the key for InsuranceCoverage can't be used: "
    entry = certified.entry
    leaf, anchor = Path(entry.certificates or "").read_bytes(), (certified.ca.folder / "ca.pem").read_bytes()
    (certified.folder / "with-anchor.pem").write_bytes(leaf + anchor)
    (certified.folder / "empty.pem").write_bytes(b"")
    other_host = certified.certify("other-host", signer_at(entry.key), url="https://other.test")
    for path, reason in (
        (str(certified.folder / "none.pem"), "the file can't be read"),
        (str(certified.folder / "empty.pem"), "not certificates in PEM"),
        (entry.status_certificates, "the first certificate is for another key"),
        (other_host, "the first certificate names another issuer"),
        (str(certified.folder / "with-anchor.pem"), "a certificate signed itself"),
        (str(certified.ca.folder / "ca.pem"), "a certificate signed itself"),
    ):
        assert problem_of(changed(settings, certificates=path)) == prefix + reason
    http = settings.model_copy(update={"public_url": "http://issuer.test"})
    with pytest.raises(SettingsError, match="named by an https URL"):
        load_issuing_keys(http)
    assert changed(settings, status_certificates=None).problems() == [
        "both keys for InsuranceCoverage need certificates, or none of them"
    ]


def test_certificates_count_in_their_time(settings: IssuerSettings, chain: Chain, clock: SetClock) -> None:
    for moved in (-DAY, LEAF_DAYS * DAY):
        clock.now = NOW + moved
        with pytest.raises(SettingsError, match="expired, or are not valid yet"):
            create_app(settings, clock=clock, ledger=chain.ledger, http=HttpClient())


def test_nothing_is_signed_after_the_certificates_ended(settings: IssuerSettings, clock: SetClock) -> None:
    key = load_issuing_keys(settings)[INSURANCE_COVERAGE.name]
    trust = FakeTrust(
        clock(),
        {key.verification_method: key.signer.public_key, key.status_verification_method: key.status_signer.public_key},
        {(key.did, INSURANCE_COVERAGE.vct): (0, NOW + 10**9)},
    )
    require_registered(key, trust, now=NOW)
    assert key.issuer(CredentialFormat.SD_JWT) == ISSUER
    with pytest.raises(SignerUnavailable):
        require_registered(key, trust, now=NOW + LEAF_DAYS * DAY)


def test_haip_needs_certificates_for_each_type_and_anchors_for_wallet_providers(
    settings: IssuerSettings, certified: Certified
) -> None:
    haip = settings.model_copy(update={"protocol_profile": ProtocolProfile.HAIP})
    assert haip.problems() == ["protocol_profile haip needs trust_anchors, to know wallet providers by"]
    anchors = certified.ca.write_anchors(host="provider.test", credential_types=["WalletAttestation"])
    haip = haip.model_copy(update={"trust_anchors": anchors})
    assert haip.problems() == []
    with pytest.raises(SettingsError) as refused:
        load_issuing_keys(haip)
    names = {each.credential_type for each in certified.others}
    assert set(refused.value.problems) == {f"protocol_profile haip needs certificates for {name}" for name in names}
    alone = haip.model_copy(update={"issuing_keys": (certified.entry,)})
    assert set(load_issuing_keys(alone)) == {INSURANCE_COVERAGE.name}
    in_force = alone.in_force()
    assert (in_force.dpop, in_force.wallet_attestation, in_force.require_pushed_requests) == (
        Demand.REQUIRED,
        Demand.REQUIRED,
        True,
    )
