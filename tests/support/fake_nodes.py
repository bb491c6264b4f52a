"""Nodes that fail as nodes do: each answers from an embedded chain, and can be away, behind, or lie."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from vc_core.http import HttpClient
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.evm import EvmLedger
from vc_core.ledger.evm.sending import Pace
from vc_core.ledger.rpc_server import handle_json_rpc

FAST = Pace(poll=0.01, stuck=0.05, patience=60)


class RefusedError(Exception):
    """A JSON-RPC error that a node answers with: raised by a lie, or as a refusal before anything is done."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message} | ({} if data is None else {"data": data})


@dataclass
class FakeNode:
    """A node. `lies` by method: each gets the params and the true result, and returns what is answered.

    `refusals` by method: what is answered instead of doing it.
    """

    ledger: EmbeddedLedger
    is_away: bool = False
    behind: int = 0
    body: bytes | None = None
    status: int = 200
    lies: dict[str, Callable[[list[Any], Any], Any]] = field(default_factory=dict)
    refusals: dict[str, RefusedError] = field(default_factory=dict)
    asked: list[tuple[str, list[Any]]] = field(default_factory=list)

    def methods(self) -> list[str]:
        """What was asked, by method."""
        return [method for method, _ in self.asked]

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """The HTTP answer."""
        if self.is_away:
            raise httpx.ConnectError("away")
        if self.body is not None:
            return httpx.Response(self.status, content=self.body)
        content = json.loads(request.content)
        if isinstance(content, list):
            return httpx.Response(self.status, json=[await self._result(each) for each in content])
        return httpx.Response(self.status, json=await self._result(content))

    async def _result(self, request: dict[str, Any]) -> dict[str, Any]:
        method, params = request["method"], request["params"]
        self.asked.append((method, params))
        if method in self.refusals:
            return {"jsonrpc": "2.0", "id": request["id"], "error": self.refusals[method].error}
        answer: dict[str, Any] = json.loads(await handle_json_rpc(self.ledger, json.dumps(request).encode()))
        answer = await self._held_back(method, params, answer)
        lie = self.lies.get(method)
        if lie is not None:
            try:
                answer = {"jsonrpc": "2.0", "id": request["id"], "result": lie(params, answer.get("result"))}
            except RefusedError as refused:
                answer = {"jsonrpc": "2.0", "id": request["id"], "error": refused.error}
        return answer

    async def _held_back(self, method: str, params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if not self.behind:
            return answer
        newest = (await self.ledger.head()).number - self.behind
        if method == "eth_blockNumber":
            return answer | {"result": hex(newest)}
        if method == "eth_getBlockByNumber" and params[0].startswith("0x") and int(params[0], 16) > newest:
            return answer | {"result": None}
        return answer


class FakeNetwork(httpx.AsyncBaseTransport):
    """Nodes by host; `elsewhere` collects what was asked of any other host."""

    def __init__(self, nodes: Sequence[FakeNode]) -> None:
        self.nodes = {f"node{number}.test": node for number, node in enumerate(nodes)}
        self.elsewhere: list[str] = []

    @property
    def urls(self) -> list[str]:
        """The nodes' addresses, in order."""
        return [f"https://{host}/key" for host in self.nodes]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers as the node of that host."""
        node = self.nodes.get(request.url.host)
        if node is None:
            self.elsewhere.append(str(request.url))
            raise httpx.ConnectError("nobody")
        return await node.answer(request)

    async def open(self, **options: Any) -> EvmLedger:
        """The engine on these nodes."""
        http = HttpClient(transport=self, max_response_bytes=options.pop("max_response_bytes", 2**20))
        settings: dict[str, Any] = {"chain_id": 1337, "pace": FAST, **options}
        return await EvmLedger.open(self.urls, http=http, **settings)
