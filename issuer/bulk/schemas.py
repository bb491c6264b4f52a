"""Fetching renewed credentials, on the wire."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RenewalRequest(BaseModel):
    """A wallet's question: `proof` is a proof of the key that its credential is bound to (OpenID4VCI, appendix F.1)."""

    model_config = ConfigDict(extra="forbid")

    proof: str = Field(max_length=16 * 1024)


class RenewedCredential(BaseModel):
    """A credential for the same key, in the configuration of the one before."""

    credential_configuration_id: str
    credential: str


class RenewalAnswer(BaseModel):
    """Everything that waits for the key; nothing, where nothing does or nobody knows it."""

    credentials: list[RenewedCredential]
