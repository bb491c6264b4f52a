"""The forms in which a list is published: one list of statuses, signed in each way that a credential may refer to.

A Token Status List tells valid, revoked and suspended apart by itself. Of W3C Bitstring Status Lists there is one for
each purpose, and each of them as a JSON document with a Data Integrity proof and as a JWT, so that a list is secured in
the same way as the credentials that refer to it. An index is the same in all of them.
"""

from __future__ import annotations

from enum import StrEnum

from vc_core.formats.credential import BitstringStatusReference, StatusPurpose, StatusReference
from vc_core.formats.status_list import Status


class StatusListForm(StrEnum):
    """The forms, by the last part of their address; the token's is the list's own."""

    TOKEN = "token"  # noqa: S105 - a form, not a password
    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    REVOCATION_JWT = "revocation.jwt"
    SUSPENSION_JWT = "suspension.jwt"

    @property
    def media_type(self) -> str:
        """The media type that it is served as."""
        if self is StatusListForm.TOKEN:
            return "application/statuslist+jwt"
        return "application/vc+jwt" if self.is_jwt else "application/vc"

    @property
    def is_jwt(self) -> bool:
        """Whether it is a JWT, and not a JSON document with a proof in it."""
        return self is StatusListForm.TOKEN or self.value.endswith(".jwt")

    @property
    def purpose(self) -> StatusPurpose | None:
        """What a set entry means; None for the token, whose entries say themselves."""
        return None if self is StatusListForm.TOKEN else StatusPurpose(self.value.partition(".")[0])

    def uri(self, public_url: str, list_id: str) -> str:
        """The address of a list in this form: what credentials name, and where the newest version is."""
        own = f"{public_url}/status/{list_id}"
        return own if self is StatusListForm.TOKEN else f"{own}/{self.value}"


STATUS_OF_PURPOSE = {StatusPurpose.REVOCATION: Status.INVALID, StatusPurpose.SUSPENSION: Status.SUSPENDED}


def token_reference(public_url: str, list_id: str, index: int) -> StatusReference:
    """What a credential says of its entry in the Token Status List."""
    return StatusReference(StatusListForm.TOKEN.uri(public_url, list_id), index)


def bitstring_references(
    public_url: str, list_id: str, index: int, *, as_jwt: bool
) -> tuple[BitstringStatusReference, ...]:
    """What a credential of the W3C's data model says of its entries, revocation and suspension.

    `as_jwt`: the credential is a JWT, and the lists shall be too; else both have Data Integrity proofs.
    """
    return tuple(
        BitstringStatusReference(form.uri(public_url, list_id), index, form.purpose)
        for form in StatusListForm
        if form.purpose is not None and form.is_jwt == as_jwt
    )
