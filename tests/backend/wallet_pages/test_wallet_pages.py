"""What the wallet's pages ask of the registry before they show a name or keep a card."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from backend.settings import KnownIssuer
from backend.wallet_pages.routes import wallet_pages_router
from tests.backend.parts import ISSUER, FakeTrust
from tests.support.clock import SetClock
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.errors import ReasonCode, Rejection
from vc_core.ledger.events import Role
from vc_core.trust import Accreditation
from vc_core.web.problem import install_error_handlers

KEY = f"{ISSUER}#delegate-1"
KNOWN = (KnownIssuer(credential_issuer="https://issuer.test", name="Issuing office"),)


class LimitedTrust(FakeTrust):
    """Knows one organisation, which may do this with health IDs only."""

    role = Role.ISSUE

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        if (role, vct) != (self.role, HEALTH_ID.vct):
            raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "Not accredited for this.")
        return super().accreditation(did, role, vct, at=at)


@pytest.mark.parametrize(
    ("role", "query", "status"),
    [
        (Role.ISSUE, {"verification_method": KEY, "vct": HEALTH_ID.vct}, 200),
        (Role.ISSUE, {"verification_method": KEY, "vct": INSURANCE_COVERAGE.vct}, 404),
        (Role.ISSUE, {"verification_method": KEY}, 200),
        (Role.VERIFY, {"verification_method": KEY}, 404),
        (Role.ISSUE, {"verification_method": f"{ISSUER}#delegate-2"}, 404),
    ],
    ids=["this type", "another type", "any type", "no type at all", "another key"],
)
async def test_an_issuer_is_named_for_what_it_may_issue(
    clock: SetClock, role: Role, query: dict[str, str], status: int
) -> None:
    trust = LimitedTrust(clock)
    trust.role = role
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(wallet_pages_router(trust, KNOWN, clock))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://wallet.test") as client:
        answer = await client.get("/issuers", params=query)
        named = await client.get("/known-issuers")
    assert answer.status_code == status
    known = {"did": ISSUER, "name": "Issuing office", "public_key_jwk": trust.issuer_key.public_key.to_jwk()}
    assert answer.json() == known if status == 200 else answer.json()["code"] == "not_found"
    assert named.json() == {"issuers": [each.model_dump() for each in KNOWN]}
