"""Attestation-based client authentication (draft-ietf-oauth-attestation-based-client-auth-07), for wallets.

    wallet provider ── wallet attestation (for a key) ──▶ wallet ── attestation, proof by that key ──▶ server

OpenID4VCI 1.0 appendix E calls the client attestation a wallet attestation. It is used many times until it expires;
with each request goes a new proof of possession (PoP) in a header of its own. A server may hand out challenges, which
show that a proof was not made in advance; without one the proof's `jti` has to be remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.credential_types.text import is_displayable
from vc_core.crypto.jose import JwsError, parse_jws, sign_jws
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, SignatureInvalid, Signer
from vc_core.crypto.x509 import KeyReference, issuer_of, key_header
from vc_core.errors import ProtocolError
from vc_core.protocols.text import is_text
from vc_core.protocols.wallet_provider import AttestationExpired, NotAttested, ProviderKey, verify_provider

WALLET_ATTESTATION_TYPE = "oauth-client-attestation+jwt"
ATTESTATION_POP_TYPE = "oauth-client-attestation-pop+jwt"
USE_ATTESTATION_CHALLENGE = "use_attestation_challenge"
ATTESTATION_HEADER = "OAuth-Client-Attestation"
ATTESTATION_POP_HEADER = "OAuth-Client-Attestation-PoP"
ATTESTATION_CHALLENGE_HEADER = "OAuth-Client-Attestation-Challenge"
ATTESTATION_AUTH_METHOD = "attest_jwt_client_auth"
ATTESTATION_ALGORITHMS = (str(Algorithm.ES256),)
POP_WINDOW_SECONDS = 300
"""How far the time in a proof may be from the server's clock, either way; so long its `jti` must be remembered."""

_POP_LIFETIME_SECONDS = 60
_MAX_POP = 8 * 1024
_MAX_IDENTIFIER = 256
_MAX_NAME = 200


@dataclass(frozen=True)
class WalletAttestation:
    """What a provider says of one wallet: that it is its `client_id`'s, and holds `instance_key` (P-256).

    `client_id` is the same for all wallets of a provider, so that it tells nothing of a person. Times are seconds since
    1970, `expires_at` exclusive. `wallet_name` is for display, None where there is none.
    """

    client_id: str
    instance_key: PublicKey
    issued_at: int
    expires_at: int
    wallet_name: str | None = None


@dataclass(frozen=True)
class VerifiedWalletAttestation:
    """The word of a trusted provider (a DID, or a URL). The server still owes: to verify a proof of possession."""

    provider: str
    client_id: str
    instance_key: PublicKey
    expires_at: int
    wallet_name: str | None


@dataclass(frozen=True)
class VerifiedAttestationPop:
    """That the request comes from the attested wallet.

    The server still owes: that `challenge` (None where the proof has none) is one that it gave out, and that `jti` was
    not seen with this key within twice `POP_WINDOW_SECONDS`.
    """

    jti: str
    challenge: str | None


def create_wallet_attestation(content: WalletAttestation, *, signer: Signer, verification_method: KeyReference) -> str:
    """The attestation as a JWT (section 5.1) by the provider's key, which `verification_method` names."""
    claims: dict[str, Any] = {
        "iss": issuer_of(verification_method),
        "sub": content.client_id,
        "iat": content.issued_at,
        "exp": content.expires_at,
        "cnf": {"jwk": content.instance_key.to_jwk()},
    }
    if content.wallet_name is not None:
        claims["wallet_name"] = content.wallet_name
    return sign_jws({"typ": WALLET_ATTESTATION_TYPE, **key_header(verification_method)}, claims, signer)


def verify_wallet_attestation(text: str, *, provider_key: ProviderKey, now: int) -> VerifiedWalletAttestation:
    """The wallet that a trusted provider attested (sections 5.1 and 9).

    Raises `ProtocolError`: `invalid_client`, `use_fresh_attestation` where it has only expired (section 6.2).
    """
    try:
        provider, jws = verify_provider(text, typ=WALLET_ATTESTATION_TYPE, provider_key=provider_key, now=now)
        return _parse_attestation(provider, jws.payload)
    except AttestationExpired as cause:
        raise ProtocolError("use_fresh_attestation", "The wallet attestation has expired.") from cause
    except (NotAttested, KeyFormatError) as cause:
        raise _refused("The wallet attestation is not one of a wallet provider known here.") from cause


