"""When to trust what a patient shows: the numbered procedure from presented text to a verdict.

    Presented text ── 1 parse ──▶ UnverifiedPresentation ── 2…9 ──▶ VerifiedPresentation ── 10 ──▶ the coverage answer

The procedure does no I/O of its own. What is known of the registry, the issuers' status lists and the presentations
seen before come in through `TrustSource`, `StatusSource` and `ReplayGuard`; the time comes in as `now`. It stops at the
first failure, with exactly one reason code.

What the caller still owes: to ask for credentials that answer its question (`Policy.accepted_types`), to compare the
person with their picture, and to pass a clock that is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from vc_core.coverage import check_coverage
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import PublicKey, SignatureInvalid
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialStatus, PrintedCard, UnverifiedCredential, UnverifiedPresentation
from vc_core.formats.presentation import parse_credential, parse_presentation
from vc_core.formats.status_list import Status
from vc_core.ledger.events import Role
from vc_core.status import KnownStatus, StatusSource
from vc_core.trust import TrustSource


class ReplayGuard(Protocol):
    """The presentations that were accepted before."""

    async def remember(self, digest: bytes, *, until: int) -> None:
        """Takes note of a presentation until that time. Raises `Rejection` `REPLAYED` if it was there already."""


class PinCheck(Protocol):
    """What the person said who shows a printed card."""

    async def check(self, card: PrintedCard, digest: bytes) -> None:
        """Returns where it is the PIN of this card, whose presentation has that digest.

        Raises `Rejection`: `PIN_NEEDED` where nothing was said yet, `WRONG_PIN`, `PIN_LOCKED` after too many of these.
        """


class Assurance(StrEnum):
    """How sure it is that the credential was shown by its holder, now."""

    HOLDER_PRESENT = "holder_present"
    """A key that only the holder's phone has signed for this moment."""
    PRINTED_CARD = "printed_card"
    """Paper, which can be copied, and a PIN, which whoever copied it can find out."""


@dataclass(frozen=True)
class Policy:
    """What a verifier asks for. Times are seconds.

    `audiences` are the names by which a holder may address this verifier (its DID, its URL). `hospital_code` asks the
    coverage question of that hospital; None asks only whether the credential is good. `transaction_data_hashes` are
    those of what the holder is to agree to by presenting: all of them and no others. `audience_needed` refuses what
    names no verifier; `printed_cards` takes cards on paper.
    """

    accepted_types: frozenset[str]
    audiences: frozenset[str]
    expected_nonce: str | None = None
    transaction_data_hashes: frozenset[str] = frozenset()
    hospital_code: str | None = None
    max_trust_age: int = 24 * 3600
    max_status_age: int = 24 * 3600
    presentation_lifetime: int = 60
    clock_tolerance: int = 30
    audience_needed: bool = False
    printed_cards: bool = False


@dataclass(frozen=True)
class VerifiedCredential:
    """A credential that its issuer signed, was accredited for, and that is in force at the time of checking."""

    vct: str
    issuer: str
    issued_at: int
    expires_at: int
    status: tuple[CredentialStatus, ...]
    holder_key: PublicKey
    claims: Mapping[str, Any]


@dataclass(frozen=True)
class VerifiedPresentation:
    """A verified credential in the hands of its holder, now.

    `status_as_of` is when the issuer signed what is known of its status, in seconds since 1970; None where the
    credential can't be withdrawn.
    """

    credential: VerifiedCredential
    presented_at: int
    status_as_of: int | None
    assurance: Assurance


async def verify_presentation(
    presented: str | UnverifiedPresentation,
    *,
    policy: Policy,
    trust: TrustSource,
    statuses: StatusSource,
    replays: ReplayGuard,
    now: int,
    pins: PinCheck | None = None,
) -> VerifiedPresentation:
    """The presentation in this text, if it may be trusted for this policy at `now`; raises `Rejection` otherwise.

    1. Parse, within limits: `NOT_A_CREDENTIAL`, `TOO_LARGE`, `MALFORMED`.
    2. Is what we know of the registry recent enough? `STALE_TRUST`.
    3. Find the issuer's key in the registry: `UNKNOWN_ISSUER`, `BAD_SIGNATURE` where it has no such key.
    4. Was the issuer accredited for this type when it signed, and is it now? `UNTRUSTED_ISSUER`.
    5. Is the signature the issuer's? `BAD_SIGNATURE`.
    6. Is the credential in force? `NOT_YET_VALID`, `EXPIRED_CREDENTIAL`.
    7. Has the issuer withdrawn it? `REVOKED`, `SUSPENDED`, `STATUS_UNAVAILABLE`.
    8. Does its holder present it, to us, now? `HOLDER_KEY`, `WRONG_AUDIENCE`, `CLOCK_SKEW`, `EXPIRED_PRESENTATION`.
       Of a printed card: `PIN_NEEDED`, `WRONG_PIN`, `PIN_LOCKED`.
    9. For the first time, unless it is printed? `REPLAYED`.
    10. Is the holder covered here today? `NOT_COVERED`, `COVERED_ELSEWHERE`.

    Where the text was parsed already, step 1 only says whether the desk takes such credentials.
    """
    # 1.
    presentation = parse_presentation(presented) if isinstance(presented, str) else presented
    if presentation.credential.vct not in policy.accepted_types:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not a kind of credential that this desk takes.")
    if presentation.printed is not None and not policy.printed_cards:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This desk takes no printed cards.")

    # 2. to 6.
    credential = verify_credential(
        presentation.credential,
        trust=trust,
        max_trust_age=policy.max_trust_age,
        clock_tolerance=policy.clock_tolerance,
        now=now,
    )

    # 7. Only now, since the list's address is the issuer's word, and the issuer is trusted only from here on.
    known = [
        await statuses.status(entry, issuer=credential.issuer, trust=trust, now=now) for entry in credential.status
    ]
    status_as_of = _check_status(known, policy, now)

    # 8.
    try:
        presentation.signed.verify(credential.holder_key)
    except SignatureInvalid as cause:
        raise Rejection(ReasonCode.HOLDER_KEY, "This was not shown by the holder of the credential.") from cause
    fresh_until = _check_audience_and_freshness(presentation, policy, now)
    if presentation.printed is not None:
        await _check_pin(presentation.printed, presentation.digest, pins)

    # 9. Kept for as long as step 8 would let the same presentation pass. Paper is shown again and again.
    if presentation.printed is None:
        await replays.remember(presentation.digest, until=fresh_until)

    # 10.
    if policy.hospital_code is not None and credential.vct == INSURANCE_COVERAGE.vct:
        check_coverage(credential.claims, hospital_code=policy.hospital_code, now=now)

    assurance = Assurance.HOLDER_PRESENT if presentation.printed is None else Assurance.PRINTED_CARD
    return VerifiedPresentation(credential, presentation.presented_at, status_as_of, assurance)


