"""A desk that keeps status lists, and the web server of who publishes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from tests.support.verification import ISSUER, ISSUER_DID, ISSUER_METHOD, NOW, STATUS, FakeTrust
from vc_core.crypto.keys import Signer
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import StatusReference
from vc_core.formats.status_list import StatusList, create_status_list_token
from vc_core.http import HttpClient
from vc_core.status import KnownStatus, StatusLists

TTL = 600


def create_token(
    *values: int,
    issued_at: int = NOW,
    expires_at: int = NOW + 10 * TTL,
    uri: str = STATUS.uri,
    verification_method: str = ISSUER_METHOD,
    signer: Signer = ISSUER,
) -> str:
    """A token of a list in which the first entries have these values, all others being valid."""
    status_list = StatusList(2, 2048)
    for index, value in enumerate(values):
        status_list.set(index, value)
    return create_status_list_token(
        status_list,
        uri=uri,
        verification_method=verification_method,
        signer=signer,
        issued_at=issued_at,
        expires_at=expires_at,
        time_to_live=TTL,
    )


class Publisher:
    """The issuer's web server: `answer` is what it says now; `asked` holds the addresses asked for."""

    def __init__(self, answer: str | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        await asyncio.sleep(0)
        if callable(self.answer):
            return self.answer(request)
        return httpx.Response(200, text=self.answer, headers={"Content-Type": "application/statuslist+jwt"})


class Desk:
    """A desk's lists over a publisher, at a time to set."""

    def __init__(self, answer: str | Callable[[httpx.Request], httpx.Response]) -> None:
        self.publisher = Publisher(answer)
        self.lists = StatusLists(HttpClient(transport=httpx.MockTransport(self.publisher)))
        self.trust = FakeTrust()
        self.now = NOW

    async def status(self, index: int = 0, *, uri: str = STATUS.uri, issuer: str = ISSUER_DID) -> KnownStatus:
        """The status at this index now."""
        return await self.lists.status(StatusReference(uri, index), issuer=issuer, trust=self.trust, now=self.now)

    async def refuses(self, index: int = 0, *, uri: str = STATUS.uri, issuer: str = ISSUER_DID) -> bool:
        """Whether nobody knows the status."""
        with pytest.raises(Rejection) as refusal:
            await self.status(index, uri=uri, issuer=issuer)
        return refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


def is_down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route", request=request)
