"""A coverage as JSON-LD with a proof, and its presentation."""

from __future__ import annotations

from typing import Any

from tests.support.verification import (
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    ISSUER,
    ISSUER_METHOD,
    NONCE,
    NOW,
    CountedBytes,
)
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import Ed25519Signer, Signer
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.data_integrity import Cryptosuite
from vc_core.formats.ldp_vc import create_ldp_vc, create_ldp_vp

STATUS = tuple(
    BitstringStatusReference(f"https://office.example/status/1/{purpose}", 1234, purpose)
    for purpose in (StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION)
)
ED25519 = Ed25519Signer(bytes(range(32)))


def issue(signer: Signer = ISSUER, cryptosuite: Cryptosuite | None = None, **changes: Any) -> str:
    """The coverage as an issuer of ours signs it; `changes` replace what `create_ldp_vc` is given."""
    arguments: dict[str, Any] = {
        "verification_method": ISSUER_METHOD,
        "signer": signer,
        "issued_at": NOW - 1000,
        "expires_at": NOW + 1000,
        "status": STATUS,
        "holder_key": HOLDER.public_key,
        "randomness": CountedBytes(),
        "cryptosuite": cryptosuite,
    }
    return create_ldp_vc(INSURANCE_COVERAGE, **({"claims": COVERAGE_CLAIMS} | arguments | changes))


def present(credential: str, holder: Signer = HOLDER, **changes: Any) -> str:
    """A presentation of it to the desk that asked; `changes` replace what `create_ldp_vp` is given."""
    arguments: dict[str, Any] = {"presented_at": NOW, "audience": AUDIENCE, "nonce": NONCE}
    return create_ldp_vp(credential, holder=holder, **(arguments | changes))
