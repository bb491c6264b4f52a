"""Statuses of the VC API on each database: what is final stays final, and no entry is given out twice."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.issuer.conftest import Chain
from tests.issuer.vc_api.statuses import change_status, issue_revocable, published_statuses
from vc_core.formats.status_list import Status


async def test_suspended_restored_and_revoked_for_good(client: httpx.AsyncClient, chain: Chain, clock: Any) -> None:
    issued, now = await issue_revocable(client), clock()
    assert [entry["statusPurpose"] for entry in issued["credentialStatus"]] == ["revocation", "suspension"]
    assert await published_statuses(client, issued, now) == [Status.VALID, Status.VALID]

    suspended = await change_status(client, "suspension", True)
    assert suspended.json() == {"statusPurpose": "suspension", "status": True, "changed": 1}
    assert await published_statuses(client, issued, now) == [Status.VALID, Status.SUSPENDED]
    assert (await change_status(client, "suspension", True)).json()["changed"] == 0

    assert (await change_status(client, "suspension", False)).json()["changed"] == 1
    assert await published_statuses(client, issued, now) == [Status.VALID, Status.VALID]
    assert (await change_status(client, "revocation", False)).json()["changed"] == 0  # it was never revoked

    assert (await change_status(client, "revocation", True)).json()["changed"] == 1
    assert (await published_statuses(client, issued, now))[0] is Status.INVALID
    for purpose, status in (("revocation", False), ("suspension", True), ("suspension", False)):
        refused = await change_status(client, purpose, status)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert (await change_status(client, "revocation", True)).json()["changed"] == 0
    assert (await published_statuses(client, issued, now))[0] is Status.INVALID


async def test_no_entry_is_given_out_twice(client: httpx.AsyncClient) -> None:
    issued = await asyncio.gather(*(issue_revocable(client) for _ in range(20)))
    places = {each["credentialStatus"][0]["statusListIndex"] for each in issued}
    assert len(places) == 20
    assert (await change_status(client, "revocation", True)).json()["changed"] == 20  # all of the one id


async def test_revoked_and_restored_at_once_it_stays_revoked(client: httpx.AsyncClient, clock: Any) -> None:
    issued = await issue_revocable(client)
    await change_status(client, "suspension", True)
    await asyncio.gather(*(change_status(client, *each) for each in [("suspension", False), ("revocation", True)] * 5))
    assert (await published_statuses(client, issued, clock()))[0] is Status.INVALID
