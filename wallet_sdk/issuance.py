"""Taking a credential from an issuer: OpenID4VCI 1.0, pre-authorized code flow, in steps with consent in between.

    read_offer ──▶ (consent) ──▶ fetch_offer ──▶ describe_offer ──▶ (consent, tx_code) ──▶ accept_offer

`read_offer` asks nobody anything: a link that a stranger sent must not make the wallet call anywhere (an offer by
reference is fetched only in `fetch_offer`). What is shown before the second consent is the address that the offer
came from and the wallet's own names for the credential types: an issuer's words about itself are not verified yet. A
credential goes into the wallet only once its issuer, its accreditation, its signature, its key, its type and its
claims were checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from vc_core.clock import Clock
from vc_core.credential_types import CREDENTIAL_TYPES, type_named
from vc_core.credential_types.definition import CredentialType, InvalidClaims
from vc_core.credential_types.json_ld import document_types
from vc_core.crypto.keys import P256Signer
from vc_core.errors import FetchError, InvalidRequest, ProtocolError, ReasonCode, Rejection, SabaiError, ServiceRefused
from vc_core.formats.credential import CredentialFormat, UnverifiedCredential
from vc_core.formats.presentation import parse_credential
from vc_core.http import HttpClient, HttpResponse
from vc_core.protocols.addresses import check_url
from vc_core.protocols.oauth.errors import parse_error_response
from vc_core.protocols.oauth.server_metadata import (
    authorization_server_metadata_url,
    parse_authorization_server_metadata,
)
from vc_core.protocols.oauth.token import create_token_request, parse_token_response
from vc_core.protocols.openid4vci.credential import create_credential_request, parse_credential_response
from vc_core.protocols.openid4vci.issuer_metadata import (
    CredentialConfiguration,
    IssuerMetadata,
    credential_issuer_metadata_url,
    parse_issuer_metadata,
)
from vc_core.protocols.openid4vci.nonce import parse_nonce_response
from vc_core.protocols.openid4vci.offer import (
    CredentialOffer,
    CredentialOfferUri,
    TxCode,
    parse_credential_offer,
    parse_credential_offer_link,
)
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt
from vc_core.trust import TrustSource
from vc_core.verification import VerifiedCredential, verify_issued_credential
from wallet_sdk.content import HeldCredential
from wallet_sdk.wallet import Wallet

MAX_TRUST_AGE_SECONDS = 24 * 3600
CLOCK_TOLERANCE_SECONDS = 30
_MAX_CREDENTIAL = 64 * 1024
_REFUSALS = {
    "invalid_grant": "The issuer did not take the code: it was used or has expired, or the transaction code is wrong.",
    "invalid_nonce": "The issuer did not take the proof of the wallet's key; try again.",
}


@dataclass(frozen=True)
class OfferedCredential:
    """A credential that an offer is for and that this wallet can hold."""

    credential_configuration_id: str
    credential_type: CredentialType
    format: CredentialFormat


@dataclass(frozen=True)
class DescribedOffer:
    """What a holder is asked to agree to. `not_understood` are the offer's ids of what this wallet can't hold."""

    offer: CredentialOffer
    metadata: IssuerMetadata
    token_endpoint: str
    credentials: tuple[OfferedCredential, ...]
    not_understood: tuple[str, ...]

    @property
    def issuer_host(self) -> str:
        """The host that the credentials would come from: all that is certain of the issuer so far."""
        return offer_host(self.offer)

    @property
    def tx_code(self) -> TxCode | None:
        """What is known of the transaction code to ask the holder for; None where none is needed."""
        return self.offer.tx_code


@dataclass(frozen=True)
class RefusedCredential:
    """A credential that was not stored, and the error that says why; a `Rejection` where it came and was bad."""

    offered: OfferedCredential
    error: SabaiError


@dataclass(frozen=True)
class Issuance:
    """What became of an accepted offer: what is in the wallet now, and what is not."""

    stored: tuple[HeldCredential, ...]
    refused: tuple[RefusedCredential, ...]


def read_offer(text: str) -> CredentialOffer | CredentialOfferUri:
    """A scanned or clicked offer link, or the address of an offer; nothing is fetched.

    Raises `ProtocolError` where it is neither.
    """
    stripped = text.strip()
    if stripped.lower().startswith(("https://", "http://")):
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
    issuer = offer.credential_issuer
    metadata = parse_issuer_metadata(
        await _get_object(http, credential_issuer_metadata_url(issuer)), expected_issuer=issuer
    )
    server_name = metadata.authorization_server(offer.authorization_server)
    server = parse_authorization_server_metadata(
        await _get_object(http, authorization_server_metadata_url(server_name)), expected_issuer=server_name
    )
    found = {each: _offered(metadata, each) for each in offer.credential_configuration_ids}
    known = tuple(each for each in found.values() if each is not None)
    if not known:
        raise ProtocolError("unknown_credential_configuration", "The offer has nothing that this wallet can hold.")
    not_understood = tuple(name for name, each in found.items() if each is None)
    return DescribedOffer(offer, metadata, server.token_endpoint, known, not_understood)


async def accept_offer(
    wallet: Wallet,
    http: HttpClient,
    described: DescribedOffer,
    *,
    tx_code: str | None,
    trust: TrustSource,
    clock: Clock,
) -> Issuance:
    """Fetches each credential with a key of its own, verifies it, and stores it at once if it is good.

    Raises `ServiceRefused`, `ProtocolError` or `FetchError` where the issuer gives no access at all, and before it is
    asked anything `InvalidRequest` without the transaction code that the offer needs, `Rejection` `STALE_TRUST`. What
    goes wrong with one credential is in the result.
    """
    if described.tx_code is None:
        tx_code = None
    elif not tx_code:
        raise InvalidRequest("This offer needs the transaction code that the issuing office gave with it.")
    if clock() - trust.synced_at > MAX_TRUST_AGE_SECONDS:
        raise Rejection(ReasonCode.STALE_TRUST, "What the wallet knows of the registry is too old to check an issuer.")
    fields = create_token_request(described.offer.pre_authorized_code, tx_code=tx_code)
    answer = _checked(await http.post_form(described.token_endpoint, fields))
    token = parse_token_response(answer.json_object()).access_token
    stored: list[HeldCredential] = []
    refused: list[RefusedCredential] = []
    for offered in described.credentials:
        signer = wallet.create_holder_key(described.offer.credential_issuer, offered.credential_configuration_id)
        try:
            issued = await _request_credential(http, described, offered, token=token, signer=signer, clock=clock)
            verified = verify_received(issued, offered=offered, signer=signer, trust=trust, now=clock())
        except (FetchError, ProtocolError, ServiceRefused, Rejection) as error:
            if isinstance(error, Rejection):
                wallet.discard_holder_key(signer.public_key)
            refused.append(RefusedCredential(offered, error))
            continue
        issuer_name = trust.name(verified.issuer)
        stored.append(
            wallet.add_credential(verified, format=offered.format, credential=issued, issuer_name=issuer_name)
        )
    return Issuance(tuple(stored), tuple(refused))


def verify_received(
    issued: str, *, offered: OfferedCredential, signer: P256Signer, trust: TrustSource, now: int
) -> VerifiedCredential:
    """The credential, if it is the one asked for and may be kept; raises `Rejection` otherwise.

    1. Parse within limits; the format is the one asked for: `TOO_LARGE`, `NOT_A_CREDENTIAL`, `MALFORMED`.
    2. The type is the one asked for, and the claims are those of its definition: `NOT_A_CREDENTIAL`, `MALFORMED`.
    3. Issuer, accreditation, signature, validity and holder key, as `verify_issued_credential` has them.
    """
    # 1.
    if len(issued) > _MAX_CREDENTIAL:
        raise Rejection(ReasonCode.TOO_LARGE, "The credential is too large.")
    unverified = parse_credential(issued)
    if unverified.format is not offered.format:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "The credential is not in the format that was asked for.")

    # 2.
    if unverified.vct != offered.credential_type.vct:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "The credential is not of the type that was asked for.")
    _check_claims(unverified, offered.credential_type)

    # 3.
    return verify_issued_credential(
        issued,
        holder_key=signer.public_key,
        trust=trust,
        max_trust_age=MAX_TRUST_AGE_SECONDS,
        clock_tolerance=CLOCK_TOLERANCE_SECONDS,
        now=now,
    )


def _check_claims(credential: UnverifiedCredential, credential_type: CredentialType) -> None:
    complete = credential.format is not CredentialFormat.QR_PASS
    try:
        credential_type.check(credential.claims, complete=complete)
    except InvalidClaims as cause:
        raise Rejection(ReasonCode.MALFORMED, "The credential's claims are not those of its type.") from cause
    needed = {claim.name for claim in credential_type.qr_claims().values() if claim.required}
    if not complete and not needed <= credential.claims.keys():
        raise Rejection(ReasonCode.MALFORMED, "The credential lacks claims of its type.")


def _offered(metadata: IssuerMetadata, configuration_id: str) -> OfferedCredential | None:
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


async def _request_credential(
    http: HttpClient,
    described: DescribedOffer,
    offered: OfferedCredential,
    *,
    token: str,
    signer: P256Signer,
    clock: Clock,
) -> str:
    """One nonce, one proof, one credential request (sections 7 and 8)."""
    metadata = described.metadata
    if metadata.nonce_endpoint is None:
        raise ProtocolError("server_error", "The issuer asks for no fresh proof of the wallet's key.")
    nonce = parse_nonce_response(_checked(await http.post_form(metadata.nonce_endpoint, {})).json_object())
    proof_jwt = create_proof_jwt(signer, audience=metadata.credential_issuer, nonce=nonce, issued_at=clock())
    request = create_credential_request(offered.credential_configuration_id, proof_jwt=proof_jwt)
    answer = _checked(await http.post_json(metadata.credential_endpoint, request, token=token))
    return parse_credential_response(answer.json_object())


async def _get_object(http: HttpClient, url: str) -> dict[str, Any]:
    return _checked(await http.get(url)).json_object()


def _checked(answer: HttpResponse) -> HttpResponse:
    """The answer if it is a success; its error as `ServiceRefused` otherwise. Redirects are not followed."""
    if answer.status == 200:
        return answer
    error = parse_error_response(answer.body)
    raise ServiceRefused(error.code, _REFUSALS.get(error.code, f"The issuer refused with the code {error.code}."))
