"""OpenID for Verifiable Credential Issuance 1.0: the offer, and the request for a credential with its proof of a key.

    issuer ── offer (QR) ──▶ wallet ── code, tx_code ──▶ token ── c_nonce, proof ──▶ credential

Messages and pure checks, no I/O; the issuer's metadata is in `vc_core.protocols.issuer_metadata`. The flow is the
pre-authorized code flow, one proof (`jwt`, with the key in its header) and one credential per request. Errors are
`ProtocolError`: codes of section 8.3.1.2 for what a wallet sent, `invalid_request` for an offer that a wallet can't
use, `server_error` for an issuer's answer that is not of the specification's form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from vc_core.credential_types.text import is_displayable
from vc_core.crypto.jose import JwsError, parse_jws, sign_jws
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, SignatureInvalid, Signer
from vc_core.encoding import EncodingError, compact_json, parse_json, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth import PRE_AUTHORIZED_CODE_GRANT, check_identifier, check_url

CREDENTIAL_OFFER_SCHEME = "openid-credential-offer"
PROOF_TYPE = "openid4vci-proof+jwt"
PROOF_WINDOW_SECONDS = 300
"""How far the time in a proof may be from the issuer's clock, either way; its freshness comes from the `c_nonce`."""

_MAX_OFFER = 8 * 1024
_MAX_TEXT = 2048
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


@dataclass(frozen=True)
class CredentialRequest:
    """A request for one credential (section 8.2) with one proof, a JWT that is not verified yet."""

    credential_configuration_id: str
    proof_jwt: str


@dataclass(frozen=True)
class VerifiedProof:
    """That whoever asks holds `holder_key`. The issuer still owes: to check and use up `nonce`, its `c_nonce`."""

    holder_key: PublicKey
    nonce: str


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
    if not isinstance(ids, list) or not 0 < len(ids) <= _MAX_IDS or not all(_is_text(each) for each in ids):
        raise _bad_offer("The offer does not say which credentials it is for.")
    if len(set(ids)) != len(ids):
        raise _bad_offer("The offer names a credential twice.")
    grants = value.get("grants", {})
    if not isinstance(grants, dict) or PRE_AUTHORIZED_CODE_GRANT not in grants:
        raise ProtocolError("unsupported_grant_type", "The offer has no pre-authorized code.")
    grant = grants[PRE_AUTHORIZED_CODE_GRANT]
    if not isinstance(grant, dict) or not _is_text(grant.get("pre-authorized_code")):
        raise _bad_offer("The offer has no usable pre-authorized code.")
    server = grant.get("authorization_server")
    if server is not None:
        check_identifier(server, code="invalid_request")
    tx_code = _parse_tx_code(grant["tx_code"]) if "tx_code" in grant else None
    return CredentialOffer(issuer, tuple(ids), grant["pre-authorized_code"], tx_code, server)


def create_nonce_response(c_nonce: str) -> dict[str, Any]:
    """A nonce response (section 7.2)."""
    return {"c_nonce": c_nonce}


def parse_nonce_response(value: Mapping[str, Any]) -> str:
    """The `c_nonce`. Raises `ProtocolError` `server_error`."""
    c_nonce = value.get("c_nonce")
    if not _is_text(c_nonce):
        raise ProtocolError("server_error", "The answer holds no nonce.")
    return str(c_nonce)


def create_credential_request(credential_configuration_id: str, *, proof_jwt: str) -> dict[str, Any]:
    """A credential request with one proof (section 8.2)."""
    return {"credential_configuration_id": credential_configuration_id, "proofs": {"jwt": [proof_jwt]}}


