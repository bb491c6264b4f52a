"""What the wallet does at each step of an issuance, and what the issuer got to read."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.wallet_sdk.fakes import TX_CODE, FakeWorld
from wallet_sdk.issuance import (
    DescribedOffer,
    Issuance,
    accept_offer,
    describe_offer,
    finish_authorization,
    pending_issuances,
    resume_issuance,
)
from wallet_sdk.wallet import Wallet

REDIRECT = "http://127.0.0.1:4711/callback"
TWO = ("HealthId_dc+sd-jwt", "HealthId_qr_pass")


async def accept(world: FakeWorld, wallet: Wallet, described: DescribedOffer | None = None) -> Issuance:
    """The offer, accepted with its code."""
    described = described or await describe_offer(world.http, world.offer())
    return await accept_offer(
        wallet,
        world.http,
        described,
        tx_code=TX_CODE,
        redirect_uri=REDIRECT,
        trust=world.trust(),
        clock=world.clock,
    )


async def finish(world: FakeWorld, wallet: Wallet, begun: Issuance, returned_to: str) -> Issuance:
    """After the issuer's page sent the holder back to this address."""
    return await finish_authorization(
        wallet, world.http, begun.session_id, returned_to, trust=world.trust(), clock=world.clock
    )


async def resume(world: FakeWorld, wallet: Wallet) -> Issuance:
    """The one issuance that is pending, taken up again."""
    [pending] = pending_issuances(wallet)
    return await resume_issuance(wallet, world.http, pending.id, trust=world.trust(), clock=world.clock)


def bodies(world: FakeWorld, path: str) -> list[dict[str, Any]]:
    """The JSON that came to this path."""
    return [json.loads(each.content) for each in world.requests if each.url.path == path]


def json_answer(value: Any, request: httpx.Request) -> httpx.Response:
    """An answer with this in it."""
    return httpx.Response(200, json=value)
