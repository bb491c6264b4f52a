"""Several credentials at once, by each type of proof: each its own key, salts and status entry, all or nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlmodel import select

from issuer.issuance.configurations import BATCH_SIZE
from issuer.issuance.models import CredentialSet, Issuance
from issuer.settings import IssuerSettings
from tests.conftest import NOW
from tests.issuer.conftest import Chain
from tests.issuer.wallet import COVERAGE, COVERAGE_JWT, COVERAGE_LD, HEALTH_ID, Wallet
from tests.support.clock import SetClock
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import P256Signer
from vc_core.did.holder import create_holder_did
from vc_core.encoding import parse_json
from vc_core.errors import SignerUnavailable
from vc_core.formats.presentation import parse_credential
from vc_core.protocols.openid4vci.credential import (
    IssuedCredentials,
    ProofType,
    create_credential_request,
    parse_credential_response,
)
from vc_core.protocols.openid4vci.key_attestation import KeyAttestation, create_key_attestation
from vc_core.protocols.openid4vci.proof_di_vp import create_proof_di_vp
from vc_core.web.database import Database

KEYS = [P256Signer.generate() for _ in range(BATCH_SIZE + 1)]


def issued(answer: httpx.Response) -> IssuedCredentials:
    """The credentials of a good answer."""
    assert answer.status_code == 200, answer.text
    response = parse_credential_response(answer.json())
    assert isinstance(response, IssuedCredentials)
    return response


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal."""
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["error"]


async def request(wallet: Wallet, token: str, *signers: P256Signer, configuration: str = COVERAGE) -> httpx.Response:
    """A request with a proof of each of these keys."""
    body = create_credential_request(configuration, proofs=await wallet.proofs(*signers))
    return await wallet.send("/credential", token, body)


async def rows(settings: IssuerSettings) -> tuple[list[CredentialSet], list[Issuance]]:
    """What is recorded."""
    database = Database(settings.database_url)
    async with database.transaction() as session:
        found = (list(await session.exec(select(CredentialSet))), list(await session.exec(select(Issuance))))
    await database.close()
    return found


async def test_a_batch_cannot_be_linked_and_comes_again_as_it_was(
    people: dict[str, str], wallet: Wallet, clock: SetClock
) -> None:
    token = await wallet.authorized(people["A1"])
    first = issued(await request(wallet, token, *KEYS[:BATCH_SIZE]))
    parsed = [parse_credential(each) for each in first.credentials]
    assert [each.holder_key for each in parsed] == [key.public_key for key in KEYS[:BATCH_SIZE]]
    assert len({each.status for each in parsed}) == BATCH_SIZE
    disclosures = [set(each.split("~")[1:-1]) for each in first.credentials]
    assert sum(map(len, disclosures)) == len(set().union(*disclosures))

    clock.advance(5)
    again = issued(await request(wallet, token, *KEYS[:BATCH_SIZE]))
    assert again.notification_id == first.notification_id
    repeated = [parse_credential(each) for each in again.credentials]
    assert [(each.status, each.issued_at, each.holder_key) for each in repeated] == [
        (each.status, each.issued_at, each.holder_key) for each in parsed
    ]


async def test_other_keys_get_nothing_by_the_same_token(people: dict[str, str], wallet: Wallet) -> None:
    token = await wallet.authorized(people["A1"])
    issued(await request(wallet, token, *KEYS[:3]))
    for others in (KEYS[:2], KEYS[1:4], [*KEYS[:3], KEYS[3]], KEYS[2::-1]):
        assert code(await request(wallet, token, *others)) == (400, "credential_request_denied")


