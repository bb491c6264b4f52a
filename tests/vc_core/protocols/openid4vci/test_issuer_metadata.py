"""The issuer's metadata."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.credential_types.definition import LANGUAGES
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci import issuer_metadata as metadata
from vc_core.protocols.openid4vci.issuer_metadata import Display

ISSUER = "https://issuer.test"


def document() -> dict[str, Any]:
    """A good document."""
    configuration = metadata.create_configuration(
        HEALTH_ID,
        credential_format="dc+sd-jwt",
        signing_algorithm="ES256",
        binding_method="jwk",
        definition={"vct": HEALTH_ID.vct},
    )
    return metadata.create_issuer_metadata(
        ISSUER,
        credential_endpoint=ISSUER + "/credential",
        nonce_endpoint=ISSUER + "/nonce",
        display=[Display("Office")],
        configurations={"H": configuration},
    )


def test_metadata_round_trip_in_five_languages() -> None:
    parsed = metadata.parse_issuer_metadata(document(), expected_issuer=ISSUER)
    assert (parsed.credential_endpoint, parsed.nonce_endpoint) == (ISSUER + "/credential", ISSUER + "/nonce")
    assert parsed.authorization_servers == (ISSUER,)
    assert parsed.display == (Display("Office"),)
    configuration = parsed.configurations["H"]
    assert (configuration.format, configuration.vct) == ("dc+sd-jwt", HEALTH_ID.vct)
    assert {each.locale for each in configuration.display} == set(LANGUAGES)


def test_w3c_credential_is_named_by_its_types_and_its_claims_by_where_they_are() -> None:
    made = metadata.create_configuration(
        HEALTH_ID,
        credential_format="jwt_vc_json",
        signing_algorithm="ES256",
        binding_method="did:key",
        definition={"credential_definition": {"type": ["VerifiableCredential", "HealthId"]}},
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
        {"authorization_servers": []},
        {"authorization_servers": ["http://evil.test"]},
        {"credential_configurations_supported": []},
        {"credential_configurations_supported": {"H": {}}},
        {"credential_configurations_supported": {"H": {"format": "x", "vct": 5}}},
        {"credential_configurations_supported": {"H": {"format": "x", "credential_metadata": []}}},
        {"credential_configurations_supported": {"H": {"format": "x", "credential_definition": []}}},
        {"credential_configurations_supported": {"H": {"format": "x", "credential_definition": {"type": "H"}}}},
        {"credential_configurations_supported": {"H": {"format": "x", "credential_definition": {"type": [1]}}}},
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
