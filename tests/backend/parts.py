"""The backend's neighbours as tests need them: a registry, an issuer's status lists, a push service, and a patient."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.clock import SetClock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.crypto.x509 import KeyReference
from vc_core.errors import LedgerUnavailable, ReasonCode, Rejection
from vc_core.formats.credential import CredentialStatus, StatusReference
from vc_core.formats.sd_jwt import create_sd_jwt_presentation, create_sd_jwt_vc
from vc_core.formats.status_list import Status
from vc_core.ledger.events import Role
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot
from vc_core.status import KnownStatus
from vc_core.trust import Accreditation, TrustSource

PUBLIC_URL = "https://backend.test"
ISSUER = "did:ethr:0x539:0x00000000000000000000000000000000000000aa"
HOSPITAL_TOKEN = "hospital-token-of-the-tests"
PAYER_TOKEN = "payer-token-of-the-tests-too"
NAME = "มะลิ ใจดีคานารี"
"""A name to be looked for where no name may be."""
DOCUMENT_NUMBER = "1100000000008"


class FakeTrust:
    """Knows one issuer, which may issue everything."""

    def __init__(self, clock: SetClock) -> None:
        self.issuer_key = P256Signer.generate()
        self._clock = clock

    @property
    def synced_at(self) -> int:
        return self._clock()

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        if verification_method != f"{ISSUER}#delegate-1":
            raise Rejection(ReasonCode.UNKNOWN_ISSUER, "Nobody knows this issuer.")
        return self.issuer_key.public_key

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        return Accreditation(did, role, vct, 0, 2**40)

    def name(self, did: str) -> str:
        return "Issuing office"


class FakeRegistry:
    """A mirrored registry without a chain."""

    def __init__(self, clock: SetClock) -> None:
        self.fake_trust = FakeTrust(clock)
        self.known = True

    @property
    def trust(self) -> TrustSource:
        return self.fake_trust

    def snapshot(self) -> RegistrySnapshot:
        head = BlockHead(7, b"\x07" * 32, 1_789_999_000)
        return RegistrySnapshot(
            1337, RegistryAddresses(b"\x01" * 20, b"\x02" * 20, b"\x03" * 20), head, 1_789_999_999, ()
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def ready(self) -> None:
        if not self.known:
            raise LedgerUnavailable("The registry has not been read yet.")


@dataclass
class FakeStatuses:
    """Every credential has this status."""

    known: Status = Status.VALID

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        return KnownStatus(self.known, now)


@dataclass
class Patient:
    """A person with a health ID in a wallet."""

    health_id: str
    issuer_key: P256Signer
    holder_key: P256Signer = field(default_factory=P256Signer.generate)

    def claims(self, type_name: str = "HealthId") -> dict[str, Any]:
        person = {"health_id": self.health_id, "name": NAME, "name_latin": "Mali Jaidee", "birth_year": 1990}
        if type_name == "HealthId":
            return person | {
                "birth_date": "1990-05-04",
                "identifier_system": "https://terms.sil-th.org/id/th-cid",
                "identifier_value": DOCUMENT_NUMBER,
            }
        hospitals = dict.fromkeys(("regular_hospital", "primary_hospital", "referral_hospital"), "10669")
        return person | hospitals | {"scheme": "UCS", "covered_from": "2020-01-01", "covered_until": "2040-01-01"}

    def present(self, nonce: str, now: int, *, audience: str = PUBLIC_URL, type_name: str = "HealthId") -> str:
        """A presentation of a credential made for the purpose, with no claim disclosed that may be withheld."""
        types = {each.name: each for each in CREDENTIAL_TYPES.values()}
        credential = create_sd_jwt_vc(
            types[type_name],
            self.claims(type_name),
            verification_method=f"{ISSUER}#delegate-1",
            signer=self.issuer_key,
            issued_at=now - 3600,
            expires_at=now + 3600,
            status=StatusReference("https://issuer.test/status/1", 5),
            holder_key=self.holder_key.public_key,
            randomness=secrets.token_bytes,
        )
        return create_sd_jwt_presentation(
            credential, disclose=[], holder=self.holder_key, presented_at=now, audience=audience, nonce=nonce
        )


@dataclass(frozen=True)
class Registered:
    """A registered device, as its wallet knows it."""

    id: str
    fcm_token: str | None
    headers: dict[str, str]


@dataclass
class World:
    """The running backend, and what a test needs to speak to it."""

    client: httpx.AsyncClient
    clock: SetClock
    registry: FakeRegistry
    statuses: FakeStatuses

    def patient(self, health_id: str = "SB0123456789") -> Patient:
        return Patient(health_id, self.registry.fake_trust.issuer_key)

    def stranger(self) -> Patient:
        """Somebody whose health ID nobody of ours signed."""
        return Patient("SB0123456789", P256Signer.generate())

    async def nonce(self) -> str:
        response = await self.client.post("/device-challenges")
        assert response.status_code == 201
        return str(response.json()["nonce"])

    async def send_registration(self, presentation: str, phone: str | None = "fcm-1") -> httpx.Response:
        registration = {"presentation": presentation, "language": "th"}
        if phone is not None:
            registration["fcm_token"] = phone
        return await self.client.post("/devices", json=registration)

    async def register(self, patient: Patient, phone: str | None = "fcm-1") -> Registered:
        presentation = patient.present(await self.nonce(), self.clock())
        response = await self.send_registration(presentation, phone)
        assert response.status_code == 201, response.text
        answer = response.json()
        return Registered(answer["device_id"], phone, {"Authorization": f"Bearer {answer['device_token']}"})

    async def as_hospital(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.client.post(path, json=body, headers={"Authorization": f"Bearer {HOSPITAL_TOKEN}", **headers})

    async def as_payer(self, path: str) -> httpx.Response:
        return await self.client.post(path, headers={"Authorization": f"Bearer {PAYER_TOKEN}"})

    async def confirm_an_appointment(self, patient: Patient) -> None:
        asked = await self.as_hospital("/appointments", appointment_of(patient))
        assert asked.status_code == 201, asked.text
        confirmed = await self.as_hospital(f"/appointments/{asked.json()['appointment_id']}/confirm")
        assert confirmed.status_code == 200, confirmed.text

    async def inbox(self, device: Registered, **query: str) -> list[dict[str, Any]]:
        """What the inbox has beside the messages of devices that were registered."""
        messages = await self.whole_inbox(device, **query)
        return [message for message in messages if message["template"] != "device_registered"]

    async def whole_inbox(self, device: Registered, **query: str) -> list[dict[str, Any]]:
        response = await self.client.get("/inbox", headers=device.headers, params=query)
        assert response.status_code == 200, response.text
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages


def appointment_of(patient: Patient) -> dict[str, Any]:
    return {"health_id": patient.health_id, "hospital_code": "10669", "starts_at": "2026-10-01T09:30:00+07:00"}


def claim_of(patient: Patient) -> dict[str, Any]:
    return {
        "health_id": patient.health_id,
        "hospital_code": "10669",
        "service_date": "2026-09-20",
        "amount_satang": 125_000,
    }


def sighting_of(patient: Patient) -> dict[str, Any]:
    return {
        "health_id": patient.health_id,
        "facility_did": "did:ethr:0x539:0x00000000000000000000000000000000000000bb",
        "method": "qr",
        "checked_at": 1_790_000_000,
    }


def statuses_of(responses: Sequence[httpx.Response]) -> list[int]:
    return sorted(response.status_code for response in responses)
