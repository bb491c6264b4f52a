"""SD-JWT VC (RFC 9901, draft-ietf-oauth-sd-jwt-vc): a credential whose holder chooses which claims to show, to whom.

    <issuer-signed JWT>~<disclosure>~…~            as issued, `parse_sd_jwt_vc`
    <issuer-signed JWT>~<disclosure>~…~<KB-JWT>    as presented, `parse_sd_jwt_presentation`

The issuer-signed JWT holds digests, `disclosures.py` puts the claims in their place. The key binding JWT (KB-JWT) is
signed with the key that the issuer bound the credential to (`cnf`), over the audience, the verifier's nonce, and
`sd_hash`, the digest of all that stands before it: so nobody but the holder can show it, or add and drop a disclosure.
Whether key binding is needed is never the input's choice: a presentation without it is refused.

Nothing here checks a signature; that is step 5 and step 8 of `vc_core.verification`.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import CredentialType, InvalidClaims, StatusPolicy
from vc_core.credential_types.type_metadata import type_metadata_integrity
from vc_core.crypto.jose import JwsError, UnverifiedJws, encode_header, parse_jws, sign_jws, sign_with_header
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, Signer
from vc_core.crypto.x509 import CertificateError, KeyReference, issuer_of, key_header, parse_x5c
from vc_core.encoding import base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.concealment import Path, conceal_members, select_disclosures
from vc_core.formats.credential import (
    MAX_TIME,
    CredentialFormat,
    SignedBytes,
    StatusReference,
    UnverifiedCredential,
    UnverifiedPresentation,
    is_verification_method,
)
from vc_core.formats.disclosures import DIGEST_ALGORITHM, DIGESTS, SHA_256, disclose_claims

TYP = "dc+sd-jwt"
KB_TYP = "kb+jwt"
MAX_LENGTH = 64 * 1024
MAX_DISCLOSURES = 200
MAX_URI_LENGTH = 2048
MAX_HASHES = 10

_REGISTERED = ("iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status")
"""Claims that say whether the credential holds: never withheld, not even in part (SD-JWT VC section 2.2.2.2)."""

# Wide enough for base64 with a foreign alphabet or padding: that is a broken credential, a web address is none at all.
_CHARACTERS_OF_A_JWT = (string.ascii_letters + string.digits + "_-+/=").encode("ascii")


def create_sd_jwt_vc(
    credential_type: CredentialType,
    claims: Mapping[str, Any],
    *,
    verification_method: KeyReference,
    signer: Signer,
    issued_at: int,
    expires_at: int,
    status: StatusReference | None,
    holder_key: PublicKey,
    randomness: Callable[[int], bytes],
) -> str:
    """A credential as it is issued, with all its disclosures; times in seconds since 1970, `expires_at` exclusive.

    `verification_method` is the signer's key as a DID URL, or its certificates; `randomness` gives that many random
    bytes, for the salts; `status` is None where credentials of the type have none. Raises `InvalidClaims` where the
    claims are not those of the type, `ValueError` where there is a status and the type has none, or the reverse.
    """
    credential_type.check(claims)
    header, common = _common_parts(verification_method, signer.public_key.algorithm, credential_type)
    payload: dict[str, Any] = {
        **common,
        "iat": issued_at,
        "exp": expires_at,
        "cnf": {"jwk": holder_key.to_jwk()},
        **_status_claim(credential_type, status),
    }
    hideable = credential_type.disclosable()
    hidden: dict[str, Any] = {}
    for name, value in claims.items():
        (hidden if name in hideable else payload)[name] = value
    # As many digests whichever optional claims there are: their number would tell, for instance, who is stateless.
    decoys = len(hideable) - len(hidden)
    digests, disclosures = conceal_members(hidden, randomness=randomness, decoys=decoys)
    if digests:
        payload[DIGESTS] = digests
    return (b"%b~%b" % (sign_with_header(header, payload, signer), disclosures)).decode("ascii")


@lru_cache(maxsize=64)
def _common_parts(
    verification_method: KeyReference, algorithm: Algorithm, credential_type: CredentialType
) -> tuple[bytes, Mapping[str, str]]:
    """The header, and what of the payload is the same in all credentials of the type by this key."""
    return encode_header({"typ": TYP, **key_header(verification_method)}, algorithm), {
        "iss": issuer_of(verification_method),
        "vct": credential_type.vct,
        "vct#integrity": type_metadata_integrity(credential_type),
        DIGEST_ALGORITHM: SHA_256,
    }


def _status_claim(credential_type: CredentialType, status: StatusReference | None) -> dict[str, Any]:
    """`status` (Token Status List section 6.2), if credentials of the type have one."""
    if (status is None) is not (credential_type.status_policy is StatusPolicy.NONE):
        raise ValueError("a status where the type has none, or none where it has one")
    return {"status": {"status_list": {"idx": status.index, "uri": status.uri}}} if status else {}


def create_sd_jwt_presentation(
    sd_jwt: str,
    *,
    disclose: Collection[str | Path],
    holder: Signer,
    presented_at: int,
    audience: str,
    nonce: str,
    transaction_data_hashes: Sequence[str] = (),
) -> str:
    """A presentation of an issued credential that shows the claims named in `disclose`, and those always shown.

    A claim is named by its name or by its path (see `concealment.py`); what the credential doesn't have changes
    nothing. The credential may be of any type. `holder` signs with the key it is bound to, `presented_at` is in seconds
    since 1970; `transaction_data_hashes` are SHA-256 of what the holder agrees to (OpenID4VP 1.0 appendix B.3.3.1).
    Raises `Rejection` `TOO_LARGE`, `NOT_A_CREDENTIAL`, `MALFORMED` where the text is no issued SD-JWT.
    """
    _, _, kb_jwt = split_sd_jwt(sd_jwt)
    if kb_jwt:
        raise _malformed("An issued credential must not come with a holder's proof.")
    issuer_jwt, *disclosures, _ = sd_jwt.split("~")
    shown = [(each,) if isinstance(each, str) else each for each in disclose]
    selected = select_disclosures(_parse_jwt(issuer_jwt, TYP).payload, disclosures, shown)
    presented = "~".join([issuer_jwt, *selected, ""])
    payload: dict[str, Any] = {"iat": presented_at, "aud": audience, "nonce": nonce}
    payload["sd_hash"] = _sd_hash(presented.encode("ascii"))
    if transaction_data_hashes:
        payload["transaction_data_hashes"] = list(transaction_data_hashes)
        payload["transaction_data_hashes_alg"] = SHA_256
    return presented + sign_jws({"typ": KB_TYP}, payload, holder)


def parse_sd_jwt_vc(text: str) -> UnverifiedCredential:
    """A credential as issued, without key binding, its signature not yet checked.

    Raises `Rejection`: `TOO_LARGE` over 64 KiB or 200 disclosures, `NOT_A_CREDENTIAL` where it is no SD-JWT or of a
    type that we do not know, `MALFORMED`.
    """
    issuer_jwt, disclosures, kb_jwt = split_sd_jwt(text)
    if kb_jwt:
        raise _malformed("An issued credential must not come with a holder's proof.")
    return _parse_issued(issuer_jwt, disclosures)


def parse_sd_jwt_vc_of_any_type(text: str) -> UnverifiedCredential:
    """As `parse_sd_jwt_vc`, of a type that we need not know: its claims are whatever they are.

    `expires_at` is `MAX_TIME` where the credential does not end. A status of another kind than ours is refused.
    """
    issuer_jwt, disclosures, kb_jwt = split_sd_jwt(text)
    if kb_jwt:
        raise _malformed("An issued credential must not come with a holder's proof.")
    jws = _parse_jwt(issuer_jwt, TYP)
    payload = jws.payload
    issued_at = _time(payload, "iat")
    return UnverifiedCredential(
        CredentialFormat.SD_JWT,
        verification_method=_issuer_key(jws),
        vct=_text(payload, "vct", MAX_URI_LENGTH),
        issued_at=issued_at,
        not_before=_time(payload, "nbf") if "nbf" in payload else issued_at,
        expires_at=_time(payload, "exp") if "exp" in payload else MAX_TIME,
        status=(_status_reference(payload),) if "status" in payload else (),
        holder_key=_holder_key(payload),
        claims=_disclosed(payload, disclosures),
        signed=_signed(jws),
    )


def parse_sd_jwt_presentation(text: str) -> UnverifiedPresentation:
    """A presented credential with its key binding JWT, no signature checked yet.

    Raises `Rejection` as `parse_sd_jwt_vc` does, and `HOLDER_KEY` where the key binding is missing or was made for
    something else than what is presented (RFC 9901 section 7.3).
    """
    issuer_jwt, disclosures, kb_jwt = split_sd_jwt(text)
    credential = _parse_issued(issuer_jwt, disclosures)
    if not kb_jwt:
        raise Rejection(ReasonCode.HOLDER_KEY, "The credential came without its holder's proof.")
    jws = _parse_jwt(kb_jwt, KB_TYP)
    # We have no use for a validity period of the proof; one that nobody checks must not be there (RFC 7519).
    if "exp" in jws.payload or "nbf" in jws.payload:
        raise _malformed("The holder's proof has a validity period, which we do not use.")
    if _text(jws.payload, "sd_hash", MAX_URI_LENGTH) != _sd_hash(text[: -len(kb_jwt)].encode("ascii", "replace")):
        raise Rejection(ReasonCode.HOLDER_KEY, "The holder's proof was made for something else than this.")
    return UnverifiedPresentation(
        credential,
        presented_at=_time(jws.payload, "iat"),
        audience=_text(jws.payload, "aud", MAX_URI_LENGTH),
        nonce=_text(jws.payload, "nonce", MAX_URI_LENGTH),
        digest=hashlib.sha256(jws.signing_input).digest(),
        signed=_signed(jws),
        transaction_data_hashes=_transaction_data_hashes(jws.payload),
    )


def split_sd_jwt(text: str) -> tuple[bytes, list[bytes], bytes]:
    """Issuer-signed JWT, disclosures, and KB-JWT or nothing (RFC 9901 section 4).

    Raises `Rejection`: `TOO_LARGE` over 64 KiB or 200 disclosures, `NOT_A_CREDENTIAL` for what is no SD-JWT at all.
    """
    if len(text) > MAX_LENGTH:
        raise Rejection(ReasonCode.TOO_LARGE, "This is too large to be a health credential.")
    # What is not ASCII becomes a character that base64url does not have either.
    presented = text.encode("ascii", "replace")
    issuer_jwt, tilde, rest = presented.partition(b"~")
    if not tilde or issuer_jwt.translate(None, _CHARACTERS_OF_A_JWT) != b"..":
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not a health credential.")
    *disclosures, kb_jwt = rest.split(b"~")
    if len(disclosures) > MAX_DISCLOSURES:
        raise Rejection(ReasonCode.TOO_LARGE, "This has more parts than a health credential.")
    return issuer_jwt, disclosures, kb_jwt


def _parse_issued(issuer_jwt: bytes, disclosures: list[bytes]) -> UnverifiedCredential:
    jws = _parse_jwt(issuer_jwt, TYP)
    payload = jws.payload
    credential_type = _credential_type(payload)
    issued_at, expires_at = _time(payload, "iat"), _time(payload, "exp")
    return UnverifiedCredential(
        CredentialFormat.SD_JWT,
        verification_method=_issuer_key(jws),
        vct=credential_type.vct,
        issued_at=issued_at,
        not_before=_time(payload, "nbf") if "nbf" in payload else issued_at,
        expires_at=expires_at,
        status=_status(credential_type, payload),
        holder_key=_holder_key(payload),
        claims=_claims(credential_type, payload, disclosures),
        signed=_signed(jws),
    )


def _issuer_key(jws: UnverifiedJws) -> KeyReference:
    """The key by DID URL or by certificates, one of the two, and bound to the issuer (SD-JWT VC section 3.5)."""
    kid, issuer = jws.header.get("kid"), jws.payload.get("iss")
    if "x5c" in jws.header and kid is None:
        try:
            return parse_x5c(jws.header["x5c"], issuer=issuer)
        except CertificateError as cause:
            raise _malformed("The credential's certificates can't be read.") from cause
    if "x5c" in jws.header or not is_verification_method(kid):
        raise _malformed("The credential does not name its issuer's key.")
    if issuer != issuer_of(kid):
        raise _malformed("The credential names another issuer than the one of its key.")
    return kid


def _parse_jwt(text: str | bytes, typ: str) -> UnverifiedJws:
    try:
        jws = parse_jws(text, typ=typ)
    except JwsError as cause:
        raise _malformed("A part of the credential can't be read.") from cause
    # Keys come from the registry, from an anchor's certificates and from `cnf`, never from a header alone.
    if "jwk" in jws.header or (typ != TYP and "x5c" in jws.header):
        raise _malformed("A part of the credential brings its own key.")
    return jws


def _claims(credential_type: CredentialType, payload: Mapping[str, Any], disclosures: list[bytes]) -> dict[str, Any]:
    """The claims of the credential type that are shown."""
    disclosed = _disclosed(payload, disclosures)
    try:
        credential_type.check(disclosed, complete=False)
    except InvalidClaims as cause:
        raise _malformed("The credential's claims are not those of its type.") from cause
    if not credential_type.always_shown() <= payload.keys():
        raise _malformed("The credential hides or lacks a claim that its type always shows.")
    return disclosed


def _disclosed(payload: Mapping[str, Any], disclosures: list[bytes]) -> dict[str, Any]:
    """All claims but the registered ones, which must not be hidden."""
    disclosed = disclose_claims(payload, disclosures)
    missing = object()
    for name in _REGISTERED:
        if disclosed.pop(name, missing) != payload.get(name, missing):
            raise _malformed("The credential hides what decides whether it holds.")
    return disclosed


def _credential_type(payload: Mapping[str, Any]) -> CredentialType:
    credential_type = CREDENTIAL_TYPES.get(_text(payload, "vct", MAX_URI_LENGTH))
    if credential_type is None:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is a kind of credential that we do not know.")
    return credential_type


def _status(credential_type: CredentialType, payload: Mapping[str, Any]) -> tuple[StatusReference, ...]:
    """The reference that the type asks for. One that it does not have would be one that nobody looks up."""
    if credential_type.status_policy is StatusPolicy.REQUIRED:
        return (_status_reference(payload),)
    if "status" in payload:
        raise _malformed("The credential has a status, which its type has not.")
    return ()


def _status_reference(payload: Mapping[str, Any]) -> StatusReference:
    """`status.status_list` (Token Status List section 6.2)."""
    status = payload.get("status")
    reference = status.get("status_list") if isinstance(status, dict) else None
    if not isinstance(reference, dict):
        raise _malformed("The credential does not say where its status is.")
    index = reference.get("idx")
    if type(index) is not int or index < 0:
        raise _malformed("The credential's place in the status list is not a whole number.")
    return StatusReference(_text(reference, "uri", MAX_URI_LENGTH), index)


def _holder_key(payload: Mapping[str, Any]) -> PublicKey:
    """`cnf.jwk` (RFC 7800 section 3.2)."""
    cnf = payload.get("cnf")
    try:
        return PublicKey.from_jwk(cnf.get("jwk") if isinstance(cnf, dict) else None)
    except KeyFormatError as cause:
        raise _malformed("The credential is not bound to a key that we can use.") from cause


def _transaction_data_hashes(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """`transaction_data_hashes`, by the one algorithm that we ask for (OpenID4VP 1.0 section B.3.3.1)."""
    hashes = payload.get("transaction_data_hashes", [])
    if not isinstance(hashes, list) or len(hashes) > MAX_HASHES or not all(isinstance(each, str) for each in hashes):
        raise _malformed("What the holder agreed to can't be read.")
    if payload.get("transaction_data_hashes_alg", SHA_256) != SHA_256:
        raise _malformed("What the holder agreed to is hashed in a way that we do not use.")
    return tuple(hashes)


def _signed(jws: UnverifiedJws) -> SignedBytes:
    return SignedBytes(Algorithm(jws.header["alg"]), jws.signing_input, jws.signature)


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or not 0 <= value <= MAX_TIME:
        raise _malformed("A time in the credential is missing or not a whole number.")
    return value


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise _malformed("A text in the credential is missing or too long.")
    return value


def _sd_hash(presented: bytes) -> str:
    return base64url_encode(hashlib.sha256(presented).digest())


def _malformed(message: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, message)
