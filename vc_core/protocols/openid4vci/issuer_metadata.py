"""The credential issuer's metadata (OpenID4VCI 1.0 section 12.2): what it issues, where, and how that is displayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.text import is_displayable
from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_identifier, check_url, well_known_url

_MAX_NAME = 200
_MAX_CONFIGURATIONS = 100
_MAX_DISPLAYS = 50
_PROOF_ALGORITHM = "ES256"
_TEXT_COLOR = "#ffffff"


@dataclass(frozen=True)
class Display:
    """How an issuer or a credential is shown to readers of one language; `locale` None where it doesn't say which."""

    name: str
    locale: str | None = None


@dataclass(frozen=True)
class CredentialConfiguration:
    """One kind of credential in one format.

    The credential type is `vct` or the `types` of a W3C credential, as the format has it.
    """

    id: str
    format: str
    vct: str | None
    display: tuple[Display, ...]
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class IssuerMetadata:
    """What a wallet needs to know of an issuer. `nonce_endpoint` None: the issuer asks for no `c_nonce`."""

    credential_issuer: str
    authorization_servers: tuple[str, ...]
    credential_endpoint: str
    nonce_endpoint: str | None
    display: tuple[Display, ...]
    configurations: Mapping[str, CredentialConfiguration]

    def authorization_server(self, hint: str | None) -> str:
        """The server to ask for a token; `hint` is the offer's `authorization_server`, if it has one.

        Raises `ProtocolError` `invalid_request` where the offer names a server that the issuer does not.
        """
        if hint is not None and hint not in self.authorization_servers:
            raise ProtocolError("invalid_request", "The offer names a server that its issuer does not know.")
        return hint or self.authorization_servers[0]


def credential_issuer_metadata_url(credential_issuer: str) -> str:
    """Where an issuer's metadata is (section 12.2.2)."""
    return well_known_url(credential_issuer, "openid-credential-issuer")


def create_configuration(
    credential_type: CredentialType,
    *,
    credential_format: str,
    signing_algorithm: str | int,
    binding_method: str,
    definition: Mapping[str, Any],
    claims_at: tuple[str, ...] = (),
) -> dict[str, Any]:
    """One entry of `credential_configurations_supported`, displayed in the type's languages.

    `signing_algorithm` is the format's own name for it: JOSE's text, COSE's number. `definition` are the members by
    which the format names the type, `claims_at` the way to the claims in a credential.
    """
    return {
        "format": credential_format,
        **definition,
        "cryptographic_binding_methods_supported": [binding_method],
        "credential_signing_alg_values_supported": [signing_algorithm],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": [_PROOF_ALGORITHM]}},
        "credential_metadata": {
            "display": [
                {
                    "name": name,
                    "locale": locale,
                    "background_color": credential_type.color,
                    "text_color": _TEXT_COLOR,
                }
                for locale, name in credential_type.labels.items()
            ],
            "claims": [
                {
                    "path": [*claims_at, claim.name],
                    "mandatory": claim.required,
                    "display": [{"name": name, "locale": locale} for locale, name in claim.labels.items()],
                }
                for claim in credential_type.claims
            ],
        },
    }


def create_issuer_metadata(
    credential_issuer: str,
    *,
    credential_endpoint: str,
    nonce_endpoint: str,
    display: Sequence[Display],
    configurations: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The metadata document of an issuer that is its own authorization server.

    `configurations` by id, each from `create_configuration`.
    """
    return {
        "credential_issuer": credential_issuer,
        "credential_endpoint": credential_endpoint,
        "nonce_endpoint": nonce_endpoint,
        "display": [
            {"name": each.name} | ({"locale": each.locale} if each.locale is not None else {}) for each in display
        ],
        "credential_configurations_supported": dict(configurations),
    }


def parse_issuer_metadata(value: Mapping[str, Any], *, expected_issuer: str) -> IssuerMetadata:
    """Metadata fetched for `expected_issuer`; unknown members are ignored. Raises `ProtocolError` `server_error`."""
    if value.get("credential_issuer") != expected_issuer:
        raise _bad_metadata("The issuer's metadata names another issuer.")
    servers = value.get("authorization_servers", [expected_issuer])
    if not isinstance(servers, list) or not servers:
        raise _bad_metadata("The issuer's metadata names no authorization server.")
    configurations = value.get("credential_configurations_supported")
    if not isinstance(configurations, dict) or len(configurations) > _MAX_CONFIGURATIONS:
        raise _bad_metadata("The issuer's metadata lists no credentials.")
    nonce_endpoint = value.get("nonce_endpoint")
    return IssuerMetadata(
        expected_issuer,
        tuple(check_identifier(server, code="server_error") for server in servers),
        check_url(value.get("credential_endpoint"), code="server_error"),
        None if nonce_endpoint is None else check_url(nonce_endpoint, code="server_error"),
        _parse_display(value.get("display", [])),
        {name: _parse_configuration(name, each) for name, each in configurations.items()},
    )


def _parse_configuration(name: str, value: Any) -> CredentialConfiguration:
    if not isinstance(value, dict) or not isinstance(value.get("format"), str):
        raise _bad_metadata("The issuer's metadata describes a credential without its format.")
    vct, metadata = value.get("vct"), value.get("credential_metadata", {})
    if not (vct is None or isinstance(vct, str)) or not isinstance(metadata, dict):
        raise _bad_metadata("The issuer's metadata describes a credential in a way we don't understand.")
    return CredentialConfiguration(
        name, value["format"], vct, _parse_display(metadata.get("display", [])), _parse_types(value)
    )


def _parse_types(configuration: Mapping[str, Any]) -> tuple[str, ...]:
    """`credential_definition.type` (appendix A.1); empty where the format has none."""
    definition = configuration.get("credential_definition", {})
    types = definition.get("type", []) if isinstance(definition, dict) else None
    if not isinstance(types, list) or not all(isinstance(each, str) for each in types):
        raise _bad_metadata("The issuer's metadata describes a credential in a way we don't understand.")
    return tuple(types)


def _parse_display(value: Any) -> tuple[Display, ...]:
    """Entries without a name are left out: it is optional for issuers, and nothing to show."""
    if not isinstance(value, list) or len(value) > _MAX_DISPLAYS or not all(isinstance(each, dict) for each in value):
        raise _bad_metadata("The issuer's metadata has display data in a way we don't understand.")
    found = []
    for each in value:
        name, locale = each.get("name"), each.get("locale")
        if name is None:
            continue
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME or not is_displayable(name):
            raise _bad_metadata("The issuer's metadata has a name that is not text that we show.")
        if locale is not None and (not isinstance(locale, str) or len(locale) > _MAX_NAME):
            raise _bad_metadata("The issuer's metadata has a language that we can't read.")
        found.append(Display(name, locale))
    return tuple(found)


def _bad_metadata(message: str) -> ProtocolError:
    return ProtocolError("server_error", message)
