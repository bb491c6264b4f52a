"""A wallet that proves who it is with each request: by DPoP, by its attestation, or by what a test makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

import httpx

from tests.issuer.conftest import WalletProvider
from tests.issuer.wallet import COVERAGE, ISSUER, Wallet, pre_authorized
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.protocols.oauth.client_attestation import (
    WalletAttestation,
    create_attestation_pop,
    create_wallet_attestation,
)
from vc_core.protocols.oauth.dpop import create_dpop_proof
from vc_core.protocols.openid4vci.credential import create_credential_request

CLIENT_ID = "https://wallet.test"
_NUMBERS = count()


class Prover:
    """Makes the headers that prove a wallet's keys; `key` is for DPoP, `instance` the one that is attested."""

    def __init__(self, client: httpx.AsyncClient, clock: SetClock, provider: WalletProvider) -> None:
        self.client, self.clock, self.provider = client, clock, provider
        self.wallet = Wallet(client, clock)
        self.key, self.instance = P256Signer.generate(), P256Signer.generate()

    async def dpop(self, path: str = "/token", **changes: Any) -> dict[str, str]:
        """A DPoP header with the server's nonce, unless told otherwise."""
        members: dict[str, Any] = {"method": "POST", "url": ISSUER + path, "issued_at": self.clock()} | changes
        if "nonce" not in members:
            members["nonce"] = await self.dpop_nonce()
        signer = members.pop("signer", self.key)
        return {"DPoP": create_dpop_proof(signer, **{"jti": f"jti-{next(_NUMBERS)}"} | members)}

    async def dpop_nonce(self) -> str:
        """The server's nonce, as it tells who comes without one."""
        headers = await self.dpop(nonce=None) | await self.attested()
        answer = await self.client.post("/token", data=pre_authorized("code", "123456"), headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "use_dpop_nonce")
        return answer.headers["dpop-nonce"]

    async def challenge(self) -> str:
        """The server's challenge."""
        answer = await self.client.post("/challenge")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        return str(answer.json()["attestation_challenge"])

    def attestation(self, *, signer: P256Signer | None = None, method: str | None = None, **changes: Any) -> str:
        """An attestation of the wallet's instance key."""
        now = self.clock()
        members = {"client_id": CLIENT_ID, "instance_key": self.instance.public_key}
        content = WalletAttestation(**{**members, "issued_at": now, "expires_at": now + 3600, **changes})
        method = method or self.provider.method
        return create_wallet_attestation(content, signer=signer or self.provider.signer, verification_method=method)

    async def attested(self, attestation: str | None = None, **changes: Any) -> dict[str, str]:
        """The headers of client attestation, with the server's challenge unless told otherwise."""
        members: dict[str, Any] = {"client_id": CLIENT_ID, "audience": ISSUER, "issued_at": self.clock()} | changes
        if "challenge" not in members:
            members["challenge"] = await self.challenge()
        signer = members.pop("signer", self.instance)
        pop = create_attestation_pop(signer, **{"jti": f"jti-{next(_NUMBERS)}"} | members)
        text = self.attestation() if attestation is None else attestation
        return {"OAuth-Client-Attestation": text, "OAuth-Client-Attestation-PoP": pop}

    async def redeem(self, person_id: str, headers: Mapping[str, str] | None = None, **fields: str) -> httpx.Response:
        """A token request with a new offer's code."""
        form = pre_authorized(*await self.wallet.offered(person_id)) | fields
        return await self.client.post("/token", data=form, headers=headers)

    async def refresh(self, token: str, headers: Mapping[str, str] | None = None, **fields: str) -> httpx.Response:
        """A token request with a refresh token."""
        form = {"grant_type": "refresh_token", "refresh_token": token, **fields}
        return await self.client.post("/token", data=form, headers=headers)

    async def credential(
        self, token: str, headers: Mapping[str, str] | None = None, *, scheme: str = "DPoP"
    ) -> httpx.Response:
        """A credential request."""
        body = create_credential_request(COVERAGE, proofs=[await self.wallet.proof()])
        return await self.client.post(
            "/credential", json=body, headers={"Authorization": f"{scheme} {token}", **(headers or {})}
        )


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of an error, which is never cached."""
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["error"]
