"""One node over JSON-RPC 2.0: batches out, answers matched by id, and nothing believed before its chain id is right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from vc_core.errors import FetchError, FetchTooLarge, LedgerUnavailable, WrongChain
from vc_core.http import HttpClient
from vc_core.ledger.hex_values import parse_quantity
from vc_core.ledger.rpc_errors import LIMIT_EXCEEDED, RpcError

Request: TypeAlias = tuple[str, Sequence[Any]]
"""A method and its parameters."""

MAX_BATCH = 100
_CHAIN_ID: Request = ("eth_chainId", ())


class RpcNode:
    """A node of the chain `chain_id`, at a URL of the operator's choice, which may hold an access key."""

    def __init__(self, url: str, http: HttpClient, *, chain_id: int) -> None:
        self._url = url
        self._http = http
        self._chain_id = chain_id
        self._is_of_our_chain = False
        self._ids = count(1)

    @property
    def host(self) -> str:
        """The host alone, for logs."""
        return urlsplit(self._url).hostname or ""

    async def ask(self, requests: Sequence[Request]) -> list[Any]:
        """The results, in the order of the requests; an error that the node answers stands in its place, not raised.

        Raises `LedgerUnavailable` where the node does not answer or not in JSON-RPC, `WrongChain`.
        """
        if not self._is_of_our_chain:
            await self.check_chain()
        answers: list[Any] = []
        for start in range(0, len(requests), MAX_BATCH):
            answers += await self._post(requests[start : start + MAX_BATCH])
        return answers

    async def check_chain(self) -> None:
        """Raises `WrongChain` where the node is of another chain; a node that was away is asked again before use."""
        (answer,) = await self._post([_CHAIN_ID])
        try:
            chain_id = parse_quantity(answer)
        except ValueError as cause:
            raise LedgerUnavailable("the node does not say what chain it is of") from cause
        if chain_id != self._chain_id:
            self._is_of_our_chain = False
            raise WrongChain("the node is of another chain than the settings say")
        self._is_of_our_chain = True

    async def _post(self, batch: Sequence[Request]) -> list[Any]:
        bodies = [
            {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
            for method, params in batch
        ]
        try:
            response = await self._http.post_json(self._url, bodies if len(bodies) > 1 else bodies[0])
            content = response.json()
        except FetchTooLarge:
            return [RpcError(LIMIT_EXCEEDED, "the answer is too large")] * len(bodies)
        except FetchError as cause:
            self._is_of_our_chain = False
            raise LedgerUnavailable("the node does not answer") from cause
        if response.status != 200:
            raise LedgerUnavailable("the node does not answer with success")
        return _match_answers([body["id"] for body in bodies], content)


def _match_answers(ids: list[Any], content: Any) -> list[Any]:
    answers = content if isinstance(content, list) else [content]
    if not all(isinstance(answer, dict) for answer in answers):
        raise LedgerUnavailable("the node's answer is not of JSON-RPC")
    if len(answers) == 1 and answers[0].get("id") is None and "error" in answers[0]:
        return [_parse_error(answers[0]["error"])] * len(ids)  # the batch as a whole was refused
    by_id = {answer.get("id"): answer for answer in answers if isinstance(answer.get("id"), int)}
    if len(answers) != len(ids) or by_id.keys() != set(ids):
        raise LedgerUnavailable("the node's answer is not to what was asked")
    return [_parse_answer(by_id[identifier]) for identifier in ids]


def _parse_answer(answer: dict[str, Any]) -> Any:
    if answer.get("error") is not None:
        return _parse_error(answer["error"])
    if "result" not in answer:
        raise LedgerUnavailable("the node's answer is not of JSON-RPC")
    return answer["result"]


def _parse_error(error: Any) -> RpcError:
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        raise LedgerUnavailable("the node's answer is not of JSON-RPC")
    return RpcError(error["code"], str(error.get("message", "")), error.get("data"))
