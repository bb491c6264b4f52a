"""Status lists that no check waits for: taken from elsewhere, fetched ahead of time, remembered over a restart."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from tests.support.status_desk import TTL, Desk, create_token, is_down
from tests.support.verification import ISSUER_DID, ISSUER_METHOD, NOW, OTHER_DID, STATUS, STRANGER
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.status_list import Status
from vc_core.http import HttpClient
from vc_core.status import RETRY_SECONDS, KnownStatus, SignedStatusList, StatusLists


async def test_a_list_that_came_by_another_way_is_not_fetched() -> None:
    desk = Desk(lambda _request: httpx.Response(503))
    taken = await desk.lists.take(
        STATUS.uri, create_token(Status.SUSPENDED, issued_at=NOW - 5), trust=desk.trust, now=NOW
    )
    assert taken is not None
    assert desk.lists.kept() == [taken]
    assert await desk.status() == KnownStatus(Status.SUSPENDED, NOW - 5)
    assert desk.publisher.asked == []
    desk.now = NOW + TTL  # due, but there is no newer one
    assert await desk.status() == KnownStatus(Status.SUSPENDED, NOW - 5)
    desk.now = NOW + 10 * TTL
    assert await desk.refuses()


async def test_only_a_newer_list_is_taken() -> None:
    desk = Desk(create_token(Status.INVALID))
    await desk.status()
    for issued_at in (NOW - 1, NOW):
        older = create_token(Status.VALID, issued_at=issued_at)
        assert await desk.lists.take(STATUS.uri, older, trust=desk.trust, now=NOW) is None
    assert (await desk.status()).status is Status.INVALID
    assert await desk.lists.take(STATUS.uri, create_token(issued_at=NOW + 1), trust=desk.trust, now=NOW) is not None
    assert (await desk.status()).status is Status.VALID


@pytest.mark.parametrize(
    ("uri", "token"),
    [
        (STATUS.uri, "no token"),
        (STATUS.uri, create_token(signer=STRANGER)),
        (STATUS.uri, create_token(expires_at=NOW)),
        (STATUS.uri, create_token(issued_at=NOW + 3600)),
        (STATUS.uri + "/other", create_token()),
        (STATUS.uri, create_token(verification_method=OTHER_DID + "#delegate-1")),
    ],
)
async def test_a_list_that_is_not_good_is_not_taken(uri: str, token: str) -> None:
    desk = Desk("")
    with pytest.raises(Rejection) as refusal:
        await desk.lists.take(uri, token, trust=desk.trust, now=NOW)
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE
    assert desk.lists.kept() == []


async def test_a_list_whose_key_was_killed_no_longer_serves() -> None:
    desk = Desk(create_token(Status.VALID))
    await desk.status()
    del desk.trust.keys[ISSUER_METHOD]
    assert await desk.refuses()
    method = ISSUER_DID + "#delegate-2"
    desk.trust.keys[method] = STRANGER.public_key
    desk.publisher.answer = create_token(Status.INVALID, verification_method=method, signer=STRANGER)
    desk.now += RETRY_SECONDS
    assert (await desk.status()).status is Status.INVALID


@dataclass
class Memory:
    """A memory that outlives the lists."""

    times: dict[tuple[str, str], int] = field(default_factory=dict)

    async def newest(self, issuer: str, uri: str) -> int:
        """See `StatusMemory`."""
        return self.times.get((issuer, uri), 0)

    async def remember(self, signed: SignedStatusList) -> None:
        """See `StatusMemory`."""
        key = (signed.issuer, signed.uri)
        self.times[key] = max(signed.list.issued_at, self.times.get(key, 0))


async def test_what_was_seen_before_a_restart_counts_unless_it_lies_ahead() -> None:
    memory = Memory({(ISSUER_DID, STATUS.uri): NOW - 5})
    desk = Desk(create_token(issued_at=NOW - 6))
    desk.lists = StatusLists(HttpClient(transport=httpx.MockTransport(desk.publisher)), memory)
    assert await desk.refuses()
    memory.times[ISSUER_DID, STATUS.uri] = 4_070_908_800  # noted while the clock said 2099
    desk.now += RETRY_SECONDS
    assert (await desk.status()).status is Status.VALID


async def test_lists_are_fetched_ahead_of_time_and_a_failure_is_not_repeated_at_once() -> None:
    desk = Desk(lambda request: httpx.Response(200, text=create_token(uri=str(request.url), issued_at=desk.now)))
    uris = [f"https://office.example/status/{number}" for number in range(6)]
    await desk.lists.fetch(uris, trust=desk.trust, now=NOW)
    assert sorted(desk.publisher.asked) == uris
    await desk.lists.fetch(uris, trust=desk.trust, now=NOW)
    await desk.lists.refresh_due(ahead=15, trust=desk.trust, now=NOW)
    assert len(desk.publisher.asked) == 6

    desk.now = NOW + TTL - 15
    await desk.lists.refresh_due(ahead=15, trust=desk.trust, now=desk.now)
    assert len(desk.publisher.asked) == 12
    desk.now = NOW + TTL
    assert await desk.status(uri=uris[0]) == KnownStatus(Status.VALID, NOW + TTL - 15)
    assert len(desk.publisher.asked) == 12

    desk.publisher.answer = is_down
    desk.now = NOW + 2 * TTL
    for _ in range(3):
        await desk.lists.refresh_due(ahead=15, trust=desk.trust, now=desk.now)
    assert len(desk.publisher.asked) == 18
    assert await desk.status(uri=uris[0]) == KnownStatus(Status.VALID, NOW + TTL - 15)


async def test_nobody_goes_on_asking_where_no_list_is() -> None:
    desk = Desk(is_down)
    assert await desk.refuses()
    for _ in range(3):
        desk.now += RETRY_SECONDS
        await desk.lists.refresh_due(ahead=15, trust=desk.trust, now=desk.now)
    assert len(desk.publisher.asked) == 1
    desk.publisher.answer = create_token(issued_at=desk.now, expires_at=desk.now + TTL)
    await desk.lists.fetch([STATUS.uri], trust=desk.trust, now=desk.now)
    assert len(desk.publisher.asked) == 2
    desk.now += TTL  # it has expired
    await desk.lists.refresh_due(ahead=15, trust=desk.trust, now=desk.now)
    assert len(desk.publisher.asked) == 2
