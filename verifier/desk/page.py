"""The page as HTML: a verdict's words in the reader's language, laid out by the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vc_core.credential_types import type_named
from vc_core.credential_types.definition import ClaimKind, CredentialType, StatusPolicy
from vc_core.credential_types.hospital import HOSPITAL
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.person import PORTRAIT
from vc_core.credential_types.schemes import SCHEMES
from vc_core.errors import ReasonCode
from vc_core.verification import Assurance
from verifier.checks.schemas import Ages, Coverage, ShownClaim, Verdict
from verifier.desk.texts import TEXTS, Texts
from verifier.desk.wording import format_age, format_date, format_time, format_year
from verifier.settings import VerifierSettings

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PIN_WANTED = (ReasonCode.PIN_NEEDED, ReasonCode.WRONG_PIN)
POLICY_LABELS = {
    "identity": "policy_identity",
    "coverage": "policy_coverage",
    "coverage+photo": "policy_photo",
    "coverage+identity minimal": "policy_minimal",
    "guardian": "policy_guardian",
}
"""The label of each policy that the desk may ask a phone by; what they ask for is in `verifier.requests.policies`."""
_CLAIM_LABELS = {claim.name: claim.labels for claim in INSURANCE_COVERAGE.claims}


@dataclass(frozen=True)
class HospitalLine:
    """One of the three hospitals: what it is to the patient, its code, and whether it is this one."""

    label: str
    code: str
    here: bool


@dataclass(frozen=True)
class CoverageView:
    """A coverage in words."""

    scheme: str
    hospitals: list[HospitalLine]
    covered_until_label: str
    covered_until: str
    copay_label: str
    copay: int | None


@dataclass(frozen=True)
class ClaimLine:
    """A claim in words; of one that names a hospital, `here` says whether it is this one."""

    label: str
    text: str
    here: bool | None


@dataclass(frozen=True)
class VerdictView:
    """A verdict in words; what is None is not shown."""

    accepted: bool
    printed: bool
    code: str
    reason: str
    next_action: str
    credential_type: str | None
    name: str | None
    name_latin: str | None
    birth_year_label: str
    birth_year: str | None
    health_id_label: str
    health_id: str | None
    portrait_label: str
    portrait_address: str | None
    coverage: CoverageView | None
    claims: list[ClaimLine]
    issuer: str | None
    checked_at: str
    ages: list[tuple[str, str]]


def render_page(
    settings: VerifierSettings,
    language: str,
    verdict: Verdict | None = None,
    *,
    notice: str = "",
    read: str | None = None,
) -> str:
    """The page with its scan field, and above it a verdict, or the label of this name as a notice.

    `read` is the text that the verdict is on: where it is a printed card that lacks its PIN, the page asks for that.
    """
    texts = TEXTS[language]
    return render_template(
        "desk.html",
        language,
        settings,
        verdict=create_view(verdict, texts, settings.hospital_code) if verdict else None,
        notice=texts.labels[notice] if notice else None,
        card=read if verdict and verdict.code in _PIN_WANTED else None,
        policies=[(name, texts.labels[label]) for name, label in POLICY_LABELS.items()],
    )


def render_template(name: str, language: str, settings: VerifierSettings, **values: Any) -> str:
    """A page by its template, in this language, for this hospital."""
    texts = TEXTS[language]
    return _templates.get_template(name).render(
        texts=texts,
        labels=texts.labels,
        languages=[(each.language, each.labels["language_name"]) for each in TEXTS.values()],
        facility_name=settings.facility_name,
        hospital_code=settings.hospital_code,
        **values,
    )


def create_view(
    verdict: Verdict, texts: Texts, hospital_code: str, *, portrait_address: str | None = None
) -> VerdictView:
    """The verdict in this language, at the hospital of this code; `portrait_address` is where its photo is, if any."""
    credential_type = type_named(verdict.credential_type) if verdict.credential_type else None
    person = verdict.person
    return VerdictView(
        accepted=verdict.verdict == "accepted",
        printed=verdict.assurance is Assurance.PRINTED_CARD,
        code=verdict.code.value,
        reason=texts.reasons[verdict.code],
        next_action=texts.next_actions[verdict.code],
        credential_type=credential_type.labels[texts.language] if credential_type else None,
        name=person.name if person else None,
        name_latin=person.name_latin if person else None,
        birth_year_label=_CLAIM_LABELS["birth_year"][texts.language],
        birth_year=format_year(person.birth_year, texts) if person and person.birth_year is not None else None,
        health_id_label=_CLAIM_LABELS["health_id"][texts.language],
        health_id=person.health_id if person else None,
        portrait_label=PORTRAIT.labels[texts.language],
        portrait_address=portrait_address if person and person.portrait is not None else None,
        coverage=_coverage_view(verdict.coverage, texts) if verdict.coverage else None,
        claims=_claim_lines(credential_type, verdict.claims, texts, hospital_code) if credential_type else [],
        issuer=verdict.issuer.name if verdict.issuer else None,
        checked_at=format_time(verdict.checked_at),
        ages=_age_lines(credential_type, verdict.ages, texts),
    )


def _age_lines(credential_type: CredentialType | None, ages: Ages, texts: Texts) -> list[tuple[str, str]]:
    """What the verdict rests on, and how old that is; of a type without a status there is no list to be old."""
    shown = [("registry_age", ages.registry_seconds), ("trust_age", ages.trust_seconds)]
    if credential_type is None or credential_type.status_policy is StatusPolicy.REQUIRED:
        shown.append(("status_age", ages.status_seconds))
    return [(texts.labels[name], format_age(seconds, texts)) for name, seconds in shown]


def _claim_lines(
    credential_type: CredentialType, claims: Sequence[ShownClaim], texts: Texts, hospital_code: str
) -> list[ClaimLine]:
    """The claims with their labels; choices and dates in the language's words."""
    definitions = {claim.name: claim for claim in credential_type.claims}
    lines = []
    for shown in claims:
        claim = definitions[shown.name]
        text = claim.text(shown.value, texts.language)
        if claim.kind is ClaimKind.DATE:
            text = format_date(text, texts)
        here = shown.value == hospital_code if claim.name == HOSPITAL.name else None
        lines.append(ClaimLine(claim.labels[texts.language], text, here))
    return lines


def _coverage_view(coverage: Coverage, texts: Texts) -> CoverageView:
    return CoverageView(
        scheme=SCHEMES[coverage.scheme].labels[texts.language],
        hospitals=[
            HospitalLine(
                _CLAIM_LABELS[f"{hospital.kind}_hospital"][texts.language], hospital.hospital_code, hospital.here
            )
            for hospital in coverage.hospitals
        ],
        covered_until_label=_CLAIM_LABELS["covered_until"][texts.language],
        covered_until=format_date(coverage.covered_until, texts),
        copay_label=_CLAIM_LABELS["copay_baht"][texts.language],
        copay=coverage.copay_baht,
    )
