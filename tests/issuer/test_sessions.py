"""Wallets that send whatever they once made, in any order, again, together and too late; an issuer that issues once.

Hypothesis makes up the sessions. A message, once made, may be sent any number of times, alone or at the same moment as
others, and the clock moves as it likes; after each answer the rules below must hold:

1. A pre-authorized code, a nonce and a refresh token lead to success once at most.
2. Nothing leads to success after its time, nor with a wrong transaction code, nor after five of them.
3. What is right, in time and not used yet succeeds, when it is sent alone.
4. One authorization brings one credential of a configuration to one key; no entry of a status list is given out twice.
   What an officer has to approve comes only after that, and by its transaction id once.
5. Every other answer is an error of the specifications with a code that fits, and none is the server's.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from issuer.app import create_app
from issuer.authorization.tokens import REFRESH_TOKEN_LIFETIME, TOKEN_LIFETIME
from issuer.issuance.credentials import NONCE_LIFETIME
from issuer.issuance.offers import OFFER_LIFETIME
from issuer.issuance.repository import MAX_TX_CODE_ATTEMPTS
from issuer.settings import IssuerSettings
from tests.conftest import NOW
from tests.issuer.conftest import ROSTER, Chain
from tests.issuer.session_messages import (
    ERRORS_OF,
    Collection,
    Message,
    Offer,
    Once,
    Redemption,
    Renewal,
    Request,
    Token,
    Transaction,
)
from tests.issuer.wallet import COVERAGE, HEALTH_ID, ISSUER, OFFICER, PRE_AUTHORIZED, Wallet
from tests.support.clock import SetClock
from tests.support.lifespan import lifespan_of
from tests.support.seeds import session_seed
from vc_core.crypto.keys import P256Signer
from vc_core.http import HttpClient
from vc_core.web.database import Database

EXAMPLES, STEPS = 12, 40
"""About half a minute on one core for both databases."""
CONFIGURATIONS = (HEALTH_ID, COVERAGE)


@dataclass
class World:
    """An issuer in a thread of its own, which the machine asks one question after the other."""

    portal: BlockingPortal
    client: httpx.AsyncClient
    clock: SetClock
    database: Database
    person_id: str

    def call(self, function: Any, *arguments: Any) -> Any:
        """What an asynchronous function returns."""
        return self.portal.call(function, *arguments)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds."""

        async def ask() -> list[tuple[Any, ...]]:
            async with self.database.transaction() as session:
                return [tuple(row) for row in (await (await session.connection()).execute(text(query))).all()]

        return list(self.call(ask))


@pytest.fixture
def world(settings: IssuerSettings, chain: Chain, clock: SetClock) -> Iterator[World]:
    """The issuer, with a person in its roster, once on SQLite and once on PostgreSQL."""
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        app = create_app(settings, clock=clock, ledger=chain.ledger, http=HttpClient())
        running = stack.enter_context(portal.wrap_async_context_manager(portal.call(lifespan_of, app)))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(running.app), base_url=ISSUER)
        stack.enter_context(portal.wrap_async_context_manager(client))
        database = Database(settings.database_url)
        stack.callback(portal.call, database.close)
        person_id = portal.call(_import_roster, client)
        yield World(portal, client, clock, database, person_id)


async def _import_roster(client: httpx.AsyncClient) -> str:
    await client.post("/people", content=ROSTER.read_bytes(), headers=OFFICER | {"Content-Type": "text/csv"})
    return str((await client.get("/people", headers=OFFICER)).json()["people"][0]["person_id"])


_Which = st.one_of(st.integers(0, 7), st.integers(0, 1000))
"""A message by its place: one of the newest as often as any."""
_Seconds = st.sampled_from(
    [*([1, 7, 30, 59] * 4), NONCE_LIFETIME, TOKEN_LIFETIME, OFFER_LIFETIME, REFRESH_TOKEN_LIFETIME]
)


