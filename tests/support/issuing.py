"""An accredited issuer on an embedded chain, and a holder: what a desk needs to have something to check."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.chain import Chain
from tests.support.claims import sample_claims
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import CredentialType, StatusPolicy
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import Ed25519Signer, P256Signer, Signer
from vc_core.did.ethr import create_did, did_document
from vc_core.formats.credential import StatusReference
from vc_core.formats.qr_pass import create_qr_pass
from vc_core.formats.status_list import Status, StatusList, create_status_list_token
from vc_core.ledger.events import Role
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.transactions import LedgerKey

HERE, ELSEWHERE, NOWHERE = "10661", "11472", "13756"
DAY = 24 * 3600
COVERAGE_CLAIMS: Mapping[str, Any] = {
    "health_id": "SB4K7T9QX2M3",
    "name": "စန္ဒာလှိုင်",
    "name_latin": "Sandar Hlaing",
    "birth_year": 1994,
    "scheme": "8401",
    "regular_hospital": HERE,
    "primary_hospital": ELSEWHERE,
    "referral_hospital": ELSEWHERE,
    "covered_from": "2026-01-01",
    "covered_until": "2026-12-31",
    "copay_baht": 30,
}


@dataclass
class TestIssuer:
    """An organisation with its two keys in the registry, and the status list that it publishes."""

    __test__ = False

    did: str
    credential_key: P256Signer
    credential_method: str
    status_key: Ed25519Signer
    status_method: str
    registered_at: int
    status_uri: str = "https://issuer.test/status/1"
    status_list: StatusList = field(default_factory=lambda: StatusList(2, 64))

    @classmethod
    async def register(
        cls, chain: Chain, *, name: str, accredited: bool = True, ledger_key: LedgerKey | None = None
    ) -> TestIssuer:
        """An organisation that publishes its name and keys; if `accredited`, it may issue all our types.

        Its DID comes from `ledger_key`, by default another each time.
        """
        ledger_key = ledger_key or LedgerKey.generate()
        credential_key, status_key = P256Signer.generate(), Ed25519Signer.generate()
        did, now = create_did(chain.ledger.chain_id, ledger_key.address), chain.clock()
        for key in (credential_key.public_key, status_key.public_key):
            await chain.writer.publish_key(ledger_key, key, valid_seconds=1000 * DAY)
        await chain.writer.publish_name(ledger_key, name)
        for vct in CREDENTIAL_TYPES if accredited else ():
            await chain.writer.set_accreditation(
                chain.governor, did, Role.ISSUE, vct, valid_from=now, valid_until=now + 900 * DAY
            )
        identity = "0x" + ledger_key.address.hex()
        events = RegistryState(await chain.events()).identity_events(identity)
        document = did_document(did, events, now)
        methods = {method.public_key: method.id for method in document.verification_methods}
        return cls(
            did,
            credential_key,
            methods[credential_key.public_key],
            status_key,
            methods[status_key.public_key],
            now,
        )

    def create_pass(
        self,
        holder: Signer,
        *,
        credential_type: CredentialType = INSURANCE_COVERAGE,
        issued_at: int | None = None,
        expires_at: int | None = None,
        signer: Signer | None = None,
        **claims: Any,
    ) -> bytes:
        """A QR pass for this holder, with some claims changed; by default of a day after registration, for a year."""
        without_status = credential_type.status_policy is StatusPolicy.NONE
        return create_qr_pass(
            credential_type,
            {**sample_claims(credential_type), **claims},
            verification_method=self.credential_method,
            signer=signer or self.credential_key,
            issued_at=self.registered_at + DAY if issued_at is None else issued_at,
            expires_at=self.registered_at + 366 * DAY if expires_at is None else expires_at,
            status=None if without_status else StatusReference(self.status_uri, 7),
            holder_key=holder.public_key,
        )

    def set_status(self, status: Status) -> None:
        """Sets the status of every pass that `create_pass` makes."""
        self.status_list.set(7, status)

    def status_list_token(self, *, issued_at: int) -> str:
        """The status list as it is published."""
        return create_status_list_token(
            self.status_list,
            uri=self.status_uri,
            verification_method=self.status_method,
            signer=self.status_key,
            issued_at=issued_at,
            expires_at=issued_at + 7 * DAY,
            time_to_live=60,
        )


@dataclass
class StatusServer:
    """The issuer's web server, as an httpx transport; `down` makes it fail, `meanwhile` runs before it answers.

    It gives its status list at every address, but for the `aggregation`, where it tells of that list, and for those
    that have other `answers`.
    """

    issuer: TestIssuer
    issued_at: int
    down: bool = False
    requests: int = 0
    meanwhile: Callable[[], Awaitable[object]] | None = None
    aggregation: str | None = None
    answers: dict[str, httpx.Response] = field(default_factory=dict)

    def transport(self) -> httpx.MockTransport:
        """The transport that asks this server whatever the address."""
        return httpx.MockTransport(self._answer)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.down:
            return httpx.Response(503)
        if str(request.url) in self.answers:
            return self.answers[str(request.url)]
        if str(request.url) == self.aggregation:
            return httpx.Response(200, json={"status_lists": [self.issuer.status_uri]})
        token = self.issuer.status_list_token(issued_at=self.issued_at)
        return httpx.Response(200, text=token, headers={"Content-Type": "application/statuslist+jwt"})
