"""The credential offer (section 4.1), by value and by reference, and the link that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from vc_core.credential_types.text import is_displayable
from vc_core.encoding import EncodingError, compact_json, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_identifier, check_url
from vc_core.protocols.oauth.token import AUTHORIZATION_CODE_GRANT, PRE_AUTHORIZED_CODE_GRANT
from vc_core.protocols.text import is_text

CREDENTIAL_OFFER_SCHEME = "openid-credential-offer"
CREDENTIAL_OFFER_ENDPOINT = f"{CREDENTIAL_OFFER_SCHEME}://"
"""Where wallets that were given no other address listen (section 12.1)."""
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
class AuthorizationCodeOffer:
    """That the wallet may begin at the authorization endpoint, with `issuer_state` if the offer has one."""

    issuer_state: str | None = None
    authorization_server: str | None = None


@dataclass(frozen=True)
class CredentialOffer:
    """A credential offer (section 4.1.1): by a pre-authorized code, by the authorization endpoint, or by either.

    `tx_code` and `authorization_server` belong to the pre-authorized code: what is asked for beside it (None: nothing),
    and which server takes it.
    """

    credential_issuer: str
    credential_configuration_ids: tuple[str, ...]
    pre_authorized_code: str | None
    tx_code: TxCode | None
    authorization_server: str | None = None
    authorization_code: AuthorizationCodeOffer | None = None


@dataclass(frozen=True)
class CredentialOfferUri:
    """An offer by reference: where the offer is to be fetched, once the holder has agreed to that."""

    uri: str


def create_credential_offer(offer: CredentialOffer) -> dict[str, Any]:
    """The offer as a JSON object."""
    grants: dict[str, Any] = {}
    if offer.authorization_code is not None:
        grant = {
            "issuer_state": offer.authorization_code.issuer_state,
            "authorization_server": offer.authorization_code.authorization_server,
        }
        grants[AUTHORIZATION_CODE_GRANT] = _without_none(grant)
    if offer.pre_authorized_code is not None:
        grants[PRE_AUTHORIZED_CODE_GRANT] = _without_none(
            {
                "pre-authorized_code": offer.pre_authorized_code,
                "tx_code": None if offer.tx_code is None else _without_none(asdict(offer.tx_code)),
                "authorization_server": offer.authorization_server,
            }
        )
    return {
        "credential_issuer": offer.credential_issuer,
        "credential_configuration_ids": list(offer.credential_configuration_ids),
        "grants": grants,
    }


def create_credential_offer_link(
    offer: CredentialOffer | CredentialOfferUri, *, endpoint: str = CREDENTIAL_OFFER_ENDPOINT
) -> str:
    """What a QR code or a link hands to a wallet: the offer itself, or where it is.

    `endpoint` is a wallet's credential offer endpoint, or an https address that an application has claimed.
    """
    if isinstance(offer, CredentialOfferUri):
        return f"{endpoint}?credential_offer_uri={quote(offer.uri, safe='')}"
    return f"{endpoint}?credential_offer={quote(compact_json(create_credential_offer(offer)), safe='')}"


def parse_credential_offer_link(text: str) -> CredentialOffer | CredentialOfferUri:
    """A scanned or clicked offer link (section 4.1), of the wallets' own scheme or an https one that hands over.

    Raises `ProtocolError` `invalid_request`.
    """
    if len(text) > _MAX_OFFER:
        raise _bad_offer("The offer is too long.")
    try:
        parts = urlsplit(text.strip())
        parameters = parse_qsl(parts.query, strict_parsing=True, errors="strict", max_num_fields=1)
    except ValueError as cause:
        raise _bad_offer("This is not a credential offer.") from cause
    if parts.scheme == CREDENTIAL_OFFER_SCHEME:
        known = not parts.netloc and parts.path in ("", "/")
    else:
        known = bool(check_url(text.strip(), code="invalid_request"))
    if not known or parts.fragment:
        raise _bad_offer("This is not a credential offer.")
    match parameters:
        case [("credential_offer", value)]:
            return parse_credential_offer(value)
        case [("credential_offer_uri", uri)]:
            return CredentialOfferUri(check_url(uri, code="invalid_request"))
        case _:
            raise _bad_offer("This is not a credential offer.")


def parse_credential_offer(json: str | bytes) -> CredentialOffer:
    """A credential offer; one without grants leaves the way to the authorization server's metadata (section 4.1.1).

    Raises `ProtocolError`: `invalid_request`, `unsupported_grant_type` where all grants that it names are others.
    """
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
    if not isinstance(grants, dict) or not all(isinstance(each, dict) for each in grants.values()):
        raise _bad_offer("The offer does not say how to take it.")
    if grants and not grants.keys() & {PRE_AUTHORIZED_CODE_GRANT, AUTHORIZATION_CODE_GRANT}:
        raise ProtocolError("unsupported_grant_type", "The offer can't be taken in a way that we know.")
    code, tx_code, server = None, None, None
    if PRE_AUTHORIZED_CODE_GRANT in grants:
        code, tx_code, server = _parse_pre_authorized(grants[PRE_AUTHORIZED_CODE_GRANT])
    by_page = None
    if AUTHORIZATION_CODE_GRANT in grants or not grants:
        by_page = _parse_authorization_code(grants.get(AUTHORIZATION_CODE_GRANT, {}))
    return CredentialOffer(issuer, tuple(ids), code, tx_code, server, by_page)


def _parse_pre_authorized(grant: Mapping[str, Any]) -> tuple[str, TxCode | None, str | None]:
    if not is_text(grant.get("pre-authorized_code")):
        raise _bad_offer("The offer has no usable pre-authorized code.")
    tx_code = _parse_tx_code(grant["tx_code"]) if "tx_code" in grant else None
    return grant["pre-authorized_code"], tx_code, _parse_server(grant)


def _parse_authorization_code(grant: Mapping[str, Any]) -> AuthorizationCodeOffer:
    issuer_state = grant.get("issuer_state")
    if issuer_state is not None and not is_text(issuer_state):
        raise _bad_offer("The offer has no usable issuer_state.")
    return AuthorizationCodeOffer(issuer_state, _parse_server(grant))


def _parse_server(grant: Mapping[str, Any]) -> str | None:
    server = grant.get("authorization_server")
    return None if server is None else check_identifier(server, code="invalid_request")


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


def _without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
