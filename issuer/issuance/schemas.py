"""Offers on the wire, as officers make them. The protocol's own messages are in `vc_core.protocols`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from vc_core.credential_types.definition import MAX_TEXT

Name = Annotated[str, Field(max_length=50)]
StatedClaims = Annotated[dict[Name, StrictInt | Annotated[str, Field(max_length=MAX_TEXT)]], Field(max_length=50)]


class OfferOrder(BaseModel):
    """An offer to make: to whom, of what, and how the patient gets the transaction code.

    `claims` are, by the name of the credential type, those that the roster does not have, such as an appointment's.
    With `needs_approval` an officer decides after the wallet has asked, and the wallet fetches the credentials then.
    """

    model_config = ConfigDict(extra="forbid")

    person_id: str = Field(max_length=32)
    credential_configuration_ids: list[Annotated[str, Field(max_length=100)]] = Field(min_length=1, max_length=20)
    tx_code_delivery: Literal["in_person", "sms"]
    claims: dict[Name, StatedClaims] = Field(default_factory=dict, max_length=20)
    needs_approval: bool = False


class OfferAnswer(BaseModel):
    """An offer made. `tx_code` is for the patient's eyes and is shown this once; `expires_at` in seconds since 1970."""

    credential_offer_uri: str
    offer_link: str
    tx_code: str
    expires_at: int
