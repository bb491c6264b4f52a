"""An auditor's work with an issuer's audit log: all of it is read, and compared with the ledger, on their own machine.

So nothing rests on what the issuer's service computes, or on the mirror of the ledger in its database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from issuer.audit.chain import START, AuditLine, BrokenChain, verify_lines
from issuer.audit.proof import BlindedHead, LedgerProof, compare_with_ledger
from issuer.audit.schemas import AuditPage, HeadsAnswer
from vc_core.errors import FetchFailed
from vc_core.http import HttpClient
from vc_core.ledger.events import log_id
from vc_core.ledger.registry_state import RegistryState

_PAGE = 200


@dataclass(frozen=True)
class ExaminedLog:
    """How many lines there are, and the last one's hash; where the chain breaks, if it does; what the ledger proves."""

    entries: int
    head: str
    broken_at: int | None
    proof: LedgerProof


class IssuerAudit:
    """An issuer's service, asked by an auditor or with the officer's token."""

    def __init__(self, http: HttpClient, url: str, token: str | None) -> None:
        self._http = http
        self._url = url
        self._token = token

    async def heads(self) -> list[BlindedHead]:
        """What was made to be anchored, the oldest first. Raises `FetchFailed`."""
        found: list[BlindedHead] = []
        after: int | None = 0
        while after is not None:
            page = HeadsAnswer.model_validate(await self._ask(f"/audit/heads?after={after}"))
            found += [BlindedHead(each.number, each.hash, each.blind) for each in page.heads]
            after = _following(page.next, page.next is None or page.next > after)
        return found

    async def lines(self, *, progress: Callable[[int], None]) -> list[tuple[AuditLine, str]]:
        """All lines with their hashes, the first first; `progress` is told how many are here. Raises `FetchFailed`."""
        found: list[tuple[AuditLine, str]] = []
        before: int | None = None
        while True:
            path = f"/audit?limit={_PAGE}" + ("" if before is None else f"&before={before}")
            page = AuditPage.model_validate(await self._ask(path))
            found += [(AuditLine(**each.model_dump(exclude={"hash"})), each.hash) for each in page.entries]
            progress(len(found))
            if page.next is None:
                return found[::-1]
            before = _following(page.next, before is None or page.next < before)

    async def _ask(self, path: str) -> dict[str, Any]:
        answer = await self._http.get(self._url + path, token=self._token)
        if answer.status != 200:
            raise FetchFailed(f"the issuer answered {answer.status}")
        return answer.json_object()


def _following(number: int | None, goes_on: bool) -> int | None:
    """The number of the next page, where it leads on."""
    if not goes_on:
        raise FetchFailed("the issuer's pages do not lead on")
    return number


async def examine_log(
    issuer: IssuerAudit, log: str, state: RegistryState, *, progress: Callable[[int], None]
) -> ExaminedLog:
    """What the issuer's audit log is, by the roots of the log of this public name; `state` was read before.

    Raises `FetchFailed` where the issuer does not show it.
    """
    try:
        heads = await issuer.heads()  # before the lines: each head's line is there already
        lines = await issuer.lines(progress=progress)
    except ValidationError as cause:
        raise FetchFailed("the issuer's answer is not of an audit log") from cause
    broken_at = None
    try:
        verify_lines((0, START), lines)
    except BrokenChain as broken:
        broken_at = broken.number
    good = lines if broken_at is None else lines[: broken_at - 1]
    hashes = {line.number: written for line, written in good}
    proof = compare_with_ledger(state.anchors(log_id(log).hex()), heads, hashes, entries=len(lines))
    return ExaminedLog(len(lines), lines[-1][1] if lines else START, broken_at, proof)
