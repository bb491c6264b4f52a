"""The words of one language for the desk's application, from the catalogues and the definitions of credentials."""

from __future__ import annotations

from functools import cache

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import Claim, CredentialType, StatusPolicy
from vc_core.credential_types.schemes import SCHEMES
from verifier.desk.page import POLICY_LABELS
from verifier.desk.schemas import ClaimText, CredentialTypeText, DeskTexts, PolicyText
from verifier.desk.texts import TEXTS


@cache
def create_texts(language: str) -> DeskTexts:
    """All that a verdict may need in this language, which is one of `LANGUAGES`."""
    texts = TEXTS[language]
    return DeskTexts(
        language=language,
        labels=dict(texts.labels),
        reasons=dict(texts.reasons),
        next_actions=dict(texts.next_actions),
        schemes={code: scheme.labels[language] for code, scheme in SCHEMES.items()},
        credential_types={each.name: _type_text(each, language) for each in CREDENTIAL_TYPES.values()},
        policies=[PolicyText(policy=name, label=texts.labels[label]) for name, label in POLICY_LABELS.items()],
    )


def _type_text(credential_type: CredentialType, language: str) -> CredentialTypeText:
    return CredentialTypeText(
        label=credential_type.labels[language],
        has_status=credential_type.status_policy is StatusPolicy.REQUIRED,
        claims={claim.name: _claim_text(claim, language) for claim in credential_type.claims},
    )


def _claim_text(claim: Claim, language: str) -> ClaimText:
    choices = {value: claim.text(value, language) for value in claim.choices or {}}
    return ClaimText(label=claim.labels[language], kind=claim.kind.value, choices=choices)
