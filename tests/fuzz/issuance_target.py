"""The target of what wallets send to issuers, and issuers to wallets, by OpenID4VCI; see `targets.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.fuzz.target import Target
from tests.support.verification import HOLDER, NOW
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.jwe import EncryptionKey, JweError, decrypt_jwe
from vc_core.crypto.keys import PublicKey
from vc_core.crypto.x509 import KeyReference
from vc_core.encoding import EncodingError, base64url_decode, base64url_encode, compact_json, parse_json_object
from vc_core.errors import ProtocolError, ReasonCode, Rejection
from vc_core.protocols.openid4vci.credential import (
    CredentialResponse,
    DeferredIssuance,
    IssuedCredentials,
    ProofType,
    create_credential_request,
    create_credential_response,
    parse_credential_request,
    parse_credential_response,
)
from vc_core.protocols.openid4vci.deferred import create_deferred_credential_request, parse_deferred_credential_request
from vc_core.protocols.openid4vci.encryption import create_request_encryption, create_response_encryption_support
from vc_core.protocols.openid4vci.issuer_metadata import (
    Display,
    ProofSupport,
    create_configuration,
    create_issuer_metadata,
    parse_issuer_metadata,
)
from vc_core.protocols.openid4vci.notification import (
    Notification,
    NotificationEvent,
    create_notification_request,
    parse_notification_request,
)
from vc_core.protocols.openid4vci.proof_di_vp import CRYPTOSUITES, create_proof_di_vp
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt, verify_proof_jwt
from vc_core.protocols.openid4vci.proofs import Expected, verify_proofs

_ISSUER = "https://issuer.test"
_VECTOR: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "jwe" / "rfc7518-appendix-c.json").read_text("utf-8")
)
_KEY = EncryptionKey.from_bytes(base64url_decode(_VECTOR["bob"]["d"]))
_PART = b"\x00"


def _nobody(reference: KeyReference) -> PublicKey:
    raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "Nobody is accredited.")


_EXPECTED = Expected(_ISSUER, client_id=None, now=NOW, max_keys=20, provider_key=_nobody)


def _issuance(data: bytes) -> None:
    """`R`, `D`, `N`: a credential, deferred or notification request; `A`: an answer; `M`: metadata; all as JSON.

    `P`: header and payload of a proof, which the holder signs; `J`: header and plaintext of a JWE, encrypted to us.
    """
    kind, content = data[:1], data[1:]
    try:
        match kind:
            case b"R":
                verify_proofs(parse_credential_request(content).proofs, _EXPECTED)
            case b"D":
                parse_deferred_credential_request(content)
            case b"N":
                parse_notification_request(content)
            case b"A":
                answer = parse_credential_response(parse_json_object(content))
                assert parse_credential_response(create_credential_response(answer)) == answer
            case b"M":
                parse_issuer_metadata(parse_json_object(content), expected_issuer=_ISSUER)
            case b"P":
                verify_proof_jwt(_signed(content), expected_audience=_ISSUER, now=NOW)
            case _:
                decrypt_jwe(_encrypted(content), keys={_KEY.kid: _KEY})
    except (ProtocolError, EncodingError, JweError):
        return


def _signed(content: bytes) -> str:
    header, _, payload = content.partition(_PART)
    signing_input = f"{base64url_encode(header)}.{base64url_encode(payload)}"
    return f"{signing_input}.{base64url_encode(HOLDER.sign(signing_input.encode('ascii')))}"


def _encrypted(content: bytes) -> str:
    header, _, plaintext = content.partition(_PART)
    protected = base64url_encode(header)
    sealed = AESGCM(base64url_decode(_VECTOR["derived_key"])).encrypt(bytes(12), plaintext, protected.encode("ascii"))
    return ".".join([protected, "", *map(base64url_encode, (bytes(12), sealed[:-16], sealed[-16:]))])


def _issuance_seeds() -> list[bytes]:
    terms: dict[str, Any] = {"audience": _ISSUER, "nonce": "n", "issued_at": NOW}
    jwts = [create_proof_jwt(HOLDER, **terms, did_method=each) for each in (None, "did:key", "did:jwk")]
    presentations = [create_proof_di_vp(HOLDER, **terms, cryptosuite=each) for each in CRYPTOSUITES]
    requests = [
        create_credential_request("A", proofs=jwts[:1], response_key=_KEY),
        create_credential_request(credential_identifier="i", proofs=presentations, proof_type=ProofType.DI_VP),
        create_credential_request("A", proofs=["a.b.c"], proof_type=ProofType.ATTESTATION),
    ]
    answers: list[CredentialResponse] = [IssuedCredentials(("c", '{"d":1}'), "n"), DeferredIssuance("t", 5)]
    notification = Notification("n", NotificationEvent.FAILURE, "no room")
    header = {**_VECTOR["header"], "kid": _KEY.kid}
    return [
        *(b"R" + compact_json(each) for each in requests),
        b"D" + compact_json(create_deferred_credential_request("t", response_key=_KEY)),
        b"N" + compact_json(create_notification_request(notification)),
        *(b"A" + compact_json(create_credential_response(each)) for each in answers),
        b"M" + compact_json(_metadata()),
        *(b"P" + _PART.join(map(base64url_decode, each.split(".")[:2])) for each in jwts),
        b"J" + compact_json(header) + _PART + b"{}",
        b"J" + compact_json(header | {"zip": "DEF"}) + _PART + b"\xab\xae\x05\x00",
    ]


def _metadata() -> dict[str, Any]:
    configuration = create_configuration(
        HEALTH_ID,
        credential_format="dc+sd-jwt",
        scope="s",
        signing_algorithm="ES256",
        binding_methods=["jwk"],
        proofs={ProofType.JWT: ProofSupport(("ES256",), key_attestation_required=True)},
        definition={"vct": HEALTH_ID.vct},
        claims=HEALTH_ID.claims,
    )
    configuration["credential_metadata"]["claims"] = []
    return create_issuer_metadata(
        _ISSUER,
        credential_endpoint=_ISSUER,
        nonce_endpoint=_ISSUER,
        notification_endpoint=_ISSUER,
        batch_size=2,
        credential_request_encryption=create_request_encryption([_KEY], required=False),
        credential_response_encryption=create_response_encryption_support(required=False),
        display=[Display("Office", "en")],
        configurations={"A": configuration},
    )


ISSUANCE = Target(_issuance, _issuance_seeds, 66_000)
