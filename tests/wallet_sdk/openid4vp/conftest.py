"""A wallet with credentials in three formats, and a hospital that asks for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.support.fake_verifier import FakeVerifier
from tests.wallet_sdk.fakes import CLAIMS, OFFICE, OFFICE_NAME, YEAR, AlwaysValid, FakeWorld
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.formats.credential import CredentialFormat
from vc_core.http import HttpClient
from vc_core.protocols.openid4vp.client_id import ClientIdPrefix
from vc_core.trust import RegistryTrust
from vc_core.verification import Policy, VerifiedPresentation, verify_presentation
from wallet_sdk.content import CredentialCopy, HeldCredential
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.choice import Choice
from wallet_sdk.openid4vp.consent import Consent
from wallet_sdk.openid4vp.saved import KIND, parse_saved
from wallet_sdk.openid4vp.states import PresentationSession
from wallet_sdk.wallet import Wallet

VISIT_DATA = {"hospital": "11230", "visit_id": "690701-42", "visit_date": "2026-07-01", "service": "ตรวจรักษา"}


def hold(
    world: FakeWorld, configuration_id: str, *, copies: int = 1, id: str | None = None, **changed: Any
) -> HeldCredential:
    """A credential as the wallet keeps it, in so many copies."""
    name, _, format_name = configuration_id.partition("_")
    credential_type = next(each for each in CREDENTIAL_TYPES.values() if each.name == name)
    keys = [P256Signer.generate() for _ in range(copies)]
    issued_at = changed.get("issued_at", world.clock.now)
    expires_at = changed.get("expires_at", world.clock.now + YEAR)
    return HeldCredential(
        id=id or configuration_id,
        format=CredentialFormat(format_name),
        vct=credential_type.vct,
        copies=tuple(
            CredentialCopy(
                world.issue(configuration_id, key.public_key, **changed), key.to_bytes(), issued_at, expires_at
            )
            for key in keys
        ),
        issuer=OFFICE,
        issuer_name=OFFICE_NAME,
        claims=changed.get("claims", CLAIMS[credential_type.vct]),
    )


@dataclass
class Meeting:
    """A wallet and a hospital, and what they know of the registry."""

    world: FakeWorld
    wallet: Wallet
    verifier: FakeVerifier
    anchored: bool = False
    http: HttpClient = field(init=False)

    def __post_init__(self) -> None:
        self.world.answers.update(self.verifier.routes())
        self.let_ask({HEALTH_ID.vct: None, INSURANCE_COVERAGE.vct: None})
        self.http = self.world.http

    @property
    def now(self) -> int:
        return self.world.clock.now

    @property
    def trust(self) -> RegistryTrust:
        return self.world.trust()

    @property
    def context(self) -> dict[str, Any]:
        """What the steps of the flow take of the world."""
        anchors = (self.verifier.anchor.certificate,) if self.anchored else ()
        return {"trust": self.trust, "anchors": anchors, "now": self.now}

    def let_ask(self, may_ask: dict[str, tuple[str, ...] | None]) -> None:
        self.world.further_events = self.verifier.events(may_ask=may_ask, since=self.world.created_at)

    def name_by(self, prefix: ClientIdPrefix) -> None:
        """The hospital is known by another name from now on, and the wallet trusts its authority."""
        self.verifier.prefix = prefix
        self.anchored = True

    def begin(self, link: str | None = None) -> PresentationSession:
        return flow.begin(self.wallet, link or self.verifier.link(), now=self.now)

    async def ask(self, link: str | None = None, **options: Any) -> tuple[PresentationSession, Consent]:
        session = await flow.fetch(self.wallet, self.http, self.begin(link))
        return flow.ask(self.wallet, session, **self.context, **options)

    async def present(self, link: str | None = None, choice: Choice | None = None) -> PresentationSession:
        session, consent = await self.ask(link, choice=choice)
        agreed = flow.give_consent(self.wallet, session, consent.choice, **self.context)
        return await flow.send(self.wallet, self.http, agreed)

    async def verified(self, **policy: Any) -> dict[str, list[VerifiedPresentation]]:
        """What the hospital makes of the last answer, by the one verification procedure."""
        rules = Policy(
            frozenset(CREDENTIAL_TYPES),
            audiences=frozenset({str(self.verifier.client_id)}),
            expected_nonce=self.verifier.request.nonce,
            **policy,
        )
        return {
            name: [
                await verify_presentation(
                    text,
                    policy=rules,
                    trust=self.trust,
                    statuses=AlwaysValid(),
                    replays=AlwaysValid(),
                    now=self.now,
                )
                for text in texts
            ]
            for name, texts in self.verifier.presented.items()
        }

    def saved(self, session: PresentationSession) -> PresentationSession:
        """That session as the wallet has it now."""
        return next(each for each in map(parse_saved, self.wallet.sessions(KIND)) if each.id == session.id)

    @property
    def asked_hosts(self) -> list[str]:
        return [each.url.host for each in self.world.requests]


Answer = Callable[[], httpx.Response]


@pytest.fixture
def meeting(world: FakeWorld, wallet: Wallet) -> Meeting:
    """A wallet with a health ID and a coverage, each as SD-JWT VC, JSON-LD, JWT and QR pass."""
    for name in ("HealthId", "InsuranceCoverage"):
        for each in CredentialFormat:
            wallet.add_credential(hold(world, f"{name}_{each}"))
    return Meeting(world, wallet, FakeVerifier(world.clock))
