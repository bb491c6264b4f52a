"""Status lists as a desk keeps them: one fetch for many, a copy while it lasts, and never one older than before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from tests.support.status_desk import TTL, Desk, create_token, is_down
from tests.support.verification import ISSUER, ISSUER_DID, ISSUER_METHOD, NOW, OTHER_DID, STATUS, STRANGER
from vc_core.crypto.keys import Ed25519Signer
from vc_core.encoding import compact_json
from vc_core.errors import Rejection
from vc_core.formats.bitstring_status_list import MINIMUM_ENTRIES, BitstringStatusList
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose, StatusReference
from vc_core.formats.status_list import Status, StatusList, create_status_list_token
from vc_core.formats.status_list_credential import (
    create_status_list_credential,
    sign_status_list_document,
    sign_status_list_jwt,
)
from vc_core.status import MAX_LISTS, RETRY_SECONDS, KnownStatus

ED25519 = Ed25519Signer.generate()


async def test_status_comes_from_the_list_that_the_issuer_signed() -> None:
    desk = Desk(create_token(Status.VALID, Status.INVALID, Status.SUSPENDED, issued_at=NOW - 5))
    assert [await desk.status(index) for index in range(3)] == [
        KnownStatus(Status.VALID, NOW - 5),
        KnownStatus(Status.INVALID, NOW - 5),
        KnownStatus(Status.SUSPENDED, NOW - 5),
    ]
    assert desk.publisher.asked == [STATUS.uri]


async def test_the_list_is_asked_for_as_a_token() -> None:
    accepted: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        accepted.append(request.headers["Accept"])
        return httpx.Response(200, text=create_token())

    await Desk(answer).status()
    assert accepted == ["application/statuslist+jwt, application/vc+jwt, application/vc"]


async def test_desks_that_ask_at_once_share_one_fetch() -> None:
    desk = Desk(create_token())
    known = await asyncio.gather(*(desk.status(index) for index in range(50)))
    assert len(known) == 50
    assert len(desk.publisher.asked) == 1


async def test_each_list_is_fetched_by_itself() -> None:
    desk = Desk(lambda request: httpx.Response(200, text=create_token(uri=str(request.url))))
    uris = [f"https://office.example/status/{number}" for number in range(5)]
    await asyncio.gather(*(desk.status(uri=uri) for uri in uris * 3))
    assert sorted(desk.publisher.asked) == uris


async def test_a_copy_serves_for_its_time_to_live_and_no_longer() -> None:
    desk = Desk(create_token(Status.VALID))
    await desk.status()
    desk.publisher.answer = create_token(Status.INVALID, issued_at=NOW + TTL)
    desk.now = NOW + TTL - 1
    assert (await desk.status()).status is Status.VALID
    desk.now = NOW + TTL
    assert await desk.status() == KnownStatus(Status.INVALID, NOW + TTL)
    assert len(desk.publisher.asked) == 2


async def test_an_expired_copy_is_not_asked_however_long_it_may_be_kept() -> None:
    desk = Desk(create_token(expires_at=NOW + 60))
    await desk.status()
    desk.now = NOW + 60
    assert await desk.refuses()


NO_LIST: dict[str, str | Callable[[httpx.Request], httpx.Response]] = {
    "no answer": is_down,
    "404": lambda _: httpx.Response(404, text=create_token()),
    "500": lambda _: httpx.Response(500),
    "304": lambda _: httpx.Response(304),
    "redirect to itself": lambda _: httpx.Response(302, headers={"Location": STATUS.uri}),
    "HTML": "<html><body>Not found</body></html>",
    "nothing": "",
    "not in ASCII": "รายการ",
    "not signed": create_token().rpartition(".")[0] + ".",
    "signed by another key": create_token(signer=STRANGER),
    "of another address": create_token(uri="https://office.example/status/2"),
    "of another issuer": create_token(verification_method=OTHER_DID + "#delegate-1"),
    "of a key that the issuer does not have": create_token(verification_method=ISSUER_DID + "#delegate-9"),
    "expired": create_token(issued_at=NOW - 100, expires_at=NOW),
    "dated in 2099": create_token(issued_at=4_070_908_800, expires_at=4_070_999_999),
    "larger than any list": lambda _: httpx.Response(200, content=b"A" * (1024 * 1024 + 1)),
    "compressed unasked": lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=_Once(b"x")),
}


class _Once(httpx.AsyncByteStream):
    """A body that is not decoded before it is read."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


