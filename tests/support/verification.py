"""A registry, status lists and a memory of presentations to verify against, and people who issue and hold credentials.

`verify` is the procedure with all of them good: a test spoils one thing and sees the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.keys import RepeatableSigner
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import PublicKey, Signer
from vc_core.crypto.x509 import CertificateChain, KeyReference
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.concealment import Path
from vc_core.formats.credential import CredentialStatus, StatusReference, UnverifiedPresentation
from vc_core.formats.jwt_vc_json import create_jwt_vc_json
from vc_core.formats.qr_pass import create_qr_pass
from vc_core.formats.sd_jwt import create_sd_jwt_presentation, create_sd_jwt_vc
from vc_core.formats.status_list import StatusList, VerifiedStatusList
from vc_core.ledger.events import Role
from vc_core.status import KnownStatus
from vc_core.trust import Accreditation, TrustSource
from vc_core.verification import PinCheck, Policy, VerifiedPresentation, verify_presentation

NOW = 1_790_000_000
"""2026-09-21 in Bangkok: within the period of `COVERAGE_CLAIMS`."""

ACCREDITED_FROM = NOW - 2000

ISSUER_DID = "did:ethr:0x539:0x1111111111111111111111111111111111111111"
ISSUER_METHOD = ISSUER_DID + "#delegate-1"
ISSUER = RepeatableSigner.from_bytes(bytes([1]) * 32)
HOLDER = RepeatableSigner.from_bytes(bytes([2]) * 32)
STRANGER = RepeatableSigner.from_bytes(bytes([3]) * 32)

OTHER_DID = "did:ethr:0x539:0x3333333333333333333333333333333333333333"
AUDIENCE = "did:ethr:0x539:0x2222222222222222222222222222222222222222"
NONCE = "bm9uY2Utb2YtdGhpcy1kZXNr"
STATUS = StatusReference("https://office.example/status/1", 1234)

COVERAGE_CLAIMS: dict[str, Any] = {
    "health_id": "SB4J7QX2M9KZ",
    "name": "มานี ใจดี",
    "name_latin": "Manee Jaidee",
    "birth_year": 1988,
    "scheme": "8401",
    "regular_hospital": "10669",
    "primary_hospital": "99802",
    "referral_hospital": "11470",
    "covered_from": "2026-01-01",
    "covered_until": "2026-12-31",
}

POLICY = Policy(
    accepted_types=frozenset({INSURANCE_COVERAGE.vct}),
    audiences=frozenset({AUDIENCE}),
    expected_nonce=NONCE,
    hospital_code="10669",
)


class CountedBytes:
    """Randomness for tests: never the same twice in a run, the same in every run."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self, length: int) -> bytes:
        self._calls += 1
        return hashlib.shake_128(self._calls.to_bytes(8, "big")).digest(length)


def issue_qr_pass() -> bytes:
    """The same coverage as a QR pass."""
    return create_qr_pass(
        INSURANCE_COVERAGE,
        COVERAGE_CLAIMS,
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        issued_at=NOW - 1000,
        expires_at=NOW + 1000,
        status=STATUS,
        holder_key=HOLDER.public_key,
    )


def issue_jwt_vc_json(holder_did: str | None = None, **claims: Any) -> str:
    """The same coverage as a JWT; `claims` replace those of `COVERAGE_CLAIMS`."""
    return create_jwt_vc_json(
        INSURANCE_COVERAGE,
        COVERAGE_CLAIMS | claims,
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        issued_at=NOW - 1000,
        expires_at=NOW + 1000,
        status=STATUS,
        holder_key=HOLDER.public_key,
        holder_did=holder_did,
    )


