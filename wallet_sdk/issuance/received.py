"""What a wallet checks before it keeps a credential: that it is the one asked for, from an issuer that it may trust."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from vc_core.credential_types.definition import CredentialType, InvalidClaims
from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialFormat, UnverifiedCredential
from vc_core.formats.presentation import parse_credential
from vc_core.formats.sd_jwt import parse_sd_jwt_vc_of_any_type
from vc_core.trust import TrustSource
from vc_core.verification import VerifiedCredential, verify_credential
from wallet_sdk.content import CredentialCopy, HeldCredential
from wallet_sdk.issuance.offers import OfferedCredential

MAX_TRUST_AGE_SECONDS = 24 * 3600
CLOCK_TOLERANCE_SECONDS = 30
_MAX_CREDENTIAL = 64 * 1024


def verify_copies(
    issued: Sequence[str], *, offered: OfferedCredential, signers: Sequence[P256Signer], trust: TrustSource, now: int
) -> tuple[VerifiedCredential, tuple[CredentialCopy, ...]]:
    """What the copies of one credential say, and each with its key; raises `Rejection` where one may not be kept.

    Every copy is verified as `verify_received` has it, is bound to a key of its own, and says the same as the others.
    """
    unproven = {each.public_key: each for each in signers}
    first: VerifiedCredential | None = None
    copies = []
    for text in issued:
        verified = verify_received(text, offered=offered, holder_keys=unproven.keys(), trust=trust, now=now)
        first = first or verified
        if (verified.issuer, verified.claims) != (first.issuer, first.claims):
            raise Rejection(ReasonCode.MALFORMED, "The copies of the credential do not say the same.")
        signer = unproven.pop(verified.holder_key)
        copies.append(CredentialCopy(text, signer.to_bytes(), verified.issued_at, verified.expires_at))
    if first is None:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "The issuer sent no credential.")
    return first, tuple(copies)


def verify_received(
    issued: str, *, offered: OfferedCredential, holder_keys: Collection[PublicKey], trust: TrustSource, now: int
) -> VerifiedCredential:
    """The credential, if it is the one asked for and may be kept; raises `Rejection` otherwise.

    1. Parse within limits; the format is the one asked for: `TOO_LARGE`, `NOT_A_CREDENTIAL`, `MALFORMED`.
    2. The type is the one asked for, and the claims those of its definition if we know it: `NOT_A_CREDENTIAL`,
       `MALFORMED`.
    3. Issuer, accreditation, signature, and validity, as `verify_credential` has them.
    4. It is bound to one of the wallet's keys that it may be bound to: `HOLDER_KEY`.
    """
    # 1.
    unverified = parse_received(issued, offered)
    if unverified.format is not offered.format:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "The credential is not in the format that was asked for.")

    # 2.
    if unverified.vct != offered.vct:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "The credential is not of the type that was asked for.")
    if offered.credential_type is not None:
        _check_claims(unverified, offered.credential_type)

    # 3.
    verified = verify_credential(
        unverified,
        trust=trust,
        max_trust_age=MAX_TRUST_AGE_SECONDS,
        clock_tolerance=CLOCK_TOLERANCE_SECONDS,
        now=now,
    )

    # 4.
    if verified.holder_key not in holder_keys:
        raise Rejection(ReasonCode.HOLDER_KEY, "The credential is bound to another key than the wallet asked for.")
    return verified


def check_continues(verified: VerifiedCredential, format: CredentialFormat, held: HeldCredential) -> None:
    """Returns where it may take its place beside the copies of a credential that the wallet has, or after it.

    Issuer, type and format are what a holder sees of a credential, and stay as they were when it was accepted. Raises
    `Rejection` `UNTRUSTED_ISSUER` for another issuer, `NOT_A_CREDENTIAL` for another type or format.
    """
    if verified.issuer != held.issuer:
        raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "This is not from the issuer of the credential that it continues.")
    if (verified.vct, format) != (held.vct, held.format):
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not of the type and format that the wallet has.")


def parse_received(issued: str, offered: OfferedCredential) -> UnverifiedCredential:
    """What came, taken apart, nothing of it verified. Raises `Rejection`."""
    if len(issued) > _MAX_CREDENTIAL:
        raise Rejection(ReasonCode.TOO_LARGE, "The credential is too large.")
    return parse_credential(issued) if offered.credential_type is not None else parse_sd_jwt_vc_of_any_type(issued)


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
