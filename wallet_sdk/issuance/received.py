"""What a wallet checks before it keeps a credential: that it is the one asked for, from an issuer that it may trust."""

from __future__ import annotations

from vc_core.credential_types.definition import CredentialType, InvalidClaims
from vc_core.crypto.keys import P256Signer
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialFormat, UnverifiedCredential
from vc_core.formats.presentation import parse_credential
from vc_core.trust import TrustSource
from vc_core.verification import VerifiedCredential, verify_issued_credential
from wallet_sdk.issuance.offers import OfferedCredential

MAX_TRUST_AGE_SECONDS = 24 * 3600
CLOCK_TOLERANCE_SECONDS = 30
_MAX_CREDENTIAL = 64 * 1024


def verify_received(
    issued: str, *, offered: OfferedCredential, signer: P256Signer, trust: TrustSource, now: int
) -> VerifiedCredential:
    """The credential, if it is the one asked for and may be kept; raises `Rejection` otherwise.

    1. Parse within limits; the format is the one asked for: `TOO_LARGE`, `NOT_A_CREDENTIAL`, `MALFORMED`.
    2. The type is the one asked for, and the claims are those of its definition: `NOT_A_CREDENTIAL`, `MALFORMED`.
    3. Issuer, accreditation, signature, validity and holder key, as `verify_issued_credential` has them.
    """
    # 1.
    if len(issued) > _MAX_CREDENTIAL:
        raise Rejection(ReasonCode.TOO_LARGE, "The credential is too large.")
    unverified = parse_credential(issued)
    if unverified.format is not offered.format:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "The credential is not in the format that was asked for.")

    # 2.
    if unverified.vct != offered.credential_type.vct:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "The credential is not of the type that was asked for.")
    _check_claims(unverified, offered.credential_type)

    # 3.
    return verify_issued_credential(
        issued,
        holder_key=signer.public_key,
        trust=trust,
        max_trust_age=MAX_TRUST_AGE_SECONDS,
        clock_tolerance=CLOCK_TOLERANCE_SECONDS,
        now=now,
    )


def check_trust_age(trust: TrustSource, *, now: int) -> None:
    """Returns where the registry is known well enough to judge an issuer; raises `Rejection` `STALE_TRUST` else."""
    if now - trust.synced_at > MAX_TRUST_AGE_SECONDS:
        raise Rejection(ReasonCode.STALE_TRUST, "What the wallet knows of the registry is too old to check an issuer.")


def _check_claims(credential: UnverifiedCredential, credential_type: CredentialType) -> None:
    complete = credential.format is not CredentialFormat.QR_PASS
    try:
        credential_type.check(credential.claims, complete=complete)
    except InvalidClaims as cause:
        raise Rejection(ReasonCode.MALFORMED, "The credential's claims are not those of its type.") from cause
    needed = {claim.name for claim in credential_type.qr_claims().values() if claim.required}
    if not complete and not needed <= credential.claims.keys():
        raise Rejection(ReasonCode.MALFORMED, "The credential lacks claims of its type.")
