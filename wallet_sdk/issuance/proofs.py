"""Proofs of the wallet's keys, of the kind and with the names of keys that an issuer takes (OpenID4VCI 1.0, F)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.crypto.keys import Algorithm, P256Signer
from vc_core.did.holder import HOLDER_DID_METHODS
from vc_core.formats.data_integrity import Cryptosuite
from vc_core.protocols.openid4vci.credential import ProofType
from vc_core.protocols.openid4vci.issuer_metadata import CredentialConfiguration
from vc_core.protocols.openid4vci.proof_di_vp import CRYPTOSUITES, create_proof_di_vp
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt

_BARE_KEYS = ("jwk", "cose_key")


@dataclass(frozen=True)
class ProofPlan:
    """How keys are proven to an issuer: the kind of proof, and the DID method that names them, None for the bare key.

    `attested`: the wallet provider's attestation of the keys goes with it.
    """

    proof_type: ProofType
    did_method: str | None = None
    cryptosuite: Cryptosuite | None = None
    attested: bool = False


def plan_proofs(configuration: CredentialConfiguration) -> ProofPlan | None:
    """The plainest way that the issuer takes and this wallet can go; None where there is none.

    A JWT comes first, then a presentation in JSON-LD, and what needs the wallet provider's attestation last. A key is
    shown bare where the issuer takes it so, else as the DID that it is.
    """
    methods = configuration.binding_methods
    did_method = next((each for each in HOLDER_DID_METHODS if each in methods), None)
    bare = any(each in methods for each in _BARE_KEYS)
    if not bare and did_method is None:
        return None
    plans: list[ProofPlan] = []
    jwt = configuration.proofs.get(ProofType.JWT)
    if jwt is not None and Algorithm.ES256 in jwt.algorithms:
        plans.append(ProofPlan(ProofType.JWT, None if bare else did_method, attested=jwt.key_attestation_required))
    linked_data = configuration.proofs.get(ProofType.DI_VP)
    suite = next((each for each in CRYPTOSUITES if linked_data is not None and each in linked_data.algorithms), None)
    if suite is not None:
        plans.append(ProofPlan(ProofType.DI_VP, did_method or HOLDER_DID_METHODS[0], suite))
    attestation = configuration.proofs.get(ProofType.ATTESTATION)
    if attestation is not None and Algorithm.ES256 in attestation.algorithms and bare:
        plans.append(ProofPlan(ProofType.ATTESTATION, attested=True))
    return min(plans, key=lambda plan: plan.attested, default=None)


def create_proofs(
    signers: Sequence[P256Signer],
    plan: ProofPlan,
    *,
    audience: str,
    nonce: str | None,
    client_id: str | None,
    key_attestation: str | None,
    now: int,
) -> list[str | Mapping[str, Any]]:
    """`proofs` of the plan's kind for these keys; `audience` is the issuer's identifier, `nonce` its `c_nonce`.

    `key_attestation` is for a plan that is `attested`: one attestation of all the keys, so that one proof is enough.
    """
    if plan.proof_type is ProofType.ATTESTATION:
        return [key_attestation or ""]
    if plan.proof_type is ProofType.DI_VP:
        return [_presentation(each, plan, audience, nonce, now) for each in signers]
    proving = signers if key_attestation is None else signers[:1]
    return [
        create_proof_jwt(
            each,
            audience=audience,
            nonce=nonce,
            issued_at=now,
            did_method=plan.did_method,
            client_id=client_id,
            key_attestation=key_attestation,
        )
        for each in proving
    ]


def _presentation(signer: P256Signer, plan: ProofPlan, audience: str, nonce: str | None, now: int) -> dict[str, Any]:
    return create_proof_di_vp(
        signer,
        audience=audience,
        nonce=nonce,
        issued_at=now,
        did_method=plan.did_method or HOLDER_DID_METHODS[0],
        cryptosuite=plan.cryptosuite or CRYPTOSUITES[0],
    )
