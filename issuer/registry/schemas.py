"""The registry's state on the wire. Times in seconds since 1970."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from issuer.registry.state import RegistryWarning


class WarningAnswer(BaseModel):
    """What somebody should see to; `of` is a credential type, a key's DID URL, or empty."""

    model_config = ConfigDict(from_attributes=True)

    code: RegistryWarning
    of: str


class KeyAnswer(BaseModel):
    """A key: the types whose credentials it signs here, and those whose status lists; neither where it is not used.

    `valid_until` is the last second that it is valid, null where the registry does not have it now.
    """

    model_config = ConfigDict(from_attributes=True)

    verification_method: str
    algorithm: str
    signs: list[str]
    signs_lists: list[str]
    valid_until: int | None


class AccreditationAnswer(BaseModel):
    """That the DID may issue a type; null times where it may not. `given_by` is empty for the governance itself."""

    model_config = ConfigDict(from_attributes=True)

    credential_type: str
    valid_from: int | None
    valid_until: int | None
    given_by: str | None


class OrganisationAnswer(BaseModel):
    """One of our DIDs as the registry has it."""

    model_config = ConfigDict(from_attributes=True)

    did: str
    name: str
    keys: list[KeyAnswer]
    accreditations: list[AccreditationAnswer]


class RegistryAnswer(BaseModel):
    """What the registry says of us, as of `now`; `synced_at` is when `block_number` was last the chain's newest."""

    model_config = ConfigDict(from_attributes=True)

    chain_id: int
    block_number: int | None
    block_time: int | None
    synced_at: int
    now: int
    organisations: list[OrganisationAnswer]
    warnings: list[WarningAnswer]