class IssuerSessions(RuleBasedStateMachine):
    """The wallet's side: the messages that it made, newest first, and what it knows of what it was given."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.world.clock.now = NOW
        self.wallet = Wallet(self.world.client, self.world.clock)
        self.keys = (P256Signer.generate(), P256Signer.generate())
        self.messages: list[Message] = []
        self.transactions: dict[str, Transaction] = {}
        for needs_approval in (True, False):
            self.make_offer(CONFIGURATIONS, needs_approval)
            self.send(0)

    # What is made, and may be sent later.

    @rule(
        configurations=st.sampled_from([(HEALTH_ID,), (COVERAGE,), CONFIGURATIONS]),
        needs_approval=st.sampled_from([False, False, True]),
    )
    def make_offer(self, configurations: tuple[str, ...], needs_approval: bool) -> None:
        code, tx_code = self.world.call(self._offered, configurations, needs_approval)
        offer = Offer(Once(code, self.world.clock() + OFFER_LIFETIME), tx_code, configurations, needs_approval)
        wrong = f"{(int(tx_code) + 1) % 1_000_000:06}"
        self.messages[:0] = [Redemption(offer, tx_code), Redemption(offer, wrong)]

    async def _offered(self, configurations: tuple[str, ...], needs_approval: bool) -> tuple[str, str]:
        order = {
            "person_id": self.world.person_id,
            "credential_configuration_ids": list(configurations),
            "tx_code_delivery": "in_person",
            "needs_approval": needs_approval,
        }
        made = (await self.world.client.post("/offers", json=order, headers=OFFICER)).json()
        offer = (await self.world.client.get(made["credential_offer_uri"])).json()
        return offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"], made["tx_code"]

    def make_requests(self, token: Token) -> None:
        """For each configuration, by two keys that share one nonce; and what asks for tokens anew."""
        made: list[Message] = [Renewal(token)]
        for configuration in CONFIGURATIONS:
            nonce = Once(self.world.call(self.wallet.nonce), self.world.clock() + NONCE_LIFETIME)
            made += [self._request(token, configuration, nonce, key) for key in self.keys]
        self.messages[:0] = made

    @rule(which=_Which, with_older_nonce=st.booleans())
    def make_request_anew(self, which: int, with_older_nonce: bool) -> None:
        """As one before, with a nonce that is new, or that another request has too."""
        requests = [each for each in self.messages if isinstance(each, Request)]
        if not requests:
            return
        before = requests[which % len(requests)]
        nonce = requests[which % 7 % len(requests)].nonce
        if not with_older_nonce:
            nonce = Once(self.world.call(self.wallet.nonce), self.world.clock() + NONCE_LIFETIME)
        self.messages.insert(0, self._request(before.token, before.configuration, nonce, before.key))

    def _request(self, token: Token, configuration: str, nonce: Once, key: P256Signer) -> Request:
        proof = self.world.call(lambda: self.wallet.proof(nonce=nonce.text, signer=key))
        return Request(token, configuration, nonce, key, proof)

    @rule(which=_Which, approve=st.sampled_from([True, True, False]))
    def decide(self, which: int, approve: bool) -> None:
        """An officer's decision, the first or a later one."""
        if not self.transactions:
            return
        transaction = list(self.transactions.values())[-1 - which % len(self.transactions)]
        path = f"/credential-sets/{transaction.id}/" + ("approve" if approve else "refuse")
        answer = self.world.call(lambda: self.world.client.post(path, json={"reason": "other"}, headers=OFFICER))
        assert answer.status_code == (204 if transaction.approved is None else 409), answer.text
        if transaction.approved is None:
            transaction.approved = approve

    # What is sent, any number of times.

    @rule(which=_Which)
    def send(self, which: int) -> None:
        message = self.messages[which % len(self.messages)]
        expected = self._must_succeed(message)
        [answer] = self._send([message])
        assert answer.status_code == 200 or not expected, (message, answer.text)
        self._judge([(message, answer)])

    @rule(which=st.lists(_Which, min_size=2, max_size=6), doubled=st.booleans())
    def send_together(self, which: list[int], doubled: bool) -> None:
        together = [self.messages[each % len(self.messages)] for each in which] * (2 if doubled else 1)
        answers = self._send(together)
        self._judge(zip(together, answers, strict=True))

    @rule(seconds=_Seconds)
    def wait(self, seconds: int) -> None:
        self.world.clock.advance(seconds)

    # The rules.

    @invariant()
    def each_credential_is_issued_once(self) -> None:
        rows = self.world.rows(
            "SELECT authorization_id, configuration_id, holder_thumbprint, list_id, status_index FROM issuances"
        )
        assert max(Counter(row[:3] for row in rows).values(), default=1) == 1
        assert max(Counter(row[3:] for row in rows).values(), default=1) == 1

    def _send(self, messages: Sequence[Message]) -> list[httpx.Response]:
        async def send() -> list[httpx.Response]:
            return list(await asyncio.gather(*(self._post(message) for message in messages)))

        return list(self.world.call(send))

    async def _post(self, message: Message) -> httpx.Response:
        match message:
            case Redemption(offer, tx_code):
                form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": offer.code.text, "tx_code": tx_code}
            case Renewal(token):
                form = {"grant_type": "refresh_token", "refresh_token": token.refresh.text}
            case Request(token, configuration, _, _, proof):
                return await self.wallet.credential(token.text, configuration, proof=proof)
            case Collection(token, transaction):
                headers = {"Authorization": f"Bearer {token.text}"}
                body = {"transaction_id": transaction.id}
                return await self.world.client.post("/deferred_credential", json=body, headers=headers)
        return await self.world.client.post("/token", data=form)

    def _must_succeed(self, message: Message) -> bool:
        """Whether a message that is sent alone has every right to success."""
        now = self.world.clock()
        match message:
            case Redemption(offer, tx_code):
                return self._is_open(offer.code) and offer.wrong < MAX_TX_CODE_ATTEMPTS and tx_code == offer.tx_code
            case Renewal(token):
                return self._is_open(token.refresh) and not token.offer.family.ended
            case Request(token, configuration, nonce, key, _):
                in_time = now < token.expires_at and not token.offer.family.ended
                free = token.keys.get(configuration, key) is key
                right = configuration in token.offer.configurations and not token.offer.needs_approval
                return in_time and free and right and self._is_open(nonce)
            case Collection(token, transaction):
                in_time = now < token.expires_at and not token.offer.family.ended
                unused = not transaction.collected and not transaction.fetched
                return in_time and transaction.approved is True and unused

    def _is_open(self, once: Once) -> bool:
        return not once.used and self.world.clock() < once.expires_at

    def _judge(self, answered: Iterable[tuple[Message, httpx.Response]]) -> None:
        """Takes note of answers, of successes first: nobody knows which of those sent together came first."""
        for message, answer in sorted(answered, key=lambda each: each[1].status_code):
            if answer.status_code == 200:
                self._note_success(message, answer.json())
            elif answer.status_code == 202:
                self._note_waiting(message, answer.json()["transaction_id"])
            else:
                self._note_refusal(message, answer)

    def _note_refusal(self, message: Message, answer: httpx.Response) -> None:
        now = self.world.clock()
        if isinstance(message, Redemption) and message.tx_code != message.offer.tx_code:
            message.offer.wrong += 1
        if isinstance(message, Renewal) and message.token.refresh.used and now < message.token.refresh.expires_at:
            message.token.offer.family.ended = True
        assert (answer.status_code, answer.json()["error"]) in ERRORS_OF[type(message)], answer.text

    def _note_success(self, message: Message, given: dict[str, Any]) -> None:
        now = self.world.clock()
        match message:
            case Redemption(offer, tx_code):
                assert tx_code == offer.tx_code
                self._use(offer.code)
                self._note_tokens(offer, given, now)
            case Renewal(token):
                self._use(token.refresh)
                self._note_tokens(token.offer, given, now)
            case Request(token, configuration, nonce, key, _):
                assert now < token.expires_at
                assert configuration in token.offer.configurations
                assert token.keys.setdefault(configuration, key) is key
                assert len(given["credentials"]) == 1
                self._use(nonce)
                if token.offer.needs_approval:
                    decided = [each for each in self.transactions.values() if each.family is token.offer.family]
                    mine = [each for each in decided if each.approved and each.configuration == configuration]
                    assert mine, "issued before an officer approved it"
                    for transaction in mine:
                        transaction.fetched = True
            case Collection(token, transaction):
                assert now < token.expires_at
                assert transaction.approved
                assert not transaction.collected, "a second success"
                transaction.collected = True

    def _note_waiting(self, message: Message, transaction_id: str) -> None:
        if isinstance(message, Request):
            assert message.token.offer.needs_approval
            self._use(message.nonce)
            made = Transaction(transaction_id, message.token.offer.family, message.configuration)
            transaction = self.transactions.setdefault(transaction_id, made)
            self.messages.insert(0, Collection(message.token, transaction))
        else:
            assert isinstance(message, Collection)
            assert message.transaction.id == transaction_id
            assert message.transaction.approved is None

    def _note_tokens(self, offer: Offer, given: dict[str, Any], now: int) -> None:
        refresh = Once(given["refresh_token"], now + REFRESH_TOKEN_LIFETIME)
        self.make_requests(Token(offer, given["access_token"], now + TOKEN_LIFETIME, refresh))

    def _use(self, once: Once) -> None:
        assert not once.used, "a second success"
        assert self.world.clock() < once.expires_at, "success too late"
        once.used = True


def test_sessions_of_any_order(world: World) -> None:
    machine = seed(session_seed())(type("Sessions", (IssuerSessions,), {"world": world}))
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