async def test_batches_that_are_refused_as_a_whole(
    people: dict[str, str], wallet: Wallet, settings: IssuerSettings
) -> None:
    token = await wallet.authorized(people["A1"])
    good, other = await wallet.proofs(*KEYS[:2]), await wallet.proofs(KEYS[2])
    stale = await wallet.proof(signer=KEYS[3], nonce="made-up")
    cases: list[tuple[list[str], str]] = [
        ([good[0], good[0]], "invalid_proof"),
        ([good[0], good[1][:-4] + "AAAA"], "invalid_proof"),
        ([good[0], await wallet.proof(signer=KEYS[1], nonce="", issued_at=wallet.clock())], "invalid_proof"),
        ([*good, *other], "invalid_nonce"),
        ([stale], "invalid_nonce"),
        (await wallet.proofs(*KEYS), "invalid_proof"),
    ]
    for proofs, expected in cases:
        body = create_credential_request(COVERAGE, proofs=proofs)
        assert code(await wallet.send("/credential", token, body)) == (400, expected)
    assert await rows(settings) == ([], [])
    body = create_credential_request(COVERAGE, proofs=good)
    assert len(issued(await wallet.send("/credential", token, body)).credentials) == 2
    assert code(await wallet.send("/credential", token, body)) == (400, "invalid_nonce")


