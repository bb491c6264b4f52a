"""W3C's test vectors of the four cryptosuites: canonical forms, digests, signatures, proof sets and proof chains."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from vc_core.crypto.keys import Algorithm, Ed25519Signer, P256Signer, P384Signer, PublicKey, SignatureInvalid, Signer
from vc_core.did.key import KeyDids
from vc_core.did.multibase import multibase_decode
from vc_core.did.resolver import DidResolver
from vc_core.errors import Rejection
from vc_core.formats.data_integrity import Cryptosuite, Expectations, ProofPurpose, parse_proofs, verify_proofs
from vc_core.formats.data_integrity.canonical import Digest, canonical_json, canonical_rdf
from vc_core.formats.data_integrity.contexts import W3C_CONTEXTS, load_w3c_context
from vc_core.formats.data_integrity.cryptosuites import ProofInput, message_to_sign
from vc_core.formats.data_integrity.expansion import Quad, expand_document
from vc_core.formats.data_integrity.proof_keys import resolve_proof_keys
from vc_core.formats.data_integrity.proofs import sign_document

VECTORS = Path(__file__).parents[3] / "vectors" / "data-integrity"
RESOLVER = DidResolver({"key": KeyDids()})
EXPECTED = Expectations(ProofPurpose.ASSERTION_METHOD, now=1_800_000_000)


class Vector(NamedTuple):
    """A folder of vectors: the key's algorithm and the ending of its files' names."""

    folder: str
    suite: Cryptosuite
    algorithm: Algorithm
    ending: str


SUITES = [
    Vector("eddsa/eddsa-rdfc-2022", Cryptosuite.EDDSA_RDFC_2022, Algorithm.EDDSA, "DataInt"),
    Vector("eddsa/eddsa-jcs-2022", Cryptosuite.EDDSA_JCS_2022, Algorithm.EDDSA, "JCS"),
    Vector("ecdsa/ecdsa-rdfc-2019-p256", Cryptosuite.ECDSA_RDFC_2019, Algorithm.ES256, "ECDSAP256"),
    Vector("ecdsa/ecdsa-rdfc-2019-p384", Cryptosuite.ECDSA_RDFC_2019, Algorithm.ES384, "ECDSAP384"),
    Vector("ecdsa/ecdsa-jcs-2019-p256", Cryptosuite.ECDSA_JCS_2019, Algorithm.ES256, "JCSECDSAP256"),
    Vector("ecdsa/ecdsa-jcs-2019-p384", Cryptosuite.ECDSA_JCS_2019, Algorithm.ES384, "JCSECDSAP384"),
]
EMPLOYMENT = [
    Vector("eddsa/eddsa-rdfc-2022/employ", Cryptosuite.EDDSA_RDFC_2022, Algorithm.EDDSA, "DataInt"),
    Vector("ecdsa/ecdsa-rdfc-2019-p256/employ", Cryptosuite.ECDSA_RDFC_2019, Algorithm.ES256, "ECDSAP256"),
    Vector("ecdsa/ecdsa-rdfc-2019-p384/employ", Cryptosuite.ECDSA_RDFC_2019, Algorithm.ES384, "ECDSAP384"),
]
EACH_SUITE = pytest.mark.parametrize("vector", SUITES, ids=[vector.folder for vector in SUITES])


def text(name: str) -> str:
    return (VECTORS / name).read_text("utf-8")


def parsed(name: str) -> Any:
    return json.loads(text(name))


def signer_of(vector: Vector) -> Signer:
    match vector.algorithm:
        case Algorithm.EDDSA:
            return Ed25519Signer(multibase_decode(parsed("eddsa/keyPair.json")["privateKeyMultibase"])[2:])
        case Algorithm.ES256:
            return P256Signer.from_bytes(multibase_decode(parsed("ecdsa/p256KeyPair.json")["secretKeyMultibase"])[2:])
        case Algorithm.ES384:
            return P384Signer.from_bytes(multibase_decode(parsed("ecdsa/p384KeyPair.json")["secretKeyMultibase"])[2:])


def digest_of(vector: Vector) -> Digest:
    return Digest.SHA384 if vector.algorithm is Algorithm.ES384 else Digest.SHA256


@EACH_SUITE
def test_canonical_forms_and_digests(vector: Vector) -> None:
    folder, end = vector.folder, vector.ending
    document = parsed(f"{folder.partition('/')[0]}/unsigned.json")
    configuration = parsed(f"{folder}/proofConfig{end}.json")
    forms: tuple[bytes, ...]
    if vector.suite.canonicalizes_json:
        forms = canonical_json(configuration), canonical_json(document)
    else:
        forms = tuple(canonical_rdf(expand_document(each), digest_of(vector)) for each in (configuration, document))

    assert forms == (text(f"{folder}/proofCanon{end}.txt").encode(), text(f"{folder}/canonDoc{end}.txt").encode())
    digests = [hashlib.new(digest_of(vector).value, form).hexdigest() for form in forms]
    assert digests == [text(f"{folder}/proofHash{end}.txt"), text(f"{folder}/docHash{end}.txt")]
    message = message_to_sign(ProofInput(document, configuration), vector.suite, vector.algorithm)
    assert message.hex() == text(f"{folder}/combinedHash{end}.txt")


@EACH_SUITE
async def test_the_signed_document_verifies_and_nothing_else_does(vector: Vector) -> None:
    document = parsed(f"{vector.folder}/signed{vector.ending}.json")
    proofs = parse_proofs(document)
    keys = await resolve_proof_keys(proofs, RESOLVER, purpose=EXPECTED.purpose)

    verify_proofs(document, proofs, keys=keys, expected=EXPECTED)
    assert proofs[0].signature.hex() == text(f"{vector.folder}/sigHex{vector.ending}.txt")
    with pytest.raises(Rejection, match="changed"):
        verify_proofs({**document, "name": "Alumna"}, proofs, keys=keys, expected=EXPECTED)


@EACH_SUITE
def test_signing_gives_the_document_of_the_vector(vector: Vector) -> None:
    """Byte for byte with Ed25519; ECDSA signatures differ from one to the next, so they are verified."""
    expected = parsed(f"{vector.folder}/signed{vector.ending}.json")
    signer = signer_of(vector)
    signed = sign_document(
        parsed(f"{vector.folder.partition('/')[0]}/unsigned.json"),
        cryptosuite=vector.suite,
        signer=signer,
        verification_method=expected["proof"]["verificationMethod"],
        purpose=ProofPurpose.ASSERTION_METHOD,
        created=1_677_281_798,
    )

    if vector.algorithm is Algorithm.EDDSA:
        assert signed == expected
    proofs = parse_proofs(signed)
    keys = {proofs[0].verification_method: signer.public_key}
    verify_proofs(signed, proofs, keys=keys, expected=EXPECTED)
    assert proofs[0].configuration == parse_proofs(expected)[0].configuration


@pytest.mark.parametrize("vector", EMPLOYMENT, ids=[vector.folder for vector in EMPLOYMENT])
def test_what_follows_from_the_canonical_form_of_the_employment_credential(vector: Vector) -> None:
    canonical = text(f"{vector.folder}/canonDoc{vector.ending}.txt")
    about_proof = text(f"{vector.folder}/proofCanon{vector.ending}.txt")
    hashed = [hashlib.new(digest_of(vector).value, each.encode()) for each in (about_proof, canonical)]
    proof = parsed(f"{vector.folder}/signed{vector.ending}.json")["proof"]
    key = PublicKey.from_multikey(multibase_decode(proof["verificationMethod"].partition("#")[2]))
    signature = multibase_decode(proof["proofValue"])

    renamed = canonical.replace("_:c14n", "_:b").replace("_:b0", "_:b9")
    assert canonical_rdf([quad_of(line) for line in renamed.splitlines()], digest_of(vector)).decode() == canonical
    key.verify(signature, b"".join(each.digest() for each in hashed))
    with pytest.raises(SignatureInvalid):
        key.verify(signature, b"".join(each.digest() for each in reversed(hashed)))
    with pytest.raises(Rejection, match="a context that we do not know"):
        expand_document(parsed(f"{vector.folder}/signed{vector.ending}.json"))


def quad_of(line: str) -> Quad:
    subject, predicate, rest = line.split(" ", 2)
    return Quad(subject, predicate, rest.removesuffix(" ."), "")


SETS_AND_CHAINS = ["signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"]


@pytest.mark.parametrize("name", SETS_AND_CHAINS)
async def test_proof_sets_and_chains(name: str) -> None:
    document = parsed(f"eddsa/proof-set-chain/{name}.json")
    proofs = parse_proofs(document)
    keys = await resolve_proof_keys(proofs, RESOLVER, purpose=EXPECTED.purpose)

    verify_proofs(document, proofs, keys=keys, expected=EXPECTED)


async def test_chains_are_made_as_in_the_vectors() -> None:
    pairs = parsed("eddsa/proof-set-chain/multiKeyPairs.json")
    signed: dict[str, Any] = parsed("eddsa/proof-set-chain/unsigned.json")
    expected = parsed("eddsa/proof-set-chain/signedProofChain2.json")
    created = [1_677_281_798, 1_677_281_798, 1_677_449_198, 1_677_449_798]
    for number, proof in enumerate(expected["proof"]):
        seed = multibase_decode(pairs[f"keyPair{number + 1}"]["privateKeyMultibase"])[2:]
        signed = sign_document(
            signed,
            cryptosuite=Cryptosuite.EDDSA_RDFC_2022,
            signer=Ed25519Signer(seed),
            verification_method=proof["verificationMethod"],
            purpose=ProofPurpose.ASSERTION_METHOD,
            created=created[number],
            options={name: proof[name] for name in ("id", "previousProof") if name in proof},
        )
        signed = {**signed, "proof": signed["proof"] if isinstance(signed["proof"], list) else [signed["proof"]]}

    assert signed == expected


@pytest.mark.parametrize("url", W3C_CONTEXTS)
def test_the_contexts_are_those_that_w3c_publishes(url: str) -> None:
    assert hashlib.sha256(load_w3c_context(url)).hexdigest() == W3C_CONTEXTS[url][1]
