"""The credential issuer's metadata (OpenID4VCI 1.0 section 12.2): what it issues, where, and how that is displayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vc_core.credential_types.definition import Claim, CredentialType
from vc_core.credential_types.text import is_displayable
from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_identifier, check_url, well_known_url
from vc_core.protocols.openid4vci.credential import ProofType
from vc_core.protocols.openid4vci.encryption import (
    RequestEncryption,
    parse_request_encryption,
    parse_response_encryption_support,
)

_MAX_NAME = 200
_MAX_CONFIGURATIONS = 100
_MAX_DISPLAYS = 50
_MAX_BATCH = 1000
_TEXT_COLOR = "#ffffff"


@dataclass(frozen=True)
class Display:
    """How an issuer or a credential is shown to readers of one language; `locale` None where it doesn't say which."""

    name: str
    locale: str | None = None


@dataclass(frozen=True)
class ProofSupport:
    """How keys may be proven by one type of proof: the signature algorithms or cryptosuites.

    `key_attestation_required`: whether a wallet provider must attest the keys.
    """

    algorithms: tuple[str, ...]
    key_attestation_required: bool = False


@dataclass(frozen=True)
class CredentialConfiguration:
    """One kind of credential in one format.

    The credential type is `vct` or the `types` of a W3C credential, as the format has it. `binding_methods` are how its
    holder's key may be named (`jwk`, `cose_key`, `did:…`); without any, the credential is bound to no key and no proof
    is asked for. `proofs` are by type.
    """

    id: str
    format: str
    vct: str | None
    display: tuple[Display, ...]
    types: tuple[str, ...] = ()
    scope: str | None = None
    binding_methods: tuple[str, ...] = ()
    proofs: Mapping[str, ProofSupport] = field(default_factory=dict)


