"""The credential offer (section 4.1), by value and by reference, and the link that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from vc_core.credential_types.text import is_displayable
from vc_core.encoding import EncodingError, compact_json, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_identifier, check_url
from vc_core.protocols.oauth.token import PRE_AUTHORIZED_CODE_GRANT
from vc_core.protocols.text import is_text

CREDENTIAL_OFFER_SCHEME = "openid-credential-offer"
_MAX_OFFER = 8 * 1024
_MAX_IDS = 20
_MAX_DESCRIPTION = 300


@dataclass(frozen=True)
class TxCode:
    """What the wallet is told of the transaction code: `input_mode` is `numeric` or `text`, `length` in characters."""

    input_mode: str = "numeric"
    length: int | None = None
    description: str | None = None


@dataclass(frozen=True)
class CredentialOffer:
    """A credential offer (section 4.1.1) with a pre-authorized code; `tx_code` None where no such code is asked for."""

    credential_issuer: str
    credential_configuration_ids: tuple[str, ...]
    pre_authorized_code: str
    tx_code: TxCode | None
    authorization_server: str | None = None


@dataclass(frozen=True)
class CredentialOfferUri:
    """An offer by reference: where the offer is to be fetched, once the holder has agreed to that."""

    uri: str


def create_credential_offer(offer: CredentialOffer) -> dict[str, Any]:
    """The offer as a JSON object."""
    grant: dict[str, Any] = {"pre-authorized_code": offer.pre_authorized_code}
    if offer.tx_code is not None:
        members = {
            "input_mode": offer.tx_code.input_mode,
            "length": offer.tx_code.length,
            "description": offer.tx_code.description,
        }
        grant["tx_code"] = {name: value for name, value in members.items() if value is not None}
    if offer.authorization_server is not None:
        grant["authorization_server"] = offer.authorization_server
    return {
        "credential_issuer": offer.credential_issuer,
        "credential_configuration_ids": list(offer.credential_configuration_ids),
        "grants": {PRE_AUTHORIZED_CODE_GRANT: grant},
    }


def create_credential_offer_link(offer: CredentialOffer | CredentialOfferUri) -> str:
    """What a QR code or a link hands to a wallet: the offer itself, or where it is."""
    if isinstance(offer, CredentialOfferUri):
        return f"{CREDENTIAL_OFFER_SCHEME}://?credential_offer_uri={quote(offer.uri, safe='')}"
    value = compact_json(create_credential_offer(offer))
    return f"{CREDENTIAL_OFFER_SCHEME}://?credential_offer={quote(value, safe='')}"


def parse_credential_offer_link(text: str) -> CredentialOffer | CredentialOfferUri:
    """A scanned or clicked offer link (section 4.1). Raises `ProtocolError` `invalid_request`."""
    if len(text) > _MAX_OFFER:
        raise _bad_offer("The offer is too long.")
    try:
        parts = urlsplit(text.strip())
        parameters = parse_qsl(parts.query, strict_parsing=True, errors="strict", max_num_fields=1)
    except ValueError as cause:
        raise _bad_offer("This is not a credential offer.") from cause
    if parts.scheme != CREDENTIAL_OFFER_SCHEME or parts.netloc or parts.path not in ("", "/") or parts.fragment:
        raise _bad_offer("This is not a credential offer.")
    match parameters:
        case [("credential_offer", value)]:
            return parse_credential_offer(value)
        case [("credential_offer_uri", uri)]:
            return CredentialOfferUri(check_url(uri, code="invalid_request"))
        case _:
            raise _bad_offer("This is not a credential offer.")


def parse_credential_offer(json: str | bytes) -> CredentialOffer:
    """A credential offer. Raises `ProtocolError`: `invalid_request`, `unsupported_grant_type` where it has no code."""
    try:
        value = parse_json_object(json)
    except EncodingError as cause:
        raise _bad_offer("The offer can't be read.") from cause
    issuer = check_identifier(value.get("credential_issuer"), code="invalid_request")
    ids = value.get("credential_configuration_ids")
    if not isinstance(ids, list) or not 0 < len(ids) <= _MAX_IDS or not all(is_text(each) for each in ids):
        raise _bad_offer("The offer does not say which credentials it is for.")
    if len(set(ids)) != len(ids):
        raise _bad_offer("The offer names a credential twice.")
    grants = value.get("grants", {})
    if not isinstance(grants, dict) or PRE_AUTHORIZED_CODE_GRANT not in grants:
        raise ProtocolError("unsupported_grant_type", "The offer has no pre-authorized code.")
    grant = grants[PRE_AUTHORIZED_CODE_GRANT]
    if not isinstance(grant, dict) or not is_text(grant.get("pre-authorized_code")):
        raise _bad_offer("The offer has no usable pre-authorized code.")
    server = grant.get("authorization_server")
    if server is not None:
        check_identifier(server, code="invalid_request")
    tx_code = _parse_tx_code(grant["tx_code"]) if "tx_code" in grant else None
    return CredentialOffer(issuer, tuple(ids), grant["pre-authorized_code"], tx_code, server)


def _parse_tx_code(value: Any) -> TxCode:
    if not isinstance(value, dict):
        raise _bad_offer("The offer does not describe its transaction code in a way we understand.")
    input_mode, length = value.get("input_mode", "numeric"), value.get("length")
    if input_mode not in ("numeric", "text") or not (length is None or (type(length) is int and 0 < length <= 64)):
        raise _bad_offer("The offer does not describe its transaction code in a way we understand.")
    description = value.get("description")
    if description is not None and (
        not isinstance(description, str) or len(description) > _MAX_DESCRIPTION or not is_displayable(description)
    ):
        raise _bad_offer("The offer's description of its transaction code is not text that we show.")
    return TxCode(input_mode, length, description)


def _bad_offer(message: str) -> ProtocolError:
    return ProtocolError("invalid_request", message)
