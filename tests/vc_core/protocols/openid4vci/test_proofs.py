"""The proofs of one request together; how each type is verified is tested beside it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.crypto.x509 import KeyReference
from vc_core.did.holder import HolderKey, create_holder_did
from vc_core.errors import ProtocolError, ReasonCode, Rejection
from vc_core.protocols.openid4vci.credential import Proofs, ProofType
from vc_core.protocols.openid4vci.key_attestation import KeyAttestation, create_key_attestation
from vc_core.protocols.openid4vci.proof_di_vp import create_proof_di_vp
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt
from vc_core.protocols.openid4vci.proofs import Expected, ProvenKeys, verify_proofs

ISSUER = "https://issuer.test"
NOW = 1_790_000_000
PROVIDER, PROVIDER_METHOD = (
    P256Signer.generate(),
    "did:ethr:0x539:0x2222222222222222222222222222222222222222#delegate-1",
)
KEYS = [P256Signer.generate() for _ in range(4)]


def provider_key(reference: KeyReference) -> PublicKey:
    """One provider is known."""
    if reference != PROVIDER_METHOD:
        raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "Not accredited.")
    return PROVIDER.public_key


EXPECTED = Expected(ISSUER, client_id=None, now=NOW, max_keys=3, provider_key=provider_key)


def jwt(key: P256Signer, nonce: str = "n", **more: Any) -> str:
    return create_proof_jwt(key, audience=ISSUER, nonce=nonce, issued_at=NOW, **more)


def attestation(*keys: P256Signer, nonce: str | None = "n", expires_at: int | None = NOW + 60) -> str:
    content = KeyAttestation(tuple(key.public_key for key in keys), NOW, expires_at, nonce)
    return create_key_attestation(content, signer=PROVIDER, verification_method=PROVIDER_METHOD)


def verify(proof_type: ProofType, *values: Any, **changes: Any) -> ProvenKeys:
    return verify_proofs(Proofs(proof_type, values), dataclasses.replace(EXPECTED, **changes))


def bare(*keys: P256Signer) -> tuple[HolderKey, ...]:
    return tuple(HolderKey(key.public_key, None) for key in keys)


def test_several_keys_in_the_order_of_their_proofs() -> None:
    assert verify(ProofType.JWT, *map(jwt, KEYS[:3])) == ProvenKeys(bare(*KEYS[:3]), "n")
    named = HolderKey(KEYS[0].public_key, create_holder_did(KEYS[0].public_key, "did:jwk"))
    proof = create_proof_di_vp(KEYS[0], audience=ISSUER, nonce="n", issued_at=NOW, did_method="did:jwk")
    assert verify(ProofType.DI_VP, proof) == ProvenKeys((named,), "n")
    assert verify(ProofType.JWT, jwt(KEYS[0], did_method="did:jwk")) == ProvenKeys((named,), "n")


def test_attested_keys_count_each() -> None:
    assert verify(ProofType.ATTESTATION, attestation(*KEYS[:3])) == ProvenKeys(bare(*KEYS[:3]), "n")
    proof = jwt(KEYS[1], key_attestation=attestation(*KEYS[:3]))
    assert verify(ProofType.JWT, proof) == ProvenKeys(bare(KEYS[1], KEYS[0], KEYS[2]), "n")


@pytest.mark.parametrize(
    ("proof_type", "values", "code"),
    [
        (ProofType.JWT, [jwt(key) for key in KEYS], "invalid_proof"),
        (ProofType.JWT, [jwt(KEYS[0]), jwt(KEYS[0])], "invalid_proof"),
        (ProofType.JWT, [jwt(KEYS[0]), jwt(KEYS[0], did_method="did:key")], "invalid_proof"),
        (ProofType.JWT, [jwt(KEYS[0]), jwt(KEYS[1], "m")], "invalid_nonce"),
        (ProofType.JWT, [jwt(KEYS[0], client_id="wallet"), "x"], "invalid_proof"),
        (ProofType.JWT, [jwt(KEYS[0], key_attestation=attestation(*KEYS))], "invalid_proof"),
        (ProofType.JWT, [jwt(KEYS[3], key_attestation=attestation(*KEYS[:3]))], "invalid_proof"),
        (ProofType.JWT, [jwt(KEYS[0], key_attestation=attestation(KEYS[0], nonce="m"))], "invalid_nonce"),
        (ProofType.JWT, [jwt(KEYS[0], key_attestation=attestation(KEYS[0], nonce=None))], "invalid_nonce"),
        (ProofType.JWT, [jwt(KEYS[0], key_attestation=attestation(KEYS[0], expires_at=None))], "invalid_proof"),
        (ProofType.JWT, [jwt(KEYS[0], key_attestation=attestation(KEYS[0], expires_at=NOW))], "invalid_proof"),
        (ProofType.JWT, [jwt(KEYS[0], key_attestation="a.b.c")], "invalid_proof"),
        (ProofType.ATTESTATION, [attestation(*KEYS)], "invalid_proof"),
        (ProofType.ATTESTATION, [attestation(KEYS[0], nonce=None)], "invalid_proof"),
        (ProofType.ATTESTATION, [jwt(KEYS[0])], "invalid_proof"),
        (ProofType.DI_VP, [jwt(KEYS[0])], "invalid_proof"),
        (ProofType.DI_VP, [{}], "invalid_proof"),
    ],
)
def test_what_is_refused_as_a_whole(proof_type: ProofType, values: list[Any], code: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        verify(proof_type, *values)
    assert refused.value.code == code


def test_the_client_of_the_token_is_the_one_of_the_proofs() -> None:
    assert verify(ProofType.JWT, jwt(KEYS[0], client_id="wallet"), client_id="wallet").nonce == "n"
    with pytest.raises(ProtocolError):
        verify(ProofType.JWT, jwt(KEYS[0], client_id="wallet"), client_id="another")


def test_an_attestation_by_nobody_that_is_known() -> None:
    other = "did:ethr:0x539:0x3333333333333333333333333333333333333333#delegate-1"
    content = KeyAttestation((KEYS[0].public_key,), NOW, NOW + 60, "n")
    text = create_key_attestation(content, signer=PROVIDER, verification_method=other)
    with pytest.raises(ProtocolError):
        verify(ProofType.ATTESTATION, text)
