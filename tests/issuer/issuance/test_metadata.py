"""The issuer's metadata, plain and signed, whoever asks and however."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from issuer.issuance.metadata import SIGNED_AGAIN_AFTER, SIGNED_LIFETIME
from issuer.settings import IssuingKeySettings
from tests.conftest import NOW
from tests.issuer.conftest import Chain
from tests.issuer.wallet import ISSUER
from tests.support.clock import SetClock
from vc_core.credential_types.definition import LANGUAGES
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import PublicKey, load_signer
from vc_core.crypto.x509 import KeyReference
from vc_core.errors import ProtocolError, ReasonCode, Rejection
from vc_core.ledger.events import Role
from vc_core.protocols.openid4vci.issuer_metadata import parse_issuer_metadata
from vc_core.protocols.openid4vci.signed_metadata import SIGNED_METADATA_TYPE, verify_signed_issuer_metadata
from vc_core.trust import Accreditation

PATH = "/.well-known/openid-credential-issuer"


async def test_everything_that_is_there_is_in_the_metadata(client: httpx.AsyncClient) -> None:
    answer = await client.get(PATH)
    assert answer.headers["cache-control"] == "max-age=300"
    document = answer.json()
    for name in ("credential", "nonce", "deferred_credential", "notification"):
        assert document[f"{name}_endpoint"] == f"{ISSUER}/{name}"
        assert (await client.post(document[f"{name}_endpoint"])).status_code in (200, 401)
    assert document["batch_credential_issuance"] == {"batch_size": 20}
    assert {key["use"] for key in document["credential_request_encryption"]["jwks"]["keys"]} == {"enc"}
    assert document["credential_response_encryption"]["alg_values_supported"] == ["ECDH-ES"]
    for name, each in document["credential_configurations_supported"].items():
        assert each["scope"] == name
        assert each["proof_types_supported"].keys() == {"jwt", "di_vp", "attestation"}
        assert each["proof_types_supported"]["attestation"]["key_attestations_required"] == {}
        shown = each["credential_metadata"]
        assert {display["locale"] for display in shown["display"]} == set(LANGUAGES)
        for claim in shown["claims"]:
            assert {display["locale"] for display in claim["display"]} == set(LANGUAGES)
    parse_issuer_metadata(document, expected_issuer=ISSUER)


ACCEPT = [
    ("", False),
    ("*/*", False),
    ("application/json", False),
    ("application/jwt", True),
    ("application/jwt, application/json", True),
    ("application/json, application/jwt", False),
    ("application/json;q=0.5, application/jwt", True),
    ("application/jwt;q=0.1, */*", False),
    ("application/jwt;q=0", False),
    ("text/html", False),
    ("application/jwt;" * 1000, True),
]


async def test_signed_for_who_asks_for_it(client: httpx.AsyncClient) -> None:
    for accept, signed in ACCEPT:
        answer = await client.get(PATH, headers={"Accept": accept})
        assert answer.status_code == 200, accept
        assert answer.headers["content-type"] == ("application/jwt" if signed else "application/json"), accept
        assert "Accept" in answer.headers["vary"].split(", ")


class OneKey:
    """A registry that knows the first of the issuing keys."""

    synced_at = NOW

    def __init__(self, key: IssuingKeySettings) -> None:
        self.name_of_key = key.verification_method
        self.key = load_signer(Path(key.key).read_bytes()).public_key

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        assert verification_method == self.name_of_key
        return self.key

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "Not accredited.")

    def name(self, did: str) -> str:
        return did


async def test_what_is_signed_and_by_whom(client: httpx.AsyncClient, chain: Chain, clock: SetClock) -> None:
    signed = {"Accept": "application/jwt"}
    text = (await client.get(PATH, headers=signed)).text
    jws = parse_jws(text, typ=SIGNED_METADATA_TYPE)
    document = (await client.get(PATH)).json()
    assert {name: jws.payload[name] for name in document} == document
    assert (jws.payload["sub"], jws.payload["iat"]) == (ISSUER, clock())
    trust = OneKey(chain.keys[0])
    verified = verify_signed_issuer_metadata(text, expected_issuer=ISSUER, trust=trust, now=clock())
    assert verified.signer == chain.keys[0].verification_method.partition("#")[0]
    with pytest.raises(ProtocolError):
        verify_signed_issuer_metadata(text, expected_issuer=ISSUER, trust=trust, now=clock() + SIGNED_LIFETIME)

    clock.advance(SIGNED_AGAIN_AFTER - 1)
    assert (await client.get(PATH, headers=signed)).text == text
    clock.advance(1)
    assert (await client.get(PATH, headers=signed)).text != text


async def test_a_hostile_host_changes_nothing(client: httpx.AsyncClient) -> None:
    """Row I11."""
    good = (await client.get(PATH)).content
    for host in ("evil.test", "evil.test/abc?", "issuer.test:1", "issuer.test@evil.test"):
        for name in ("Host", "X-Forwarded-Host"):
            headers = {name: host, "X-Forwarded-Proto": "http"}
            assert (await client.get(PATH, headers=headers)).content == good
            signed = await client.get(PATH, headers=headers | {"Accept": "application/jwt"})
            assert b"evil" not in signed.content
            assert parse_jws(signed.text, typ=SIGNED_METADATA_TYPE).payload["sub"] == ISSUER
