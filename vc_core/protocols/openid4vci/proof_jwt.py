"""The proof type `jwt` (appendix F.1): that a wallet holds a key, which the proof's own header names.

It is named by `jwk`, or by `kid` as the one key of a did:key or did:jwk, which then is the holder's name too. Other
DIDs, which would have to be looked up, and certificates are not taken. With a key attestation in the header, the proof
is by one of the attested keys, and stands for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.crypto.jose import JwsError, UnverifiedJws, parse_jws, sign_jws
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, SignatureInvalid, Signer
from vc_core.did.holder import HolderKey, create_holder_method, parse_holder_method
from vc_core.errors import ProtocolError
from vc_core.protocols.text import is_text

PROOF_TYPE = "openid4vci-proof+jwt"
PROOF_WINDOW_SECONDS = 300
"""How far the time in a proof may be from the issuer's clock, either way; its freshness comes from the `c_nonce`."""


@dataclass(frozen=True)
class VerifiedProof:
    """That whoever asks holds a key. The issuer still owes: to check and use up `nonce`, its `c_nonce`.

    `holder_did` is the DID by which the proof names the key, None where it shows the bare key. `key_attestation` is the
    JWT in the proof's header, not verified: that the proof's key is among its keys is still to be checked, too.
    """

    holder_key: PublicKey
    nonce: str
    holder_did: str | None = None
    key_attestation: str | None = None


def create_proof_jwt(
    signer: Signer,
    *,
    audience: str,
    nonce: str | None,
    issued_at: int,
    did_method: str | None = None,
    client_id: str | None = None,
    key_attestation: str | None = None,
) -> str:
    """A proof that the wallet holds the signer's key (appendix F.1); `audience` is the credential issuer's identifier.

    `nonce` is its `c_nonce`, None where it has none. The key is named by `did_method`, `did:key` or `did:jwk`, or shown
    bare. `client_id` is that of the token, None where the token came without one.
    """
    named = {"jwk": signer.public_key.to_jwk()}
    header: dict[str, Any] = {"typ": PROOF_TYPE}
    header |= named if did_method is None else {"kid": create_holder_method(signer.public_key, did_method)}
    header |= {} if key_attestation is None else {"key_attestation": key_attestation}
    payload: dict[str, Any] = {} if client_id is None else {"iss": client_id}
    payload |= {"aud": audience, "iat": issued_at} | ({} if nonce is None else {"nonce": nonce})
    return sign_jws(header, payload, signer)


def verify_proof_jwt(
    text: str, *, expected_audience: str, now: int, expected_client_id: str | None = None
) -> VerifiedProof:
    """The holder's key and the nonce in a proof (appendix F.4). Raises `ProtocolError` `invalid_proof`.

    The key is a P-256 key. `expected_client_id` is that of the token: a proof that names another client is refused.
    """
    try:
        proof = parse_jws(text, typ=PROOF_TYPE)
        holder = _named_key(proof)
        payload = proof.verify(holder.key)
    except (JwsError, KeyFormatError, SignatureInvalid) as cause:
        raise _bad_proof("The proof is not a JWT that its own key signed.") from cause
    _check_payload(payload, expected_audience, expected_client_id, now)
    attestation = proof.header.get("key_attestation")
    if attestation is not None and not isinstance(attestation, str):
        raise _bad_proof("The proof's key attestation is not a JWT.")
    return VerifiedProof(holder.key, payload["nonce"], holder.did, attestation)


def _named_key(proof: UnverifiedJws) -> HolderKey:
    """The key that the header names, in one way only."""
    ways = {"jwk", "kid", "x5c", "trust_chain"} & proof.header.keys()
    if ways == {"jwk"}:
        holder = HolderKey(PublicKey.from_jwk(proof.header["jwk"]), None)
    elif ways == {"kid"}:
        holder = parse_holder_method(proof.header["kid"])
    else:
        raise _bad_proof("The key must be in the proof itself, as jwk or by a DID that is the key.")
    if holder.key.algorithm is not Algorithm.ES256:
        raise _bad_proof("The holder's key must be a P-256 key.")
    return holder


def _check_payload(payload: Mapping[str, Any], audience: str, client_id: str | None, now: int) -> None:
    if payload.get("aud") != audience:
        raise _bad_proof("The proof was made for another issuer.")
    if client_id is not None and payload.get("iss", client_id) != client_id:
        raise _bad_proof("The proof was made by another client than the one of the token.")
    issued_at = payload.get("iat")
    if type(issued_at) is not int or abs(now - issued_at) > PROOF_WINDOW_SECONDS:
        raise _bad_proof("The proof's time is missing, or too far from ours.")
    if not is_text(payload.get("nonce")):
        raise _bad_proof("The proof has no nonce.")


def _bad_proof(message: str) -> ProtocolError:
    return ProtocolError("invalid_proof", message)
