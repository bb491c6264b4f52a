"""Issuers that the registry does not know, and types that the wallet does not: kept only as what they are."""

from __future__ import annotations

from secrets import token_bytes
from typing import Any

import httpx
import pytest

from tests.support.certificates import certify, certify_issuer, chain_of
from tests.wallet_sdk.fakes import CLAIMS, ISSUER, OFFICE, TX_CODE, FakeWorld
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.crypto.x509 import KeyReference, issuer_of, key_header
from vc_core.did.jwk import create_did_jwk
from vc_core.did.key import create_did_key, did_key_method
from vc_core.errors import Rejection
from vc_core.formats.credential import StatusReference
from vc_core.formats.sd_jwt import create_sd_jwt_vc
from wallet_sdk.issuance import Issuance, accept_offer, describe_offer
from wallet_sdk.labels import claim_label, claim_names, claim_text, type_label
from wallet_sdk.wallet import Wallet

DIPLOMA = "https://school.example/diploma"
SCHOOL = P256Signer.generate()
SCHOOL_DID = create_did_jwk(SCHOOL.public_key)
LEAF = certify_issuer(certify("A root that nobody here knows"))


async def _accept(world: FakeWorld, wallet: Wallet, *, any_issuer: bool) -> Issuance:
    described = await describe_offer(world.http, world.offer())
    return await accept_offer(
        wallet,
        world.http,
        described,
        tx_code=TX_CODE,
        any_issuer=any_issuer,
        trust=world.trust(),
        clock=world.clock,
    )


def _issued_by(world: FakeWorld, reference: KeyReference, signer: P256Signer = SCHOOL) -> None:
    """The issuer signs its health IDs in a name of its own."""
    world.offered = ("HealthId_dc+sd-jwt",)

    def issue(configuration_id: str, holder_key: PublicKey) -> str:
        return create_sd_jwt_vc(
            HEALTH_ID,
            CLAIMS[HEALTH_ID.vct],
            verification_method=reference,
            signer=signer,
            issued_at=world.clock.now,
            expires_at=world.clock.now + 1000,
            status=StatusReference(ISSUER + "/status/1", 7),
            holder_key=holder_key,
            randomness=token_bytes,
        )

    world.issue = issue


def _did_web(world: FakeWorld, key: PublicKey, *, method: str = "key-1") -> str:
    did = "did:web:school.test"
    document = {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": did,
        "verificationMethod": [
            {"id": f"{did}#{method}", "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": key.to_jwk()}
        ],
        "assertionMethod": [f"{did}#{method}"],
    }
    world.answers["GET school.test/.well-known/did.json"] = lambda request: httpx.Response(
        200, json=document, headers={"Content-Type": "application/did+json"}
    )
    return did


def _reference(world: FakeWorld, kind: str) -> KeyReference:
    if kind == "did:jwk":
        return SCHOOL_DID + "#0"
    if kind == "did:key":
        return did_key_method(SCHOOL.public_key)
    if kind == "did:web":
        return _did_web(world, SCHOOL.public_key) + "#key-1"
    return chain_of(LEAF)


KINDS = ("did:jwk", "did:key", "did:web", "x5c")


@pytest.mark.parametrize("kind", KINDS)
async def test_w8_an_issuer_outside_the_registry_is_kept_only_if_the_holder_agreed(
    world: FakeWorld, wallet: Wallet, kind: str
) -> None:
    reference = _reference(world, kind)
    _issued_by(world, reference, LEAF.signer if kind == "x5c" else SCHOOL)
    [refused] = (await _accept(world, wallet, any_issuer=False)).refused
    assert isinstance(refused.error, Rejection)
    assert refused.error.code == "UNKNOWN_ISSUER"
    assert not any("school.test" in path for path in world.paths)
    world.unspent_codes.add("the-code")
    [held] = (await _accept(world, wallet, any_issuer=True)).stored
    assert (held.in_registry, held.issuer) == (False, issuer_of(reference))
    assert held.issuer_name in ("school.test", "issuer.office.example", held.issuer)
    assert held.words is None
    assert wallet.credential(held.id) == held


@pytest.mark.parametrize("kind", KINDS)
async def test_the_signature_counts_all_the_same(world: FakeWorld, wallet: Wallet, kind: str) -> None:
    _issued_by(world, _reference(world, kind), P256Signer.generate())
    [refused] = (await _accept(world, wallet, any_issuer=True)).refused
    assert isinstance(refused.error, Rejection)
    assert refused.error.code == "BAD_SIGNATURE"


