"""Wallets and browsers that send whatever they have, in any order, again, together and too late, to one desk.

Hypothesis makes up the sessions. After each answer these rules must hold:

1. A request takes one answer at most, accepted or declined, and none after its time.
2. What is right, in time and first is taken, when it is sent alone.
3. A verdict is shown for answered requests only; on the same device, only once the browser that began came back with
   the response code, which counts once.
4. Whatever is refused changes nothing, and is never the server's error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.support.hospital import post_answer, post_form
from tests.support.seeds import session_seed
from tests.verifier.requests.conftest import PUBLIC_URL, AskingDesk, OpenAskingDesk
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.protocols.openid4vp.request import AuthorizationRequest
from vc_core.protocols.openid4vp.response import AuthorizationErrorResponse, create_response_form
from verifier.requests.service import LIFETIME_SECONDS

EXAMPLES, STEPS = 10, 35
_Which = st.one_of(st.integers(0, 5), st.integers(0, 1000))
"""A message by its place: one of the newest as often as any."""
_Seconds = st.sampled_from([*([1, 7, 20] * 5), LIFETIME_SECONDS])


@dataclass(eq=False)
class Asked:
    """A request, and what is known of it: `concluded` by which message, `returned` whether its browser came back."""

    created: dict[str, Any]
    request: AuthorizationRequest
    expires_at: int
    cookie: str | None
    concluded: Message | None = None
    response_code_path: str | None = None
    returned: bool = False


@dataclass(eq=False)
class Answer:
    """A wallet's answer: a good one, one with another's nonce, or a refusal."""

    asked: Asked
    kind: str


@dataclass(eq=False)
class Return:
    """A browser that comes back, the one that began or another."""

    asked: Asked
    own: bool


Message = Answer | Return


class DeskSessions(RuleBasedStateMachine):
    """The wallets' side: their messages, newest first."""

    desk: AskingDesk
    portal: BlockingPortal

    @initialize()
    def begin(self) -> None:
        self.asked: list[Asked] = []
        self.messages: list[Message] = []
        self.ask("direct_post", True)
        self.ask("direct_post.jwt", False)

    @rule(mode=st.sampled_from(["direct_post", "direct_post.jwt"]), same_device=st.booleans())
    def ask(self, mode: str, same_device: bool) -> None:
        asked = self.portal.call(self._ask, mode, same_device)
        self.asked.insert(0, asked)
        self.messages[:0] = [Answer(asked, kind) for kind in ("good", "good", "other nonce", "declined")]
        if same_device:
            self.messages[:0] = [Return(asked, own) for own in (True, True, False)]

    async def _ask(self, mode: str, same_device: bool) -> Asked:
        created = await self.desk.ask("coverage", mode, same_device=same_device)
        cookie = None
        if same_device:
            start = await self.desk.client.get(created["start_url"].removeprefix(PUBLIC_URL))
            cookie = start.headers["set-cookie"].partition(";")[0]
            self.desk.client.cookies.clear()
        return Asked(created, await self.desk.fetch(created), created["expires_at"], cookie)

    @rule(which=_Which)
    def send(self, which: int) -> None:
        message = self.messages[which % len(self.messages)]
        must_succeed = self._is_right(message)
        [answer] = self._send([message])
        assert answer.status_code == 200 or not must_succeed, (message, answer.text)
        self._judge([(message, answer)])

    @rule(which=st.lists(_Which, min_size=2, max_size=5), doubled=st.booleans())
    def send_together(self, which: list[int], doubled: bool) -> None:
        together = [self.messages[each % len(self.messages)] for each in which] * (2 if doubled else 1)
        self._judge(list(zip(together, self._send(together), strict=True)))

    @rule(seconds=_Seconds)
    def wait(self, seconds: int) -> None:
        self.desk.clock.advance(seconds)

    @invariant()
    def verdicts_are_of_concluded_requests(self) -> None:
        for asked in self.asked[:6]:
            result = self.portal.call(self.desk.result, asked.created)
            by = asked.concluded
            shown = isinstance(by, Answer) and by.kind == "good" and (asked.cookie is None or asked.returned)
            assert (result["verdict"] == "accepted") is shown, result
            if isinstance(by, Answer) and by.kind == "declined":
                assert result["state"] == "refused"

    def _send(self, messages: Sequence[Message]) -> list[httpx.Response]:
        async def send() -> list[httpx.Response]:
            return list(await asyncio.gather(*(self._post(each) for each in messages)))

        return list(self.portal.call(send))

    async def _post(self, message: Message) -> httpx.Response:
        asked, client = message.asked, self.desk.client
        if isinstance(message, Return):
            path = asked.response_code_path or f"/openid4vp/{asked.request.state}/return?response_code=made-up"
            headers = {"Cookie": asked.cookie or ""} if message.own else {"Cookie": "presentation=another"}
            return await client.get(path, headers=headers)
        if message.kind == "declined":
            error = AuthorizationErrorResponse("access_denied", asked.request.state)
            return await post_form(client, asked.request, create_response_form(error))
        wallet = self.desk.wallet
        changes = {"nonce": "bm9uY2Utb2YtYW5vdGhlcg"} if message.kind == "other nonce" else {}
        shown = wallet.show_sd_jwt(asked.request, "coverage", wallet.sd_jwt(INSURANCE_COVERAGE), **changes)
        return await post_answer(client, asked.request, {"coverage": (shown,)})

    def _is_right(self, message: Message) -> bool:
        asked = message.asked
        in_time = self.desk.clock() < asked.expires_at
        if isinstance(message, Return):
            return message.own and in_time and asked.response_code_path is not None and not asked.returned
        return in_time and asked.concluded is None

    def _judge(self, answered: Sequence[tuple[Message, httpx.Response]]) -> None:
        for message, answer in sorted(answered, key=lambda each: each[1].status_code):
            if answer.status_code == 200:
                self._note_success(message, answer)
            elif isinstance(message, Return):
                assert answer.status_code == 403, answer.text
            else:
                assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text

    def _note_success(self, message: Message, answer: httpx.Response) -> None:
        asked = message.asked
        assert self.desk.clock() < asked.expires_at, "success too late"
        if isinstance(message, Return):
            assert message.own
            assert not asked.returned, "a second success"
            asked.returned = True
            return
        assert asked.concluded is None, "a second success"
        asked.concluded = message
        redirect_uri = answer.json().get("redirect_uri")
        assert (redirect_uri is not None) is (asked.cookie is not None and message.kind != "declined")
        if redirect_uri is not None:
            asked.response_code_path = redirect_uri.removeprefix(PUBLIC_URL)


@pytest.fixture
def world(open_asking_desk: OpenAskingDesk, database_url: str) -> Iterator[dict[str, Any]]:
    """A desk in a thread of its own, once on each database."""
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        opened: Callable[..., Any] = open_asking_desk
        desk = stack.enter_context(portal.wrap_async_context_manager(portal.call(opened, database_url)))
        yield {"desk": desk, "portal": portal}


def test_sessions_of_any_order(world: dict[str, Any]) -> None:
    machine = seed(session_seed())(type("Sessions", (DeskSessions,), world))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # shrinking takes minutes, and the steps are readable as they are
            suppress_health_check=list(HealthCheck),
        ),
    )
