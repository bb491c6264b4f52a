"""An issuer and a wallet provider in memory, behind an HTTP transport, over a registry of made-up events.

They speak through the real protocol and format code; what a test wants bent, it bends by setting an attribute.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Any

import httpx

from issuer.issuance.configurations import Configuration
from tests.support.attestations import PROVIDER as ATTESTER
from tests.support.attestations import PROVIDER_METHOD, provider_key
from tests.support.clock import SetClock
from tests.support.fake_issuer import ISSUER, TX_CODE, FakeIssuer
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.did.ethr import create_did
from vc_core.encoding import base64url_encode
from vc_core.formats.credential import (
    BitstringStatusReference,
    CredentialFormat,
    CredentialStatus,
    StatusPurpose,
    StatusReference,
)
from vc_core.formats.jwt_vc_json import create_jwt_vc_json
from vc_core.formats.ldp_vc import create_ldp_vc
from vc_core.formats.qr_pass import create_qr_pass
from vc_core.formats.sd_jwt import create_sd_jwt_vc
from vc_core.formats.status_list import Status
from vc_core.http import HttpClient
from vc_core.ledger.events import (
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    Position,
    RegistryEvent,
    Role,
    credential_type_id,
    subject_id,
)
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot
from vc_core.protocols.oauth.client_attestation import WalletAttestation, create_wallet_attestation
from vc_core.protocols.oauth.dpop import verify_dpop_proof
from vc_core.protocols.openid4vci.key_attestation import KeyAttestation, create_key_attestation
from vc_core.protocols.openid4vci.proof_jwt import verify_proof_jwt
from vc_core.status import KnownStatus
from vc_core.trust import RegistryTrust, TrustSource
from vc_core.verification import Policy, verify_presentation
from wallet_sdk.store import KeyCost
from wallet_sdk.wallet import Wallet

__all__ = ["ISSUER", "TX_CODE"]

PROVIDER = "https://provider.test"
PASSPHRASE = "ข้าวเหนียวมะม่วง"
CHEAP = KeyCost(memory_kib=8, passes=1)
CHAIN_ID = 7_331
OFFICE = create_did(CHAIN_ID, b"\x11" * 20)
OFFICE_NAME = "สำนักงานหลักประกันสุขภาพ Ranong"
ADDRESSES = RegistryAddresses(b"\xaa" * 20, b"\xbb" * 20, b"\xcc" * 20)
YEAR = 365 * 86_400
CLAIMS: dict[str, dict[str, Any]] = {
    HEALTH_ID.vct: {
        "health_id": "SB4G7K2M9QXT",
        "name": "မောင်မောင်",
        "name_latin": "Maung Maung",
        "birth_year": 1991,
        "birth_date": "1991-04-13",
        "nationality": "MMR",
        "identifier_system": "http://hl7.org/fhir/sid/passport-MMR",
        "identifier_value": "MB123456",
    },
    INSURANCE_COVERAGE.vct: {
        "health_id": "SB4G7K2M9QXT",
        "name": "မောင်မောင်",
        "name_latin": "Maung Maung",
        "birth_year": 1991,
        "scheme": "8401",
        "regular_hospital": "11230",
        "primary_hospital": "11230",
        "referral_hospital": "10738",
        "covered_from": "2026-01-01",
        "covered_until": "2026-12-31",
    },
}
ALL_CONFIGURATIONS = (
    "HealthId_dc+sd-jwt",
    "HealthId_qr_pass",
    "InsuranceCoverage_dc+sd-jwt",
    "InsuranceCoverage_qr_pass",
)


class AlwaysValid:
    """A status source and replay guard for what only a verifier must look at."""

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        return KnownStatus(Status.VALID, now)

    async def remember(self, digest: bytes, *, until: int) -> None:
        return None


class FakeWorld(FakeIssuer):
    """One issuer, one provider, one registry, and every request that reached them."""

    def __init__(self, clock: SetClock) -> None:
        super().__init__(clock, _configurations(), self.issue_one, ALL_CONFIGURATIONS, provider_key)
        self.requests: list[httpx.Request] = []
        self.issuer_key = P256Signer.generate()
        self.registered_key = self.issuer_key
        self.accredited = True
        self.further_events: tuple[RegistryEvent, ...] = ()
        self.block = 100
        self.created_at = clock.now - 3600
        self.answers: dict[str, Callable[[httpx.Request], httpx.Response]] = {}
        self.inbox: list[dict[str, Any]] = []
        self.device_tokens: set[str] = set()
        self.http = HttpClient(transport=httpx.MockTransport(self.respond))

    # What a test looks at.

    @property
    def paths(self) -> list[str]:
        """`METHOD host/path` of each request so far."""
        return [f"{each.method} {each.url.host}{each.url.path}" for each in self.requests]

    def new_wallet(self, folder: Path) -> Wallet:
        return Wallet.create(folder / "wallet", PASSPHRASE, provider=PROVIDER, cost=CHEAP)

    def trust(self) -> RegistryTrust:
        snapshot = self.snapshot()
        return RegistryTrust(snapshot.state(), chain_id=CHAIN_ID, synced_at=snapshot.synced_at)

    def snapshot(self) -> RegistrySnapshot:
        head = BlockHead(self.block, self.block.to_bytes(32, "big"), self.clock.now)
        return RegistrySnapshot(CHAIN_ID, ADDRESSES, head, self.clock.now, tuple(self.events()))

    def events(self) -> list[RegistryEvent]:
        identity = OFFICE.rpartition(":")[2]
        until = self.created_at + 10 * YEAR
        key, name = self.registered_key.public_key.to_multikey().hex(), OFFICE_NAME.encode().hex()
        found: list[RegistryEvent] = [
            AttributeChanged(self._at(0), identity, "did/pub/Multikey/veriKey", key, until),
            AttributeChanged(self._at(1), identity, "sabai/name", name, until),
        ]
        for number, vct in enumerate(CREDENTIAL_TYPES if self.accredited else ()):
            found.append(
                AccreditationChanged(
                    self._at(2 + number),
                    subject_id(OFFICE).hex(),
                    Role.ISSUE,
                    credential_type_id(vct).hex(),
                    self.created_at,
                    until,
                    AccreditationState.ACTIVE,
                )
            )
        return [*found, *self.further_events]

    def _at(self, log_index: int) -> Position:
        return Position(10, self.created_at, log_index)

    def issue_one(self, configuration_id: str, holder_key: PublicKey, **changed: Any) -> str:
        """A credential; `changed`: `claims`, `signer`, `verification_method`, `issued_at`, `expires_at`."""
        name, _, format_name = configuration_id.partition("_")
        credential_type = next(each for each in CREDENTIAL_TYPES.values() if each.name == name)
        arguments: dict[str, Any] = {
            "verification_method": changed.get("verification_method", OFFICE + "#delegate-1"),
            "signer": changed.get("signer", self.issuer_key),
            "issued_at": changed.get("issued_at", self.clock.now),
            "expires_at": changed.get("expires_at", self.clock.now + YEAR),
            "status": StatusReference(ISSUER + "/status/1", 7),
            "holder_key": holder_key,
        }
        claims = changed.get("claims", CLAIMS[credential_type.vct])
        if format_name == CredentialFormat.LDP_VC:
            references = (BitstringStatusReference(ISSUER + "/status/1/revocation", 7, StatusPurpose.REVOCATION),)
            arguments["status"] = references
            return create_ldp_vc(credential_type, claims, **arguments, randomness=token_bytes)
        if format_name == CredentialFormat.QR_PASS:
            return base64url_encode(create_qr_pass(credential_type, claims, **arguments))
        if format_name == CredentialFormat.JWT_VC_JSON:
            return create_jwt_vc_json(credential_type, claims, **arguments)
        return create_sd_jwt_vc(credential_type, claims, **arguments, randomness=token_bytes)

    # HTTP.

    async def respond(self, request: httpx.Request) -> httpx.Response:
        """The answer of whoever is at the request's address."""
        self.requests.append(request)
        route = f"{request.method} {request.url.host}{request.url.path}"
        if route in self.answers:
            return self.answers[route](request)
        if request.url.host == "provider.test":
            return await self._provider(route, request)
        return self.answer(request)

    async def _provider(self, route: str, request: httpx.Request) -> httpx.Response:
        match route:
            case "GET provider.test/registry":
                return httpx.Response(200, json=self.snapshot().to_json())
            case "POST provider.test/device-challenges":
                self.nonces.add(nonce := token_urlsafe())
                return httpx.Response(201, json={"nonce": nonce, "expires_at": self.clock.now + 60})
            case "POST provider.test/wallet-attestations":
                return self._attest_wallet(request)
            case "POST provider.test/key-attestations":
                return self._attest_keys(request)
            case "POST provider.test/devices":
                return await self._register(request)
            case _ if route.startswith("GET provider.test/inbox"):
                return self._inbox(request)
            case _:
                return httpx.Response(404, json={"code": "not_found"})

    def _attest_wallet(self, request: httpx.Request) -> httpx.Response:
        now = self.clock.now
        url = PROVIDER + "/wallet-attestations"
        verify_dpop_proof(request.headers["DPoP"], expected_method="POST", expected_url=url, now=now)
        key = PublicKey.from_jwk(parse_jws(request.headers["DPoP"], typ="dpop+jwt").header["jwk"])
        content = WalletAttestation("attested-wallet", key, now, now + 3600)
        text = create_wallet_attestation(content, signer=ATTESTER, verification_method=PROVIDER_METHOD)
        answer = {"wallet_attestation": text, "client_id": "attested-wallet", "expires_at": now + 3600}
        return httpx.Response(201, json=answer)

    def _attest_keys(self, request: httpx.Request) -> httpx.Response:
        body, now = json.loads(request.content), self.clock.now
        proofs = [verify_proof_jwt(each, expected_audience=PROVIDER, now=now) for each in body["proofs"]]
        content = KeyAttestation(tuple(each.holder_key for each in proofs), now, now + 600, body["nonce"])
        text = create_key_attestation(content, signer=ATTESTER, verification_method=PROVIDER_METHOD)
        return httpx.Response(201, json={"key_attestation": text})

    async def _register(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        nonce = next(iter(self.nonces))
        policy = Policy(frozenset({HEALTH_ID.vct}), frozenset({PROVIDER}), expected_nonce=nonce)
        await verify_presentation(
            body["presentation"],
            policy=policy,
            trust=self.trust(),
            statuses=AlwaysValid(),
            replays=AlwaysValid(),
            now=self.clock.now,
        )
        self.nonces.remove(nonce)
        self.device_tokens.add(token := token_urlsafe())
        return httpx.Response(201, json={"device_id": "d1", "device_token": token})

    def _inbox(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.device_tokens:
            return httpx.Response(401, json={"code": "unauthenticated", "detail": "\x1b[2Jno"})
        message_id = request.url.path.removeprefix("/inbox").strip("/")
        if not message_id:
            after = request.url.params.get("after")
            first = next((n + 1 for n, each in enumerate(self.inbox) if each["id"] == after), 0)
            return httpx.Response(200, json={"messages": self.inbox[first : first + 2]})
        for message in self.inbox:
            if message["id"] == message_id:
                message["opened_at"] = message["opened_at"] or self.clock.now
                return httpx.Response(200, json=message)
        return httpx.Response(404, json={"code": "not_found"})


def _configurations() -> dict[str, dict[str, Any]]:
    every = (
        Configuration(credential_type, each)
        for credential_type in CREDENTIAL_TYPES.values()
        for each in CredentialFormat
    )
    return {each.id: each.metadata() for each in every}