async def test_a_key_that_the_name_does_not_have(world: FakeWorld, wallet: Wallet) -> None:
    _did_web(world, SCHOOL.public_key, method="another")
    _issued_by(world, "did:web:school.test#key-1")
    assert [each.error.code for each in (await _accept(world, wallet, any_issuer=True)).refused] == ["BAD_SIGNATURE"]
    world.answers.clear()
    world.unspent_codes.add("the-code")
    assert [each.error.code for each in (await _accept(world, wallet, any_issuer=True)).refused] == ["UNKNOWN_ISSUER"]


async def test_an_issuer_that_the_registry_does_not_let_issue_stays_refused(world: FakeWorld, wallet: Wallet) -> None:
    world.accredited = False
    world.offered = ("HealthId_dc+sd-jwt",)
    [refused] = (await _accept(world, wallet, any_issuer=True)).refused
    assert isinstance(refused.error, Rejection)
    assert refused.error.code == "UNTRUSTED_ISSUER"


def _offer_diplomas(world: FakeWorld, *, issuer: str = SCHOOL_DID, signer: P256Signer = SCHOOL) -> None:
    """The issuer gives a type that the wallet does not know, and describes it in words of its own."""
    world.offered = ("Diploma",)
    world.configurations = {
        "Diploma": {
            "format": "dc+sd-jwt",
            "vct": DIPLOMA,
            "cryptographic_binding_methods_supported": ["jwk"],
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
            "credential_metadata": {
                "display": [{"name": "Diploma", "locale": "en-US"}, {"name": "ปริญญา", "locale": "th"}],
                "claims": [
                    {"path": ["degree"], "display": [{"name": "Degree\u202e", "locale": "en"}]},
                    {"path": ["nested", "deep"], "display": [{"name": "Nothing"}]},
                    {"path": "not a list"},
                    None,
                ],
            },
        }
    }

    def issue(configuration_id: str, holder_key: PublicKey) -> str:
        reference = issuer + "#0" if issuer.startswith("did:jwk") else issuer + "#delegate-1"
        claims: dict[str, Any] = {
            "iss": issuer,
            "iat": world.clock.now,
            "vct": DIPLOMA,
            "cnf": {"jwk": holder_key.to_jwk()},
            "degree": "Bachelor\x1b[2J",
            "marks": {"maths": 1},
        }
        return sign_jws({"typ": "dc+sd-jwt", **key_header(reference)}, claims, signer) + "~"

    world.issue = issue


async def test_w7_a_type_that_the_wallet_does_not_know_is_shown_in_its_issuers_inert_words(
    world: FakeWorld, wallet: Wallet
) -> None:
    _offer_diplomas(world)
    described = await describe_offer(world.http, world.offer())
    assert [(each.credential_type, each.label) for each in described.credentials] == [(None, "Diploma")]
    [held] = (await _accept(world, wallet, any_issuer=True)).stored
    assert (held.vct, held.in_registry) == (DIPLOMA, False)
    assert (type_label(held, "th"), type_label(held, "my")) == ("ปริญญา", "Diploma")
    assert claim_names(held) == ("degree", "marks")
    assert claim_label(held, "degree", "en") == "Degree"
    assert claim_text(held, "degree", held.claims["degree"], "en") == "Bachelor[2J"
    assert claim_text(held, "marks", held.claims["marks"], "en") == '{"maths":1}'


async def test_an_issuer_of_the_registry_needs_an_accreditation_for_such_a_type_too(
    world: FakeWorld, wallet: Wallet
) -> None:
    _offer_diplomas(world, issuer=OFFICE, signer=world.issuer_key)
    [refused] = (await _accept(world, wallet, any_issuer=True)).refused
    assert isinstance(refused.error, Rejection)
    assert refused.error.code == "UNTRUSTED_ISSUER"


async def test_another_type_than_the_one_described(world: FakeWorld, wallet: Wallet) -> None:
    _offer_diplomas(world)
    world.configurations = {"Diploma": {**world.configurations["Diploma"], "vct": DIPLOMA + "/other"}}
    [refused] = (await _accept(world, wallet, any_issuer=True)).refused
    assert isinstance(refused.error, Rejection)
    assert refused.error.code == "NOT_A_CREDENTIAL"


async def test_did_key_names_one_key_only(world: FakeWorld, wallet: Wallet) -> None:
    _issued_by(world, create_did_key(SCHOOL.public_key) + "#" + "z" * 40)
    assert [each.error.code for each in (await _accept(world, wallet, any_issuer=True)).refused] == ["BAD_SIGNATURE"]
