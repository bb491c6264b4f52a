"""Attestations as they go over the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from backend.schemas import WireModel

MAX_KEYS = 50


class IssuedWalletAttestation(BaseModel):
    """A wallet attestation for the key that asked."""

    wallet_attestation: str = Field(description="A JWT, for the header `OAuth-Client-Attestation`.")
    client_id: str = Field(description="The `sub` in it: how the wallet calls itself to authorization servers.")
    expires_at: int = Field(description="Seconds since 1970.")


class KeyAttestationRequest(WireModel):
    """Keys to attest: each by a proof of itself, all over the `c_nonce` of the issuer that is to read it."""

    proofs: list[Annotated[str, Field(max_length=2048)]] = Field(
        min_length=1,
        max_length=MAX_KEYS,
        description="`openid4vci-proof+jwt`s, each by the key in its `jwk`: `aud` is this service's URL.",
    )
    nonce: str = Field(min_length=1, max_length=1024, description="The issuer's `c_nonce`; in every proof too.")


class IssuedKeyAttestation(BaseModel):
    """A key attestation for the keys that asked."""

    key_attestation: str = Field(description="A JWT, for a proof of the type `attestation` or the header of a `jwt`.")
    expires_at: int = Field(description="Seconds since 1970.")
