"""A check: the verification procedure with this desk's policy, and its outcome as a verdict and an audit record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal

from vc_core.clock import Clock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.insurance_coverage import HOSPITAL_CLAIMS, INSURANCE_COVERAGE
from vc_core.credential_types.schemes import SCHEMES
from vc_core.crypto.keys import PublicKey
from vc_core.crypto.x509 import KeyReference
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialStatus
from vc_core.ledger.events import Role
from vc_core.status import KnownStatus, StatusSource
from vc_core.trust import Accreditation, TrustSource
from vc_core.verification import Policy, VerifiedCredential, verify_presentation
from vc_core.web.database import Database
from verifier.checks.images import read_qr_image
from verifier.checks.journal import Entry, Journal
from verifier.checks.repository import AuditRecord, CheckRepository, UsedPresentation
from verifier.checks.schemas import Ages, Coverage, Hospital, Issuer, Person, ShownClaim, Verdict
from verifier.settings import VerifierSettings

KEEP_SEEN_SECONDS = 24 * 3600
"""How long a used presentation is remembered after its time: a clock set back by less than this revives nothing."""
_KINDS: tuple[Literal["regular", "primary", "referral"], ...] = ("regular", "primary", "referral")
_DECODING_AT_ONCE = 2
_OF_THE_PERSON = frozenset(each.name for each in fields(Person))
_COVERED = "The person is covered here today."
_REPLAYED = Rejection(ReasonCode.REPLAYED, "This code was used before; a fresh one is needed.")


def create_policy(settings: VerifierSettings) -> Policy:
    """What this desk asks for: any of our credential types, meant for it, and coverage at its hospital."""
    return Policy(
        accepted_types=frozenset(CREDENTIAL_TYPES),
        audiences=frozenset({settings.facility_did, settings.public_url}),
        hospital_code=settings.hospital_code,
    )


async def delete_seen(database: Database, *, now: int) -> int:
    """Forgets the presentations whose time is long past at `now`; returns how many."""
    return await database.write(
        lambda connection: CheckRepository(connection).delete_seen(before=now - KEEP_SEEN_SECONDS)
    )


class CheckService:
    """Answers checks. A refused presentation is an answer, never an error."""

    def __init__(
        self,
        *,
        settings: VerifierSettings,
        trust: TrustSource,
        statuses: StatusSource,
        database: Database,
        clock: Clock,
    ) -> None:
        self._policy = create_policy(settings)
        self._hospital_code = settings.hospital_code
        self._trust = trust
        self._statuses = statuses
        self._journal = Journal(database)
        self._clock = clock
        self._decoding = asyncio.Semaphore(_DECODING_AT_ONCE)

    async def check_text(self, text: str) -> Verdict:
        """The verdict on what a scanner read."""
        return await self._check(text)

    async def check_image(self, image: bytes) -> Verdict:
        """The verdict on the QR code in a PNG or JPEG."""
        try:
            async with self._decoding:
                text = await asyncio.to_thread(read_qr_image, image)
        except Rejection as rejection:
            return await self._check(rejection)
        return await self._check(text)

    async def _check(self, presented: str | Rejection) -> Verdict:
        """One verdict and its audit record, from a text or from why there is none.

        The journal comes last, so nothing is locked while a status list is fetched. It has the last word as well:
        what the procedure found counts only if the presentation was not used before, and once that is on disk.
        """
        now = self._clock()
        witness = _Witness(self._trust, self._statuses)
        try:
            if isinstance(presented, Rejection):
                raise presented
            verified = await verify_presentation(
                presented, policy=self._policy, trust=witness, statuses=witness, replays=witness, now=now
            )
        except Rejection as rejection:
            verdict = _refusal(rejection, witness, now)
        else:
            witness.issuer = verified.credential.issuer
            verdict = _acceptance(verified.credential, witness, self._hospital_code, now)
        record = AuditRecord(now, verdict.verdict, verdict.code, verdict.credential_type, witness.issuer)
        if not await self._journal.write(Entry(record, witness.used)):
            return _refusal(_REPLAYED, witness, now)
        return verdict

    async def stop(self) -> None:
        """Returns when the checks under way are on disk."""
        await self._journal.stop()


class _Witness:
    """Stands between the procedure and its sources, and notes how far a check got: a refusal carries none of that.

    As `ReplayGuard` it only notes the presentation and refuses none: step 9 of the procedure is decided by the journal,
    after step 10, which changes nothing anywhere. Where step 9 says no, whatever step 10 said does not count.
    `credential_type` is known from the accreditation on (a name from our own list), `issuer` only once its signature
    was found good, so that nobody can write a DID of their choice into the audit log.
    """

    def __init__(self, trust: TrustSource, statuses: StatusSource) -> None:
        self._trust = trust
        self._statuses = statuses
        self.credential_type: str | None = None
        self.issuer: str | None = None
        self.status_as_of: int | None = None
        self.used: UsedPresentation | None = None

    @property
    def synced_at(self) -> int:
        """See `TrustSource`."""
        return self._trust.synced_at

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        """See `TrustSource`."""
        return self._trust.verification_key(verification_method, at=at)

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        """See `TrustSource`."""
        found = self._trust.accreditation(did, role, vct, at=at)
        self.credential_type = CREDENTIAL_TYPES[vct].name
        return found

    def name(self, did: str) -> str:
        """See `TrustSource`."""
        return self._trust.name(did)

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """See `StatusSource`."""
        self.issuer = issuer
        known = await self._statuses.status(reference, issuer=issuer, trust=trust, now=now)
        self.status_as_of = known.as_of if self.status_as_of is None else min(known.as_of, self.status_as_of)
        return known

    async def remember(self, digest: bytes, *, until: int) -> None:
        """See `ReplayGuard`."""
        self.used = UsedPresentation(digest, until)


def _refusal(rejection: Rejection, witness: _Witness, now: int) -> Verdict:
    return Verdict(
        verdict="rejected",
        code=rejection.code,
        sentence=rejection.message,
        checked_at=now,
        ages=_ages(witness, now),
        credential_type=witness.credential_type,
    )


def _acceptance(credential: VerifiedCredential, witness: _Witness, hospital_code: str, now: int) -> Verdict:
    credential_type, claims = CREDENTIAL_TYPES[credential.vct], credential.claims
    covers = credential_type is INSURANCE_COVERAGE
    return Verdict(
        verdict="accepted",
        code=ReasonCode.OK,
        sentence="The person is covered here today."
        if covers
        else f"{credential_type.labels['en']}: valid, and shown by its holder.",
        checked_at=now,
        ages=_ages(witness, now),
        credential_type=credential_type.name,
        issuer=Issuer(did=credential.issuer, name=witness.name(credential.issuer)),
        person=Person(
            health_id=claims.get("health_id"),
            name=claims.get("name"),
            name_latin=claims.get("name_latin"),
            birth_year=claims.get("birth_year"),
        ),
        coverage=_coverage(claims, hospital_code) if covers else None,
        claims=[] if covers else _other_claims(credential_type, claims),
    )


def _other_claims(credential_type: CredentialType, claims: Mapping[str, Any]) -> list[ShownClaim]:
    """What the credential shows beside the person."""
    return [
        ShownClaim(name=claim.name, label=claim.labels["en"], value=claims[claim.name])
        for claim in credential_type.claims
        if claim.name in claims and claim.name not in _OF_THE_PERSON
    ]


def _coverage(claims: Mapping[str, Any], hospital_code: str) -> Coverage:
    codes = [claims[name] for name in HOSPITAL_CLAIMS]
    return Coverage(
        scheme=claims["scheme"],
        scheme_name=SCHEMES[claims["scheme"]].labels["en"],
        hospitals=[
            Hospital(kind=kind, hospital_code=code, here=code == hospital_code)
            for kind, code in zip(_KINDS, codes, strict=True)
        ],
        covered_from=claims["covered_from"],
        covered_until=claims["covered_until"],
    )


def _ages(witness: _Witness, now: int) -> Ages:
    """A source dated ahead of our clock is new, not younger than nothing."""
    synced = max(0, now - witness.synced_at) if witness.synced_at else None
    status = max(0, now - witness.status_as_of) if witness.status_as_of is not None else None
    return Ages(registry_seconds=synced, trust_seconds=synced, status_seconds=status)
