"""`POST /vc-api/presentations/verify`: the holder's proof, and every credential in the presentation."""

from __future__ import annotations

from typing import Any

from tests.support.legacy import (
    CHALLENGE,
    DOMAIN,
    LEGACY_HOLDER,
    legacy_credential_claims,
    legacy_document,
    legacy_jwt,
    legacy_presentation_claims,
    needs_didkit,
)
from tests.support.vc_api import CREDENTIALS_V2, Signatory, general_credential
from tests.verifier.vc_api.conftest import Api
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose, sign_document
from vc_core.formats.vc_jose import (
    create_enveloped_credential,
    create_enveloped_presentation,
    create_vc_jwt,
    create_vp_jwt,
)

UNIVERSITY = Signatory(Ed25519Signer(b"a university: 32 bytes of seed.."))
HOLDER = Signatory(Ed25519Signer(b"a holder: 32 bytes of the seed.."))
P256_HOLDER = Signatory(P256Signer.from_bytes(b"a P-256 holder: 32 bytes........"))
ASKED: dict[str, Any] = {"challenge": "a question", "domain": "verifier.example"}


async def test_what_is_said_of_a_good_one(api: Api) -> None:
    presentation = HOLDER.sign(HOLDER.present(UNIVERSITY.issue(general_credential())), **ASKED)
    answer = (await api.verify_presentation(presentation, **ASKED)).json()
    assert answer["checks"] == ["proof", "validity", "status", "holder"]
    assert answer["warnings"] == []
    assert answer["holder"] == HOLDER.did
    assert answer["securing"] == ["eddsa-rdfc-2022"]
    assert [each["issuer"]["id"] for each in answer["credentialResults"]] == [UNIVERSITY.did]


async def test_every_cryptosuite(api: Api) -> None:
    for suite in Cryptosuite:
        holder = HOLDER if suite.startswith("eddsa") else P256_HOLDER
        presentation = holder.sign(holder.present(UNIVERSITY.issue(general_credential())), suite, **ASKED)
        assert await api.presentation_code(presentation, **ASKED, cryptosuite=str(suite)) == "OK", suite
        assert await api.presentation_code({**presentation, "id": "urn:uuid:1"}, **ASKED) == "HOLDER_KEY", suite


async def test_its_answer_to_the_question(api: Api) -> None:
    asked = HOLDER.sign(HOLDER.present(UNIVERSITY.issue(general_credential())), **ASKED)
    unasked = HOLDER.sign(HOLDER.present(UNIVERSITY.issue(general_credential())))
    assert await api.presentation_code(asked) == "OK"  # nobody said what it should answer
    assert await api.presentation_code(asked, challenge="another", domain=ASKED["domain"]) == "WRONG_AUDIENCE"
    assert await api.presentation_code(asked, challenge=ASKED["challenge"], domain="another") == "WRONG_AUDIENCE"
    assert await api.presentation_code(unasked, **ASKED) == "WRONG_AUDIENCE"
    assert await api.presentation_code(asked, expectedProofPurpose="assertionMethod") == "HOLDER_KEY"
    assert await api.presentation_code(asked, cryptosuite="ecdsa-rdfc-2019") == "HOLDER_KEY"
    assert await api.presentation_code(asked, verificationMethod=UNIVERSITY.method) == "HOLDER_KEY"


async def test_without_a_proof_nobody_is_said_to_hold_it(api: Api) -> None:
    presentation = HOLDER.present(UNIVERSITY.issue(general_credential()))
    answer = (await api.verify_presentation(presentation, checks=[])).json()
    assert answer["verified"]
    assert answer["checks"] == ["proof", "validity"]
    assert "holder" not in answer
    assert len(answer["warnings"]) == 1
    assert await api.presentation_code(presentation, **ASKED) == "HOLDER_KEY"
    proofless = await api.client.post("/vc-api/presentations/verify", json={"presentation": presentation})
    assert proofless.status_code == 200


async def test_a_good_presentation_of_a_bad_credential_and_the_reverse(api: Api) -> None:
    forged = UNIVERSITY.issue(general_credential())
    forged["credentialSubject"]["alumniOf"]["name"] = "Another University"
    expired = UNIVERSITY.issue(general_credential(validUntil="2026-01-01T00:00:00Z"))
    for bad, code in ((forged, "BAD_SIGNATURE"), (expired, "EXPIRED_CREDENTIAL")):
        both = HOLDER.present(UNIVERSITY.issue(general_credential()), bad)
        assert await api.presentation_code(HOLDER.sign(both, **ASKED), **ASKED) == code
        assert await api.presentation_code(both) == code
    presented_by_the_issuer = UNIVERSITY.sign(HOLDER.present(UNIVERSITY.issue(general_credential())))
    assert await api.presentation_code(presented_by_the_issuer) == "HOLDER_KEY"
    asserted = HOLDER.sign(
        HOLDER.present(UNIVERSITY.issue(general_credential())), purpose=ProofPurpose.ASSERTION_METHOD
    )
    assert await api.presentation_code(asserted) == "HOLDER_KEY"


async def test_the_holders_own_word(api: Api) -> None:
    own = general_credential(issuer=HOLDER.did)
    assert await api.presentation_code(HOLDER.sign(HOLDER.present(own))) == "OK"
    assert await api.presentation_code(HOLDER.present(own)) == "BAD_SIGNATURE"
    assert await api.presentation_code(HOLDER.sign(HOLDER.present(own, holder=None))) == "MALFORMED"
    of_another = general_credential(issuer=UNIVERSITY.did)
    assert await api.presentation_code(HOLDER.sign(HOLDER.present(of_another))) == "MALFORMED"


