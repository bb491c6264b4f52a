"""An offer before the holder agreed to it: read, fetched, described.

`read_offer` asks nobody anything: a link that a stranger sent must not make the wallet call anywhere (an offer by
reference is fetched only in `fetch_offer`). What is shown before the second consent is the address that the offer
came from and the wallet's own names for the credential types: an issuer's words about itself are not verified yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from vc_core.credential_types import CREDENTIAL_TYPES, type_named
from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.json_ld import document_types
from vc_core.errors import ProtocolError, ServiceRefused
from vc_core.formats.credential import CredentialFormat
from vc_core.http import HttpClient
from vc_core.protocols.addresses import check_url
from vc_core.protocols.oauth.server_metadata import (
    authorization_server_metadata_url,
    parse_authorization_server_metadata,
)
from vc_core.protocols.openid4vci.issuer_metadata import (
    CredentialConfiguration,
    IssuerMetadata,
    credential_issuer_metadata_url,
    parse_issuer_metadata,
)
from vc_core.protocols.openid4vci.offer import (
    CredentialOffer,
    CredentialOfferUri,
    TxCode,
    parse_credential_offer,
    parse_credential_offer_link,
)
from wallet_sdk.issuance.answers import success


@dataclass(frozen=True)
class OfferedCredential:
    """A credential that an offer is for and that this wallet can hold."""

    credential_configuration_id: str
    credential_type: CredentialType
    format: CredentialFormat


@dataclass(frozen=True)
class DescribedOffer:
    """What a holder is asked to agree to. `not_understood` are the offer's ids of what this wallet can't hold.

    `issuer` and `server` are the metadata documents of the credential issuer and of its authorization server.
    """

    offer: CredentialOffer
    credentials: tuple[OfferedCredential, ...]
    not_understood: tuple[str, ...]
    issuer: Mapping[str, Any] = field(repr=False)
    server: Mapping[str, Any] = field(repr=False)

    @property
    def issuer_host(self) -> str:
        """The host that the credentials would come from: all that is certain of the issuer so far."""
        return offer_host(self.offer)

    @property
    def pre_authorized_code(self) -> str:
        """The code that the offer brings; `describe_offer` refuses offers without one."""
        return self.offer.pre_authorized_code or ""

    @property
    def tx_code(self) -> TxCode | None:
        """What is known of the transaction code to ask the holder for; None where none is needed."""
        return self.offer.tx_code


def read_offer(text: str) -> CredentialOffer | CredentialOfferUri:
    """A scanned or clicked offer link, or the address of an offer; nothing is fetched.

    Raises `ProtocolError` where it is neither.
    """
    stripped = text.strip()
    if stripped.lower().startswith(("https://", "http://")) and "credential_offer" not in urlsplit(stripped).query:
        return CredentialOfferUri(check_url(stripped, code="invalid_request"))
    return parse_credential_offer_link(stripped)


def offer_host(offer: CredentialOffer | CredentialOfferUri) -> str:
    """The host (and port) that going on with this offer would ask."""
    return urlsplit(offer.uri if isinstance(offer, CredentialOfferUri) else offer.credential_issuer).netloc


async def fetch_offer(http: HttpClient, offer: CredentialOffer | CredentialOfferUri) -> CredentialOffer:
    """The offer itself; fetches it where only its address is known. To be called once the holder agrees to that.

    Raises `ProtocolError`, `ServiceRefused`, `FetchError`.
    """
    if isinstance(offer, CredentialOffer):
        return offer
    answer = await http.get(offer.uri)
    if answer.status != 200:
        raise ServiceRefused(
            "not_found", "There is no offer at this address any more; ask the issuing office for a new one."
        )
    return parse_credential_offer(answer.body)


async def describe_offer(http: HttpClient, offer: CredentialOffer) -> DescribedOffer:
    """Asks the issuer's metadata what the offer is for. Raises `ProtocolError`, `ServiceRefused`, `FetchError`.

    `unknown_credential_configuration` where the wallet can hold nothing of it.
    """
    if offer.pre_authorized_code is None:
        raise ProtocolError("unsupported_grant_type", "The offer has no pre-authorized code.")
    issuer = await _get_object(http, credential_issuer_metadata_url(offer.credential_issuer))
    metadata = parse_issuer_metadata(issuer, expected_issuer=offer.credential_issuer)
    server_name = metadata.authorization_server(offer.authorization_server)
    server = await _get_object(http, authorization_server_metadata_url(server_name))
    parse_authorization_server_metadata(server, expected_issuer=server_name).require_pre_authorized_code()
    found = {each: offered_credential(metadata, each) for each in offer.credential_configuration_ids}
    known = tuple(each for each in found.values() if each is not None)
    if not known:
        raise ProtocolError("unknown_credential_configuration", "The offer has nothing that this wallet can hold.")
    not_understood = tuple(name for name, each in found.items() if each is None)
    return DescribedOffer(offer, known, not_understood, issuer, server)


def offered_credential(metadata: IssuerMetadata, configuration_id: str) -> OfferedCredential | None:
    """What an id in the metadata stands for; None where it is nothing that this wallet can hold."""
    configuration = metadata.configurations.get(configuration_id)
    if configuration is None or configuration.format not in list(CredentialFormat):
        return None
    credential_format = CredentialFormat(configuration.format)
    credential_type = _credential_type(configuration, credential_format)
    if credential_type is None or (credential_format is CredentialFormat.QR_PASS and not credential_type.qr_pass):
        return None
    return OfferedCredential(configuration_id, credential_type, credential_format)


def _credential_type(
    configuration: CredentialConfiguration, credential_format: CredentialFormat
) -> CredentialType | None:
    """The type as the format names it, if it is one of ours."""
    if credential_format not in (CredentialFormat.JWT_VC_JSON, CredentialFormat.LDP_VC):
        return CREDENTIAL_TYPES.get(configuration.vct or "")
    credential_type = type_named(configuration.types[-1]) if configuration.types else None
    known = credential_type is not None and list(configuration.types) == document_types(credential_type)
    return credential_type if known else None


async def _get_object(http: HttpClient, url: str) -> dict[str, Any]:
    return success(await http.get(url)).json_object()
