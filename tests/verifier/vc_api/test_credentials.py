"""`POST /vc-api/credentials/verify`: any credential, and what was checked of it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.legacy import legacy_credential_claims, legacy_document, legacy_jwt, needs_didkit
from tests.support.vc_api import INVALID_CREDENTIALS, VALID_CREDENTIALS, Signatory, general_credential
from tests.verifier.conftest import Registry
from tests.verifier.vc_api.conftest import Api
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.did.key import did_key_method
from vc_core.encoding import compact_json
from vc_core.formats.bitstring_status_list import BitstringStatusList, create_credential_status
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose
from vc_core.formats.status_list_credential import create_status_list_credential, sign_status_list_jwt
from vc_core.formats.vc_claim import create_jwt_vc
from vc_core.formats.vc_jose import create_enveloped_credential, create_vc_jwt, create_vc_sd_jwt

UNIVERSITY = Signatory(Ed25519Signer(b"a university: 32 bytes of seed.."))
P256_UNIVERSITY = Signatory(P256Signer.from_bytes(b"a P-256 university: 32 bytes...."))
LIST = "https://university.example/status/revocation/1"


async def test_what_is_said_of_a_good_one(api: Api) -> None:
    answer = (await api.verify(UNIVERSITY.issue(general_credential()))).json()
    assert answer == {
        "verified": True,
        "checks": ["proof", "validity", "status"],
        "warnings": [],
        "errors": [],
        "problemDetails": [],
        "result": {
            "issuer": {"id": UNIVERSITY.did, "registered": False, "accreditedFor": []},
            "securing": ["eddsa-rdfc-2022"],
            "status": "none",
        },
    }


async def test_every_cryptosuite(api: Api) -> None:
    for suite in Cryptosuite:
        signatory = UNIVERSITY if suite.startswith("eddsa") else P256_UNIVERSITY
        credential = signatory.issue(general_credential(), suite)
        assert await api.code(credential) == "OK", suite
        assert await api.code(credential, cryptosuite=str(suite), verificationMethod=signatory.method) == "OK"
        credential["credentialSubject"]["alumniOf"]["name"] = "Another University"
        assert await api.code(credential) == "BAD_SIGNATURE", suite


async def test_what_the_model_allows(api: Api) -> None:
    for name, changes in VALID_CREDENTIALS.items():
        checks = {"checks": ["proof"]} if "credentialStatus" in changes else {}
        assert await api.code(UNIVERSITY.issue(general_credential(**changes)), **checks) == "OK", name


async def test_what_the_model_forbids(api: Api) -> None:
    """Signed before the fault was made, and so with a bad signature beside: the form is looked at first."""
    good = UNIVERSITY.issue(general_credential())
    for fault, changes in INVALID_CREDENTIALS.items():
        credential = {name: value for name, value in {**good, **changes}.items() if value is not None}
        response = await api.verify(credential)
        assert response.status_code == 422, fault
        assert response.json()["code"] == "MALFORMED", fault


FAULTY_PROOFS: dict[str, tuple[dict[str, Any], str]] = {
    "no type": ({"type": None}, "MALFORMED"),
    "another type": ({"type": "UnknownProof"}, "MALFORMED"),
    "another cryptosuite": ({"cryptosuite": "unknown-2022"}, "MALFORMED"),
    "a cryptosuite that is a number": ({"cryptosuite": 2022}, "MALFORMED"),
    "a JSON suite in place of an RDF suite": ({"cryptosuite": "eddsa-jcs-2022"}, "BAD_SIGNATURE"),
    "no verification method": ({"verificationMethod": None}, "MALFORMED"),
    "a verification method that is none": ({"verificationMethod": "did:example:123"}, "MALFORMED"),
    "another's verification method": ({"verificationMethod": P256_UNIVERSITY.method}, "BAD_SIGNATURE"),
    "a DID that nobody knows": ({"verificationMethod": "did:example:123#key"}, "UNKNOWN_ISSUER"),
    "no purpose": ({"proofPurpose": None}, "MALFORMED"),
    "another purpose": ({"proofPurpose": "authentication"}, "BAD_SIGNATURE"),
    "no value": ({"proofValue": None}, "BAD_SIGNATURE"),
    "a value that is null": ({"proofValue": 0}, "BAD_SIGNATURE"),
    "a value that is not multibase": ({"proofValue": "abc"}, "MALFORMED"),
    "a date without a zone": ({"created": "2026-01-01T00:00:00"}, "MALFORMED"),
    "a date to come": ({"created": "2099-01-01T00:00:00Z"}, "NOT_YET_VALID"),
    "an end that is past": ({"expires": "2020-01-01T00:00:00Z"}, "EXPIRED_CREDENTIAL"),
}


async def test_one_fault_in_the_proof(api: Api) -> None:
    for fault, (changes, code) in FAULTY_PROOFS.items():
        credential = UNIVERSITY.issue(general_credential())
        proof = {name: value for name, value in {**credential["proof"], **changes}.items() if value is not None}
        found = await api.code({**credential, "proof": proof})
        assert found == code or (code == "BAD_SIGNATURE" and found == "MALFORMED"), (fault, found)
    no_proofs: list[Any] = [None, [], "proof", [UNIVERSITY.issue(general_credential())["proof"]] * 20]
    for each in no_proofs:
        assert await api.code({**UNIVERSITY.issue(general_credential()), "proof": each}) in ("MALFORMED", "TOO_LARGE")
    assert await api.code({**general_credential(), "issuer": UNIVERSITY.did}) == "MALFORMED"


async def test_the_issuer_is_who_signed(api: Api) -> None:
    credential = UNIVERSITY.issue(general_credential(issuer=P256_UNIVERSITY.did))
    assert await api.code(credential) == "BAD_SIGNATURE"
    presented = UNIVERSITY.issue(general_credential(), purpose=ProofPurpose.AUTHENTICATION)
    assert await api.code(presented) == "BAD_SIGNATURE"


async def test_its_time(api: Api) -> None:
    assert (
        await api.code(UNIVERSITY.issue(general_credential(validUntil="2026-01-01T00:00:00Z"))) == "EXPIRED_CREDENTIAL"
    )
    assert await api.code(UNIVERSITY.issue(general_credential(validFrom="2027-01-01T00:00:00Z"))) == "NOT_YET_VALID"
    credential = UNIVERSITY.issue(general_credential(validUntil="2027-01-01T00:00:00Z"))
    assert await api.code(credential) == "OK"
    api.clock.advance(366 * 86_400)
    assert await api.code(credential) == "EXPIRED_CREDENTIAL"


async def test_dates_moved_out_of_sight(api: Api) -> None:
    """The same statement under another name keeps an RDF signature good; it must not keep a credential alive."""
    full = "https://www.w3.org/2018/credentials#validUntil"
    for suite in (Cryptosuite.EDDSA_RDFC_2022, Cryptosuite.EDDSA_JCS_2022):
        expired = UNIVERSITY.issue(general_credential(validUntil="2026-01-01T00:00:00Z"), suite)
        value = {"@value": expired["validUntil"], "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}
        rest = {name: member for name, member in expired.items() if name != "validUntil"}
        for moved in (
            {full: value},
            {"@nest": {"validUntil": expired["validUntil"]}},
            {"@included": [{"id": expired["id"], "validUntil": expired["validUntil"]}]},
            {"@context": [*expired["@context"], {"ending": full}], "ending": value},
            {"@context": [*expired["@context"], {"c": full.partition("#")[0] + "#"}], "c:validUntil": value},
        ):
            assert await api.code({**rest, **moved}) in ("MALFORMED", "BAD_SIGNATURE")


async def test_what_options_ask_for(api: Api) -> None:
    credential = UNIVERSITY.issue(general_credential(), challenge="a question", domain="verifier.example")
    assert await api.code(credential, challenge="a question", domain="verifier.example") == "OK"
    assert await api.code(credential, challenge="another") == "WRONG_AUDIENCE"
    assert await api.code(credential, domain="another.example") == "WRONG_AUDIENCE"
    assert await api.code(credential, cryptosuite="ecdsa-rdfc-2019") == "BAD_SIGNATURE"
    assert await api.code(credential, verificationMethod=P256_UNIVERSITY.method) == "BAD_SIGNATURE"
    assert await api.code(credential, expectedProofPurpose="assertionMethod") == "OK"
    assert await api.code(credential, expectedProofPurpose="authentication") == "BAD_SIGNATURE"
    answer = (await api.verify(credential, returnCredential=True, unheardOf=1)).json()
    assert answer["verifiableCredential"] == credential
    assert len(answer["warnings"]) == 1


async def test_requests_that_are_none(api: Api) -> None:
    good = UNIVERSITY.issue(general_credential())
    for body in (
        {},
        {"verifiableCredential": 7},
        {"verifiableCredential": [good]},
        {"verifiableCredential": good, "options": []},
        {"verifiableCredential": good, "options": {"challenge": 7}},
        {"verifiableCredential": good, "options": {"domain": ""}},
        {"verifiableCredential": good, "options": {"checks": "proof"}},
        {"verifiableCredential": good, "options": {"returnCredential": "yes"}},
    ):
        response = await api.client.post("/vc-api/credentials/verify", json=body)
        assert response.status_code == 400
        assert response.json()["code"] == "invalid_request"
        assert response.json()["errors"]
    response = await api.client.post("/vc-api/credentials/verify", content=b"{")
    assert response.status_code == 400
    large = await api.verify(UNIVERSITY.issue(general_credential(name="a" * 300_000)))
    assert large.status_code == 413
    from_elsewhere = await api.client.post(
        "/vc-api/credentials/verify", json={"verifiableCredential": good}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert from_elsewhere.status_code == 400


async def test_jwts_bare_and_in_envelopes(api: Api) -> None:
    document = general_credential(issuer=UNIVERSITY.did)
    vc_jwt = create_vc_jwt(document, verification_method=UNIVERSITY.method, signer=UNIVERSITY.signer)
    sd_jwt = create_vc_sd_jwt(
        document,
        hidden=[("credentialSubject", "alumniOf")],
        verification_method=UNIVERSITY.method,
        signer=UNIVERSITY.signer,
        randomness=lambda count: bytes(count),
    )
    for text, kind in ((vc_jwt, "vc+jwt"), (sd_jwt, "vc+sd-jwt")):
        enveloped = create_enveloped_credential(text)
        for secured in (text, enveloped):
            response = await api.verify(secured, returnCredential=True)
            assert response.status_code == 200, response.text
            assert response.json()["result"]["securing"] == [kind]
            assert response.json()["verifiableCredential"] == document
        assert await api.code(text[:-6] + "AAAAA~" if "~" in text else text[:-6] + "AAAAAA") in (
            "BAD_SIGNATURE",
            "MALFORMED",
        )
        faults: list[dict[str, Any]] = [
            {"@context": []},
            {"@context": ["https://www.w3.org/ns/credentials/examples/v2"]},
            {"id": text},
            {"type": "VerifiableCredential"},
        ]
        for fault in faults:
            assert await api.code({**enveloped, **fault}) in ("MALFORMED", "NOT_A_CREDENTIAL")
        without_type = {name: value for name, value in enveloped.items() if name != "type"}
        assert await api.code(without_type) == "MALFORMED"
    assert await api.code({**create_enveloped_credential(vc_jwt), "id": f"data:application/jwt,{vc_jwt}"}) == "OK"


async def test_the_older_model_in_a_jwt_needs_no_didkit(api: Api) -> None:
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": UNIVERSITY.did,
        "issuanceDate": "2024-07-01T19:23:24Z",
        "credentialSubject": {"id": "did:example:1"},
    }
    text = create_jwt_vc(document, verification_method=UNIVERSITY.method, signer=UNIVERSITY.signer)
    assert await api.code(text) == "OK"
    assert await api.code(legacy_jwt(legacy_credential_claims())) == "OK"
    assert await api.code(legacy_jwt(legacy_credential_claims(exp=api.clock.now))) == "EXPIRED_CREDENTIAL"


@needs_didkit
async def test_legacy_proofs(api: Api) -> None:
    answer = (await api.verify(legacy_document("ed25519-2020"))).json()
    assert answer["result"]["securing"] == ["VCDM 1.1 ldp"]
    assert await api.code(legacy_document("expired")) == "EXPIRED_CREDENTIAL"
    assert await api.code(legacy_document("revocation-list")) == "STATUS_UNAVAILABLE"
    forged = legacy_document("ed25519-2018")
    forged["credentialSubject"]["givenName"] = "Mallory"
    assert await api.code(forged) == "BAD_SIGNATURE"


async def test_texts_that_are_no_jwt(api: Api) -> None:
    for text in ("", "x", "a.b.c", "e30.e30.e30", "~", "a" * 100_000):
        assert await api.code(text) in ("NOT_A_CREDENTIAL", "MALFORMED", "TOO_LARGE"), text[:20]


def _revocable(signatory: Signatory = UNIVERSITY, index: int = 7) -> dict[str, Any]:
    entries = create_credential_status([BitstringStatusReference(LIST, index, StatusPurpose.REVOCATION)])
    return signatory.issue(general_credential(credentialStatus=entries))


def _list_document(now: int, *revoked: int, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "uri": LIST,
        "issuer": UNIVERSITY.did,
        "purpose": StatusPurpose.REVOCATION,
        "issued_at": now - 60,
        "expires_at": now + 3600,
        "time_to_live": 60,
    }
    entries = BitstringStatusList.from_entries(1, 131_072, [(index, 1) for index in revoked])
    return create_status_list_credential(entries, **values | changes)


async def test_the_status_of_a_foreign_credential(api: Api) -> None:
    credential, now = _revocable(), api.clock.now
    assert await api.code(credential) == "STATUS_UNAVAILABLE"
    assert await api.code(credential, checks=["proof"]) == "OK"
    in_a_jwt = sign_status_list_jwt(
        _list_document(now, 8), verification_method=UNIVERSITY.method, signer=UNIVERSITY.signer
    )
    api.web.pages[LIST] = httpx.Response(200, text=in_a_jwt)
    answer = (await api.verify(credential)).json()
    assert answer["result"]["status"] == "valid"
    with_a_proof = UNIVERSITY.issue(_list_document(now, 7))
    api.web.pages[LIST] = httpx.Response(200, content=compact_json(with_a_proof))
    assert await api.code(credential) == "REVOKED"
    assert await api.code(_revocable(index=8)) == "OK"


async def test_status_lists_that_say_nothing(api: Api) -> None:
    now, credential = api.clock.now, _revocable()
    others = P256_UNIVERSITY.issue(_list_document(now, issuer=P256_UNIVERSITY.did), Cryptosuite.ECDSA_RDFC_2019)
    changed = {**UNIVERSITY.issue(_list_document(now, 7)), "validUntil": "2099-01-01T00:00:00Z"}
    for name, content in {
        "not signed": compact_json(_list_document(now)),
        "changed": compact_json(changed),
        "another's": compact_json(others),
        "of another address": compact_json(UNIVERSITY.issue(_list_document(now, uri=LIST + "0"))),
        "of another purpose": compact_json(UNIVERSITY.issue(_list_document(now, purpose=StatusPurpose.SUSPENSION))),
        "expired": compact_json(UNIVERSITY.issue(_list_document(now, expires_at=now))),
        "another credential": compact_json(UNIVERSITY.issue(general_credential())),
        "a page": b"<html>",
        "nothing": b"",
    }.items():
        api.web.pages[LIST] = httpx.Response(200, content=content)
        assert await api.code(credential) == "STATUS_UNAVAILABLE", name
    unknown = UNIVERSITY.issue(
        general_credential(credentialStatus={"id": "https://u.example/1", "type": "OtherStatus"})
    )
    assert await api.code(unknown) == "STATUS_UNAVAILABLE"


async def test_an_issuer_of_our_registry(api: Api, registry: Registry) -> None:
    issuer = registry.issuer
    key = Signatory(issuer.credential_key)
    credential = key.issue(general_credential(), Cryptosuite.ECDSA_RDFC_2019, method=issuer.credential_method)
    answer = (await api.verify(credential)).json()
    assert answer["result"]["issuer"] == {
        "id": issuer.did,
        "registered": True,
        "name": "Migrant Health Fund",
        "accreditedFor": [],
    }
    # A good signature says nothing of accreditation: that is information, and no verdict of a desk.
    nobody = registry.unaccredited
    credential = Signatory(nobody.credential_key).issue(
        general_credential(), Cryptosuite.ECDSA_RDFC_2019, method=nobody.credential_method
    )
    assert (await api.verify(credential)).json()["result"]["issuer"]["accreditedFor"] == []
    # A key that the registry has not under that name.
    stranger = UNIVERSITY.issue(general_credential(), method=issuer.status_method)
    assert await api.code(stranger) == "BAD_SIGNATURE"


async def test_nothing_is_asked_for_contexts_or_keys(api: Api) -> None:
    remote = UNIVERSITY.issue(general_credential()) | {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://evil.example/context"]
    }
    assert await api.code(remote) == "MALFORMED"
    assert api.web.asked == []


async def test_did_web_is_asked_on_the_web(api: Api) -> None:
    did = "did:web:university.example"
    method = {
        "id": f"{did}#key",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": did_key_method(UNIVERSITY.signer.public_key).partition("#")[2],
    }
    page = {"id": did, "verificationMethod": [method], "assertionMethod": [f"{did}#key"]}
    credential = UNIVERSITY.issue(general_credential(), method=f"{did}#key")
    assert await api.code(credential) == "UNKNOWN_ISSUER"
    api.web.pages["https://university.example/.well-known/did.json"] = httpx.Response(200, json=page)
    assert await api.code(credential) == "OK"
