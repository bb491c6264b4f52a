"""Issuances driven in any order: answers lost, the wallet killed, browsers that come back twice or with another's code.

What must hold: a credential comes into the wallet once, bound to keys that no other credential has; what the issuer
issued again, it issued to the same keys; and once all is well again, everything that was granted arrives.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support.clock import SetClock
from tests.wallet_sdk.fakes import PASSPHRASE, TX_CODE, FakeWorld
from tests.wallet_sdk.mortal import Killed, Steps, mortal_http, open_mortal
from vc_core.errors import FetchError, ProtocolError, SabaiError, ServiceRefused
from vc_core.http import HttpClient
from wallet_sdk.issuance import (
    Issuance,
    accept_offer,
    describe_offer,
    finish_authorization,
    pending_issuances,
    resume_issuance,
)
from wallet_sdk.issuance.states import IssuanceSession, Step
from wallet_sdk.wallet import Wallet

OFFERED = ("HealthId_dc+sd-jwt", "HealthId_qr_pass")
REDIRECT = "http://127.0.0.1:4711/callback"
Act = Callable[[Wallet, HttpClient], Awaitable[object]]


class IssuanceMachine(RuleBasedStateMachine):
    """One wallet, one issuer, and everything that can come between them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = SetClock(1_790_000_000)
        self.world = FakeWorld(self.clock)
        self.world.offered = OFFERED
        self.world.configurations = {each: self.world.configurations[each] for each in OFFERED}
        self.world.new_wallet(self.folder).close()
        self.returned: list[str] = []

    def teardown(self) -> None:
        try:
            self._all_is_well_again()
        finally:
            shutil.rmtree(self.folder)

    @initialize(
        by_page=st.booleans(),
        dpop=st.booleans(),
        batch_size=st.sampled_from([None, 2]),
        deferred=st.booleans(),
        refresh=st.booleans(),
        identifiers=st.booleans(),
    )
    def switch(
        self, by_page: bool, dpop: bool, batch_size: int | None, deferred: bool, refresh: bool, identifiers: bool
    ) -> None:
        chosen = self.world.settings
        chosen.by_page, chosen.dpop, chosen.batch_size = by_page, dpop, batch_size
        chosen.deferred, chosen.refresh, chosen.identifiers, chosen.notifies = deferred, refresh, identifiers, True

    @rule(dies_at=st.integers(0, 30))
    def accept(self, dies_at: int) -> None:
        """The office makes a new offer; the holder takes it."""
        self.world.unspent_codes.add("the-code")

        async def act(wallet: Wallet, http: HttpClient) -> object:
            described = await describe_offer(self.world.http, self.world.offer())
            return await accept_offer(
                wallet,
                http,
                described,
                tx_code=TX_CODE,
                redirect_uri=REDIRECT,
                trust=self.world.trust(),
                clock=self.clock,
            )

        self._do(act, dies_at)

    @rule(dies_at=st.integers(0, 25), which=st.integers(0, 3))
    def resume(self, dies_at: int, which: int) -> None:
        """The holder goes on with something."""
        pending = self._pending()
        if not pending:
            return

        async def act(wallet: Wallet, http: HttpClient) -> object:
            chosen = pending[which % len(pending)].id
            return await resume_issuance(wallet, http, chosen, trust=self.world.trust(), clock=self.clock)

        self._do(act, dies_at)

    @rule(dies_at=st.integers(0, 25), which=st.integers(0, 3), other=st.booleans(), again=st.booleans())
    def come_back(self, dies_at: int, which: int, other: bool, again: bool) -> None:
        """A browser comes back: with a new answer or an old one, to its own issuance or to another."""
        waiting = [each for each in self._pending() if each.step is Step.BROWSER and each.authorization is not None]
        if not waiting:
            return
        chosen = waiting[which % len(waiting)]
        address = chosen.authorization.address if chosen.authorization is not None else None
        if not (again and self.returned):
            if address is None or not self._is_open(address):
                return
            self.returned.append(self.world.visit(address))
        returned_to = self.returned[-1]
        target = waiting[(which + 1) % len(waiting)] if other else chosen

        async def act(wallet: Wallet, http: HttpClient) -> object:
            return await finish_authorization(
                wallet, http, target.id, returned_to, trust=self.world.trust(), clock=self.clock
            )

        self._do(act, dies_at)

    @rule(seconds=st.integers(1, 400))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule()
    def approve(self) -> None:
        self.world.approved = True

    @rule()
    def tokens_end(self) -> None:
        self.world.tokens.clear()

    @rule()
    def nonces_end(self) -> None:
        self.world.nonces.clear()
        self.world.dpop_nonces.clear()

    @invariant()
    def every_key_is_of_one_credential(self) -> None:
        with Wallet.open(self.folder / "wallet", PASSPHRASE, read_only=True) as wallet:
            keys = [copy.signer().public_key for held in wallet.credentials for copy in held.copies]
        assert len(set(keys)) == len(keys)
        assert set(keys) <= set(self.world.holder_keys)

    def _is_open(self, address: str) -> bool:
        """Whether the server still knows the pushed request that the address refers to."""
        return any(uri.rpartition(":")[2] in address for uri in self.world.pushed)

    def _pending(self) -> list[IssuanceSession]:
        with Wallet.open(self.folder / "wallet", PASSPHRASE, read_only=True) as wallet:
            return list(pending_issuances(wallet))

    def _do(self, act: Act, dies_at: int) -> None:
        steps = Steps(dies_at)
        with open_mortal(self.folder, steps) as wallet:
            try:
                asyncio.run(self._await(act(wallet, mortal_http(self.world, steps))))
            except (Killed, FetchError, ProtocolError, ServiceRefused):
                return

    @staticmethod
    async def _await(doing: Awaitable[object]) -> object:
        return await doing

    def _all_is_well_again(self) -> None:
        """Everything goes on undisturbed: then nothing stays open but pages that nobody visits any more."""
        self.world.approved = True
        self.clock.advance(600)

        async def finish() -> list[Issuance]:
            done = []
            with Wallet.open(self.folder / "wallet", PASSPHRASE) as wallet:
                for each in pending_issuances(wallet):
                    try:
                        done.append(
                            await resume_issuance(
                                wallet, self.world.http, each.id, trust=self.world.trust(), clock=self.clock
                            )
                        )
                    except SabaiError:
                        continue
                assert {each.step for each in pending_issuances(wallet)} <= {Step.BROWSER}
            return done

        for issuance in asyncio.run(finish()):
            for refused in issuance.refused:
                assert isinstance(refused.error, ServiceRefused)
                assert refused.error.refusal in ("invalid_token", "invalid_transaction_id", "not_granted")
        self.every_key_is_of_one_credential()


IssuanceMachine.TestCase.settings = settings(
    max_examples=20, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestIssuanceMachine = IssuanceMachine.TestCase