@dataclass(frozen=True)
class IssuerMetadata:
    """What a wallet needs to know of an issuer.

    `nonce_endpoint` None: the issuer asks for no `c_nonce`. `batch_size`: how many proofs one request may have.
    `request_encryption` None: requests go in the clear. `response_enc`: the `enc` with which the issuer can encrypt its
    answers, None for none that we have.
    """

    credential_issuer: str
    authorization_servers: tuple[str, ...]
    credential_endpoint: str
    nonce_endpoint: str | None
    display: tuple[Display, ...]
    configurations: Mapping[str, CredentialConfiguration]
    deferred_credential_endpoint: str | None = None
    notification_endpoint: str | None = None
    batch_size: int = 1
    request_encryption: RequestEncryption | None = None
    response_enc: str | None = None
    response_encryption_required: bool = False

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
    scope: str,
    signing_algorithm: str | int,
    binding_methods: Sequence[str],
    proofs: Mapping[ProofType, ProofSupport],
    definition: Mapping[str, Any],
    claims: Sequence[Claim],
    claims_at: tuple[str, ...] = (),
) -> dict[str, Any]:
    """One entry of `credential_configurations_supported`, displayed in the type's languages.

    `signing_algorithm` is the format's own name for it: JOSE's text, COSE's number. `definition` are the members by
    which the format names the type, `claims` what its credentials may say, `claims_at` the way to that in a credential.
    """
    return {
        "format": credential_format,
        **definition,
        "scope": scope,
        "cryptographic_binding_methods_supported": list(binding_methods),
        "credential_signing_alg_values_supported": [signing_algorithm],
        "proof_types_supported": {str(name): _proof_support(support) for name, support in proofs.items()},
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
                for claim in claims
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
    deferred_credential_endpoint: str | None = None,
    notification_endpoint: str | None = None,
    batch_size: int | None = None,
    credential_request_encryption: Mapping[str, Any] | None = None,
    credential_response_encryption: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The metadata document of an issuer that is its own authorization server; what is None is not supported.

    `configurations` by id, each from `create_configuration`; the encryptions from `create_request_encryption` and
    `create_response_encryption_support`.
    """
    members = {
        "credential_issuer": credential_issuer,
        "credential_endpoint": credential_endpoint,
        "nonce_endpoint": nonce_endpoint,
        "deferred_credential_endpoint": deferred_credential_endpoint,
        "notification_endpoint": notification_endpoint,
        "credential_request_encryption": credential_request_encryption,
        "credential_response_encryption": credential_response_encryption,
        "batch_credential_issuance": None if batch_size is None else {"batch_size": batch_size},
        "display": [
            {"name": each.name} | ({"locale": each.locale} if each.locale is not None else {}) for each in display
        ],
        "credential_configurations_supported": dict(configurations),
    }
    return {name: value for name, value in members.items() if value is not None}


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
    response_enc, response_encryption_required = parse_response_encryption_support(
        value.get("credential_response_encryption")
    )
    return IssuerMetadata(
        expected_issuer,
        tuple(check_identifier(server, code="server_error") for server in servers),
        check_url(value.get("credential_endpoint"), code="server_error"),
        _parse_endpoint(value.get("nonce_endpoint")),
        _parse_display(value.get("display", [])),
        {name: _parse_configuration(name, each) for name, each in configurations.items()},
        deferred_credential_endpoint=_parse_endpoint(value.get("deferred_credential_endpoint")),
        notification_endpoint=_parse_endpoint(value.get("notification_endpoint")),
        batch_size=_parse_batch_size(value.get("batch_credential_issuance")),
        request_encryption=parse_request_encryption(value.get("credential_request_encryption")),
        response_enc=response_enc,
        response_encryption_required=response_encryption_required,
    )


def _proof_support(support: ProofSupport) -> dict[str, Any]:
    described: dict[str, Any] = {"proof_signing_alg_values_supported": list(support.algorithms)}
    return described | ({"key_attestations_required": {}} if support.key_attestation_required else {})


def _parse_endpoint(value: Any) -> str | None:
    return None if value is None else check_url(value, code="server_error")


def _parse_batch_size(value: Any) -> int:
    if value is None:
        return 1
    size = value.get("batch_size") if isinstance(value, dict) else None
    if type(size) is not int or size < 1:
        raise _bad_metadata("The issuer's metadata does not say how many credentials there may be at once.")
    return min(size, _MAX_BATCH)


def _parse_configuration(name: str, value: Any) -> CredentialConfiguration:
    if not isinstance(value, dict) or not isinstance(value.get("format"), str):
        raise _bad_metadata("The issuer's metadata describes a credential without its format.")
    vct, scope, metadata = value.get("vct"), value.get("scope"), value.get("credential_metadata", {})
    if not all(each is None or isinstance(each, str) for each in (vct, scope)) or not isinstance(metadata, dict):
        raise _not_understood()
    return CredentialConfiguration(
        name,
        value["format"],
        vct,
        _parse_display(metadata.get("display", [])),
        _parse_types(value),
        scope=scope,
        binding_methods=_parse_texts(value.get("cryptographic_binding_methods_supported", [])),
        proofs=_parse_proof_types(value.get("proof_types_supported", {})),
    )


def _parse_proof_types(value: Any) -> dict[str, ProofSupport]:
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        raise _not_understood()
    return {
        name: ProofSupport(
            _parse_texts(each.get("proof_signing_alg_values_supported")),
            each.get("key_attestations_required") is not None,
        )
        for name, each in value.items()
    }


def _parse_texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _not_understood()
    return tuple(value)


def _parse_types(configuration: Mapping[str, Any]) -> tuple[str, ...]:
    """`credential_definition.type` (appendix A.1); empty where the format has none."""
    definition = configuration.get("credential_definition", {})
    return _parse_texts(definition.get("type", []) if isinstance(definition, dict) else None)


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


def _not_understood() -> ProtocolError:
    return _bad_metadata("The issuer's metadata describes a credential in a way we don't understand.")


def _bad_metadata(message: str) -> ProtocolError:
    return ProtocolError("server_error", message)
