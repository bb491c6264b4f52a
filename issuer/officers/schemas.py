"""Officers on the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from issuer.officers.roles import OfficeRole
from vc_core.credential_types.text import is_displayable


def _check_name(text: str) -> str:
    """Raises `ValueError` for what is no name."""
    if not text.strip() or not is_displayable(text):
        raise ValueError("is empty or has characters that can't be shown")
    return text.strip()


Name = Annotated[str, Field(max_length=80), AfterValidator(_check_name)]
Roles = Annotated[frozenset[OfficeRole], Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""The secret of an invitation, from after `#invitation=` in its link."""


class PrincipalAnswer(BaseModel):
    """Who asks; `name` is empty for whoever has the office's bearer token, whose id is `token`."""

    id: str
    name: str
    roles: list[OfficeRole]


class SignInWays(BaseModel):
    """How people sign in at this office's page."""

    passkey: bool = Field(description="False where the service's address has no host name")
    token: bool = Field(description="With the office's bearer token: in the embedded profile only")


class OptionsAnswer(BaseModel):
    """Options for `navigator.credentials.get`, as JSON."""

    options: dict[str, Any]


class PasskeyAnswer(BaseModel):
    """What `navigator.credentials.get` answered, as JSON."""

    model_config = ConfigDict(extra="forbid")

    credential: dict[str, Any]


class OpenInvitation(BaseModel):
    """An invitation's secret."""

    model_config = ConfigDict(extra="forbid")

    code: Code


class AcceptInvitation(OpenInvitation):
    """An invitation's secret, and what `navigator.credentials.create` answered, as JSON."""

    credential: dict[str, Any]


class OpenedInvitation(OptionsAnswer):
    """Whom an invitation is for, and the options for `navigator.credentials.create`, as JSON."""

    name: str


class AcceptedInvitation(BaseModel):
    """Who is signed in now; null where another approver has to admit the passkey first."""

    principal: PrincipalAnswer | None


class NewOfficer(BaseModel):
    """Somebody who is to work here."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    roles: Roles


class ChangedOfficer(BaseModel):
    """What is to be otherwise; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    roles: Roles | None = None
    active: bool | None = None


class InvitationAnswer(BaseModel):
    """A link by which an officer makes a passkey, once, until `expires_at` (seconds since 1970)."""

    officer_id: str
    name: str
    link: str
    expires_at: int


class OfficerAnswer(BaseModel):
    """Somebody who works or worked here; times in seconds since 1970."""

    id: str
    name: str
    roles: list[OfficeRole]
    active: bool
    passkeys: int = Field(description="How many passkeys sign them in")
    invited_until: int | None
    last_signed_in_at: int | None


class OfficersAnswer(BaseModel):
    """Everyone, by name."""

    officers: list[OfficerAnswer]
