"""Offers on the wire, as officers make them. The protocol's own messages are in `vc_core.protocols`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from issuer.issuance.offers import OfferProgress
from vc_core.credential_types.definition import MAX_TEXT

Name = Annotated[str, Field(max_length=50)]
StatedClaims = Annotated[dict[Name, StrictInt | Annotated[str, Field(max_length=MAX_TEXT)]], Field(max_length=50)]


class TxCodeOrder(BaseModel):
    """The transaction code to make; `description` tells the patient where it comes from (OpenID4VCI 4.1.1)."""

    model_config = ConfigDict(extra="forbid")

    input_mode: Literal["numeric", "text"] = "numeric"
    length: int = Field(default=6, ge=4, le=12)
    description: str | None = Field(default=None, min_length=1, max_length=300)


class OfferOrder(BaseModel):
    """An offer to make: to whom, of what, how wallets may take it, and how the patient gets the transaction code.

    `grants` are the specification's names: a pre-authorized code, the authorization page, or either; without any it is
    a pre-authorized code, and the page under HAIP.
    `claims` are, by the name of the credential type, those that the roster does not have, such as an appointment's.
    With `needs_approval` an officer decides after the wallet has asked, and the wallet fetches the credentials then.
    """

    model_config = ConfigDict(extra="forbid")

    person_id: str = Field(max_length=32)
    credential_configuration_ids: list[Annotated[str, Field(max_length=100)]] = Field(min_length=1, max_length=20)
    grants: list[Literal["authorization_code", "urn:ietf:params:oauth:grant-type:pre-authorized_code"]] | None = Field(
        default=None, min_length=1, max_length=2
    )
    tx_code_delivery: Literal["in_person", "sms", "none"] = "in_person"
    tx_code: TxCodeOrder = TxCodeOrder()
    claims: dict[Name, StatedClaims] = Field(default_factory=dict, max_length=20)
    needs_approval: bool = False


class OfferProgressAnswer(BaseModel):
    """How far a wallet is with an offer."""

    progress: OfferProgress


class OfferAnswer(BaseModel):
    """An offer made; `expires_at` in seconds since 1970.

    `offer_link` and `offer_link_by_value` open a wallet, `universal_link` a page of ours that hands over to one.
    `tx_code` is for the patient's eyes and is shown this once; it is not there where an SMS brings it, or none is asked
    for.
    """

    credential_offer_uri: str
    offer_link: str
    offer_link_by_value: str
    universal_link: str
    tx_code: str | None = None
    expires_at: int
