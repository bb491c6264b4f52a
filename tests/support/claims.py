"""Claims for every credential type: one invented patient's, and whatever Hypothesis makes of a definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.support.portraits import portrait_claim
from vc_core.credential_types.appointment_ticket import APPOINTMENT_TICKET
from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType
from vc_core.credential_types.guardian_delegation import GUARDIAN_DELEGATION
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.migrant_worker_card import MIGRANT_WORKER_CARD
from vc_core.credential_types.visit_receipt import VISIT_RECEIPT

_PERSON: Mapping[str, Any] = {
    "health_id": "SB4K7T9QX2M3",
    "name": "စန္ဒာလှိုင်",
    "name_latin": "Sandar Hlaing",
    "birth_year": 1994,
    "birth_date": "1994-03-02",
    "nationality": "MMR",
    "identifier_system": "http://hl7.org/fhir/sid/passport-MMR",
    "identifier_value": "MB123456",
}
_OWN: Mapping[str, Mapping[str, Any]] = {
    HEALTH_ID.vct: {},
    INSURANCE_COVERAGE.vct: {
        "scheme": "8401",
        "regular_hospital": "10661",
        "primary_hospital": "11472",
        "referral_hospital": "11472",
        "covered_from": "2026-01-01",
        "covered_until": "2026-12-31",
        "copay_baht": 30,
    },
    MIGRANT_WORKER_CARD.vct: {
        "work_permit": "1098765432101",
        "work_permit_until": "2027-03-31",
        "employer": "Ranong Cold Storage Co., Ltd.",
    },
    APPOINTMENT_TICKET.vct: {
        "hospital": "10661",
        "department": "สูตินรีเวช",
        "appointment_date": "2026-12-31",
        "appointment_time": "09:30",
        "appointment_ref": "AP-2026-004711",
    },
    VISIT_RECEIPT.vct: {
        "hospital": "10661",
        "visit_date": "2026-07-01",
        "visit_number": "690701/0042",
        "visit_kind": "outpatient",
        "total_amount": "1250.00",
        "paid_amount": "30.00",
        "claim_code": "PP1234567890",
    },
    GUARDIAN_DELEGATION.vct: {
        "dependant_health_id": "SB7M2C5XK9T8",
        "dependant_name": "မောင်မောင်",
        "dependant_birth_date": "2021-06-15",
        "relationship": "parent",
        "permission": "consent",
        "delegated_until": "2026-12-31",
    },
}


def sample_claims(credential_type: CredentialType) -> dict[str, Any]:
    """All claims of a type of ours that every format has, of a patient who does not exist."""
    known = {**_PERSON, **_OWN[credential_type.vct]}
    return {claim.name: known[claim.name] for claim in credential_type.whole_claims()}


def values_of(claim: Claim) -> st.SearchStrategy[Any]:
    """Values that the claim may have, short enough for a QR pass."""
    if claim.choices is not None:
        return st.sampled_from(list(claim.choices))
    if claim.pattern is not None:
        return st.from_regex(claim.pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    match claim.kind:
        case ClaimKind.INTEGER:
            return st.integers(0, 2**53 - 1)
        case ClaimKind.DATE:
            return st.dates().map(lambda date: date.isoformat())
        case ClaimKind.IMAGE:
            return st.just(portrait_claim())
        case ClaimKind.TEXT:
            return st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


def claims_of(credential_type: CredentialType) -> st.SearchStrategy[dict[str, Any]]:
    """Claims of the type, without some that are not required."""
    values = {claim.name: values_of(claim) for claim in credential_type.claims}
    optional = {claim.name for claim in credential_type.claims if not claim.required}
    return st.fixed_dictionaries(
        {name: value for name, value in values.items() if name not in optional},
        optional={name: values[name] for name in optional},
    )