def parse_credential_request(body: bytes) -> CredentialRequest:
    """A credential request. Raises `ProtocolError`.

    `invalid_credential_request`, `unknown_credential_identifier` (we hand out none), `invalid_encryption_parameters`
    (we don't encrypt), `invalid_proof`.
    """
    try:
        value = parse_json_object(body)
    except EncodingError as cause:
        raise ProtocolError("invalid_credential_request", "The request is not a JSON object.") from cause
    if "credential_identifier" in value:
        if "credential_configuration_id" in value:
            raise ProtocolError("invalid_credential_request", "A credential is asked for in two ways at once.")
        raise ProtocolError("unknown_credential_identifier", "This issuer gives out no credential identifiers.")
    configuration_id = value.get("credential_configuration_id")
    if not _is_text(configuration_id):
        raise ProtocolError("invalid_credential_request", "credential_configuration_id is missing.")
    if "credential_response_encryption" in value:
        raise ProtocolError("invalid_encryption_parameters", "This issuer does not encrypt its responses.")
    proofs = value.get("proofs")
    if not isinstance(proofs, dict) or len(proofs) != 1:
        raise ProtocolError("invalid_proof", "proofs must have exactly one kind of proof.")
    jwts = proofs.get("jwt")
    if not isinstance(jwts, list) or len(jwts) != 1 or not isinstance(jwts[0], str):
        raise ProtocolError("invalid_proof", "proofs must hold one proof of the type jwt.")
    return CredentialRequest(str(configuration_id), jwts[0])


def create_credential_response(credential: str) -> dict[str, Any]:
    """A credential response (section 8.3) with one credential; one that is JSON goes in as an object (A.1.2.5)."""
    return {"credentials": [{"credential": parse_json(credential) if credential.startswith("{") else credential}]}


def parse_credential_response(value: Mapping[str, Any]) -> str:
    """The one credential in a response, as text. Raises `ProtocolError` `server_error`, also for a deferred one."""
    credentials = value.get("credentials")
    if not isinstance(credentials, list) or len(credentials) != 1 or not isinstance(credentials[0], dict):
        raise ProtocolError("server_error", "The answer does not hold exactly one credential.")
    credential = credentials[0].get("credential")
    if isinstance(credential, dict):
        return compact_json(credential).decode("utf-8")
    if not isinstance(credential, str) or not credential:
        raise ProtocolError("server_error", "The answer holds no credential that we can read.")
    return credential


def create_proof_jwt(signer: Signer, *, audience: str, nonce: str, issued_at: int) -> str:
    """A proof that the wallet holds the signer's key (appendix F.1); `audience` is the credential issuer's identifier.

    There is no `iss`: the token came without a client id.
    """
    header = {"typ": PROOF_TYPE, "jwk": signer.public_key.to_jwk()}
    return sign_jws(header, {"aud": audience, "iat": issued_at, "nonce": nonce}, signer)


def verify_proof_jwt(text: str, *, expected_audience: str, now: int) -> VerifiedProof:
    """The holder's key and the nonce in a proof (appendix F.4). Raises `ProtocolError` `invalid_proof`.

    The key is the one in the proof's own `jwk`, a P-256 key; proofs with `kid`, `x5c` or `trust_chain` are refused.
    """
    try:
        proof = parse_jws(text, typ=PROOF_TYPE)
        if {"kid", "x5c", "trust_chain"} & proof.header.keys():
            raise ProtocolError("invalid_proof", "The key must be in the proof itself, as jwk.")
        holder_key = PublicKey.from_jwk(proof.header.get("jwk"))
        if holder_key.algorithm is not Algorithm.ES256:
            raise ProtocolError("invalid_proof", "The holder's key must be a P-256 key.")
        payload = proof.verify(holder_key)
    except (JwsError, KeyFormatError, SignatureInvalid) as cause:
        raise ProtocolError("invalid_proof", "The proof is not a JWT that its own key signed.") from cause
    if payload.get("aud") != expected_audience:
        raise ProtocolError("invalid_proof", "The proof was made for another issuer.")
    issued_at = payload.get("iat")
    if type(issued_at) is not int or abs(now - issued_at) > PROOF_WINDOW_SECONDS:
        raise ProtocolError("invalid_proof", "The proof's time is missing, or too far from ours.")
    nonce = payload.get("nonce")
    if not _is_text(nonce):
        raise ProtocolError("invalid_proof", "The proof has no nonce.")
    return VerifiedProof(holder_key, str(nonce))


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


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_TEXT


def _bad_offer(message: str) -> ProtocolError:
    return ProtocolError("invalid_request", message)
