"""What tests answer a desk's request with, and how it refuses."""

from __future__ import annotations

import httpx
from sqlalchemy import text

from tests.verifier.requests.conftest import AskingDesk
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.protocols.openid4vp.request import AuthorizationRequest


async def audit_lines(desk: AskingDesk) -> list[tuple[str, str]]:
    """Verdict and code of every line of the audit log, sorted."""
    statement = text("SELECT verdict, code FROM check_record ORDER BY verdict, code")
    rows = await desk.desk.app.state.database.write(lambda connection: connection.execute(statement).all())
    return [(verdict, code) for verdict, code in rows]


def assert_refused(answer: httpx.Response, code: str = "invalid_request") -> None:
    """OAuth's error, not cached, with nothing of what was sent."""
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == code
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.headers["cache-control"] == "no-store"


async def good_answer(desk: AskingDesk, request: AuthorizationRequest) -> dict[str, tuple[str, ...]]:
    """What a request for a coverage wants."""
    return {"coverage": (desk.wallet.show_sd_jwt(request, "coverage", desk.wallet.sd_jwt(INSURANCE_COVERAGE)),)}
