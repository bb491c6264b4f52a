"""An offer before the holder agreed to it: read, fetched, described.

`read_offer` asks nobody anything: a link that a stranger sent must not make the wallet call anywhere (an offer by
reference is fetched only in `fetch_offer`). What is shown before the second consent is the address that the offer
came from and the wallet's own names for the credential types: an issuer's words about itself are not verified yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from vc_core.credential_types import CREDENTIAL_TYPES, type_named
from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.json_ld import document_types
from vc_core.crypto.jose import parse_jws
from vc_core.errors import InvalidRequest, ProtocolError, Rejection, ServiceRefused
from vc_core.formats.credential import CredentialFormat
from vc_core.http import HttpClient
from vc_core.protocols.addresses import check_identifier, check_url
from vc_core.protocols.oauth.server_metadata import (
    AuthorizationServerMetadata,
    authorization_server_metadata_url,
    parse_authorization_server_metadata,
)
from vc_core.protocols.oauth.token import PRE_AUTHORIZED_CODE_GRANT
from vc_core.protocols.openid4vci.issuer_metadata import (
    CredentialConfiguration,
    IssuerMetadata,
    credential_issuer_metadata_url,
    parse_issuer_metadata,
)
from vc_core.protocols.openid4vci.offer import (
    AuthorizationCodeOffer,
    CredentialOffer,
    CredentialOfferUri,
    TxCode,
    parse_credential_offer,
    parse_credential_offer_link,
)
from vc_core.protocols.openid4vci.signed_metadata import (
    SIGNED_METADATA_MEDIA_TYPE,
    SIGNED_METADATA_TYPE,
    verify_signed_issuer_metadata,
)
from vc_core.trust import TrustSource, require_issuer
from wallet_sdk.issuance.answers import success
from wallet_sdk.issuance.proofs import plan_proofs
from wallet_sdk.plain_text import plain_text


@dataclass(frozen=True)
class OfferedCredential:
    """A credential that an offer is for and that this wallet can hold.

    `credential_type` None: the wallet does not know the type, and `label` is what its issuer calls it.
    """

    credential_configuration_id: str
    credential_type: CredentialType | None
    format: CredentialFormat
    vct: str
    label: str


@dataclass(frozen=True)
class DescribedOffer:
    """What a holder is asked to agree to. `not_understood` are the offer's ids of what this wallet can't hold.

    `issuer` and `server` are the metadata documents of the credential issuer and of its authorization server.
    `issuer_name` is the registry's name for who signed the former, if that is an issuer of the registry; None: nobody
    vouches for the address. Each credential is verified against its own issuer when it comes.
    """

    offer: CredentialOffer
    credentials: tuple[OfferedCredential, ...]
    not_understood: tuple[str, ...]
    issuer: Mapping[str, Any] = field(repr=False)
    server: Mapping[str, Any] = field(repr=False)
    issuer_name: str | None = None

    @property
    def issuer_host(self) -> str:
        """The host that the credentials would come from: all that is certain of the issuer so far."""
        return offer_host(self.offer)

    @property
    def tx_code(self) -> TxCode | None:
        """What is known of the transaction code to ask the holder for; None where none is needed."""
        return self.offer.tx_code

    @property
    def needs_browser(self) -> bool:
        """Whether the holder has to sign in at a page of the issuer's."""
        return self.offer.pre_authorized_code is None

    def only(self, credential_configuration_ids: Collection[str]) -> DescribedOffer:
        """The part of the offer that the holder picks. Raises `InvalidRequest` where it is nothing of the offer."""
        picked = tuple(
            each for each in self.credentials if each.credential_configuration_id in credential_configuration_ids
        )
        if len(picked) != len(set(credential_configuration_ids)) or not picked:
            raise InvalidRequest("This is not one of the credentials on offer.")
        return replace(self, credentials=picked)


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


async def describe_offer(
    http: HttpClient, offer: CredentialOffer, *, trust: TrustSource | None = None, now: int = 0
) -> DescribedOffer:
    """Asks the issuer's metadata what the offer is for. Raises `ProtocolError`, `ServiceRefused`, `FetchError`.

    With what is known of the registry at `now`, the metadata is asked for signed, so that the holder can be told who
    stands behind the address. `unknown_credential_configuration` where the wallet can hold nothing of it,
    `unsupported_grant_type` where the authorization server does not take the offer's code, or has no page that this
    wallet goes to.
    """
    issuer, signer = await _get_metadata(http, offer.credential_issuer, trust, now)
    metadata = parse_issuer_metadata(issuer, expected_issuer=offer.credential_issuer)
    server, server_metadata = await _get_server(http, metadata, _server_hint(offer))
    if offer.pre_authorized_code is not None:
        if PRE_AUTHORIZED_CODE_GRANT not in server_metadata.grant_types:
            server_metadata.require_pre_authorized_code()
    else:
        server_metadata.require_authorization_code()
    found = {each: offered_credential(metadata, each) for each in offer.credential_configuration_ids}
    known = tuple(each for each in found.values() if each is not None)
    if not known:
        raise ProtocolError("unknown_credential_configuration", "The offer has nothing that this wallet can hold.")
    not_understood = tuple(name for name, each in found.items() if each is None)
    return DescribedOffer(offer, known, not_understood, issuer, server, _vouched_name(signer, trust, now))


