"""The proofs of a request (appendix F) together: which keys credentials are to be bound to, and by which nonce."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vc_core.did.holder import HolderKey
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.credential import Proofs, ProofType
from vc_core.protocols.openid4vci.key_attestation import verify_key_attestation
from vc_core.protocols.openid4vci.proof_di_vp import verify_proof_di_vp
from vc_core.protocols.openid4vci.proof_jwt import VerifiedProof, verify_proof_jwt
from vc_core.protocols.wallet_provider import ProviderKey


@dataclass(frozen=True)
class ProvenKeys:
    """The keys, each a different one, in the order of the proofs. The issuer still owes: to use up the `nonce`."""

    holders: tuple[HolderKey, ...]
    nonce: str


@dataclass(frozen=True)
class Expected:
    """What proofs must be made for: the credential issuer's identifier, the token's client, and at what time.

    `max_keys` is how many there may be at once; `provider_key` knows the wallet providers whose word on keys counts.
    Proofs are of the types `taken`; by those in `attested`, a provider must vouch for the keys.
    """

    audience: str
    client_id: str | None
    now: int
    max_keys: int
    provider_key: ProviderKey
    attested: frozenset[ProofType] = frozenset({ProofType.ATTESTATION})
    taken: frozenset[ProofType] = frozenset(ProofType)


def verify_proofs(proofs: Proofs, expected: Expected) -> ProvenKeys:
    """The proven keys. Several proofs carry one and the same nonce, since it counts once.

    Raises `ProtocolError` `invalid_proof`, `invalid_nonce` where the proofs have different ones.
    """
    if len(proofs.values) > expected.max_keys:
        raise _too_many(expected)
    if proofs.proof_type not in expected.taken:
        raise ProtocolError("invalid_proof", "This credential is not issued to proofs of that type.")
    found = [_VERIFY[proofs.proof_type](each, expected) for each in proofs.values]
    if len({each.nonce for each in found}) != 1:
        raise ProtocolError("invalid_nonce", "The proofs do not have one and the same nonce.")
    holders = tuple(holder for each in found for holder in each.holders)
    if len(holders) > expected.max_keys:
        raise _too_many(expected)
    if len({holder.key for holder in holders}) != len(holders):
        raise ProtocolError("invalid_proof", "A key is proven twice.")
    return ProvenKeys(holders, found[0].nonce)


def _verify_jwt(value: object, expected: Expected) -> ProvenKeys:
    proof = verify_proof_jwt(
        str(value), expected_audience=expected.audience, expected_client_id=expected.client_id, now=expected.now
    )
    own = HolderKey(proof.holder_key, proof.holder_did)
    if proof.key_attestation is None:
        if ProofType.JWT in expected.attested:
            raise ProtocolError("invalid_proof", "A wallet provider's key attestation is needed.")
        return ProvenKeys((own,), proof.nonce)
    return ProvenKeys((own, *_others_attested(proof, proof.key_attestation, expected)), proof.nonce)


def _others_attested(proof: VerifiedProof, attestation: str, expected: Expected) -> list[HolderKey]:
    """The attested keys beside the one that signed the proof."""
    content = verify_key_attestation(attestation, provider_key=expected.provider_key, now=expected.now).content
    if proof.holder_key not in content.attested_keys or content.expires_at is None:
        raise ProtocolError("invalid_proof", "The proof is not by an attested key, or its attestation never ends.")
    if content.nonce != proof.nonce:
        raise ProtocolError("invalid_nonce", "The key attestation has another nonce than the proof.")
    return [HolderKey(key, None) for key in content.attested_keys if key != proof.holder_key]


def _verify_di_vp(value: object, expected: Expected) -> ProvenKeys:
    if not isinstance(value, dict):
        raise ProtocolError("invalid_proof", "A proof of this type is a JSON object.")
    proof = verify_proof_di_vp(value, expected_audience=expected.audience, now=expected.now)
    return ProvenKeys((HolderKey(proof.holder_key, proof.holder_did),), proof.nonce)


def _verify_attestation(value: object, expected: Expected) -> ProvenKeys:
    content = verify_key_attestation(str(value), provider_key=expected.provider_key, now=expected.now).content
    if content.nonce is None:
        raise ProtocolError("invalid_proof", "The key attestation has no nonce.")
    return ProvenKeys(tuple(HolderKey(key, None) for key in content.attested_keys), content.nonce)


def _too_many(expected: Expected) -> ProtocolError:
    return ProtocolError("invalid_proof", f"There may be {expected.max_keys} keys in one request.")


_VERIFY: dict[ProofType, Callable[[object, Expected], ProvenKeys]] = {
    ProofType.JWT: _verify_jwt,
    ProofType.DI_VP: _verify_di_vp,
    ProofType.ATTESTATION: _verify_attestation,
}