def issue_coverage(
    *,
    signer: Signer = ISSUER,
    verification_method: KeyReference = ISSUER_METHOD,
    issued_at: int = NOW - 1000,
    expires_at: int = NOW + 1000,
    status: StatusReference = STATUS,
    holder_key: PublicKey = HOLDER.public_key,
    randomness: Callable[[int], bytes] | None = None,
    **claims: Any,
) -> str:
    """An InsuranceCoverage as issued; `claims` replace those of `COVERAGE_CLAIMS`."""
    return create_sd_jwt_vc(
        INSURANCE_COVERAGE,
        COVERAGE_CLAIMS | claims,
        verification_method=verification_method,
        signer=signer,
        issued_at=issued_at,
        expires_at=expires_at,
        status=status,
        holder_key=holder_key,
        randomness=randomness or CountedBytes(),
    )


def present(
    sd_jwt: str,
    *,
    disclose: Collection[str | Path] = ("name",),
    holder: Signer = HOLDER,
    presented_at: int = NOW,
    audience: str = AUDIENCE,
    nonce: str = NONCE,
    transaction_data_hashes: Sequence[str] = (),
) -> str:
    """A presentation of an issued credential to the desk of `POLICY`."""
    return create_sd_jwt_presentation(
        sd_jwt,
        disclose=disclose,
        holder=holder,
        presented_at=presented_at,
        audience=audience,
        nonce=nonce,
        transaction_data_hashes=transaction_data_hashes,
    )


@dataclass
class FakeTrust:
    """A registry: keys by verification method, and the issuers accredited, with the period of each."""

    synced_at: int = NOW
    keys: dict[str, PublicKey] = field(default_factory=lambda: {ISSUER_METHOD: ISSUER.public_key})
    accreditations: dict[tuple[str, str], tuple[int, int]] = field(
        default_factory=lambda: {(ISSUER_DID, INSURANCE_COVERAGE.vct): (ACCREDITED_FROM, NOW + 10**6)}
    )

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        """See `TrustSource`."""
        if isinstance(verification_method, CertificateChain):
            raise Rejection(ReasonCode.UNKNOWN_ISSUER, "The registry knows nobody by certificates.")
        did = verification_method.partition("#")[0]
        if not any(known.startswith(did + "#") for known in self.keys):
            raise Rejection(ReasonCode.UNKNOWN_ISSUER, "The registry does not know this issuer.")
        if verification_method not in self.keys:
            raise Rejection(ReasonCode.BAD_SIGNATURE, "The issuer has no such key.")
        return self.keys[verification_method]

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        """See `TrustSource`."""
        valid_from, valid_until = self.accreditations.get((did, vct), (0, 0))
        if role is not Role.ISSUE or not valid_from <= at < valid_until:
            raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "The issuer is not accredited for this.")
        return Accreditation(did, role, vct, valid_from, valid_until)

    def name(self, did: str) -> str:
        """See `TrustSource`."""
        return did


@dataclass
class FakeStatuses:
    """One status list for every address; `asked` counts."""

    entries: StatusList = field(default_factory=lambda: StatusList(2, 2048))
    as_of: int = NOW
    asked: int = 0

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """See `StatusSource`."""
        self.asked += 1
        known = VerifiedStatusList(self.as_of, now + 1, 1, self.entries)
        return KnownStatus(known.status(reference.index), self.as_of)


@dataclass
class FakeReplays:
    """The presentations remembered, and until when."""

    seen: dict[bytes, int] = field(default_factory=dict)

    async def remember(self, digest: bytes, *, until: int) -> None:
        """See `ReplayGuard`."""
        if digest in self.seen:
            raise Rejection(ReasonCode.REPLAYED, "This was shown before.")
        self.seen[digest] = until


async def verify(
    presented: str | UnverifiedPresentation,
    *,
    policy: Policy = POLICY,
    trust: TrustSource | None = None,
    statuses: FakeStatuses | None = None,
    replays: FakeReplays | None = None,
    pins: PinCheck | None = None,
    now: int = NOW,
) -> VerifiedPresentation:
    """The verification procedure, with everything good that the test does not replace."""
    return await verify_presentation(
        presented,
        policy=policy,
        trust=trust or FakeTrust(),
        statuses=statuses or FakeStatuses(),
        replays=replays or FakeReplays(),
        pins=pins,
        now=now,
    )
