"""The API of the staff, as it goes over the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vc_core.credential_types.text import is_displayable
from verifier.staff.roles import Role


def _check_name(name: str) -> str:
    if not is_displayable(name) or not name.strip():
        raise ValueError("not a name")
    return name.strip()


Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_check_name)]
Code = Annotated[str, Field(min_length=1, max_length=64, description="What the invitation's link ends with.")]
Answer = Annotated[dict[str, Any], Field(description="What the browser's PublicKeyCredential.toJSON() gave.")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Request):
    """The answer of a passkey to the options that were asked for."""

    credential: Answer


class OpenInvitation(_Request):
    """An invitation that somebody holds."""

    code: Code


class AcceptInvitation(_Request):
    """The passkey that somebody made by an invitation."""

    code: Code
    credential: Answer


class NewMember(_Request):
    """Somebody who is to work here."""

    name: Name
    role: Role


class ChangedMember(_Request):
    """What is to be otherwise from now on; what is left out stays."""

    role: Role | None = None
    active: bool | None = None


class MemberAnswer(BaseModel):
    """A member of the staff."""

    id: str
    name: str
    role: Role
    active: bool = True


class ListedMember(MemberAnswer):
    """A member as supervisors see them."""

    passkeys: Annotated[int, Field(description="How many passkeys they have; without one nobody signs in.")]
    invited_until: Annotated[int | None, Field(description="Until when an invitation waits; seconds since 1970.")]
    last_signed_in_at: Annotated[int | None, Field(description="Seconds since 1970.")]


class MembersAnswer(BaseModel):
    """All members, those who left too, by name."""

    members: list[ListedMember]


class InvitationAnswer(BaseModel):
    """An invitation: whoever opens the link first makes a passkey for this member."""

    member: MemberAnswer
    link: str
    expires_at: Annotated[int, Field(description="Seconds since 1970.")]


class OpenedInvitation(BaseModel):
    """Whom an invitation is for, and the options for `navigator.credentials.create`."""

    member: MemberAnswer
    options: dict[str, Any]


class OptionsAnswer(BaseModel):
    """The options for `navigator.credentials.get`."""

    options: dict[str, Any]


class SessionAnswer(BaseModel):
    """Who is signed in in this browser, and whether somebody must be."""

    member: MemberAnswer | None
    required: Annotated[bool, Field(description="False at a desk that is open to everyone at its computer.")]