async def describe_issuer(
    http: HttpClient, credential_issuer: str, *, trust: TrustSource | None = None, now: int = 0
) -> DescribedOffer:
    """What an issuer has for whoever asks at its page, as an offer that nobody had to make. Raises as `describe_offer`.

    To be called once the holder asked for this issuer.
    """
    issuer = check_identifier(credential_issuer, code="invalid_request")
    document, signer = await _get_metadata(http, issuer, trust, now)
    metadata = parse_issuer_metadata(document, expected_issuer=issuer)
    server, server_metadata = await _get_server(http, metadata, None)
    server_metadata.require_authorization_code()
    known = tuple(filter(None, (offered_credential(metadata, each) for each in metadata.configurations)))
    if not known:
        raise ProtocolError("unknown_credential_configuration", "The issuer has nothing that this wallet can hold.")
    ids = tuple(each.credential_configuration_id for each in known)
    offer = CredentialOffer(issuer, ids, None, None, authorization_code=AuthorizationCodeOffer())
    return DescribedOffer(offer, known, (), document, server, _vouched_name(signer, trust, now))


async def describe_more(
    http: HttpClient, credential_issuer: str, configuration_id: str, authorization_server: str
) -> DescribedOffer:
    """Where to fetch more of a credential that the wallet has. Raises as `describe_offer`."""
    document = await _get_object(http, credential_issuer_metadata_url(credential_issuer))
    metadata = parse_issuer_metadata(document, expected_issuer=credential_issuer)
    server, _ = await _get_server(http, metadata, authorization_server)
    offered = offered_credential(metadata, configuration_id)
    if offered is None:
        raise ProtocolError("unknown_credential_configuration", "The issuer does not give this credential any more.")
    offer = CredentialOffer(credential_issuer, (configuration_id,), None, None)
    return DescribedOffer(offer, (offered,), (), document, server)


def _server_hint(offer: CredentialOffer) -> str | None:
    """The authorization server that the offer names for the way in which it will be taken."""
    if offer.pre_authorized_code is None and offer.authorization_code is not None:
        return offer.authorization_code.authorization_server
    return offer.authorization_server


async def _get_metadata(
    http: HttpClient, issuer: str, trust: TrustSource | None, now: int
) -> tuple[dict[str, Any], str | None]:
    """The issuer's metadata document, and who of the registry signed it; None where nobody did that we know."""
    url = credential_issuer_metadata_url(issuer)
    if trust is not None:
        answer = success(await http.get(url, accept=f"{SIGNED_METADATA_MEDIA_TYPE}, application/json;q=0.5"))
        if not answer.headers.get("content-type", "").startswith(SIGNED_METADATA_MEDIA_TYPE):
            return answer.json_object(), None
        try:
            verified = verify_signed_issuer_metadata(answer.body, expected_issuer=issuer, trust=trust, now=now)
            return dict(parse_jws(answer.body, typ=SIGNED_METADATA_TYPE).payload), verified.signer
        except ProtocolError:  # by somebody that we don't know: then it is worth as much as without a signature
            pass
    return await _get_object(http, url), None


def _vouched_name(signer: str | None, trust: TrustSource | None, now: int) -> str | None:
    """The signer's name, if it is accredited to issue anything: one address may issue for several organisations."""
    if signer is None or trust is None:
        return None
    try:
        require_issuer(trust, signer, CREDENTIAL_TYPES, at=now)
    except Rejection:
        return None
    return trust.name(signer)


async def _get_server(
    http: HttpClient, metadata: IssuerMetadata, hint: str | None
) -> tuple[dict[str, Any], AuthorizationServerMetadata]:
    """The authorization server's metadata, as its document and as what it says."""
    name = metadata.authorization_server(hint)
    document = await _get_object(http, authorization_server_metadata_url(name))
    return document, parse_authorization_server_metadata(document, expected_issuer=name)


def offered_credential(metadata: IssuerMetadata, configuration_id: str) -> OfferedCredential | None:
    """What an id in the metadata stands for; None where it is nothing that this wallet can hold."""
    configuration = metadata.configurations.get(configuration_id)
    if configuration is None or configuration.format not in list(CredentialFormat) or not plan_proofs(configuration):
        return None
    credential_format = CredentialFormat(configuration.format)
    credential_type = _credential_type(configuration, credential_format)
    if credential_type is None:
        return _foreign(configuration, credential_format)
    if credential_format is CredentialFormat.QR_PASS and not credential_type.qr_pass:
        return None
    label = credential_type.labels["en"]
    return OfferedCredential(configuration_id, credential_type, credential_format, credential_type.vct, label)


def _foreign(configuration: CredentialConfiguration, credential_format: CredentialFormat) -> OfferedCredential | None:
    """A credential of a type that the wallet does not know: an SD-JWT VC, which says of itself all that is needed."""
    if credential_format is not CredentialFormat.SD_JWT or not configuration.vct:
        return None
    names = {(each.locale or "").partition("-")[0]: each.name for each in reversed(configuration.display)}
    label = plain_text(names.get("en") or next(iter(names.values()), configuration.vct))
    return OfferedCredential(configuration.id, None, credential_format, configuration.vct, label)


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
