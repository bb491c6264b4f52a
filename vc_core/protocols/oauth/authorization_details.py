"""`authorization_details` of the type `openid_credential` (RFC 9396, OpenID4VCI 1.0 sections 5.1.1 and 6.2).

A client asks with them for credentials by configuration, in an authorization request or a token request; a token
response answers with the identifiers to ask the credential endpoint for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vc_core.encoding import EncodingError, parse_json
from vc_core.errors import ProtocolError
from vc_core.protocols.text import is_text

OPENID_CREDENTIAL = "openid_credential"
MAX_DETAILS = 20
_MAX_IDENTIFIERS = 100


def create_authorization_details(
    credential_configuration_ids: Sequence[str], *, location: str | None = None
) -> list[dict[str, Any]]:
    """The request for credentials of these configurations.

    `location` is the credential issuer's identifier, which must be named where the issuer's metadata has
    `authorization_servers`.
    """
    locations = {} if location is None else {"locations": [location]}
    return [
        {"type": OPENID_CREDENTIAL, "credential_configuration_id": each, **locations}
        for each in credential_configuration_ids
    ]


def parse_authorization_details(text: str, *, credential_issuer: str) -> tuple[str, ...]:
    """The `credential_configuration_id` of each detail, in order, each once.

    Claims and members that we don't know are ignored. Raises `ProtocolError` `invalid_authorization_details`: not a
    JSON array of such objects, another type, or meant for another issuer.
    """
    try:
        value = parse_json(text)
    except EncodingError as cause:
        raise _bad_details("authorization_details can't be read.") from cause
    if not isinstance(value, list) or not 0 < len(value) <= MAX_DETAILS:
        raise _bad_details("authorization_details must be an array of one to twenty objects.")
    return tuple(dict.fromkeys(_parse_detail(each, credential_issuer) for each in value))


def create_granted_details(identifiers: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """What a token response says was granted: by configuration, the identifiers of its credentials."""
    return [
        {
            "type": OPENID_CREDENTIAL,
            "credential_configuration_id": configuration_id,
            "credential_identifiers": list(each),
        }
        for configuration_id, each in identifiers.items()
    ]


def check_resource(resource: str | None, *, credential_issuer: str) -> None:
    """That a request which says whom its token is for (RFC 8707 section 2), says this issuer; None where it doesn't.

    Raises `ProtocolError` `invalid_target`. An issuer that names somebody else's server would be shown a token there
    that is good at the server's own issuer, for credentials with keys of its own.
    """
    if resource and resource != credential_issuer:
        raise ProtocolError("invalid_target", "The token would be for another issuer.")


def parse_granted_details(value: Any) -> dict[str, tuple[str, ...]]:
    """The `credential_identifiers` by `credential_configuration_id`; details of other types are left out.

    Raises `ProtocolError` `server_error`.
    """
    if not isinstance(value, list) or not 0 < len(value) <= MAX_DETAILS or not all(isinstance(x, dict) for x in value):
        raise _bad_answer()
    granted: dict[str, tuple[str, ...]] = {}
    for detail in value:
        if detail.get("type") != OPENID_CREDENTIAL:
            continue
        configuration_id, identifiers = detail.get("credential_configuration_id"), detail.get("credential_identifiers")
        if not is_text(configuration_id) or not isinstance(identifiers, list):
            raise _bad_answer()
        if not 0 < len(identifiers) <= _MAX_IDENTIFIERS or not all(is_text(each) for each in identifiers):
            raise _bad_answer()
        granted[configuration_id] = granted.get(configuration_id, ()) + tuple(identifiers)
    return granted


def _parse_detail(detail: Any, credential_issuer: str) -> str:
    if not isinstance(detail, dict) or detail.get("type") != OPENID_CREDENTIAL:
        raise _bad_details("This server knows authorization details of the type openid_credential only.")
    locations = detail.get("locations")
    if locations is not None and (not isinstance(locations, list) or credential_issuer not in locations):
        raise _bad_details("The authorization details are for another issuer.")
    configuration_id = detail.get("credential_configuration_id")
    if not is_text(configuration_id):
        raise _bad_details("An authorization detail lacks its credential_configuration_id.")
    return str(configuration_id)


def _bad_details(message: str) -> ProtocolError:
    return ProtocolError("invalid_authorization_details", message)


def _bad_answer() -> ProtocolError:
    return ProtocolError("server_error", "The answer's authorization_details are not of their form.")
