"""Key attestations (appendix D): a wallet provider's word on keys, on how they are kept and who may use them.

One stands in a proof of the type `jwt` as `key_attestation`, and is a proof by itself of the type `attestation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, Signer
from vc_core.crypto.x509 import KeyReference, issuer_of, key_header
from vc_core.errors import ProtocolError
from vc_core.protocols.text import is_text
from vc_core.protocols.wallet_provider import NotAttested, ProviderKey, verify_provider

KEY_ATTESTATION_TYPE = "key-attestation+jwt"
MAX_ATTESTED_KEYS = 100

_MAX_LEVELS = 10


@dataclass(frozen=True)
class KeyAttestation:
    """What a provider says: the keys (P-256), all in one key storage, and how these are protected.

    `key_storage` and `user_authentication` are values such as those of appendix D.2; empty where nothing is said. Times
    are seconds since 1970. `nonce` is the credential issuer's `c_nonce`, None where the attestation has none.
    """

    attested_keys: tuple[PublicKey, ...]
    issued_at: int
    expires_at: int | None = None
    nonce: str | None = None
    key_storage: tuple[str, ...] = ()
    user_authentication: tuple[str, ...] = ()


@dataclass(frozen=True)
class VerifiedKeyAttestation:
    """What a trusted provider (a DID, or a URL) says of keys.

    The issuer still owes: to check and use up the `nonce`, and that `key_storage` and `user_authentication` are enough.
    """

    provider: str
    content: KeyAttestation


def create_key_attestation(content: KeyAttestation, *, signer: Signer, verification_method: KeyReference) -> str:
    """The attestation as a JWT by the provider's key, which `verification_method` names."""
    claims: dict[str, Any] = {
        "iss": issuer_of(verification_method),
        "iat": content.issued_at,
        "exp": content.expires_at,
        "attested_keys": [key.to_jwk() for key in content.attested_keys],
        "key_storage": list(content.key_storage) or None,
        "user_authentication": list(content.user_authentication) or None,
        "nonce": content.nonce,
    }
    header = {"typ": KEY_ATTESTATION_TYPE, **key_header(verification_method)}
    return sign_jws(header, {name: value for name, value in claims.items() if value is not None}, signer)


def verify_key_attestation(text: str, *, provider_key: ProviderKey, now: int) -> VerifiedKeyAttestation:
    """The keys that a trusted provider attested. Raises `ProtocolError` `invalid_proof`.

    A proof of the type `jwt` has to be signed by one of them, and its attestation must expire: the caller checks both.
    """
    try:
        provider, jws = verify_provider(text, typ=KEY_ATTESTATION_TYPE, provider_key=provider_key, now=now)
        return VerifiedKeyAttestation(provider, _parse_content(jws.payload))
    except (NotAttested, KeyFormatError) as cause:
        raise ProtocolError(
            "invalid_proof", "The key attestation is not one of a wallet provider known here."
        ) from cause


def _parse_content(claims: Mapping[str, Any]) -> KeyAttestation:
    nonce, jwks = claims.get("nonce"), claims.get("attested_keys")
    if nonce is not None and not is_text(nonce):
        raise NotAttested("a nonce is text")
    if "iat" not in claims:
        raise NotAttested("no time of issuance")
    if not isinstance(jwks, list) or not 0 < len(jwks) <= MAX_ATTESTED_KEYS:
        raise NotAttested("no keys, or too many")
    keys = tuple(PublicKey.from_jwk(each) for each in jwks)
    if len(set(keys)) != len(keys) or any(key.algorithm is not Algorithm.ES256 for key in keys):
        raise NotAttested("a key is there twice, or is none of P-256")
    return KeyAttestation(
        keys,
        claims["iat"],
        claims.get("exp"),
        nonce,
        _parse_levels(claims.get("key_storage")),
        _parse_levels(claims.get("user_authentication")),
    )


def _parse_levels(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_LEVELS or not all(is_text(each) for each in value):
        raise NotAttested("a level of protection is text")
    return tuple(value)
