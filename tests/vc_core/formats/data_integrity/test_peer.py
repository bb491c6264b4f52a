"""npm's @digitalbazaar/vc and we verify each other's credentials and presentations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support import verification
from tests.support.credential_peers import Peer, PeerRefused, running_peer
from tests.vc_core.formats.data_integrity.documents import (
    CHALLENGE,
    CREATED,
    DOMAIN,
    HOLDER,
    ISSUER,
    NOW,
    P384,
    credential_by,
    did_of,
    method_of,
    presentation_by,
    presented,
    signed,
)
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import ClaimKind, CredentialType
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.json_ld import context_url
from vc_core.crypto.keys import Algorithm, Ed25519Signer, P256Signer, PublicKey, Signer
from vc_core.did.key import KeyDids
from vc_core.did.multibase import multibase_encode
from vc_core.did.resolver import DidResolver
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.data_integrity import Cryptosuite, verify_credential_document, verify_presentation_document
from vc_core.formats.data_integrity.contexts import CONTEXTS
from vc_core.formats.ldp_vc import create_ldp_vc, create_ldp_vp
from vc_core.formats.vcdm import CREDENTIALS_V2, parse_credential_document, parse_presentation_document

RESOLVER = DidResolver({"key": KeyDids()})
AT = datetime.fromtimestamp(NOW, UTC).isoformat()
SUITES = [(Cryptosuite.EDDSA_RDFC_2022, ISSUER), (Cryptosuite.ECDSA_RDFC_2019, HOLDER)]
EACH_SUITE = pytest.mark.parametrize(("suite", "signer"), SUITES, ids=[suite for suite, _ in SUITES])
SECRET_PREFIX = {Algorithm.EDDSA: b"\x80\x26", Algorithm.ES256: b"\x86\x26"}
MULTIKEY = "https://w3id.org/security/multikey/v1"
SAMPLES: dict[ClaimKind, Any] = {ClaimKind.TEXT: "ก 1", ClaimKind.INTEGER: 1994, ClaimKind.DATE: "2026-09-21"}


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """@digitalbazaar/vc."""
    with running_peer("data_integrity") as running:
        yield running


async def documents(*signers: Signer) -> dict[str, Any]:
    """All that they may load: our contexts, and the DID documents of the signers with their keys."""
    found: dict[str, Any] = {url: {"@context": context} for url, context in CONTEXTS.items()}
    for signer in signers:
        document = (await RESOLVER.resolve(did_of(signer))).to_json()["didDocument"]
        found[document["id"]] = document
        found |= {method["id"]: {"@context": MULTIKEY, **method} for method in document["verificationMethod"]}
    return found


def key_of(signer: Ed25519Signer | P256Signer) -> dict[str, Any]:
    """The key pair as a Multikey with its private half."""
    return {
        "@context": MULTIKEY,
        "type": "Multikey",
        "id": method_of(signer),
        "controller": did_of(signer),
        "publicKeyMultibase": multibase_encode(signer.public_key.to_multikey()),
        "secretKeyMultibase": multibase_encode(SECRET_PREFIX[signer.public_key.algorithm] + signer.to_bytes()),
    }


def credential_of(credential_type: CredentialType, issuer: Signer) -> dict[str, Any]:
    """A credential of one of our types, about the holder."""
    claims = {claim.name: SAMPLES[claim.kind] for claim in credential_type.whole_claims()}
    return credential_by(
        issuer,
        **{"@context": [CREDENTIALS_V2, context_url(credential_type)]},
        type=["VerifiableCredential", credential_type.name],
        credentialSubject={"id": did_of(HOLDER), **claims},
        validUntil="2028-01-01T00:00:00Z",
    )


@EACH_SUITE
@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES.values(), ids=lambda each: each.name)
async def test_they_verify_credentials_of_our_types(
    peer: Peer, credential_type: CredentialType, suite: Cryptosuite, signer: Signer
) -> None:
    credential = signed(credential_of(credential_type, signer), signer, suite)

    peer.ask("verify_credential", credential=credential, documents=await documents(signer), now=AT)


@EACH_SUITE
async def test_they_refuse_ours_once_anything_was_changed(peer: Peer, suite: Cryptosuite, signer: Signer) -> None:
    credential = signed(credential_by(signer), signer, suite)
    known = await documents(signer)
    subject = {**credential["credentialSubject"], "alumniOf": "Another School"}
    for changed in (
        {**credential, "credentialSubject": subject},
        {**credential, "validUntil": "2030-01-01T00:00:00Z"},
        {**credential, "proof": {**credential["proof"], "created": "2026-12-01T00:00:00Z"}},
        {**credential, "issuer": did_of(P384)},
    ):
        with pytest.raises(PeerRefused):
            peer.ask("verify_credential", credential=changed, documents=known, now=AT)


async def test_they_verify_our_presentation_of_our_credential(peer: Peer) -> None:
    known = await documents(ISSUER, HOLDER)
    presentation = presented(presentation_by(HOLDER, signed(credential_by(ISSUER))))
    asked = {"documents": known, "now": AT, "challenge": CHALLENGE, "domain": DOMAIN}

    peer.ask("verify_presentation", presentation=presentation, **asked)
    for changed in ({"challenge": "another"}, {"domain": "https://other.example"}):
        with pytest.raises(PeerRefused):
            peer.ask("verify_presentation", presentation=presentation, **asked | changed)


@EACH_SUITE
@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES.values(), ids=lambda each: each.name)
async def test_we_verify_what_they_issue(
    peer: Peer, credential_type: CredentialType, suite: Cryptosuite, signer: Ed25519Signer | P256Signer
) -> None:
    issued = await theirs(peer, credential_of(credential_type, signer), signer, suite)

    await verify_credential_document(parse_credential_document(issued), RESOLVER, now=NOW)
    issued["credentialSubject"]["id"] = did_of(ISSUER)
    with pytest.raises(Rejection) as refusal:
        await verify_credential_document(parse_credential_document(issued), RESOLVER, now=NOW)
    assert refusal.value.code is ReasonCode.BAD_SIGNATURE


async def test_we_verify_their_presentation(peer: Peer) -> None:
    credential = await theirs(peer, credential_by(ISSUER), ISSUER, Cryptosuite.EDDSA_RDFC_2022)
    presentation = peer.ask(
        "present",
        presentation=presentation_by(HOLDER, credential),
        cryptosuite=Cryptosuite.ECDSA_RDFC_2019,
        key=key_of(HOLDER),
        documents=await documents(HOLDER, ISSUER),
        created=CREATED * 1000,
        challenge=CHALLENGE,
        domain=DOMAIN,
    )
    parsed = parse_presentation_document(presentation)

    asked: dict[str, Any] = {"now": NOW, "expected_challenge": CHALLENGE, "expected_domains": {DOMAIN}}
    await verify_presentation_document(parsed, RESOLVER, **asked)
    with pytest.raises(Rejection) as refusal:
        await verify_presentation_document(parsed, RESOLVER, **asked | {"expected_challenge": "another"})
    assert refusal.value.code is ReasonCode.WRONG_AUDIENCE


def our_credential() -> str:
    """A coverage as our issuer gives it out."""
    purposes = (StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION)
    return create_ldp_vc(
        INSURANCE_COVERAGE,
        verification.COVERAGE_CLAIMS,
        verification_method=verification.ISSUER_METHOD,
        signer=verification.ISSUER,
        issued_at=verification.NOW - 1000,
        expires_at=verification.NOW + 1000,
        status=[BitstringStatusReference(f"https://office.example/1/{each}", 1234, each) for each in purposes],
        holder_key=verification.HOLDER.public_key,
        randomness=verification.CountedBytes(),
    )


def known_of(did: str, method: str, key: PublicKey) -> dict[str, Any]:
    """A DID document with one key, and the key, as they load them."""
    multikey = {
        "@context": MULTIKEY,
        "id": method,
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": multibase_encode(key.to_multikey()),
    }
    contexts = ["https://www.w3.org/ns/did/v1", MULTIKEY]
    document = {"@context": contexts, "id": did, "verificationMethod": [multikey], "assertionMethod": [method]}
    return {did: document, method: multikey}


@pytest.mark.parametrize("nonce", [verification.NONCE, "another"])
async def test_they_verify_what_our_wallet_shows_of_what_our_issuer_issued(peer: Peer, nonce: str) -> None:
    credential = our_credential()
    known = await documents(verification.HOLDER)
    known |= known_of(verification.ISSUER_DID, verification.ISSUER_METHOD, verification.ISSUER.public_key)
    asked = {"documents": known, "now": datetime.fromtimestamp(verification.NOW, UTC).isoformat()}

    peer.ask("verify_credential", credential=json.loads(credential), **asked)
    presentation = json.loads(
        create_ldp_vp(
            credential,
            holder=verification.HOLDER,
            presented_at=verification.NOW,
            audience=verification.AUDIENCE,
            nonce=verification.NONCE,
        )
    )
    answer = {"presentation": presentation, "challenge": nonce, "domain": verification.AUDIENCE}
    if nonce == verification.NONCE:
        peer.ask("verify_presentation", **asked, **answer)
    else:
        with pytest.raises(PeerRefused):
            peer.ask("verify_presentation", **asked, **answer)


async def test_our_desk_verifies_what_they_issued_and_show(peer: Peer) -> None:
    issuer, holder = verification.ISSUER, verification.HOLDER
    unsigned = {name: value for name, value in json.loads(our_credential()).items() if name != "proof"}
    known = await documents(holder)
    known |= known_of(verification.ISSUER_DID, verification.ISSUER_METHOD, issuer.public_key)
    terms = {"cryptosuite": Cryptosuite.ECDSA_RDFC_2019, "documents": known}
    issuer_key = key_of(issuer) | {"id": verification.ISSUER_METHOD, "controller": verification.ISSUER_DID}
    at = datetime.fromtimestamp(verification.NOW, UTC).isoformat()
    issued = peer.ask(
        "issue", credential=unsigned, key=issuer_key, created=(verification.NOW - 1000) * 1000, now=at, **terms
    )
    presented = peer.ask(
        "present",
        presentation=presentation_by(holder, issued),
        key=key_of(holder),
        created=verification.NOW * 1000,
        challenge=verification.NONCE,
        domain=verification.AUDIENCE,
        **terms,
    )

    verified = await verification.verify(json.dumps(presented))
    assert verified.credential.claims == verification.COVERAGE_CLAIMS
    presented["verifiableCredential"][0]["credentialSubject"]["scheme"] = "8407"
    with pytest.raises(Rejection) as refusal:
        await verification.verify(json.dumps(presented))
    assert refusal.value.code is ReasonCode.BAD_SIGNATURE


async def theirs(
    peer: Peer, credential: dict[str, Any], signer: Ed25519Signer | P256Signer, suite: Cryptosuite
) -> dict[str, Any]:
    """A credential with their proof by our key."""
    issued: dict[str, Any] = peer.ask(
        "issue",
        credential=credential,
        cryptosuite=suite,
        key=key_of(signer),
        documents=await documents(signer),
        created=CREATED * 1000,
        now=AT,
    )
    return issued
