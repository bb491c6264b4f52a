"""The issuer's metadata."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.credential_types.definition import LANGUAGES
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.jwe import EncryptionKey
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci import issuer_metadata as metadata
from vc_core.protocols.openid4vci.credential import ProofType
from vc_core.protocols.openid4vci.encryption import (
    RequestEncryption,
    create_request_encryption,
    create_response_encryption_support,
)
from vc_core.protocols.openid4vci.issuer_metadata import Display, ProofSupport

ISSUER = "https://issuer.test"
PROOFS = {
    ProofType.JWT: ProofSupport(("ES256",)),
    ProofType.ATTESTATION: ProofSupport(("ES256",), key_attestation_required=True),
}
KEY = EncryptionKey.generate()


def document(**more: Any) -> dict[str, Any]:
    """A good document."""
    configuration = metadata.create_configuration(
        HEALTH_ID,
        credential_format="dc+sd-jwt",
        scope="health",
        signing_algorithm="ES256",
        binding_methods=["jwk", "did:jwk"],
        proofs=PROOFS,
        definition={"vct": HEALTH_ID.vct},
        claims=HEALTH_ID.claims,
    )
    return metadata.create_issuer_metadata(
        ISSUER,
        credential_endpoint=ISSUER + "/credential",
        nonce_endpoint=ISSUER + "/nonce",
        display=[Display("Office")],
        configurations={"H": configuration},
        **more,
    )


def test_metadata_round_trip_in_five_languages() -> None:
    parsed = metadata.parse_issuer_metadata(document(), expected_issuer=ISSUER)
    assert (parsed.credential_endpoint, parsed.nonce_endpoint) == (ISSUER + "/credential", ISSUER + "/nonce")
    assert parsed.authorization_servers == (ISSUER,)
    assert parsed.display == (Display("Office"),)
    configuration = parsed.configurations["H"]
    assert (configuration.format, configuration.vct) == ("dc+sd-jwt", HEALTH_ID.vct)
    assert {each.locale for each in configuration.display} == set(LANGUAGES)
    assert (configuration.scope, configuration.binding_methods) == ("health", ("jwk", "did:jwk"))
    assert configuration.proofs == {str(name): support for name, support in PROOFS.items()}


def test_what_is_not_supported_is_not_in_the_metadata() -> None:
    assert document().keys() == {
        "credential_issuer",
        "credential_endpoint",
        "nonce_endpoint",
        "display",
        "credential_configurations_supported",
    }
    parsed = metadata.parse_issuer_metadata(document(), expected_issuer=ISSUER)
    assert (parsed.deferred_credential_endpoint, parsed.notification_endpoint, parsed.batch_size) == (None, None, 1)
    assert (parsed.request_encryption, parsed.response_enc) == (None, None)


def test_optional_endpoints_batches_and_encryption() -> None:
    full = document(
        deferred_credential_endpoint=ISSUER + "/deferred",
        notification_endpoint=ISSUER + "/notification",
        batch_size=20,
        credential_request_encryption=create_request_encryption([KEY], required=False),
        credential_response_encryption=create_response_encryption_support(required=True),
    )
    parsed = metadata.parse_issuer_metadata(full, expected_issuer=ISSUER)
    assert parsed.deferred_credential_endpoint == ISSUER + "/deferred"
    assert parsed.notification_endpoint == ISSUER + "/notification"
    assert parsed.batch_size == 20
    assert parsed.request_encryption == RequestEncryption(KEY.to_jwk(), "A256GCM", False)
    assert (parsed.response_enc, parsed.response_encryption_required) == ("A256GCM", True)


def test_w3c_credential_is_named_by_its_types_and_its_claims_by_where_they_are() -> None:
    made = metadata.create_configuration(
        HEALTH_ID,
        credential_format="jwt_vc_json",
        scope="health",
        signing_algorithm="ES256",
        binding_methods=["did:key"],
        proofs=PROOFS,
        definition={"credential_definition": {"type": ["VerifiableCredential", "HealthId"]}},
        claims=HEALTH_ID.whole_claims(),
        claims_at=("credentialSubject",),
    )
    assert "vct" not in made
    assert made["credential_metadata"]["claims"][0]["path"] == ["credentialSubject", "health_id"]
    parsed = metadata.parse_issuer_metadata(
        {**document(), "credential_configurations_supported": {"H": made}}, expected_issuer=ISSUER
    )
    configuration = parsed.configurations["H"]
    assert (configuration.vct, configuration.types) == (None, ("VerifiableCredential", "HealthId"))


@pytest.mark.parametrize(
    "change",
    [
        {"credential_issuer": ISSUER + "/"},
        {"credential_endpoint": None},
        {"credential_endpoint": "http://issuer.test/credential"},
        {"nonce_endpoint": "javascript:1"},
        {"deferred_credential_endpoint": "http://issuer.test/deferred"},
        {"notification_endpoint": 5},
        {"batch_credential_issuance": {}},
        {"batch_credential_issuance": {"batch_size": 0}},
        {"batch_credential_issuance": {"batch_size": True}},
        {"credential_request_encryption": {}},
        {"credential_response_encryption": {"encryption_required": True}},
        {"authorization_servers": []},
        {"authorization_servers": ["http://evil.test"]},
        {"credential_configurations_supported": []},
        {"credential_configurations_supported": {"H": {}}},
        {"credential_configurations_supported": {"H": {"format": "x", "vct": 5}}},
        {"credential_configurations_supported": {"H": {"format": "x", "credential_metadata": []}}},
        {"credential_configurations_supported": {"H": {"format": "x", "credential_definition": []}}},
        {"credential_configurations_supported": {"H": {"format": "x", "credential_definition": {"type": "H"}}}},
        {"credential_configurations_supported": {"H": {"format": "x", "credential_definition": {"type": [1]}}}},
        {"credential_configurations_supported": {"H": {"format": "x", "scope": 5}}},
        {"credential_configurations_supported": {"H": {"format": "x", "proof_types_supported": []}}},
        {"credential_configurations_supported": {"H": {"format": "x", "proof_types_supported": {"jwt": []}}}},
        {"credential_configurations_supported": {"H": {"format": "x", "proof_types_supported": {"jwt": {}}}}},
        {
            "credential_configurations_supported": {
                "H": {"format": "x", "cryptographic_binding_methods_supported": "jwk"}
            }
        },
        {"display": [{"name": "\u202eeciffO"}]},
        {"display": [{"name": "x" * 201}]},
        {"display": [{"name": "x", "locale": 5}]},
        {"display": "Office"},
    ],
)
def test_metadata_that_will_not_do(change: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as refused:
        metadata.parse_issuer_metadata(document() | change, expected_issuer=ISSUER)
    assert refused.value.code == "server_error"


def test_the_token_server_is_one_that_the_issuer_names() -> None:
    parsed = metadata.parse_issuer_metadata(document(), expected_issuer=ISSUER)
    assert parsed.authorization_server(None) == parsed.authorization_server(ISSUER) == ISSUER
    with pytest.raises(ProtocolError):
        parsed.authorization_server("https://evil.test")


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        (ISSUER, ISSUER + "/.well-known/openid-credential-issuer"),
        (ISSUER + "/tenant", ISSUER + "/.well-known/openid-credential-issuer/tenant"),
    ],
)
def test_where_the_metadata_is(issuer: str, expected: str) -> None:
    assert metadata.credential_issuer_metadata_url(issuer) == expected
