"""The QR pass: a credential and its holder's proof in the 650 characters that a cheap camera still reads.

The pass is a CBOR Web Token (RFC 8392) in a COSE_Sign1 that the issuer signed. The holder shows it inside the protected
header of a second COSE_Sign1, signed by the key that the pass is bound to (`cnf`, RFC 8747). The holder's signature
covers the whole pass. The outer bytes go into the QR code as base45 after the prefix `SB1:`; docs/qr-pass.md shows them
byte by byte.

There is no `iss`: `kid` holds the address, the chain and the delegate number of the issuer's key, from which its DID
follows, so no claim can disagree with the key. Every map has exactly the members named here, in the one encoding that
`vc_core.crypto.cbor` takes: whoever holds a pass can't show it in two ways that look different.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from vc_core.credential_types import type_numbered
from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType, InvalidClaims, StatusPolicy
from vc_core.crypto.cbor import decode_cbor, encode_cbor
from vc_core.crypto.cose import (
    ALG,
    KCWT,
    KID,
    TYP,
    UnverifiedSign1,
    parse_sign1,
    parse_sign1_array,
    sign_sign1,
    to_cose_key,
)
from vc_core.crypto.keys import Algorithm, PublicKey, Signer
from vc_core.did.ethr import create_did, parse_did_ethr
from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.base45 import base45_decode, base45_encode
from vc_core.formats.credential import (
    CredentialFormat,
    SignedBytes,
    StatusReference,
    UnverifiedCredential,
    UnverifiedPresentation,
)
from vc_core.formats.cwt import (
    AUD,
    CNF,
    EXP,
    IAT,
    NBF,
    NONCE,
    Malformed,
    expect_bytes,
    expect_integer,
    expect_members,
    expect_p256_key,
    expect_text,
    expect_time,
    expect_typ,
    parse_map,
    signed_bytes,
)
from vc_core.formats.qr_pass_layout import find_layout

PREFIX = "SB1:"
"""How the text of every QR pass begins; the digit is the version of the format."""
MAX_TEXT_LENGTH = 1_200
MAX_FOREIGN_TEXT_LENGTH = 8_000
"""Characters of a text that does not begin with `PREFIX`: more than any QR code holds."""
MAX_PASS_LENGTH = 600
"""Bytes of a pass: what `MAX_TEXT_LENGTH` leaves for it beside a proof with audience and nonce."""

_CREDENTIAL = -65537
"""A claim for private use, beside the registered ones."""
_COSE_KEY = 1

# Members of the private claim, beside the claims of the credential type, whose keys begin at 1. The status reference is
# here, and not in the registered claim 65535, since that takes 23 bytes of text keys: half a name.
_TYPE_NUMBER, _STATUS_INDEX, _STATUS_URI = 0, -1, -2

# CoAP content formats of `application/cwt` (RFC 8392) and `application/kb+cwt` (draft-ietf-spice-sd-cwt).
_TYP_CWT = 61
_TYP_KEY_BINDING = 294

_MAX_INDEX = 2**53
_MAX_NUMBER_IN_KID = 2**63
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_WHITE_SPACE = " \t\r\n"
_ADDRESS_LENGTH = 20
_FRAGMENT = re.compile(r"delegate-([1-9][0-9]{0,18})", re.ASCII)


# -- The issuer's side ------------------------------------------------------------------------------------------------


class PassTooLong(InvalidClaims):
    """The claims are those of the type, but too long together for a QR pass."""


def create_qr_pass(
    credential_type: CredentialType,
    claims: Mapping[str, Any],
    *,
    verification_method: str,
    signer: Signer,
    issued_at: int,
    expires_at: int,
    status: StatusReference | None,
    holder_key: PublicKey,
) -> bytes:
    """A pass, as an untagged COSE_Sign1. Claims without a `qr_key` are left out; times are seconds since 1970.

    `verification_method` is the DID URL of the signer's key. Raises `InvalidClaims` where the claims are not those of
    the type, `PassTooLong` where they are too long together, `ValueError` where the verification method is none that
    `kid` can hold, the holder's key is not P-256, or there is a status and the type has none (`status` is None then),
    or the reverse.
    """
    if holder_key.algorithm is not Algorithm.ES256:
        raise ValueError("the holder's key of a QR pass is a P-256 key")
    if (status is None) is not (credential_type.status_policy is StatusPolicy.NONE):
        raise ValueError("a status where the type has none, or none where it has one")
    reference: dict[int, Any] = {_STATUS_INDEX: status.index, _STATUS_URI: status.uri} if status else {}
    payload = {
        EXP: expires_at,
        IAT: issued_at,
        CNF: {_COSE_KEY: to_cose_key(holder_key)},
        _CREDENTIAL: {
            _TYPE_NUMBER: credential_type.number,
            **reference,
            **_claims_to_wire(credential_type, claims),
        },
    }
    protected = {KID: key_id_from_verification_method(verification_method), TYP: _TYP_CWT}
    qr_pass = sign_sign1(protected, encode_cbor(payload), signer, tagged=False)
    if len(qr_pass) > MAX_PASS_LENGTH:
        raise PassTooLong("the claims are too long for a QR pass")
    return qr_pass


@lru_cache(maxsize=1024)
def key_id_from_verification_method(verification_method: str) -> bytes:
    """`did:ethr:0x<chain id>:0x<address>#delegate-<n>` as address (20 bytes), chain id and n as unsigned varints.

    Raises `ValueError` where it is not of that form, in lower case and without leading zeros.
    """
    did, _, fragment = verification_method.partition("#")
    match = _FRAGMENT.fullmatch(fragment)
    if match is None:
        raise ValueError("not a key of did:ethr that a QR pass can name")
    issuer = parse_did_ethr(did)
    return bytes.fromhex(issuer.address[2:]) + _varint(issuer.chain_id) + _varint(int(match[1]))


def _varint(number: int) -> bytes:
    """Unsigned LEB128 as multiformats have it: seven bits a byte, the least significant first, at most nine bytes."""
    if not 0 < number < _MAX_NUMBER_IN_KID:
        raise ValueError("a number that a key id can't hold")
    groups = []
    while number >= 0x80:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _claims_to_wire(credential_type: CredentialType, claims: Mapping[str, Any]) -> dict[int, Any]:
    credential_type.check(claims, complete=False)
    wire: dict[int, Any] = {}
    for key, claim in credential_type.qr_claims().items():
        if claim.name in claims:
            value = claims[claim.name]
            if claim.kind is ClaimKind.DATE:
                value = datetime.date.fromisoformat(value).toordinal() - _EPOCH
            wire[key] = value
        elif claim.required:
            raise InvalidClaims(f"{claim.name} is missing")
    return wire


# -- The holder's side ------------------------------------------------------------------------------------------------


def create_qr_presentation(
    qr_pass: bytes, *, holder: Signer, presented_at: int, audience: str | None = None, nonce: str | None = None
) -> str:
    """The text of the QR code in which the holder shows this pass, fresh at `presented_at` (seconds since 1970).

    `holder` signs with the P-256 key that the pass is bound to. `audience` is the verifier meant, `nonce` (base64url)
    its challenge; both None where the holder knows of none. Raises `ValueError` where the pass is none, the key of
    another kind, the nonce not base64url, the audience or nonce empty, or the text too long.
    """
    payload: dict[int, Any] = {IAT: presented_at}
    if audience is not None:
        payload[AUD] = audience
    if nonce is not None:
        payload[NONCE] = base64url_decode(nonce)
    if not all(payload.get(key, "absent") for key in (AUD, NONCE)):
        raise ValueError("an empty audience or nonce")
    text = PREFIX + base45_encode(sign_holder_proof(qr_pass, payload, holder=holder, typ=_TYP_KEY_BINDING))
    if len(text) > MAX_TEXT_LENGTH:
        raise ValueError("too long for a QR pass")
    return text


def sign_holder_proof(qr_pass: bytes, payload: Mapping[int, Any], *, holder: Signer, typ: int) -> bytes:
    """What a holder says about a pass of theirs, as a COSE_Sign1 that has the pass in its protected header.

    Raises `ValueError` where the pass is none, or the key not on P-256.
    """
    if holder.public_key.algorithm is not Algorithm.ES256:
        raise ValueError("the holder's key of a QR pass is a P-256 key")
    return sign_sign1({KCWT: decode_cbor(qr_pass), TYP: typ}, encode_cbor(payload), holder, tagged=True)


# -- The verifier's side ----------------------------------------------------------------------------------------------


def parse_qr_presentation(text: str) -> UnverifiedPresentation:
    """The text of a QR code as a presentation, nothing of it verified; white space around it is ignored.

    Raises `Rejection`: `NOT_A_CREDENTIAL` where it does not begin with `PREFIX`, `TOO_LARGE`, `MALFORMED`.
    """
    if len(text) > MAX_FOREIGN_TEXT_LENGTH:
        raise Rejection(ReasonCode.TOO_LARGE, "This is too long for a code that we read.")
    text = text.strip(_WHITE_SPACE)
    if not text.startswith(PREFIX):
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not a code that a patient shows.")
    if len(text) > MAX_TEXT_LENGTH:
        raise Rejection(ReasonCode.TOO_LARGE, "This is too long for a code that a patient shows.")
    try:
        return parse_presentation_bytes(base45_decode(text[len(PREFIX) :]))
    except ValueError as cause:
        raise Rejection(ReasonCode.MALFORMED, "The code is damaged or was not made as it should be.") from cause


def parse_qr_pass(data: bytes) -> UnverifiedCredential:
    """A pass without a holder's proof, as an issuer hands it out, nothing of it verified.

    Raises `Rejection`: `TOO_LARGE`, `MALFORMED`.
    """
    if len(data) > MAX_PASS_LENGTH:
        raise Rejection(ReasonCode.TOO_LARGE, "This is too long for a QR pass.")
    try:
        return _parse_pass(parse_sign1(data, tagged=False))
    except ValueError as cause:
        raise Rejection(ReasonCode.MALFORMED, "The pass is damaged or was not made as it should be.") from cause


def parse_presentation_bytes(data: bytes) -> UnverifiedPresentation:
    """The bytes that a QR code has as base45, nothing of them verified. Raises `ValueError`."""
    found = find_layout(data)
    if found is None:
        return parse_part_by_part(data)
    credential_type, status, claims = _parse_credential(decode_cbor(found.credential))
    credential = UnverifiedCredential(
        format=CredentialFormat.QR_PASS,
        verification_method=verification_method_from_key_id(found.key_id),
        vct=credential_type.vct,
        issued_at=found.issued_at,
        not_before=found.issued_at,
        expires_at=found.expires_at,
        status=status,
        holder_key=PublicKey(Algorithm.ES256, found.holder_key),
        claims=claims,
        signed=SignedBytes(found.algorithm, found.pass_message, found.pass_signature),
    )
    return UnverifiedPresentation(
        credential,
        presented_at=found.presented_at,
        audience=None,
        nonce=None,
        digest=hashlib.sha256(found.proof_message).digest(),
        signed=SignedBytes(Algorithm.ES256, found.proof_message, found.proof_signature),
    )


def parse_part_by_part(data: bytes) -> UnverifiedPresentation:
    """The bytes of a presentation in whatever layout, by a CBOR decoder. Raises `ValueError`."""
    proof, payload, credential = parse_holder_proof(data, typ=_TYP_KEY_BINDING)
    expect_members(payload, {IAT}, optional={AUD, NONCE})
    audience, nonce = payload.get(AUD), payload.get(NONCE)
    return UnverifiedPresentation(
        credential,
        presented_at=expect_time(payload[IAT]),
        audience=None if audience is None else expect_text(audience),
        nonce=None if nonce is None else base64url_encode(expect_bytes(nonce)),
        digest=hashlib.sha256(proof.message).digest(),
        signed=proof,
    )


def parse_holder_proof(data: bytes, *, typ: int) -> tuple[SignedBytes, dict[int, Any], UnverifiedCredential]:
    """The reverse of `sign_holder_proof`: the signed bytes, the payload, and the pass. Raises `ValueError`."""
    proof = parse_sign1(data, tagged=True)
    expect_members(proof.protected, {ALG, KCWT, TYP})
    expect_typ(proof, typ)
    if proof.algorithm is not Algorithm.ES256:
        raise Malformed("a holder's proof with another algorithm than ES256")
    payload = parse_map(proof.payload)
    return signed_bytes(proof), payload, _parse_pass(parse_sign1_array(proof.protected[KCWT]))


def _parse_pass(token: UnverifiedSign1) -> UnverifiedCredential:
    expect_members(token.protected, {ALG, KID, TYP})
    expect_typ(token, _TYP_CWT)
    payload = parse_map(token.payload)
    expect_members(payload, {EXP, IAT, CNF, _CREDENTIAL}, optional={NBF})
    credential_type, status, claims = _parse_credential(payload[_CREDENTIAL])
    issued_at = expect_time(payload[IAT])
    return UnverifiedCredential(
        format=CredentialFormat.QR_PASS,
        verification_method=verification_method_from_key_id(expect_bytes(token.protected[KID])),
        vct=credential_type.vct,
        issued_at=issued_at,
        not_before=expect_time(payload.get(NBF, issued_at)),
        expires_at=expect_time(payload[EXP]),
        status=status,
        holder_key=_parse_confirmation(payload[CNF]),
        claims=claims,
        signed=signed_bytes(token),
    )


@lru_cache(maxsize=1024)
def verification_method_from_key_id(key_id: bytes) -> str:
    """The reverse of `key_id_from_verification_method`; `ValueError` also for varints longer than need be."""
    address = key_id[:_ADDRESS_LENGTH]
    chain_id, rest = _parse_varint(key_id[_ADDRESS_LENGTH:])
    delegate, rest = _parse_varint(rest)
    if rest:
        raise Malformed("a key id with bytes left over")
    return f"{create_did(chain_id, address)}#delegate-{delegate}"


def _parse_varint(data: bytes) -> tuple[int, bytes]:
    """The number at the start, and the rest."""
    number = 0
    for position, byte in enumerate(data[:9]):
        number |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            if byte == 0:
                raise Malformed("a zero, or a varint that is longer than need be")
            return number, data[position + 1 :]
    raise Malformed("a varint without an end")


def _parse_credential(wire: Any) -> tuple[CredentialType, tuple[StatusReference, ...], Mapping[str, Any]]:
    """The type, the status and the claims, once the private claim has all its members and no others."""
    if not isinstance(wire, dict):
        raise Malformed("a credential that is not a map")
    credential_type = type_numbered(expect_integer(wire.get(_TYPE_NUMBER), _MAX_INDEX))
    if credential_type is None:
        raise Malformed("a type of credential that we do not know")
    status: tuple[StatusReference, ...] = ()
    if credential_type.status_policy is StatusPolicy.REQUIRED:
        index = expect_integer(wire.get(_STATUS_INDEX), _MAX_INDEX)
        status = (StatusReference(expect_text(wire.get(_STATUS_URI)), index),)
    claims: dict[str, Any] = {}
    for key, claim in credential_type.qr_claims().items():
        if key in wire:
            claims[claim.name] = _claim_from_wire(claim, wire[key])
        elif claim.required:
            raise Malformed("a credential without a claim that its type requires")
    if len(wire) != 1 + 2 * len(status) + len(claims):
        raise Malformed("a credential with a member that its type does not have")
    return credential_type, status, claims


def _claim_from_wire(claim: Claim, value: Any) -> Any:
    if claim.kind is not ClaimKind.DATE:
        claim.check(value)
        return value
    if type(value) is not int:
        raise Malformed("a date that is not an integer")
    try:
        return datetime.date.fromordinal(_EPOCH + value).isoformat()
    except (OverflowError, ValueError) as cause:
        raise Malformed("a date outside the calendar") from cause


def _parse_confirmation(value: Any) -> PublicKey:
    expect_members(value, {_COSE_KEY})
    return expect_p256_key(value[_COSE_KEY])
