"""The proof type `jwt` (appendix F.1): that a wallet holds a key, with the key in the proof's own header."""

from __future__ import annotations

from dataclasses import dataclass

from vc_core.crypto.jose import JwsError, parse_jws, sign_jws
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, SignatureInvalid, Signer
from vc_core.errors import ProtocolError
from vc_core.protocols.text import is_text

PROOF_TYPE = "openid4vci-proof+jwt"
PROOF_WINDOW_SECONDS = 300
"""How far the time in a proof may be from the issuer's clock, either way; its freshness comes from the `c_nonce`."""


@dataclass(frozen=True)
class VerifiedProof:
    """That whoever asks holds `holder_key`. The issuer still owes: to check and use up `nonce`, its `c_nonce`."""

    holder_key: PublicKey
    nonce: str


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
    if not is_text(nonce):
        raise ProtocolError("invalid_proof", "The proof has no nonce.")
    return VerifiedProof(holder_key, str(nonce))
