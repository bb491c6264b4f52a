"""The examination of one presentation: the procedure's outcome as a verdict, and what is to be kept of it.

Whichever way a presentation came, by QR code or by OpenID4VP, it ends here. Nothing is written: the caller keeps the
record and the used presentation in one transaction, which has the last word on whether it is the first of its kind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.insurance_coverage import HOSPITAL_CLAIMS, INSURANCE_COVERAGE
from vc_core.credential_types.schemes import SCHEMES
from vc_core.crypto.keys import PublicKey
from vc_core.crypto.x509 import KeyReference
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialStatus, UnverifiedPresentation
from vc_core.ledger.events import Role
from vc_core.status import KnownStatus, StatusSource
from vc_core.trust import Accreditation, TrustSource
from vc_core.verification import Assurance, PinCheck, Policy, VerifiedPresentation, verify_presentation
from verifier.checks.repository import AuditRecord, UsedPresentation
from verifier.checks.schemas import Ages, Coverage, Hospital, Issuer, Person, ShownClaim, Verdict

_KINDS: tuple[Literal["regular", "primary", "referral"], ...] = ("regular", "primary", "referral")
_OF_THE_PERSON = frozenset(each.name for each in fields(Person))
_SHOWN = {Assurance.HOLDER_PRESENT: "shown by its holder", Assurance.PRINTED_CARD: "on a printed card"}
_REPLAYED = Rejection(ReasonCode.REPLAYED, "This code was used before; a fresh one is needed.")


@dataclass(frozen=True)
class Examined:
    """A verdict, its line for the audit log, and the presentation where it passed the checks before replay."""

    verdict: Verdict
    record: AuditRecord
    used: UsedPresentation | None

    def as_replayed(self) -> Examined:
        """The same, where it turns out that the presentation was used before."""
        verdict = Verdict(
            verdict="rejected",
            code=_REPLAYED.code,
            sentence=_REPLAYED.message,
            checked_at=self.verdict.checked_at,
            ages=self.verdict.ages,
            credential_type=self.verdict.credential_type,
            check_id=self.verdict.check_id,
        )
        record = replace(self.record, verdict="rejected", code=_REPLAYED.code, assurance=None)
        return Examined(verdict, record, None)


class Examiner:
    """Puts presentations through the procedure, for a hospital. A refused presentation is an answer, never an error."""

    def __init__(self, trust: TrustSource, statuses: StatusSource, *, hospital_code: str) -> None:
        self._trust = trust
        self._statuses = statuses
        self._hospital_code = hospital_code

    async def examine(
        self,
        presented: str | UnverifiedPresentation | Rejection,
        *,
        policy: Policy,
        now: int,
        needed: Collection[str] | None = None,
        pins: PinCheck | None = None,
    ) -> Examined:
        """The outcome for what was presented, or for why there is none; `pins` knows what was said of a printed card.

        Of the claims the verdict has those `needed`; None is all. Claims that a credential always shows count too.
        """
        witness = _Witness(self._trust, self._statuses)
        try:
            if isinstance(presented, Rejection):
                raise presented
            verified = await verify_presentation(
                presented, policy=policy, trust=witness, statuses=witness, replays=witness, now=now, pins=pins
            )
        except Rejection as rejection:
            verdict = _refusal(rejection, witness, now)
        else:
            witness.issuer = verified.credential.issuer
            verdict = _acceptance(verified, witness, self._hospital_code, now, needed)
        record = AuditRecord(
            now, verdict.verdict, verdict.code, verdict.credential_type, witness.issuer, verdict.assurance
        )
        verdict.check_id = record.check_id
        return Examined(verdict, record, witness.used)


class _Witness:
    """Stands between the procedure and its sources, and notes how far a check got: a refusal carries none of that.

    As `ReplayGuard` it only notes the presentation and refuses none: step 9 of the procedure is decided by the
    database, after step 10, which changes nothing anywhere. Where step 9 says no, whatever step 10 said does not count.
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


def _acceptance(
    verified: VerifiedPresentation, witness: _Witness, hospital_code: str, now: int, needed: Collection[str] | None
) -> Verdict:
    credential = verified.credential
    credential_type, claims = CREDENTIAL_TYPES[credential.vct], credential.claims
    if needed is not None:
        kept = credential_type.always_shown().union(needed)
        claims = {name: value for name, value in claims.items() if name in kept}
    covers = credential_type is INSURANCE_COVERAGE
    return Verdict(
        verdict="accepted",
        code=ReasonCode.OK,
        sentence="The person is covered here today."
        if covers
        else f"{credential_type.labels['en']}: valid, and {_SHOWN[verified.assurance]}.",
        checked_at=now,
        ages=_ages(witness, now),
        credential_type=credential_type.name,
        issuer=Issuer(did=credential.issuer, name=witness.name(credential.issuer)),
        person=Person(
            health_id=claims.get("health_id"),
            name=claims.get("name"),
            name_latin=claims.get("name_latin"),
            birth_year=claims.get("birth_year"),
            portrait=claims.get("portrait"),
        ),
        coverage=_coverage(claims, hospital_code) if covers else None,
        claims=[] if covers else _other_claims(credential_type, claims),
        assurance=verified.assurance,
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
        copay_baht=claims.get("copay_baht"),
    )


def _ages(witness: _Witness, now: int) -> Ages:
    """A source dated ahead of our clock is new, not younger than nothing."""
    synced = max(0, now - witness.synced_at) if witness.synced_at else None
    status = max(0, now - witness.status_as_of) if witness.status_as_of is not None else None
    return Ages(registry_seconds=synced, trust_seconds=synced, status_seconds=status)
