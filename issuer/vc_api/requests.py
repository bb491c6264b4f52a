"""The bodies of the VC API's requests to an issuer (W3C CCG VC API, sections on issuing and on updating a status).

An option that is not understood is refused: what is issued must be what was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vc_core.errors import InvalidRequest
from vc_core.formats.credential import StatusPurpose
from vc_core.formats.data_integrity import Cryptosuite

MAX_TEXT = 2048
"""Characters of an option or an id."""
STATUS_ENTRY = "BitstringStatusListEntry"
_STATUS_TYPES = (STATUS_ENTRY, "BitstringStatusList")
_ISSUE_OPTIONS = {
    "challenge", "credentialId", "credentialStatus", "cryptosuite", "domain", "format", "type", "verificationMethod",
}  # fmt: skip
_STATUS_MEMBERS = {"id", "type", "statusPurpose", "statusListIndex", "statusListCredential"}


class SecuringFormat(StrEnum):
    """How a credential may be secured, by the names that OpenID4VCI and VC-JOSE-COSE have for it."""

    LDP_VC = "ldp_vc"
    VC_JWT = "vc+jwt"
    VC_SD_JWT = "vc+sd-jwt"
    JWT_VC_JSON = "jwt_vc_json"


@dataclass(frozen=True)
class IssueRequest:
    """What is to be issued: a document without a proof, and how.

    `status_purposes` are those that the credential gets an entry of a status list for; None of them leaves it as it is.
    `proof_options` go into the proof as they are.
    """

    credential: Mapping[str, Any]
    format: SecuringFormat
    cryptosuite: Cryptosuite | None
    verification_method: str | None
    credential_id: str | None
    status_purposes: tuple[StatusPurpose, ...]
    proof_options: Mapping[str, str]


@dataclass(frozen=True)
class StatusRequest:
    """Which entry is to be set or cleared: by the credential's id, or by its place in a list."""

    purpose: StatusPurpose
    is_set: bool
    credential_id: str | None
    list_uri: str | None
    index: int | None


def parse_issue_request(body: Mapping[str, Any]) -> IssueRequest:
    """`{"credential": {…}, "options": {…}}`. Raises `InvalidRequest`."""
    credential, options = body.get("credential"), body.get("options", {})
    if not isinstance(credential, dict) or not isinstance(options, dict) or body.keys() - {"credential", "options"}:
        raise InvalidRequest("The body is an object with a credential, and options.")
    if "proof" in credential:
        raise InvalidRequest("The credential to sign has a proof already.")
    if options.keys() - _ISSUE_OPTIONS or options.get("type", "DataIntegrityProof") != "DataIntegrityProof":
        raise InvalidRequest("There is an option that is not understood here.")
    texts = {name: _text(options, name) for name in _ISSUE_OPTIONS - {"credentialStatus"} if name in options}
    try:
        format = SecuringFormat(texts.get("format", SecuringFormat.LDP_VC))
        cryptosuite = Cryptosuite(texts["cryptosuite"]) if "cryptosuite" in texts else None
        purposes = _status_purposes(options.get("credentialStatus"))
    except ValueError as cause:
        raise InvalidRequest("The format, the cryptosuite or the kind of status is not one that we have.") from cause
    if format is SecuringFormat.JWT_VC_JSON and purposes:
        raise InvalidRequest("A credential of VCDM 1.1 gets no status here.")
    if format is not SecuringFormat.LDP_VC and texts.keys() & {"cryptosuite", "domain", "challenge", "type"}:
        raise InvalidRequest("Cryptosuite, domain and challenge are options of Data Integrity proofs.")
    return IssueRequest(
        credential,
        format,
        cryptosuite,
        texts.get("verificationMethod"),
        texts.get("credentialId"),
        purposes,
        {name: texts[name] for name in ("domain", "challenge") if name in texts},
    )


def parse_status_request(body: Mapping[str, Any]) -> StatusRequest:
    """`{"credentialId": "…", "credentialStatus": {"type": …, "statusPurpose": …}, "status": true}`.

    In place of the id, `credentialStatus` may name the entry as the credential does. Raises `InvalidRequest`.
    """
    entry, is_set = body.get("credentialStatus"), body.get("status", True)
    if not isinstance(entry, dict) or not isinstance(is_set, bool) or entry.keys() - _STATUS_MEMBERS:
        raise InvalidRequest("The body is an object with a credentialId, a credentialStatus, and a status.")
    if body.keys() - {"credentialId", "credentialStatus", "status"} or entry.get("type") not in _STATUS_TYPES:
        raise InvalidRequest("The status is of a kind that this issuer has not, or there is an unknown member.")
    credential_id = _text(body, "credentialId") if "credentialId" in body else None
    list_uri, index = _place(entry)
    if credential_id is None and index is None:
        raise InvalidRequest("The credential is named neither by its id nor by its place in a list.")
    try:
        purpose = StatusPurpose(_text(entry, "statusPurpose"))
    except ValueError as cause:
        raise InvalidRequest("A status is for revocation or for suspension.") from cause
    return StatusRequest(_withdrawing(purpose), is_set, credential_id, list_uri, index)


def _place(entry: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """List and index of an entry, both or neither."""
    if "statusListIndex" not in entry and "statusListCredential" not in entry:
        return None, None
    index = _text(entry, "statusListIndex")
    if not (index.isascii() and index.isdigit() and len(index) <= 9):
        raise InvalidRequest("statusListIndex is a number, written as text.")
    return _text(entry, "statusListCredential"), int(index)


def _status_purposes(option: Any) -> tuple[StatusPurpose, ...]:
    """What `credentialStatus` asks for: true for all, or an entry, or several, that name their purpose."""
    if option is None or option is False:
        return ()
    if option is True:
        return (StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION)
    entries = option if isinstance(option, list) else [option]
    purposes = []
    for entry in entries:
        if not isinstance(entry, dict) or entry.keys() - {"type", "statusPurpose"} or entry.get("type") != STATUS_ENTRY:
            raise InvalidRequest("credentialStatus is true, or entries with a type and a statusPurpose.")
        purposes.append(_withdrawing(StatusPurpose(_text(entry, "statusPurpose"))))
    if len(set(purposes)) != len(purposes):
        raise InvalidRequest("A purpose of credentialStatus is there twice.")
    return tuple(purposes)


def _withdrawing(purpose: StatusPurpose) -> StatusPurpose:
    if purpose not in (StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION):
        raise InvalidRequest("A status is for revocation or for suspension.")
    return purpose


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise InvalidRequest(f"{name} is missing, or not text of at most {MAX_TEXT} characters.")
    return value
