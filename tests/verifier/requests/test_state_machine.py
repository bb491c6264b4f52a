"""Messages in any order, repeated, late and several at once: a request is answered once, and its verdict stays.

One desk serves all examples; what is asserted is of each example's own requests, and of the nonces of all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.support.hospital import fetch_request, post_form
from tests.verifier.requests.conftest import AskingDesk, OpenAskingDesk
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.protocols.openid4vp.encrypted_response import encrypt_response
from vc_core.protocols.openid4vp.request import AuthorizationRequest
from vc_core.protocols.openid4vp.response import (
    AuthorizationErrorResponse,
    AuthorizationResponse,
    UnverifiedResponse,
    create_response_form,
)

Run = Callable[[Coroutine[Any, Any, Any]], Any]
MODES = st.sampled_from(["direct_post", "direct_post.jwt"])
ENDED = ("answered", "refused", "expired")


@dataclass(eq=False)
class Asked:
    """A request of this example, every form that was made for it, and what came of posting them."""

    created: dict[str, Any]
    request: AuthorizationRequest
    expires_at: int
    forms: list[dict[str, str]] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    address: str | None = None
    seen: dict[str, Any] | None = None


class Requests(RuleBasedStateMachine):
    """The desk's program, wallets and browsers, doing what they like."""

    asked = Bundle("asked")

    def __init__(self, run: Run, desk: AskingDesk, credential: str, nonces: set[str]) -> None:
        super().__init__()
        self.run, self.desk, self.credential, self.nonces = run, desk, credential, nonces
        self.all: list[Asked] = []

    @rule(target=asked, mode=MODES, same_device=st.booleans())
    def ask(self, mode: str, same_device: bool) -> Asked:
        created = self.run(self.desk.ask("coverage", mode, same_device=same_device))
        request = self.run(fetch_request(self.desk.client, created["authorization_request"]))
        assert request.nonce not in self.nonces
        self.nonces.add(request.nonce)
        self.all.append(Asked(created, request, created["expires_at"]))
        return self.all[-1]

    @rule(one=asked, other=asked, good=st.booleans())
    def prepare_an_answer(self, one: Asked, other: Asked, good: bool) -> None:
        """For this request; or one that was made for another and is posted here."""
        made_for = one.request if good else other.request
        shown = self.desk.wallet.show_sd_jwt(made_for, "coverage", self.credential)
        response: UnverifiedResponse = AuthorizationResponse({"coverage": (shown,)}, one.request.state)
        if one.request.response_mode.is_encrypted:
            response = encrypt_response(response, one.request.client_metadata)  # type: ignore[arg-type]
        one.forms.append(create_response_form(response))

    @rule(one=asked)
    def prepare_a_refusal(self, one: Asked) -> None:
        one.forms.append(create_response_form(AuthorizationErrorResponse("access_denied", one.request.state)))

    @rule(one=asked, times=st.integers(1, 3), last=st.booleans())
    def post(self, one: Asked, times: int, last: bool) -> None:
        """A form that was made for it, new or old, once or several times at the same moment."""
        if one.forms:
            form = one.forms[-1 if last else 0]
            self._count(one, self.run(self._together([(one, form)] * times)))

    @rule(one=asked)
    def post_everything_at_once(self, one: Asked) -> None:
        self._count(one, self.run(self._together([(one, form) for form in one.forms])))

    @rule(seconds=st.sampled_from([1, 20, 40, 299, 300]))
    def wait(self, seconds: int) -> None:
        self.desk.clock.advance(seconds)

    @rule(one=asked)
    def come_back_in_another_browser(self, one: Asked) -> None:
        if one.address is not None:
            assert self.run(self.desk.client.get(one.address)).status_code == 403

    @invariant()
    def nothing_is_answered_twice_and_no_verdict_changes(self) -> None:
        for one in self.all[-3:]:
            assert len(one.taken) <= 1
            result = self.run(self.desk.result(one.created))
            if one.created["start_url"] is not None:
                assert result["verdict"] is None  # no browser of ours ever came back
            if one.seen is not None:
                assert result == one.seen
            if result["state"] in ENDED:
                one.seen = result
            if result["state"] in ("created", "fetched"):
                assert not one.taken
                assert self.desk.clock() < one.expires_at

    async def _together(self, posts: list[tuple[Asked, dict[str, str]]]) -> list[httpx.Response]:
        return await asyncio.gather(*(post_form(self.desk.client, one.request, form) for one, form in posts))

    def _count(self, one: Asked, answers: list[httpx.Response]) -> None:
        assert {each.status_code for each in answers} <= {200, 400}
        for answer in answers:
            if answer.status_code == 200:
                one.taken.append(self.desk.clock())
                one.address = answer.json().get("redirect_uri")
                assert self.desk.clock() < one.expires_at


def test_requests_in_any_order(open_asking_desk: OpenAskingDesk, database_url: str) -> None:
    """On both databases; a failure prints how to repeat it."""
    nonces: set[str] = set()
    with asyncio.Runner() as runner:
        opening = open_asking_desk(database_url)
        desk = runner.run(opening.__aenter__())
        credential = desk.wallet.sd_jwt(INSURANCE_COVERAGE)
        start = desk.clock()

        def machine() -> Requests:
            desk.clock.now = start  # so that the registry and the credential stay good
            return Requests(runner.run, desk, credential, nonces)

        try:
            options = settings(max_examples=20, stateful_step_count=15)
            run_state_machine_as_test(machine, settings=options)  # type: ignore[arg-type]
        finally:
            runner.run(opening.__aexit__(None, None, None))
    assert len(nonces) > 20