INVALID: dict[str, dict[str, Any]] = {
    "no @context": {"@context": None},
    "another context": {"@context": ["https://www.w3.org/ns/credentials/examples/v2"]},
    "no type": {"type": None},
    "another type": {"type": ["ExamplePresentation"]},
    "an id that is no URL": {"id": "one"},
    "a holder without an id": {"holder": {"name": "somebody"}},
    "a holder that is no URL": {"holder": "somebody"},
    "a credential that is text": {"verifiableCredential": ["https://university.example/1"]},
    "a credential that is a number": {"verifiableCredential": [7]},
    "an undefined member": {"evil": "yes"},
}


async def test_a_signed_presentation_needs_no_credential(api: Api) -> None:
    context = {"CredentialManagerPresentation": "https://example.org/examples#CredentialManagerPresentation"}
    presentation = HOLDER.present(holder=None) | {
        "@context": [CREDENTIALS_V2, context],
        "type": ["VerifiablePresentation", "CredentialManagerPresentation"],
    }
    signed = sign_document(
        presentation,
        cryptosuite=Cryptosuite.EDDSA_RDFC_2022,
        signer=HOLDER.signer,
        verification_method=HOLDER.method,
        purpose=ProofPurpose.AUTHENTICATION,
        created=api.clock.now,
        own_terms=True,
    )
    assert await api.presentation_code(signed) == "OK"
    assert await api.presentation_code(presentation) == "MALFORMED"


async def test_what_the_model_forbids(api: Api) -> None:
    good = HOLDER.sign(HOLDER.present(UNIVERSITY.issue(general_credential())))
    for fault, changes in INVALID.items():
        changed = {name: value for name, value in {**good, **changes}.items() if value is not None}
        assert await api.presentation_code(changed) == "MALFORMED", fault
    for secured in ("", "x", "e30.e30.e30"):
        assert await api.presentation_code(secured) in ("NOT_A_CREDENTIAL", "MALFORMED")


async def test_no_more_credentials_than_can_be_checked_in_time(api: Api) -> None:
    credential = UNIVERSITY.issue(general_credential(), Cryptosuite.EDDSA_JCS_2022)
    many = HOLDER.sign(HOLDER.present(*[credential] * 21), Cryptosuite.EDDSA_JCS_2022)
    assert await api.presentation_code(many) == "TOO_LARGE"


async def test_jwts_bare_and_in_envelopes(api: Api) -> None:
    document = general_credential(issuer=UNIVERSITY.did)
    vc_jwt = create_vc_jwt(document, verification_method=UNIVERSITY.method, signer=UNIVERSITY.signer)
    expired = create_vc_jwt(
        {**document, "validUntil": "2026-01-01T00:00:00Z"},
        verification_method=UNIVERSITY.method,
        signer=UNIVERSITY.signer,
    )

    def present(credential: str) -> str:
        return create_vp_jwt(
            [credential],
            verification_method=HOLDER.method,
            signer=HOLDER.signer,
            issued_at=api.clock.now,
            audience="verifier.example",
            nonce="a question",
        )

    text = present(vc_jwt)
    enveloped = create_enveloped_presentation(text)
    for secured in (text, enveloped, {**enveloped, "id": f"data:application/jwt,{text}"}):
        assert await api.presentation_code(secured, **ASKED) == "OK"
        assert await api.presentation_code(secured) == "OK"
        assert await api.presentation_code(secured, challenge="another") == "WRONG_AUDIENCE"
        assert await api.presentation_code(secured, domain="another.example") == "WRONG_AUDIENCE"
    assert await api.presentation_code(present(expired), **ASKED) == "EXPIRED_CREDENTIAL"
    faults: list[dict[str, Any]] = [{"@context": []}, {"id": text}, {"type": ["VerifiablePresentation"]}]
    for fault in faults:
        assert await api.presentation_code({**enveloped, **fault}) == "MALFORMED"


async def test_an_enveloped_credential_within_linked_data(api: Api) -> None:
    document = general_credential(issuer=UNIVERSITY.did)
    vc_jwt = create_vc_jwt(document, verification_method=UNIVERSITY.method, signer=UNIVERSITY.signer)
    good = HOLDER.sign(HOLDER.present(create_enveloped_credential(vc_jwt)), Cryptosuite.EDDSA_JCS_2022)
    assert await api.presentation_code(good) == "OK"
    forged = HOLDER.sign(HOLDER.present(create_enveloped_credential(vc_jwt[:-8] + "AAAAAAAA")))
    assert await api.presentation_code(forged) == "BAD_SIGNATURE"


@needs_didkit
async def test_legacy_presentations(api: Api) -> None:
    asked = {"challenge": CHALLENGE, "domain": DOMAIN}
    assert await api.presentation_code(legacy_document("presentation"), **asked) == "OK"
    assert await api.presentation_code(legacy_document("presentation"), challenge="another") == "WRONG_AUDIENCE"
    assert await api.presentation_code(legacy_document("presentation-forged"), **asked) == "BAD_SIGNATURE"
    assert await api.presentation_code(legacy_document("presentation-expired"), **asked) == "EXPIRED_CREDENTIAL"
    text = legacy_jwt(legacy_presentation_claims([legacy_jwt(legacy_credential_claims())]), LEGACY_HOLDER)
    assert await api.presentation_code(text, **asked) == "OK"