def _check_status(known: Sequence[KnownStatus], policy: Policy, now: int) -> int | None:
    """Step 7 after the look-up; returns since when the oldest of the answers stands. Revoked outweighs suspended."""
    found = {each.status for each in known}
    if Status.INVALID in found:
        raise Rejection(ReasonCode.REVOKED, "The issuer has revoked this credential.")
    if Status.SUSPENDED in found:
        raise Rejection(ReasonCode.SUSPENDED, "The issuer has suspended this credential.")
    oldest = min((each.as_of for each in known), default=None)
    if oldest is not None and now - oldest > policy.max_status_age:
        raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "What we know of this credential's status is too old.")
    return oldest


def _check_audience_and_freshness(presentation: UnverifiedPresentation, policy: Policy, now: int) -> int:
    """Step 8 after the signature; returns the time until which the presentation counts as fresh."""
    if presentation.audience not in policy.audiences and (presentation.audience or policy.audience_needed):
        raise Rejection(ReasonCode.WRONG_AUDIENCE, "This was made for another desk.")
    if presentation.nonce != policy.expected_nonce:
        raise Rejection(ReasonCode.WRONG_AUDIENCE, "This does not answer this desk's question.")
    if frozenset(presentation.transaction_data_hashes) != policy.transaction_data_hashes:
        raise Rejection(ReasonCode.WRONG_AUDIENCE, "This does not agree to what this desk asked for.")
    if presentation.presented_at > now + policy.clock_tolerance:
        raise Rejection(ReasonCode.CLOCK_SKEW, "The phone's clock is ahead of this desk's.")
    if presentation.printed is not None:
        fresh_until = presentation.printed.expires_at
    else:
        fresh_until = presentation.presented_at + policy.presentation_lifetime
    if now >= fresh_until:
        raise Rejection(ReasonCode.EXPIRED_PRESENTATION, "This code is too old; a fresh one is needed.")
    return fresh_until


async def _check_pin(card: PrintedCard, digest: bytes, pins: PinCheck | None) -> None:
    """Last in step 8, after both signatures: a slow hash is not made for what anybody could write."""
    if pins is None:
        raise Rejection(ReasonCode.PIN_NEEDED, "The PIN of this printed card is needed.")
    await pins.check(card, digest)


def verify_credential(
    credential: UnverifiedCredential, *, trust: TrustSource, max_trust_age: int, clock_tolerance: int, now: int
) -> VerifiedCredential:
    """The credential, if its issuer may be trusted with it: steps 2 to 6 above. Raises `Rejection`."""
    # 2.
    if now - trust.synced_at > max_trust_age:
        raise Rejection(ReasonCode.STALE_TRUST, "What we know of the registry is too old to decide.")

    # 3.
    issuer_key = trust.verification_key(credential.verification_method, at=now)

    # 4. Now as well as then: an issuer that has lost its accreditation could date a credential back.
    for moment in (credential.issued_at, now):
        trust.accreditation(credential.issuer, Role.ISSUE, credential.vct, at=moment)

    # 5.
    try:
        credential.signed.verify(issuer_key)
    except SignatureInvalid as cause:
        raise Rejection(ReasonCode.BAD_SIGNATURE, "The credential was changed, or not signed by its issuer.") from cause

    # 6.
    if max(credential.issued_at, credential.not_before) > now + clock_tolerance:
        raise Rejection(ReasonCode.NOT_YET_VALID, "The credential is not valid yet.")
    if now >= credential.expires_at:
        raise Rejection(ReasonCode.EXPIRED_CREDENTIAL, "The credential has expired.")

    return VerifiedCredential(
        credential.vct,
        credential.issuer,
        credential.issued_at,
        credential.expires_at,
        credential.status,
        credential.holder_key,
        credential.claims,
    )


def verify_issued_credential(
    issued: str, *, holder_key: PublicKey, trust: TrustSource, max_trust_age: int, clock_tolerance: int, now: int
) -> VerifiedCredential:
    """What a wallet checks before it keeps a credential: steps 1 to 6, and that the credential is bound to its own key.

    Raises `Rejection`; `HOLDER_KEY` where the credential is bound to another key.
    """
    unverified = parse_credential(issued)
    credential = verify_credential(
        unverified, trust=trust, max_trust_age=max_trust_age, clock_tolerance=clock_tolerance, now=now
    )
    if credential.holder_key != holder_key:
        raise Rejection(ReasonCode.HOLDER_KEY, "The credential is bound to another wallet's key.")
    return credential