@pytest.mark.parametrize("answer", NO_LIST.values(), ids=NO_LIST.keys())
async def test_without_a_list_nobody_knows(answer: str | Callable[[httpx.Request], httpx.Response]) -> None:
    desk = Desk(answer)
    assert await desk.refuses()
    assert len(desk.publisher.asked) == 1


@pytest.mark.parametrize("answer", NO_LIST.values(), ids=NO_LIST.keys())
async def test_a_bad_answer_leaves_the_copy_at_hand_in_use_until_it_expires(
    answer: str | Callable[[httpx.Request], httpx.Response],
) -> None:
    desk = Desk(create_token(Status.SUSPENDED, issued_at=NOW - 50))
    await desk.status()
    desk.publisher.answer = answer
    desk.now = NOW + TTL
    assert await desk.status() == KnownStatus(Status.SUSPENDED, NOW - 50)
    desk.now = NOW + 10 * TTL
    assert await desk.refuses()


async def test_while_the_issuer_is_down_it_is_asked_seldom_and_at_once_again_after() -> None:
    desk = Desk(create_token(Status.VALID))
    await desk.status()
    desk.publisher.answer = is_down
    for second in range(RETRY_SECONDS):
        desk.now = NOW + TTL + second
        await asyncio.gather(*(desk.status() for _ in range(5)))
    assert len(desk.publisher.asked) == 2
    desk.publisher.answer = create_token(Status.INVALID, issued_at=NOW + TTL)
    desk.now = NOW + TTL + RETRY_SECONDS
    assert (await desk.status()).status is Status.INVALID