async def test_of_many_batches_at_once_there_is_one(
    people: dict[str, str], wallet: Wallet, settings: IssuerSettings
) -> None:
    token = await wallet.authorized(people["A1"])
    answers = await asyncio.gather(*(request(wallet, token, *KEYS[at : at + 3]) for at in range(0, 18, 3)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    sets, issuances = await rows(settings)
    assert (len(sets), len(issuances)) == (1, 3)


async def test_what_was_recorded_before_a_key_failed_is_what_comes_later(
    people: dict[str, str], wallet: Wallet, settings: IssuerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between the commit and the signature, for a batch."""
    token = await wallet.authorized(people["A1"])
    body = create_credential_request(COVERAGE, proofs=await wallet.proofs(*KEYS[:4]))
    with monkeypatch.context() as broken:
        broken.setattr(P256Signer, "sign", _fail)
        assert (await wallet.send("/credential", token, body)).status_code == 503
    _, recorded = await rows(settings)
    later = issued(await request(wallet, token, *KEYS[:4]))
    places = {(each.list_id, each.status_index) for each in recorded}
    assert len(places) == 4
    assert {place.index for each in later.credentials for place in parse_credential(each).status} == {
        index for _, index in places
    }
    assert len((await rows(settings))[1]) == 4


def _fail(self: P256Signer, message: bytes) -> bytes:
    raise SignerUnavailable("The token is away.")


@pytest.mark.parametrize(("configuration", "did_method"), [(COVERAGE_LD, "did:key"), (HEALTH_ID, "did:jwk")])
async def test_proofs_as_presentations(
    people: dict[str, str], wallet: Wallet, configuration: str, did_method: str
) -> None:
    token, nonce = await wallet.authorized(people["A1"], configuration), await wallet.nonce()

    def proof(key: P256Signer, audience: str = "https://issuer.test") -> dict[str, Any]:
        return create_proof_di_vp(key, audience=audience, nonce=nonce, issued_at=wallet.clock(), did_method=did_method)

    def body(*proofs: dict[str, Any]) -> dict[str, Any]:
        return create_credential_request(configuration, proofs=proofs, proof_type=ProofType.DI_VP)

    elsewhere = body(proof(KEYS[0], "https://other.test"))
    assert code(await wallet.send("/credential", token, elsewhere)) == (400, "invalid_proof")
    found = issued(await wallet.send("/credential", token, body(proof(KEYS[0]), proof(KEYS[1]))))
    assert [parse_credential(each).holder_key for each in found.credentials] == [key.public_key for key in KEYS[:2]]
    assert code(await wallet.send("/credential", token, body(proof(KEYS[0])))) == (400, "invalid_nonce")


async def test_a_w3c_credential_is_bound_to_the_name_that_the_wallet_proved(
    people: dict[str, str], wallet: Wallet
) -> None:
    for configuration in (COVERAGE_LD, COVERAGE_JWT):
        for did_method in (None, "did:key", "did:jwk"):
            token = await wallet.authorized(people["A1"], configuration)
            proof = await wallet.proof(did_method=did_method)
            (text,) = issued(await wallet.credential(token, configuration, proof=proof)).credentials
            document = parse_json(text) if text.startswith("{") else parse_jws(text, typ="JWT").payload["vc"]
            expected = create_holder_did(wallet.key.public_key, did_method or "did:key")
            assert document["credentialSubject"]["id"] == expected
            assert parse_credential(text).holder_key == wallet.key.public_key


async def test_keys_that_a_wallet_provider_attests(
    people: dict[str, str], wallet: Wallet, chain: Chain, clock: SetClock
) -> None:
    def attestation(nonce: str | None, *, signer: P256Signer | None = None, expires_at: int | None = NOW + 60) -> str:
        content = KeyAttestation(
            tuple(key.public_key for key in KEYS[:3]), clock(), expires_at, nonce, ("iso_18045_moderate",)
        )
        return create_key_attestation(
            content, signer=signer or chain.wallet_provider.signer, verification_method=chain.wallet_provider.method
        )

    def by_attestation(text: str) -> dict[str, Any]:
        return create_credential_request(COVERAGE, proofs=[text], proof_type=ProofType.ATTESTATION)

    async def by_jwt(key: P256Signer, **changes: Any) -> dict[str, Any]:
        nonce = await wallet.nonce()
        attested = attestation(changes.pop("nonce", nonce), **changes)
        return create_credential_request(
            COVERAGE, proofs=[await wallet.proof(signer=key, nonce=nonce, key_attestation=attested)]
        )

    token = await wallet.authorized(people["A1"])
    refused: list[tuple[dict[str, Any], str]] = [
        (by_attestation(attestation(None)), "invalid_proof"),
        (by_attestation(attestation("made-up")), "invalid_nonce"),
        (by_attestation(attestation(await wallet.nonce(), signer=KEYS[5])), "invalid_proof"),
        (by_attestation(attestation(await wallet.nonce(), expires_at=clock())), "invalid_proof"),
        (await by_jwt(KEYS[4]), "invalid_proof"),
        (await by_jwt(KEYS[1], nonce="another"), "invalid_nonce"),
        (await by_jwt(KEYS[1], expires_at=None), "invalid_proof"),
        (await by_jwt(KEYS[1], signer=KEYS[5]), "invalid_proof"),
    ]
    for body, expected in refused:
        assert code(await wallet.send("/credential", token, body)) == (400, expected)
    first = issued(await wallet.send("/credential", token, await by_jwt(KEYS[1])))
    bound = [parse_credential(each).holder_key for each in first.credentials]
    assert bound == [KEYS[at].public_key for at in (1, 0, 2)]

    other_token = await wallet.authorized(people["A2"])
    body = by_attestation(attestation(await wallet.nonce()))
    second = issued(await wallet.send("/credential", other_token, body))
    assert [parse_credential(each).holder_key for each in second.credentials] == [k.public_key for k in KEYS[:3]]


async def test_what_is_asked_for_is_named_as_the_token_came(
    people: dict[str, str], wallet: Wallet, client: httpx.AsyncClient
) -> None:
    """Section 8.2: by identifier where the token response had identifiers, by configuration otherwise."""
    code_, tx_code = await wallet.offered(people["A1"], COVERAGE, HEALTH_ID)
    details = [{"type": "openid_credential", "credential_configuration_id": COVERAGE}]
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        "pre-authorized_code": code_,
        "tx_code": tx_code,
        "authorization_details": httpx.Response(200, json=details).text,
    }
    answer = (await client.post("/token", data=form)).json()
    (identifier,) = answer["authorization_details"][0]["credential_identifiers"]
    token = answer["access_token"]

    async def asked(**by: Any) -> httpx.Response:
        return await wallet.send(
            "/credential", token, create_credential_request(proofs=await wallet.proofs(KEYS[0]), **by)
        )

    assert code(await asked(credential_configuration_id=COVERAGE)) == (400, "invalid_credential_request")
    assert code(await asked(credential_configuration_id="x")) == (400, "unknown_credential_configuration")
    assert code(await asked(credential_identifier="x")) == (400, "unknown_credential_identifier")
    assert len(issued(await asked(credential_identifier=identifier)).credentials) == 1
    plain = await wallet.authorized(people["A2"])
    body = create_credential_request(credential_identifier=identifier, proofs=await wallet.proofs(KEYS[0]))
    assert code(await wallet.send("/credential", plain, body)) == (400, "unknown_credential_identifier")
