"""Credential identifiers (OpenID4VCI 1.0 section 6.2): what a token response calls the credentials that it is for.

Each is random text that means something only beside the access token that came with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from issuer.authorization.models import Authorization
from issuer.issuance.secrets import create_reference
from vc_core.errors import ProtocolError


def create_credential_identifiers(
    configuration_ids: Sequence[str], randomness: Callable[[int], bytes]
) -> dict[str, str]:
    """A new identifier for each of these configurations; the configurations by identifier."""
    return {create_reference(randomness): configuration_id for configuration_id in configuration_ids}


def identifiers_by_configuration(authorization: Authorization) -> Mapping[str, Sequence[str]] | None:
    """The other way round, as a token response has them; None where the wallet gets none."""
    if authorization.credential_identifiers is None:
        return None
    return {configuration_id: [name] for name, configuration_id in authorization.credential_identifiers.items()}


def narrow(configuration_ids: Sequence[str], details: Sequence[str] | None) -> list[str]:
    """Of what may be fetched, what the client's `authorization_details` ask for: everything where it sent none.

    Raises `ProtocolError` `invalid_authorization_details` where they ask for more.
    """
    if details is None:
        return list(configuration_ids)
    if not set(details) <= set(configuration_ids):
        raise ProtocolError("invalid_authorization_details", "Credentials are asked for that this grant is not for.")
    return list(details)


def requested_configuration_id(
    authorization: Authorization, *, credential_identifier: str | None, credential_configuration_id: str | None
) -> str:
    """The configuration that a credential request asks for, which must be one of the authorization's.

    Exactly one of the two is what the request must have: the identifier where the token response had identifiers, else
    the id of the configuration (section 8.2). Raises `ProtocolError`: `invalid_credential_request` where it has the
    other or both, `unknown_credential_identifier`, `insufficient_scope` for a configuration that the token is not for.
    Whether there is such a configuration at all is the caller's to say.
    """
    identifiers = authorization.credential_identifiers
    if (credential_identifier is None) == (credential_configuration_id is None):
        raise ProtocolError("invalid_credential_request", "A credential is asked for in one way, not in two or none.")
    if credential_identifier is not None:
        if identifiers is None or credential_identifier not in identifiers:
            raise ProtocolError("unknown_credential_identifier", "The access token is for no such identifier.")
        return identifiers[credential_identifier]
    if identifiers is not None:
        raise ProtocolError(
            "invalid_credential_request", "The token came with credential identifiers: the request must name one."
        )
    if credential_configuration_id not in authorization.configuration_ids:
        raise ProtocolError("insufficient_scope", "The access token is for other credentials than this one.")
    return str(credential_configuration_id)
