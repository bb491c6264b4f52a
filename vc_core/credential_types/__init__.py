"""One definition per credential type. A new type is a new file here and one more entry in `CREDENTIAL_TYPES`."""

from collections.abc import Mapping

from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE

CREDENTIAL_TYPES: Mapping[str, CredentialType] = {each.vct: each for each in (HEALTH_ID, INSURANCE_COVERAGE)}
"""Every credential type by its `vct`."""


def type_named(name: str) -> CredentialType | None:
    """The type of that `name` (such as `HealthId`), or None."""
    return next((each for each in CREDENTIAL_TYPES.values() if each.name == name), None)


def type_numbered(number: int) -> CredentialType | None:
    """The type of that `number` in a QR pass, or None."""
    return next((each for each in CREDENTIAL_TYPES.values() if each.number == number), None)
