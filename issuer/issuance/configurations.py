"""What can be asked for: each credential type in each format, by `credential_configuration_id`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import CredentialType
from vc_core.formats.credential import CredentialFormat
from vc_core.protocols.issuer_metadata import create_configuration

_COSE_ES256 = -7


@dataclass(frozen=True)
class Configuration:
    """One credential type in one format."""

    credential_type: CredentialType
    format: CredentialFormat

    @property
    def id(self) -> str:
        """Its `credential_configuration_id`."""
        return f"{self.credential_type.name}_{self.format}"

    def metadata(self) -> dict[str, Any]:
        """Its entry in the issuer's metadata."""
        signing_algorithm, binding_method = _TERMS[self.format]
        return create_configuration(
            self.credential_type,
            credential_format=self.format,
            signing_algorithm=signing_algorithm,
            binding_method=binding_method,
        )


# How each format names its signature algorithm, and the form in which it holds the holder's key.
_TERMS: Mapping[CredentialFormat, tuple[str | int, str]] = {
    CredentialFormat.SD_JWT: ("ES256", "jwk"),
    CredentialFormat.QR_PASS: (_COSE_ES256, "cose_key"),
}


def configurations_of(type_names: Iterable[str]) -> Mapping[str, Configuration]:
    """The configurations of these credential types, by id."""
    names = set(type_names)
    found = (
        Configuration(credential_type, credential_format)
        for credential_type in CREDENTIAL_TYPES.values()
        for credential_format in CredentialFormat
        if credential_type.name in names
    )
    return {configuration.id: configuration for configuration in found}
