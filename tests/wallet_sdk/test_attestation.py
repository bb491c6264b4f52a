"""Asking the provider for attestations, and showing one to a server that has challenges of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from vc_core.crypto.keys import P256Signer
from vc_core.errors import FetchFailed, ProtocolError, ServiceRefused
from vc_core.http import HttpClient, HttpResponse
from vc_core.protocols.oauth.client_attestation import (
    VerifiedAttestationPop,
    VerifiedWalletAttestation,
    verify_attestation_pop,
)
from vc_core.protocols.oauth.dpop import verify_dpop_proof
from vc_core.protocols.openid4vci.proof_jwt import verify_proof_jwt
from wallet_sdk.attestation import (
    AttestationProver,
    HeldAttestation,
    Request,
    fetch_key_attestation,
    fetch_wallet_attestation,
)

NOW = 1_790_000_000
KEY = P256Signer.generate()
BACKEND, SERVER, CLIENT = "https://backend.test", "https://issuer.test", "https://wallet.test"
HELD = HeldAttestation("the.attestation.itself", CLIENT, NOW + 100)
VERIFIED = VerifiedWalletAttestation("did:ethr:0x539:0x7", CLIENT, KEY.public_key, NOW + 100, None)


def client(answer: Callable[[httpx.Request], httpx.Response]) -> HttpClient:
    return HttpClient(transport=httpx.MockTransport(answer))


def randomness() -> Callable[[int], bytes]:
    counter = iter(range(100))
    return lambda size: next(counter).to_bytes(size, "big")


async def fetch(http: HttpClient) -> HeldAttestation:
    return await fetch_wallet_attestation(http, BACKEND, KEY, clock=lambda: NOW, randomness=randomness())


async def test_a_wallet_asks_for_an_attestation_of_its_key() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        url = BACKEND + "/wallet-attestations"
        proof = verify_dpop_proof(request.headers["dpop"], expected_method="POST", expected_url=url, now=NOW)
        assert (str(request.url), proof.key) == (url, KEY.public_key)
        told = {"wallet_attestation": HELD.wallet_attestation, "client_id": CLIENT, "expires_at": NOW + 100}
        return httpx.Response(201, json=told)

    assert await fetch(client(answer)) == HELD


async def test_a_wallet_asks_for_an_attestation_of_keys() -> None:
    keys = [P256Signer.generate() for _ in range(2)]

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        proofs = [verify_proof_jwt(each, expected_audience=BACKEND, now=NOW) for each in asked["proofs"]]
        assert [each.holder_key for each in proofs] == [each.public_key for each in keys]
        assert {each.nonce for each in proofs} == {asked["nonce"]} == {"c-nonce"}
        return httpx.Response(201, json={"key_attestation": "a.b.c", "expires_at": NOW})

    http = client(answer)
    assert await fetch_key_attestation(http, BACKEND, keys, nonce="c-nonce", clock=lambda: NOW) == "a.b.c"


@pytest.mark.parametrize(
    ("status", "told", "error"),
    [
        (404, {}, ServiceRefused),
        (400, {"code": "invalid_request"}, ServiceRefused),
        (201, {}, FetchFailed),
        (201, {"wallet_attestation": "a", "client_id": "", "expires_at": 5, "key_attestation": 5}, FetchFailed),
        (201, {"wallet_attestation": "a", "client_id": "b", "expires_at": "c", "key_attestation": ""}, FetchFailed),
        (201, [], FetchFailed),
    ],
)
async def test_answers_that_are_no_attestation(status: int, told: Any, error: type[Exception]) -> None:
    http = client(lambda _request: httpx.Response(status, json=told))
    with pytest.raises(error):
        await fetch(http)
    with pytest.raises(error):
        await fetch_key_attestation(http, BACKEND, [KEY], nonce="c-nonce", clock=lambda: NOW)


class Server:
    """Answers in turn, and keeps the proofs that came."""

    def __init__(self, *answers: HttpResponse) -> None:
        self.answers = list(answers)
        self.pops: list[VerifiedAttestationPop] = []
        self.headers: list[Mapping[str, str]] = []

    async def take(self, headers: Mapping[str, str]) -> HttpResponse:
        """One request."""
        self.headers.append(headers)
        assert headers["OAuth-Client-Attestation"] == HELD.wallet_attestation
        pop = headers["OAuth-Client-Attestation-PoP"]
        self.pops.append(verify_attestation_pop(pop, attestation=VERIFIED, expected_audience=SERVER, now=NOW))
        return self.answers.pop(0)


def answer(status: int, challenge: str | None = None, error: str | None = None) -> HttpResponse:
    headers = {} if challenge is None else {"oauth-client-attestation-challenge": challenge}
    return HttpResponse(status, headers, json.dumps({"error": error}).encode())


def prover() -> AttestationProver:
    return AttestationProver(HELD, KEY, audience=SERVER, clock=lambda: NOW, randomness=randomness())


async def test_the_newest_challenge_goes_into_the_next_proof() -> None:
    attestation = prover()
    server = Server(answer(400, "c1", "use_attestation_challenge"), answer(200, "c2"), answer(200), answer(200))
    for _ in range(3):
        assert (await attestation.send(server.take)).status == 200
    assert [pop.challenge for pop in server.pops] == [None, "c1", "c2", "c2"]
    assert len({pop.jti for pop in server.pops}) == 4
    assert attestation.client_id == CLIENT


async def test_a_challenge_that_was_asked_for() -> None:
    attestation, server = prover(), Server(answer(200))
    endpoint = SERVER + "/challenge"
    await attestation.fetch_challenge(
        client(lambda _: httpx.Response(200, json={"attestation_challenge": "c"})), endpoint
    )
    await attestation.send(server.take)
    assert server.pops[0].challenge == "c"


@pytest.mark.parametrize("wrong", [httpx.Response(200, json={}), httpx.Response(404)])
async def test_answers_that_are_no_challenge(wrong: httpx.Response) -> None:
    with pytest.raises(ProtocolError):
        await prover().fetch_challenge(client(lambda _: wrong), SERVER + "/challenge")


@pytest.mark.parametrize(
    "refusal",
    [answer(400, None, "use_attestation_challenge"), answer(401, "c", "invalid_client"), answer(500, "c")],
)
async def test_what_is_not_sent_again(refusal: HttpResponse) -> None:
    assert await prover().send(Server(refusal).take) is refusal


async def test_no_third_attempt() -> None:
    server = Server(*[answer(400, f"c{n}", "use_attestation_challenge") for n in range(2)])
    assert (await prover().send(server.take)).status == 400
    assert len(server.pops) == 2


async def test_each_sending_has_a_proof_of_its_own() -> None:
    """DPoP sends a request twice where the server asks for its nonce."""
    server = Server(answer(400), answer(200))

    async def twice(request: Request) -> HttpResponse:
        assert (await request({"DPoP": "first"})).status == 400
        return await request({"DPoP": "second"})

    assert (await prover().send(server.take, through=twice)).status == 200
    assert len({pop.jti for pop in server.pops}) == 2
    assert [headers["DPoP"] for headers in server.headers] == ["first", "second"]