async def test_desks_that_ask_at_once_while_the_issuer_is_down_share_one_fetch_too() -> None:
    desk = Desk(is_down)
    answers = await asyncio.gather(*(desk.status() for _ in range(50)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {Rejection}
    assert len(desk.publisher.asked) == 1


async def test_an_issuer_that_was_down_is_asked_again() -> None:
    desk = Desk(is_down)
    assert await desk.refuses()
    desk.publisher.answer = create_token(Status.VALID)
    desk.now = NOW + RETRY_SECONDS
    assert (await desk.status()).status is Status.VALID


async def test_a_list_older_than_the_copy_at_hand_is_refused() -> None:
    desk = Desk(create_token(Status.INVALID, issued_at=NOW - 10))
    await desk.status()
    desk.publisher.answer = create_token(Status.VALID, issued_at=NOW - 11)
    desk.now = NOW + TTL
    assert await desk.status() == KnownStatus(Status.INVALID, NOW - 10)


async def test_a_list_of_the_same_second_is_taken() -> None:
    desk = Desk(create_token(Status.VALID))
    await desk.status()
    desk.publisher.answer = create_token(Status.INVALID)
    desk.now = NOW + TTL
    assert (await desk.status()).status is Status.INVALID


async def test_a_rolled_back_list_is_refused_even_after_the_copy_at_hand_expired() -> None:
    desk = Desk(create_token(Status.INVALID, issued_at=NOW, expires_at=NOW + 60))
    await desk.status()
    desk.publisher.answer = create_token(Status.VALID, issued_at=NOW - 1, expires_at=NOW + 10 * TTL)
    desk.now = NOW + 60
    assert await desk.refuses()


async def test_one_issuer_s_list_says_nothing_of_another_s_credentials() -> None:
    desk = Desk(create_token(Status.VALID))
    desk.trust.keys[OTHER_DID + "#delegate-1"] = STRANGER.public_key
    await desk.status()
    assert await desk.refuses(issuer=OTHER_DID)
    assert (await desk.status()).status is Status.VALID


async def test_index_past_the_end_is_unknown_and_does_not_cost_a_fetch() -> None:
    desk = Desk(create_token())
    assert await desk.refuses(2048)
    assert await desk.refuses(2049)
    assert len(desk.publisher.asked) == 1


async def test_key_is_that_of_the_registry_now() -> None:
    desk = Desk(create_token(issued_at=NOW - 5))
    desk.trust.keys[ISSUER_METHOD] = STRANGER.public_key
    assert await desk.refuses()


async def test_no_more_lists_are_kept_than_there_is_room_for() -> None:
    status_list = StatusList(2, 4)

    def answer(request: httpx.Request) -> httpx.Response:
        token = create_status_list_token(
            status_list,
            uri=str(request.url),
            verification_method=ISSUER_METHOD,
            signer=ISSUER,
            issued_at=NOW,
            expires_at=NOW + TTL,
            time_to_live=TTL,
        )
        return httpx.Response(200, text=token)

    desk = Desk(answer)
    uris = [f"https://office.example/status/{number}" for number in range(MAX_LISTS + 1)]
    for uri in uris:
        await desk.status(uri=uri)
    await desk.status(uri=uris[-1])
    assert len(desk.publisher.asked) == MAX_LISTS + 1
    await desk.status(uri=uris[0])  # the one kept for the longest time made room
    assert len(desk.publisher.asked) == MAX_LISTS + 2


@pytest.mark.parametrize(
    "uri", ["ftp://office.example/1", "file:///etc/passwd", "https://", "https://a@b.example/", "x"]
)
async def test_address_that_is_never_asked(uri: str) -> None:
    desk = Desk(create_token(uri=uri))
    assert await desk.refuses(uri=uri)
    assert desk.publisher.asked == []


BITSTRING_URI = "https://office.example/status/1/revocation"


def _bitstring(*, purpose: StatusPurpose, index: int, issued_at: int = NOW, as_jwt: bool, uri: str) -> str:
    """A status list credential in which one entry is set."""
    document = create_status_list_credential(
        BitstringStatusList.from_entries(1, MINIMUM_ENTRIES, [(index, 1)]),
        uri=uri,
        issuer=ISSUER_DID,
        purpose=purpose,
        issued_at=issued_at,
        expires_at=issued_at + 10 * TTL,
        time_to_live=TTL,
    )
    if as_jwt:
        return sign_status_list_jwt(document, verification_method=ISSUER_METHOD, signer=ED25519)
    signed = sign_status_list_document(document, verification_method=ISSUER_METHOD, signer=ED25519, issued_at=issued_at)
    return compact_json(signed).decode("ascii")


@pytest.mark.parametrize("as_jwt", [True, False])
@pytest.mark.parametrize(
    ("purpose", "status"),
    [(StatusPurpose.REVOCATION, Status.INVALID), (StatusPurpose.SUSPENSION, Status.SUSPENDED)],
)
async def test_bitstring_lists_are_kept_like_tokens(as_jwt: bool, purpose: StatusPurpose, status: Status) -> None:
    desk = Desk(_bitstring(purpose=purpose, index=7, as_jwt=as_jwt, uri=BITSTRING_URI))
    desk.trust.keys[ISSUER_METHOD] = ED25519.public_key
    for index, expected in ((7, status), (8, Status.VALID)):
        reference = BitstringStatusReference(BITSTRING_URI, index, purpose)
        known = await desk.lists.status(reference, issuer=ISSUER_DID, trust=desk.trust, now=NOW)
        assert known == KnownStatus(expected, NOW)
    assert desk.publisher.asked == [BITSTRING_URI]
    with pytest.raises(Rejection):
        await desk.lists.status(StatusReference(BITSTRING_URI, 7), issuer=ISSUER_DID, trust=desk.trust, now=NOW)
