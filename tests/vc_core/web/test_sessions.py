"""Sessions: how long they hold, and what their cookie allows."""

from __future__ import annotations

import os

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.conftest import NOW
from vc_core.errors import StepUpNeeded, Unauthenticated
from vc_core.web.sessions import (
    SessionCookie,
    SessionLimits,
    SessionTimes,
    create_session_secret,
    hash_session_secret,
    require_step_up,
    verify_session,
)

LIMITS = SessionLimits(idle_seconds=100, absolute_seconds=1000, step_up_seconds=10)


@pytest.mark.parametrize(("last_seen_at", "until"), [(0, 100), (950, 1000)])
def test_a_session_ends_when_nobody_is_there_and_in_any_case(last_seen_at: int, until: int) -> None:
    times = SessionTimes(NOW, NOW + last_seen_at)
    verify_session(times, LIMITS, now=NOW + until - 1)
    for late in (until, 10**9):
        with pytest.raises(Unauthenticated):
            verify_session(times, LIMITS, now=NOW + late)


def test_what_is_dangerous_needs_the_passkey_just_now() -> None:
    require_step_up(SessionTimes(NOW, NOW), LIMITS, now=NOW + 9)
    with pytest.raises(StepUpNeeded):
        require_step_up(SessionTimes(NOW, NOW + 10), LIMITS, now=NOW + 10)


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [("https://desk.test", "__Host-desk", True), ("http://127.0.0.1:8002", "desk", False)],
)
def test_the_cookie_is_for_our_own_pages_and_no_script(public_url: str, name: str, secure: bool) -> None:
    cookie = SessionCookie("desk", public_url)
    given, taken = Response(), Response()
    cookie.set(given, "secret")
    cookie.clear(taken)
    for header in (given.headers["set-cookie"], taken.headers["set-cookie"]):
        attributes = [each.strip().lower() for each in header.split(";")]
        assert attributes[0].startswith(name.lower() + "=")
        assert {"httponly", "samesite=strict", "path=/"} <= set(attributes)
        assert ("secure" in attributes) is secure
        assert not any(each.startswith("domain") for each in attributes)
    assert "max-age=0" in taken.headers["set-cookie"].lower()
    request = Request({"type": "http", "headers": [(b"cookie", f"{name}=secret; other=1".encode())]})
    assert cookie.read(request) == "secret"


def test_the_database_has_a_hash_of_256_random_bits() -> None:
    secret = create_session_secret(os.urandom)
    assert len(secret) == 43
    assert secret != create_session_secret(os.urandom)
    assert len(hash_session_secret(secret)) == 64
    assert secret not in hash_session_secret(secret)
