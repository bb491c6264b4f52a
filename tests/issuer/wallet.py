"""What tests do as an officer and as a wallet, request by request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.protocols.oauth.token import PreAuthorizedCodeGrant, TokenRequest, create_token_request
from vc_core.protocols.openid4vci.credential import create_credential_request
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt

ISSUER = "https://issuer.test"
TOKEN = "officer-token-of-the-tests-0123456789"
OFFICER = {"Authorization": f"Bearer {TOKEN}"}
HEALTH_ID, HEALTH_QR = "HealthId_dc+sd-jwt", "HealthId_qr_pass"
COVERAGE, COVERAGE_QR = "InsuranceCoverage_dc+sd-jwt", "InsuranceCoverage_qr_pass"
HEALTH_JWT, COVERAGE_JWT = "HealthId_jwt_vc_json", "InsuranceCoverage_jwt_vc_json"
HEALTH_LD, COVERAGE_LD = "HealthId_ldp_vc", "InsuranceCoverage_ldp_vc"
PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


class Wallet:
    """A holder's key and the requests of the pre-authorized code flow, each of which can be sent alone."""

    def __init__(self, client: httpx.AsyncClient, clock: SetClock) -> None:
        self.client = client
        self.clock = clock
        self.key = P256Signer.generate()

    async def offered(
        self, person_id: str, *ids: str, claims: Mapping[str, Any] | None = None, needs_approval: bool = False
    ) -> tuple[str, str]:
        """An officer's offer: the pre-authorized code and the transaction code."""
        order = {
            "needs_approval": needs_approval,
            "person_id": person_id,
            "credential_configuration_ids": list(ids or (COVERAGE,)),
            "tx_code_delivery": "in_person",
            "claims": claims or {},
        }
        made = await self.client.post("/offers", json=order, headers=OFFICER)
        assert made.status_code == 201, made.text
        offer = (await self.client.get(made.json()["credential_offer_uri"])).json()
        return offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"], made.json()["tx_code"]

    async def token(self, code: str, tx_code: str | None) -> httpx.Response:
        """A token request."""
        return await self.client.post("/token", data=pre_authorized(code, tx_code))

    async def authorized(self, person_id: str, *ids: str, claims: Mapping[str, Any] | None = None) -> str:
        """An access token for these configurations."""
        answer = await self.token(*await self.offered(person_id, *ids, claims=claims))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def nonce(self) -> str:
        """A fresh nonce."""
        return str((await self.client.post("/nonce")).json()["c_nonce"])

    async def proof(self, **changes: Any) -> str:
        """A proof of the wallet's key over a fresh nonce, unless told otherwise."""
        members: dict[str, Any] = {"audience": ISSUER, "issued_at": self.clock()} | changes
        if "nonce" not in members:
            members["nonce"] = await self.nonce()
        return create_proof_jwt(members.pop("signer", self.key), **members)

    async def proofs(self, *signers: P256Signer) -> list[str]:
        """Proofs of all these keys over one fresh nonce."""
        nonce = await self.nonce()
        return [await self.proof(signer=each, nonce=nonce) for each in signers]

    async def send(self, path: str, token: str, body: Any) -> httpx.Response:
        """A request with an access token; a text is sent as an encrypted one."""
        headers = {"Authorization": f"Bearer {token}"}
        if isinstance(body, str):
            return await self.client.post(path, content=body, headers=headers | {"Content-Type": "application/jwt"})
        return await self.client.post(path, json=body, headers=headers)

    async def credential(
        self, token: str, configuration: str = COVERAGE, *, proof: str | None = None
    ) -> httpx.Response:
        """A credential request."""
        body = create_credential_request(configuration, proofs=[proof or await self.proof()])
        return await self.client.post("/credential", json=body, headers={"Authorization": f"Bearer {token}"})

    async def issued(self, person_id: str, configuration: str = COVERAGE) -> str:
        """A credential, all the way."""
        answer = await self.credential(await self.authorized(person_id, configuration), configuration)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["credentials"][0]["credential"])


def pre_authorized(code: str, tx_code: str | None) -> dict[str, str]:
    """The form of a token request with a pre-authorized code."""
    return create_token_request(TokenRequest(PreAuthorizedCodeGrant(code, tx_code)))
