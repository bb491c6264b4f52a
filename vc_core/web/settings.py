"""What every service's settings have in common, and what the production profile refuses to start with."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from vc_core.errors import SettingsError

MIN_TOKEN_LENGTH = 24


class ProtocolProfile(StrEnum):
    """By which rules issuers, wallets and verifiers find and trust each other: docs/haip.md has both side by side."""

    REGISTRY = "registry"
    HAIP = "haip"


class ServiceSettings(BaseSettings):
    """Base of `IssuerSettings`, `VerifierSettings` and `BackendSettings`; frozen, built once, passed in.

    `public_url` (no slash at the end) is the only source of URLs that a service gives out, never the request.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    profile: Literal["embedded", "production"] = "embedded"
    public_url: str
    database_url: str

    def problems(self) -> list[str]:
        """One sentence for each thing that this profile can't run with; services add theirs."""
        found = []
        if self.public_url.endswith("/") or urlsplit(self.public_url).path:
            found.append("public_url must be an origin, without a path or a slash at its end")
        if self.profile == "production":
            if urlsplit(self.public_url).scheme != "https":
                found.append("public_url must be https in production")
            if not self.database_url.startswith("postgresql"):
                found.append("database_url must be PostgreSQL in production")
        return found

    def check(self) -> None:
        """Raises `SettingsError` with every problem at once."""
        if found := self.problems():
            raise SettingsError(found)


def token_problems(name: str, token: SecretStr | None) -> list[str]:
    """What is wrong with an access token of this name: missing, or short enough to guess."""
    if token is None or len(token.get_secret_value()) < MIN_TOKEN_LENGTH:
        return [f"{name} must be set to at least {MIN_TOKEN_LENGTH} random characters"]
    return []
