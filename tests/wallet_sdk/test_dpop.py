"""Requests with DPoP proofs: which nonce goes with which, and what is sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from vc_core.crypto.keys import P256Signer
from vc_core.http import HttpResponse
from vc_core.protocols.oauth.dpop import VerifiedDpopProof, verify_dpop_proof
from wallet_sdk.dpop import DpopProver

NOW = 1_790_000_000
KEY = P256Signer.generate()
TOKEN_URL, RESOURCE_URL = "https://as.test/token?a=1", "https://rs.test/credential"
CHALLENGE = {"www-authenticate": 'DPoP error="use_dpop_nonce", algs="ES256"'}


class Server:
    """Answers in turn, and keeps the proofs that came."""

    def __init__(self, *answers: HttpResponse, url: str = TOKEN_URL, access_token: str | None = None) -> None:
        self.answers, self.url, self.access_token = list(answers), url, access_token
        self.proofs: list[VerifiedDpopProof] = []
        self.headers: list[Mapping[str, str]] = []

    async def take(self, headers: Mapping[str, str]) -> HttpResponse:
        """One request."""
        proof = verify_dpop_proof(
            headers["DPoP"],
            expected_method="POST",
            expected_url=self.url,
            now=NOW,
            access_token=self.access_token,
        )
        self.proofs.append(proof)
        self.headers.append(headers)
        return self.answers.pop(0)

    @property
    def nonces(self) -> list[str | None]:
        """The nonces of the proofs that came."""
        return [proof.nonce for proof in self.proofs]


def answer(status: int, nonce: str | None = None, error: str | None = None, **headers: str) -> HttpResponse:
    given = {} if nonce is None else {"dpop-nonce": nonce}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status, {**given, **named}, json.dumps({"error": error}).encode())


def prover() -> DpopProver:
    counter = iter(range(100))
    return DpopProver(KEY, clock=lambda: NOW, randomness=lambda size: next(counter).to_bytes(size, "big"))


async def test_the_nonce_of_a_token_endpoint() -> None:
    dpop, server = prover(), Server(answer(400, "n1", "use_dpop_nonce"), answer(200, "n2"), answer(200), answer(200))
    for _ in range(3):
        assert (await dpop.send(server.take, method="POST", url=TOKEN_URL)).status == 200
    assert server.nonces == [None, "n1", "n2", "n2"]
    assert len({proof.jti for proof in server.proofs}) == 4
    assert {proof.jkt for proof in server.proofs} == {KEY.public_key.thumbprint(), dpop.jkt}


async def test_the_nonce_of_a_resource_and_its_token() -> None:
    dpop = prover()
    server = Server(
        HttpResponse(401, {"dpop-nonce": "n1", **CHALLENGE}, b"not JSON"),
        answer(200),
        url=RESOURCE_URL,
        access_token="token",
    )
    got = await dpop.send(server.take, method="POST", url=RESOURCE_URL, access_token="token")
    assert (got.status, server.nonces) == (200, [None, "n1"])
    assert [headers["Authorization"] for headers in server.headers] == ["DPoP token", "DPoP token"]


async def test_each_origin_has_its_own_nonce() -> None:
    dpop, token, resource = prover(), Server(answer(200, "n1")), Server(answer(200), url=RESOURCE_URL)
    await dpop.send(token.take, method="POST", url=TOKEN_URL)
    await dpop.send(resource.take, method="POST", url=RESOURCE_URL)
    assert (token.nonces, resource.nonces) == ([None], [None])


@pytest.mark.parametrize(
    "refusal",
    [
        answer(400, "n1", "invalid_grant"),
        answer(400, None, "use_dpop_nonce"),
        answer(400, "a\u0e01", "use_dpop_nonce"),
        answer(401, "n1", www_authenticate='DPoP error="invalid_token"'),
        answer(403, "n1", "use_dpop_nonce"),
        answer(200, "n1", "use_dpop_nonce"),
    ],
)
async def test_what_is_not_sent_again(refusal: HttpResponse) -> None:
    server = Server(refusal)
    assert await prover().send(server.take, method="POST", url=TOKEN_URL) is refusal


async def test_no_third_attempt() -> None:
    server = Server(answer(400, "n1", "use_dpop_nonce"), answer(400, "n2", "use_dpop_nonce"))
    assert (await prover().send(server.take, method="POST", url=TOKEN_URL)).status == 400
    assert server.nonces == [None, "n1"]
