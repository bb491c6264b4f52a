"""The verifier's settings, from environment variables that begin with `VERIFIER_`."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from vc_core.web.registry import RegistrySettings
from vc_core.web.settings import token_problems


class VerifierSettings(RegistrySettings):
    """One facility's verifier. `desk_token` is asked for in production; the embedded profile is open."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="VERIFIER_")

    facility_did: str = Field(pattern="^did:")
    hospital_code: str = Field(pattern="^([0-9]{5}|[0-9]{9})$")
    facility_name: str = Field(min_length=1, max_length=200)
    desk_token: SecretStr | None = None

    def problems(self) -> list[str]:
        """See `ServiceSettings.problems`."""
        found = super().problems()
        if self.profile == "production":
            found += token_problems("desk_token", self.desk_token)
        return found
