"""The issuer's settings, from `ISSUER_…` in the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from vc_core.credential_types import type_named
from vc_core.web.registry import RegistrySettings
from vc_core.web.settings import token_problems


class IssuingKeySettings(BaseModel):
    """Who issues one credential type, and with which keys.

    The DID URLs name the keys in the registry: P-256 for credentials, Ed25519 for status lists, both of one DID. The
    paths are of unencrypted PKCS#8 files.
    """

    model_config = ConfigDict(frozen=True)

    credential_type: str
    verification_method: str
    key_path: Path
    status_verification_method: str
    status_key_path: Path


class IssuerSettings(RegistrySettings):
    """All that the issuer is told from outside.

    `status_time_to_live`: seconds that a copy of a status list may serve before a newer one is asked for, which is how
    soon a desk sees a revocation.
    """

    model_config = SettingsConfigDict(env_prefix="ISSUER_")

    officer_token: SecretStr
    issuing_keys: tuple[IssuingKeySettings, ...]
    status_time_to_live: int = Field(default=60, ge=1, le=24 * 3600)

    def problems(self) -> list[str]:
        """See `ServiceSettings.problems`."""
        found = super().problems() + token_problems("officer_token", self.officer_token)
        if not self.issuing_keys:
            found.append("issuing_keys must name at least one credential type")
        names = [key.credential_type for key in self.issuing_keys]
        if len(set(names)) != len(names):
            found.append("issuing_keys must name each credential type once")
        for key in self.issuing_keys:
            if type_named(key.credential_type) is None:
                found.append("issuing_keys names a credential type that there is not")
            dids = {key.verification_method.partition("#")[0], key.status_verification_method.partition("#")[0]}
            if len(dids) != 1:
                found.append(f"the two keys for {key.credential_type} must be of one DID")
        return found
