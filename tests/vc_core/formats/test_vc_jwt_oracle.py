"""W3C credentials as JWTs, ours read by `openvc-core` and its read by us. It has no `vc+jwt`, which VCDM 2.0 has."""

from __future__ import annotations

import time

import pytest
from openvc.errors import OpenvcError
from openvc.keys import P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite
from openvc.proof.vp_jwt import VpJwtProofSuite

from tests.support.verification import COVERAGE_CLAIMS, HOLDER, ISSUER, ISSUER_METHOD, STATUS, STRANGER, CountedBytes
from tests.support.w3c_documents import HOLDER_DID, HOLDER_METHOD, credential_1_1, credential_2_0
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.did.key import create_did_key
from vc_core.encoding import base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.jwt_vc_json import create_jwt_vc_json
from vc_core.formats.vc_claim import create_jwt_vc, create_jwt_vp
from vc_core.formats.vc_jose import create_vc_sd_jwt
from vc_core.formats.vc_jwt import parse_vc_jwt, parse_vp_jwt

# The oracle goes by the clock on the wall.
BEGIN, END = 1_700_000_000, 4_000_000_000
PERIOD_1_1 = {"issuanceDate": "2023-11-14T22:13:20Z", "expirationDate": "2096-10-02T07:06:40Z"}
PERIOD_2_0 = {"validFrom": "2023-11-14T22:13:20Z", "validUntil": "2096-10-02T07:06:40Z"}
ISSUER_KEY_DID = create_did_key(ISSUER.public_key)
ISSUER_KEY_METHOD = f"{ISSUER_KEY_DID}#{ISSUER_KEY_DID.removeprefix('did:key:')}"


def _signing_key(signer: P256Signer, method: str) -> P256SigningKey:
    return P256SigningKey.from_jwk({**signer.public_key.to_jwk(), "d": base64url_encode(signer.to_bytes())}, method)


def _jwt_vc() -> str:
    document = credential_1_1(issuer=ISSUER_KEY_DID, **PERIOD_1_1)
    return create_jwt_vc(document, verification_method=ISSUER_KEY_METHOD, signer=ISSUER)


def test_credential_type_of_ours_is_good_to_openvc() -> None:
    issued = create_jwt_vc_json(
        INSURANCE_COVERAGE,
        COVERAGE_CLAIMS,
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        issued_at=BEGIN,
        expires_at=END,
        status=STATUS,
        holder_key=HOLDER.public_key,
    )
    suite = VcJwtProofSuite()
    verified = suite.verify(
        issued, public_key_jwk=ISSUER.public_key.to_jwk(), expected_types=["VerifiableCredential", "InsuranceCoverage"]
    )
    assert (verified.issuer, verified.subject) == (ISSUER_METHOD.partition("#")[0], HOLDER_DID)
    assert verified.credential["credentialSubject"] == {"id": HOLDER_DID, **COVERAGE_CLAIMS}
    with pytest.raises(OpenvcError):
        suite.verify(issued, public_key_jwk=STRANGER.public_key.to_jwk())


def test_presentation_of_ours_is_good_to_openvc() -> None:
    presented = create_jwt_vp(
        [_jwt_vc()],
        verification_method=HOLDER_METHOD,
        signer=HOLDER,
        issued_at=int(time.time()),
        audience="https://v.example",
        nonce="n",
    )
    verified = VpJwtProofSuite().verify(
        presented, audience="https://v.example", nonce="n", expected_holder=HOLDER_DID, require_holder_binding=True
    )
    assert verified.holder == HOLDER_DID
    assert [each.issuer for each in verified.credentials] == [ISSUER_KEY_DID]


def test_selectively_disclosable_credential_of_ours_is_good_to_openvc() -> None:
    document = credential_2_0(**PERIOD_2_0)
    issued = create_vc_sd_jwt(
        document,
        hidden=[("credentialSubject", "degree", "name"), ("credentialSubject", "languages", None)],
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        randomness=CountedBytes(),
        decoys={("credentialSubject",): 2},
    )
    verified = SdJwtVcProofSuite().verify(issued, public_key_jwk=ISSUER.public_key.to_jwk())
    assert (verified.vcdm, verified.claims) == (True, document)


def _openvc_credential() -> str:
    # Without a date of its own: openvc dates the JWT (`nbf`) whatever the document says, which 1.1 forbids.
    document = credential_1_1(issuer=ISSUER_KEY_DID, issuanceDate=None, expirationDate=None)
    return VcJwtProofSuite().sign(document, signing_key=_signing_key(ISSUER, ISSUER_KEY_METHOD), expires_in_s=600)


def test_credential_of_openvc_is_good_to_us() -> None:
    envelope = parse_vc_jwt(_openvc_credential())
    envelope.verify(ISSUER.public_key, now=int(time.time()), clock_tolerance=5)
    document = credential_1_1(issuer=ISSUER_KEY_DID, issuanceDate=None, expirationDate=None)
    assert {name: envelope.document.document[name] for name in document} == document


def test_presentation_of_openvc_is_of_two_versions_at_once() -> None:
    """JWTs as text belong to VCDM 1.1, and stand under the context of 2.0, which has envelopes for them."""
    presented = VpJwtProofSuite().sign(
        [_openvc_credential()], holder_key=_signing_key(HOLDER, HOLDER_METHOD), audience="https://v.example", nonce="n"
    )
    with pytest.raises(Rejection) as refusal:
        parse_vp_jwt(presented)
    assert refusal.value.code is ReasonCode.MALFORMED


def test_date_that_the_jwt_contradicts_is_taken_by_openvc_and_not_by_us() -> None:
    document = credential_1_1(issuer=ISSUER_KEY_DID, **PERIOD_1_1)
    issued = VcJwtProofSuite().sign(document, signing_key=_signing_key(ISSUER, ISSUER_KEY_METHOD))
    VcJwtProofSuite().verify(issued, public_key_jwk=ISSUER.public_key.to_jwk())
    with pytest.raises(Rejection) as refusal:
        parse_vc_jwt(issued)
    assert refusal.value.code is ReasonCode.MALFORMED