def create_attestation_pop(
    signer: Signer, *, client_id: str, audience: str, issued_at: int, jti: str, challenge: str | None = None
) -> str:
    """A proof by the attested key (section 5.2); `audience` is the authorization server's issuer identifier.

    `jti` has at least 96 random bits, `challenge` is the newest that the server gave out. `exp` is there for servers
    that go by earlier drafts.
    """
    claims = {
        "iss": client_id,
        "aud": audience,
        "jti": jti,
        "iat": issued_at,
        "exp": issued_at + _POP_LIFETIME_SECONDS,
    }
    if challenge is not None:
        claims["challenge"] = challenge
    return sign_jws({"typ": ATTESTATION_POP_TYPE}, claims, signer)


def verify_attestation_pop(
    text: str, *, attestation: VerifiedWalletAttestation, expected_audience: str, now: int
) -> VerifiedAttestationPop:
    """That the holder of the attested key made this for this server. Raises `ProtocolError` `invalid_client`.

    1. A JWT of its own type, by ES256, that the attested key signed.
    2. It comes from the attested client and is for this server.
    3. `iat` is within `POP_WINDOW_SECONDS` of `now`; it has not expired, if it says when.
    4. `jti` and `challenge` are what the caller has to look up.
    """
    # 1.
    if len(text) > _MAX_POP:
        raise _refused("The proof of the wallet attestation is too long.")
    try:
        claims = parse_jws(text, typ=ATTESTATION_POP_TYPE, algorithms=ATTESTATION_ALGORITHMS).verify(
            attestation.instance_key
        )
    except (JwsError, SignatureInvalid) as cause:
        raise _refused("The proof of the wallet attestation is not a JWT that the attested key signed.") from cause

    # 2.
    if claims.get("iss") != attestation.client_id or claims.get("aud") not in (
        expected_audience,
        [expected_audience],
    ):
        raise _refused("The proof of the wallet attestation is of another client or for another server.")

    # 3.
    _check_pop_times(claims, now)

    # 4.
    jti, challenge = claims.get("jti"), claims.get("challenge")
    if not is_text(jti) or len(str(jti)) > _MAX_IDENTIFIER or not (challenge is None or is_text(challenge)):
        raise _refused("The proof of the wallet attestation has no usable jti or challenge.")
    return VerifiedAttestationPop(str(jti), challenge)


def create_challenge_response(challenge: str) -> dict[str, Any]:
    """What the challenge endpoint answers (section 8)."""
    return {"attestation_challenge": challenge}


def parse_challenge_response(value: Mapping[str, Any]) -> str:
    """The challenge. Raises `ProtocolError` `server_error`."""
    challenge = value.get("attestation_challenge")
    if not is_text(challenge):
        raise ProtocolError("server_error", "The answer holds no challenge.")
    return str(challenge)


def _parse_attestation(provider: str, claims: Mapping[str, Any]) -> VerifiedWalletAttestation:
    client_id, confirmation, name = claims.get("sub"), claims.get("cnf"), claims.get("wallet_name")
    if not is_text(client_id) or len(str(client_id)) > _MAX_IDENTIFIER:
        raise NotAttested("no client_id, or one that is too long")
    if claims.get("exp") is None:
        raise NotAttested("an attestation for ever")
    if not isinstance(confirmation, dict):
        raise NotAttested("no key of the wallet")
    key = PublicKey.from_jwk(confirmation.get("jwk"))
    if key.algorithm is not Algorithm.ES256:
        raise NotAttested("a key that is none of P-256")
    if name is not None and (not isinstance(name, str) or len(name) > _MAX_NAME or not is_displayable(name)):
        raise NotAttested("a name that is not text that we show")
    return VerifiedWalletAttestation(provider, str(client_id), key, claims["exp"], name)


def _check_pop_times(claims: Mapping[str, Any], now: int) -> None:
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    if type(issued_at) is not int or abs(now - issued_at) > POP_WINDOW_SECONDS:
        raise _refused("The time of the wallet attestation's proof is missing, or too far from ours.")
    if expires_at is not None and (type(expires_at) is not int or expires_at + POP_WINDOW_SECONDS <= now):
        raise _refused("The proof of the wallet attestation has expired.")


def _refused(message: str) -> ProtocolError:
    return ProtocolError("invalid_client", message)
