"""What the benchmarks check: a real registry state, a real status list, one patient with a QR pass and an SD-JWT VC."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import httpx

from tests.bench.twelve_claims import SAMPLE, TWELVE_CLAIMS, define_twelve_claims
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import Ed25519Signer, P256Signer, PublicKey
from vc_core.did.ethr import create_did
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import StatusReference
from vc_core.formats.qr_pass import create_qr_pass, create_qr_presentation
from vc_core.formats.sd_jwt import create_sd_jwt_presentation, create_sd_jwt_vc
from vc_core.formats.status_list import StatusList, create_status_list_token
from vc_core.http import HttpClient
from vc_core.ledger.events import (
    KEY_ATTRIBUTE,
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    Position,
    Role,
    credential_type_id,
    subject_id,
)
from vc_core.ledger.registry_state import RegistryState
from vc_core.status import StatusLists
from vc_core.trust import RegistryTrust
from vc_core.verification import Policy

NOW = 1_790_000_000
CHAIN_ID = 0x5ABA
STATUS = StatusReference("https://status.office.example/lists/1", 77_123)
LIST_SIZE = 2**17
HOSPITAL = "10661"
DESK = "did:example:desk"
NONCE = "n-0S6_WzA2Mj"

CLAIMS: dict[str, Any] = {
    "health_id": "SB4J7QX2M9KZ",
    "name": "နန်းမူးဖော",
    "name_latin": "Naw Mu Paw",
    "birth_year": 1994,
    "scheme": "8401",
    "regular_hospital": HOSPITAL,
    "primary_hospital": "10662",
    "referral_hospital": "11472",
    "covered_from": "2026-01-01",
    "covered_until": "2027-12-31",
}


class MemoryReplays:
    """A `ReplayGuard` in a set."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    async def remember(self, digest: bytes, *, until: int) -> None:
        """See `ReplayGuard`."""
        if digest in self._seen:
            raise Rejection(ReasonCode.REPLAYED, "Seen before.")
        self._seen.add(digest)

    def forget(self) -> None:
        """Forgets all, so that the same presentation can be verified again."""
        self._seen.clear()


@dataclass(frozen=True)
class World:
    """Everything that one verification needs."""

    issuer: P256Signer
    holder: P256Signer
    holder_key: PublicKey
    """As an issuer has it: read from the JWK of the proof of possession."""
    verification_method: str
    trust: RegistryTrust
    statuses: StatusLists
    policy: Policy
    """What a desk asks of a QR code, which comes unasked."""

    @property
    def challenge(self) -> Policy:
        """What a desk asks of an SD-JWT VC, which answers its nonce."""
        return replace(self.policy, expected_nonce=NONCE)

    def issue_qr_pass(self) -> bytes:
        """A QR pass of the sample coverage."""
        return create_qr_pass(INSURANCE_COVERAGE, CLAIMS, **self._terms)

    def issue_sd_jwt(self) -> str:
        """An SD-JWT VC with twelve disclosures."""
        return create_sd_jwt_vc(TWELVE_CLAIMS, SAMPLE, **self._terms, randomness=secrets.token_bytes)

    def present(self, presented_at: int = NOW) -> str:
        """The text of a QR code."""
        return create_qr_presentation(self.issue_qr_pass(), holder=self.holder, presented_at=presented_at)

    def present_sd_jwt(self) -> str:
        """All twelve claims, shown to the desk that asked."""
        return create_sd_jwt_presentation(
            self.issue_sd_jwt(), disclose=set(SAMPLE), holder=self.holder, presented_at=NOW, audience=DESK, nonce=NONCE
        )

    @cached_property
    def _terms(self) -> dict[str, Any]:
        return {
            "verification_method": self.verification_method,
            "signer": self.issuer,
            "issued_at": NOW - 1000,
            "expires_at": NOW + 86_400,
            "status": STATUS,
            "holder_key": self.holder_key,
        }


def create_world() -> World:
    """An accredited issuer, a status list of 2^17 entries, a holder."""
    define_twelve_claims()
    issuer, status_signer, holder = P256Signer.generate(), Ed25519Signer.generate(), P256Signer.generate()
    address = "0x" + "5a" * 20
    did = create_did(CHAIN_ID, bytes.fromhex(address[2:]))
    state = RegistryState(
        [
            _key_event(address, issuer.public_key, 1),
            _key_event(address, status_signer.public_key, 2),
            _accreditation(did, INSURANCE_COVERAGE.vct, 3),
            _accreditation(did, TWELVE_CLAIMS.vct, 4),
        ]
    )
    token = create_status_list_token(
        StatusList(2, LIST_SIZE),
        uri=STATUS.uri,
        verification_method=f"{did}#delegate-2",
        signer=status_signer,
        issued_at=NOW,
        expires_at=NOW + 86_400,
        time_to_live=86_400,
    )
    http = HttpClient(transport=httpx.MockTransport(lambda _request: httpx.Response(200, text=token)))
    accepted = frozenset({INSURANCE_COVERAGE.vct, TWELVE_CLAIMS.vct})
    policy = Policy(accepted, frozenset({DESK}), hospital_code=HOSPITAL)
    trust = RegistryTrust(state, chain_id=CHAIN_ID, synced_at=NOW)
    holder_key = PublicKey.from_jwk(holder.public_key.to_jwk())
    return World(issuer, holder, holder_key, f"{did}#delegate-1", trust, StatusLists(http), policy)


def create_trust(issuer_key: PublicKey) -> tuple[str, RegistryTrust]:
    """A registry with one issuer of coverage that has that key, and the key's DID URL."""
    address = "0x" + "5a" * 20
    did = create_did(CHAIN_ID, bytes.fromhex(address[2:]))
    state = RegistryState([_key_event(address, issuer_key, 1), _accreditation(did, INSURANCE_COVERAGE.vct, 2)])
    return f"{did}#delegate-1", RegistryTrust(state, chain_id=CHAIN_ID, synced_at=NOW)


def _key_event(address: str, key: PublicKey, block: int) -> AttributeChanged:
    at = Position(block, NOW - 6000, 0)
    return AttributeChanged(at, address, KEY_ATTRIBUTE, key.to_multikey().hex(), NOW + 10**9)


def _accreditation(did: str, vct: str, block: int) -> AccreditationChanged:
    return AccreditationChanged(
        Position(block, NOW - 5000, 0),
        subject_id(did).hex(),
        Role.ISSUE,
        credential_type_id(vct).hex(),
        NOW - 5000,
        NOW + 10**8,
        AccreditationState.ACTIVE,
    )
