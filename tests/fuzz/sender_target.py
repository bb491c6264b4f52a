"""The target of what proves a request's sender: DPoP proofs, attestations and their proofs; see `targets.py`.

T…              the text itself, as each of the four kinds
D…, A…, O…, K…  a payload of one kind, in a JWT that the right key signed
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from tests.fuzz.target import Target, as_text
from tests.support.keys import RepeatableSigner
from tests.support.verification import NOW
from vc_core.crypto.keys import PublicKey
from vc_core.crypto.x509 import KeyReference
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.client_attestation import (
    VerifiedWalletAttestation,
    verify_attestation_pop,
    verify_wallet_attestation,
)
from vc_core.protocols.oauth.dpop import verify_dpop_proof
from vc_core.protocols.openid4vci.key_attestation import verify_key_attestation

_KEY = RepeatableSigner.from_bytes(bytes([9]) * 32)
_JWK = _KEY.public_key.to_jwk()
_SERVER, _CLIENT = "https://issuer.test", "https://wallet.test"
_DID = "did:ethr:0x539:0x9999999999999999999999999999999999999999"
_WALLET = VerifiedWalletAttestation(_DID, _CLIENT, _KEY.public_key, NOW + 100, None)


def _provider_key(_reference: KeyReference) -> PublicKey:
    return _KEY.public_key


def _dpop(text: str) -> object:
    return verify_dpop_proof(
        text, expected_method="POST", expected_url=_SERVER + "/token", now=NOW, access_token="token"
    )


def _attestation(text: str) -> object:
    return verify_wallet_attestation(text, provider_key=_provider_key, now=NOW)


def _pop(text: str) -> object:
    return verify_attestation_pop(text, attestation=_WALLET, expected_audience=_SERVER, now=NOW)


def _key_attestation(text: str) -> object:
    return verify_key_attestation(text, provider_key=_provider_key, now=NOW)


_KINDS: Mapping[bytes, tuple[Callable[[str], object], dict[str, Any]]] = {
    b"D": (_dpop, {"typ": "dpop+jwt", "jwk": _JWK}),
    b"A": (_attestation, {"typ": "oauth-client-attestation+jwt", "kid": _DID + "#delegate-1"}),
    b"O": (_pop, {"typ": "oauth-client-attestation-pop+jwt"}),
    b"K": (_key_attestation, {"typ": "key-attestation+jwt", "kid": _DID + "#delegate-1"}),
}


def _sender(data: bytes) -> None:
    kind = data[:1]
    if kind in _KINDS:
        verify, header = _KINDS[kind]
        with suppress(ProtocolError):
            verify(_signed(header, data[1:]))
        return
    for verify, _ in _KINDS.values():
        with suppress(ProtocolError):
            verify(as_text(data[1:]))


def _signed(header: Mapping[str, Any], payload: bytes) -> str:
    text = base64url_encode(compact_json({"alg": "ES256", **header})) + "." + base64url_encode(payload)
    return text + "." + base64url_encode(_KEY.sign(text.encode("ascii")))


def _sender_seeds() -> list[bytes]:
    hash_of_token = "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A"
    payloads: Mapping[bytes, dict[str, Any]] = {
        b"D": {"jti": "a", "htm": "POST", "htu": "https://issuer.test/%74oken", "iat": NOW, "ath": hash_of_token},
        b"A": {"iss": _DID, "sub": _CLIENT, "exp": NOW + 9, "cnf": {"jwk": _JWK}, "wallet_name": "a", "nbf": NOW},
        b"O": {"iss": _CLIENT, "aud": [_SERVER], "jti": "a", "iat": NOW, "exp": NOW, "challenge": "a"},
        b"K": {"iss": _DID, "iat": NOW, "attested_keys": [_JWK], "key_storage": ["a"], "nonce": "a", "exp": NOW + 9},
    }
    signed = [b"T" + _signed(_KINDS[kind][1], compact_json(each)).encode("ascii") for kind, each in payloads.items()]
    return [*signed, *(kind + compact_json(each) for kind, each in payloads.items())]


SENDER = Target(_sender, _sender_seeds, 33_000)
