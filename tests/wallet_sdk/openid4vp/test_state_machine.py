"""Presentations by Hypothesis: interleaved, repeated and late steps, crashes, full disks and verifiers that are away.

What must hold, whatever happens:
- a verifier gets no presentation that the holder did not agree to, and never two different ones for one request;
- a copy of a credential is shown for one request only, as long as there are others;
- a no is followed by nothing but one error.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.support.clock import SetClock
from tests.support.fake_verifier import FakeVerifier
from tests.support.verification import NOW
from tests.wallet_sdk.fakes import PASSPHRASE, FakeWorld
from tests.wallet_sdk.openid4vp.conftest import Meeting, hold
from vc_core.encoding import parse_json_object
from vc_core.errors import Conflict, FetchError, ProtocolError, ServiceRefused
from vc_core.formats.presentation import parse_presentation
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.choice import Choice
from wallet_sdk.openid4vp.saved import KIND, parse_saved
from wallet_sdk.openid4vp.states import PresentationSession, Step
from wallet_sdk.wallet import Wallet

COPIES = 2
TURNS = st.integers(0, 2)


def _away() -> httpx.Response:
    raise httpx.ConnectError("away")


ANSWERS: Mapping[str, Callable[[], httpx.Response]] = {
    "taken": lambda: httpx.Response(200, json={}),
    "go on": lambda: httpx.Response(200, json={"redirect_uri": "https://desk.hospital.test/done#response_code=x"}),
    "busy": lambda: httpx.Response(503),
    "no": lambda: httpx.Response(400, json={"error": "invalid_request"}),
    "elsewhere": lambda: httpx.Response(302, headers={"Location": "https://elsewhere.test/"}),
    "lost": _away,
}


class Presentations(RuleBasedStateMachine):
    """One wallet, one hospital, three requests."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.world = FakeWorld(SetClock(NOW))
        wallet = self.world.new_wallet(Path(self.folder.name))
        wallet.add_credential(hold(self.world, "HealthId_dc+sd-jwt", copies=COPIES))
        self.meeting = Meeting(self.world, wallet, FakeVerifier(self.world.clock))
        self.agreed: list[str] = []

    def teardown(self) -> None:
        self.meeting.wallet.close()
        self.folder.cleanup()
        self.loop.close()

    # Steps of the holder.

    @rule(turn=TURNS)
    def begin(self, turn: int) -> None:
        flow.begin(self.meeting.wallet, self._link(turn), now=self.meeting.now)

    @rule(turn=TURNS)
    def fetch(self, turn: int) -> None:
        self.meeting.verifier.changes = {"nonce": f"nonce-{turn}", "state": f"state-{turn}"}
        for session in self._sessions(turn):
            if session.step not in (Step.DONE, Step.REFUSED, Step.FAILED):
                self.loop.run_until_complete(flow.fetch(self.meeting.wallet, self.meeting.http, session))

    @rule(turn=TURNS)
    def ask(self, turn: int) -> None:
        for session in self._sessions(turn, Step.FETCHED, Step.VERIFIED, Step.CONSENT_ASKED):
            with suppress(ProtocolError):  # it has expired, or was answered before
                flow.ask(self.meeting.wallet, session, **self.meeting.context)

    @rule(turn=TURNS, late=st.booleans())
    def agree(self, turn: int, late: bool) -> None:
        for session in self._sessions(turn, Step.CONSENT_ASKED):
            try:
                session, consent = flow.ask(self.meeting.wallet, session, **self.meeting.context)
                self.world.clock.now += 400 if late else 1
                flow.give_consent(self.meeting.wallet, session, consent.choice, **self.meeting.context)
            except ProtocolError:
                continue
            self.agreed.append(f"state-{turn}")

    @rule(turn=TURNS)
    def agree_twice(self, turn: int) -> None:
        for session in self._sessions(turn, Step.CONSENTED, Step.SENT, Step.DONE):
            with pytest.raises(Conflict):
                flow.give_consent(self.meeting.wallet, session, Choice({}), **self.meeting.context)

    @rule(turn=TURNS)
    def decline(self, turn: int) -> None:
        for session in self._sessions(turn, Step.RECEIVED, Step.FETCHED, Step.VERIFIED, Step.CONSENT_ASKED):
            refused = flow.decline(self.meeting.wallet, session, **self.meeting.context)
            self.loop.run_until_complete(flow.tell(self.meeting.wallet, self.meeting.http, refused.id))

    @rule(turn=TURNS, answer=st.sampled_from(sorted(ANSWERS)))
    def send(self, turn: int, answer: str) -> None:
        self.meeting.verifier.answers = [ANSWERS[answer]]
        for session in self._sessions(turn, Step.CONSENTED):
            try:
                self.loop.run_until_complete(flow.send(self.meeting.wallet, self.meeting.http, session))
            except (FetchError, ServiceRefused):
                assert answer not in ("taken", "go on")

    @rule(turn=TURNS)
    def go_on(self, turn: int) -> None:
        for session in self._sessions(turn, Step.SENT):
            flow.go_on(self.meeting.wallet, session)

    @rule(turn=TURNS, answers=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=3))
    def walk(self, turn: int, answers: list[str]) -> None:
        """All the steps, since a draw of them one by one seldom gets far."""
        self.begin(turn)
        self.fetch(turn)
        self.ask(turn)
        self.agree(turn, late=False)
        for answer in answers:
            self.send(turn, answer)

    # What happens to the wallet.

    @rule()
    def crash(self) -> None:
        self.meeting.wallet.close()
        self.meeting.wallet = Wallet.open(Path(self.folder.name) / "wallet", PASSPHRASE)

    @rule(turn=TURNS)
    def full_disk_at_the_moment_of_consent(self, turn: int) -> None:
        for session in self._sessions(turn, Step.CONSENT_ASKED):
            try:
                session, consent = flow.ask(self.meeting.wallet, session, **self.meeting.context)
            except ProtocolError:
                continue
            with Wallet.open(Path(self.folder.name) / "wallet", PASSPHRASE, read_only=True) as unwritable:
                with pytest.raises(Exception, match="reading only"):
                    flow.give_consent(unwritable, session, consent.choice, **self.meeting.context)

    @rule(seconds=st.sampled_from([1, 60, 400, flow.REMEMBERED_SECONDS]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.now += seconds

    # What must hold.

    @invariant()
    def one_answer_to_a_request_and_only_after_a_yes(self) -> None:
        for state, forms in self._presented().items():
            assert state in self.agreed
            assert len({form["vp_token"] for form in forms}) == 1 or self._was_forgotten()

    @invariant()
    def a_copy_is_for_one_request(self) -> None:
        keys: dict[bytes, set[str]] = defaultdict(set)
        for forms in self._presented().values():
            for token in {form["vp_token"] for form in forms}:
                (text,) = parse_json_object(token)["identity"]
                keys[parse_presentation(text).credential.holder_key.to_multikey()].add(token)
        assert len(self.agreed) > COPIES or all(len(tokens) == 1 for tokens in keys.values())

    @invariant()
    def the_wallet_s_file_is_what_it_knows(self) -> None:
        with Wallet.open(Path(self.folder.name) / "wallet", PASSPHRASE, read_only=True) as saved:
            assert saved.sessions(KIND) == self.meeting.wallet.sessions(KIND)
            assert saved.credentials == self.meeting.wallet.credentials

    def _was_forgotten(self) -> bool:
        return self.world.clock.now - NOW >= flow.REMEMBERED_SECONDS

    def _presented(self) -> dict[str, list[Mapping[str, str]]]:
        found: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        for form in self.meeting.verifier.received:
            if "vp_token" in form:
                found[form["state"]].append(form)
        return found

    def _link(self, turn: int) -> str:
        return f"{self.meeting.verifier.link()}&turn={turn}"

    def _sessions(self, turn: int, *steps: Step) -> list[PresentationSession]:
        found = (parse_saved(each) for each in self.meeting.wallet.sessions(KIND))
        return [each for each in found if each.link == self._link(turn) and (not steps or each.step in steps)]


Presentations.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestPresentations = Presentations.TestCase
