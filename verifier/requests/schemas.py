"""Requests as they go over the wire between a desk's program and the verifier."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vc_core.errors import ReasonCode
from vc_core.protocols.openid4vp.client_id import ClientIdPrefix
from vc_core.protocols.openid4vp.request import ResponseMode
from vc_core.verification import Assurance
from verifier.checks.schemas import Ages, Coverage, Issuer, Person, ShownClaim
from verifier.requests.states import State

_Text = Annotated[str, Field(min_length=1, max_length=300)]


class AskedTransaction(BaseModel):
    """What the holder is to agree to by presenting; docs/openid4vp.md has the types and their members."""

    model_config = ConfigDict(extra="forbid")

    type: _Text
    members: Annotated[dict[str, _Text], Field(max_length=20)]


class CreateRequest(BaseModel):
    """What to ask a phone for, and by which way."""

    model_config = ConfigDict(extra="forbid")

    policy: _Text = Field(description="The name of a policy of docs/openid4vp.md, such as `coverage`.")
    response_mode: ResponseMode = Field(description="How the answer comes; those that end in `.jwt` are encrypted.")
    client_id_prefix: ClientIdPrefix | None = Field(
        default=None, description="Under which kind of name to ask; the desk's own default without it."
    )
    request_uri_method: Literal["get", "post"] = Field(
        default="post", description="Whether wallets may post a nonce of theirs for the request object."
    )
    same_device: bool = Field(default=False, description="Begun in a browser on the phone that holds the wallet.")
    return_to: _Text | None = Field(
        default=None, description="Where that browser goes on afterwards; an https address."
    )
    transaction_data: Annotated[list[AskedTransaction], Field(max_length=5)] = Field(default_factory=list)
    signed: bool = Field(default=True, description="False asks the browser's API by an unsigned request.")
    expected_origins: Annotated[list[_Text], Field(max_length=5)] = Field(
        default_factory=list, description="Whose pages may ask the browser's API; without any, the verifier's own."
    )


class CreatedRequest(BaseModel):
    """A request that waits for a phone."""

    id: str = Field(description="Whoever has it and the desk token gets the result; not for the wallet.")
    expires_at: int = Field(description="Seconds since 1970.")
    authorization_request: str | None = Field(
        description="The link for a QR code or a button; null where the browser's API is asked."
    )
    digital_credentials_request: dict[str, Any] | None = Field(
        default=None, description="An entry of `requests` for `navigator.credentials.get`, where it is asked."
    )
    start_url: str | None = Field(
        default=None, description="Where a browser on the same device begins; null where none does."
    )


class PresentationVerdict(BaseModel):
    """A verdict as `POST /checks` gives it, null in all its members while there is none."""

    verdict: Literal["accepted", "rejected"] | None = None
    code: ReasonCode | None = None
    sentence: str | None = None
    checked_at: int | None = None
    ages: Ages | None = None
    credential_type: str | None = None
    check_id: str | None = None
    issuer: Issuer | None = None
    person: Person | None = None
    coverage: Coverage | None = None
    claims: list[ShownClaim] = Field(default_factory=list)
    assurance: Assurance | None = None


class OnePresentation(PresentationVerdict):
    """The verdict on one of the credentials that were presented."""

    credential_query_id: str


class SignedTransactionAnswer(BaseModel):
    """What the holder signed: the transaction data as sent (base64url of JSON), and the presentation that signs it."""

    id: str
    type: str
    transaction_data: str
    presentation: str
    signed_at: int = Field(description="Seconds since 1970.")


class RequestAnswer(PresentationVerdict):
    """Where a request is, and once it was answered the verdict on all that was presented together."""

    id: str
    state: State
    policy: str
    expires_at: int = Field(description="Seconds since 1970.")
    error: str | None = Field(description="The code with which the wallet declined, such as `access_denied`.")
    presentations: list[OnePresentation] = Field(default_factory=list)
    signed_transactions: list[str] = Field(
        default_factory=list, description="Ids of what the holder signed, for `GET /signed-transactions/{id}`."
    )


class DigitalCredentialsAnswer(BaseModel):
    """What `navigator.credentials.get` gave the page: `protocol` and `data` of the credential."""

    model_config = ConfigDict(extra="forbid")

    protocol: _Text
    data: dict[str, Any]
