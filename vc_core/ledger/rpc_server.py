"""The embedded chain's JSON-RPC: what a node answers to wallets, resolvers and other processes, as a pure function of
the request's bytes. `vc_core.web.rpc` puts it on a port.

Block tags: `latest`, `safe`, `finalized` and `pending` are the newest block, since every block of this chain is final.
A call at such a tag runs at the clock's time, so that what has expired since is expired; at a number, as of that block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from eth_utils.crypto import keccak

from vc_core.encoding import EncodingError, compact_json, parse_json
from vc_core.errors import LedgerError, TransactionFailed
from vc_core.ledger.embedded import NOT_NEXT, TRANSACTION_GAS_LIMIT, EmbeddedLedger
from vc_core.ledger.embedded_view import Call, EmbeddedView, base_fee_of
from vc_core.ledger.hex_values import hex_data, parse_hex_data, parse_quantity, quantity
from vc_core.ledger.protocol import Log
from vc_core.ledger.reverts import Reverted
from vc_core.ledger.rpc_errors import (
    EXECUTION_REVERTED,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    LIMIT_EXCEEDED,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    TRANSACTION_REJECTED,
    RpcError,
)

MAX_BATCH = 1_000
MAX_LOGS = 10_000
MAX_FEE_HISTORY = 1_024
_NEWEST = ("latest", "safe", "finalized", "pending")

Params: TypeAlias = Sequence[Any]
Answer: TypeAlias = Callable[[EmbeddedView, Params], Any]


async def handle_json_rpc(ledger: EmbeddedLedger, body: bytes) -> bytes:
    """Answers one request or a batch of them (JSON-RPC 2.0); empty where there is nothing to answer."""
    try:
        request = parse_json(body)
    except EncodingError:
        return compact_json(_error(None, RpcError(PARSE_ERROR, "not JSON")))
    if not isinstance(request, list):
        answer = await _answer(ledger, request)
        return b"" if answer is None else compact_json(answer)
    if not 0 < len(request) <= MAX_BATCH:
        return compact_json(_error(None, RpcError(INVALID_REQUEST, f"a batch has 1 to {MAX_BATCH} requests")))
    answers = [answer for each in request if (answer := await _answer(ledger, each)) is not None]
    return compact_json(answers) if answers else b""


async def _answer(ledger: EmbeddedLedger, request: Any) -> dict[str, Any] | None:
    """The answer to one request; None to a notification."""
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        return _error(None, RpcError(INVALID_REQUEST, "not a request"))
    identifier = request.get("id")
    try:
        params = request.get("params", [])
        if not isinstance(params, list):
            raise RpcError(INVALID_PARAMS, "params must be a list")
        result = await _result(ledger, request["method"], params)
    except RpcError as error:
        return _error(identifier, error) if "id" in request else None
    return {"jsonrpc": "2.0", "id": identifier, "result": result} if "id" in request else None


async def _result(ledger: EmbeddedLedger, method: str, params: Params) -> Any:
    try:
        match method:
            case "eth_chainId":
                return quantity(ledger.chain_id)
            case "net_version":
                return str(ledger.chain_id)
            case "web3_clientVersion":
                return "sabai/embedded"
            case "eth_sendRawTransaction":
                return hex_data((await ledger.send(parse_hex_data(_param(params, 0)))).transaction_hash)
        answer = _ANSWERS.get(method)
        if answer is None:
            raise RpcError(METHOD_NOT_FOUND, "there is no such method")
        return await ledger.query(lambda view: answer(view, params))
    except Reverted as error:
        raise RpcError(EXECUTION_REVERTED, _revert_message(error), hex_data(error.output)) from error
    except TransactionFailed as error:
        # "nonce too low" is what clients look for in a node's refusal, to sign again with the next one.
        message = f"nonce too low or too high: {NOT_NEXT}" if error.message == NOT_NEXT else error.message
        raise RpcError(TRANSACTION_REJECTED, message) from error
    except LedgerError as error:
        raise RpcError(INTERNAL_ERROR, error.message) from error
    except ValueError as error:
        raise RpcError(INVALID_PARAMS, "a parameter is not of its form") from error


def _revert_message(error: Reverted) -> str:
    reason = error.message.removeprefix("the contract refused: ")
    return "execution reverted" if reason == "no reason given" else f"execution reverted: {reason}"


def _error(identifier: Any, error: RpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identifier, "error": error.to_json()}


def _param(params: Params, index: int) -> Any:
    if len(params) <= index:
        raise RpcError(INVALID_PARAMS, "a parameter is missing")
    return params[index]


def _header(view: EmbeddedView, block: Any) -> Any | None:
    """The header that a tag, a number or EIP-1898's object names; None where there is none."""
    if isinstance(block, dict):
        if "blockHash" in block:
            return view.header_by_hash(parse_hex_data(block["blockHash"], 32))
        block = block.get("blockNumber")
    if block in _NEWEST:
        return view.newest()
    return view.header(0 if block == "earliest" else parse_quantity(block))


def _moment(view: EmbeddedView, params: Params, index: int) -> Any | None:
    """The header to read the state at; None for the newest state."""
    block = params[index] if len(params) > index else "latest"
    if block in _NEWEST:
        return None
    header = _header(view, block)
    if header is None:
        raise RpcError(INVALID_PARAMS, "there is no such block")
    return header


def _call(params: Params) -> Call:
    fields = _param(params, 0)
    if not isinstance(fields, dict):
        raise RpcError(INVALID_PARAMS, "a call must be an object")
    data = fields.get("input", fields.get("data"))
    return Call(
        to=parse_hex_data(fields["to"], 20) if fields.get("to") else b"",
        data=parse_hex_data(data) if data else b"",
        gas=min(parse_quantity(fields["gas"]), TRANSACTION_GAS_LIMIT) if fields.get("gas") else TRANSACTION_GAS_LIMIT,
        sender=parse_hex_data(fields["from"], 20) if fields.get("from") else bytes(20),
        value=parse_quantity(fields["value"]) if fields.get("value") else 0,
    )


def _block(view: EmbeddedView, header: Any | None, params: Params) -> dict[str, Any] | None:
    with_transactions = len(params) > 1 and params[1] is True
    return None if header is None else view.block_json(header, with_transactions=with_transactions)


def _block_by_number(view: EmbeddedView, params: Params) -> Any:
    return _block(view, _header(view, _param(params, 0)), params)


def _block_by_hash(view: EmbeddedView, params: Params) -> Any:
    return _block(view, view.header_by_hash(parse_hex_data(_param(params, 0), 32)), params)


def _block_receipts(view: EmbeddedView, params: Params) -> Any:
    header = _header(view, _param(params, 0))
    return None if header is None else view.block_receipts_json(header)


def _logs(view: EmbeddedView, params: Params) -> Any:
    wanted = _param(params, 0)
    if not isinstance(wanted, dict):
        raise RpcError(INVALID_PARAMS, "a filter must be an object")
    addresses = wanted.get("address") or []
    addresses = addresses if isinstance(addresses, list) else [addresses]
    if "blockHash" in wanted:
        header = view.header_by_hash(parse_hex_data(wanted["blockHash"], 32))
        if header is None:
            raise RpcError(INVALID_PARAMS, "there is no such block")
        first = last = header.block_number
    else:
        first, last = (_block_number(view, wanted.get(name, "latest")) for name in ("fromBlock", "toBlock"))
    topics = _topics(wanted.get("topics") or [])
    logs = view.logs([parse_hex_data(address, 20) for address in addresses], first, last)
    found = [log for log in logs if _matches(log, topics)]
    if len(found) > MAX_LOGS:
        raise RpcError(LIMIT_EXCEEDED, f"query returned more than {MAX_LOGS} results")
    return [view.log_json(log) for log in found]


def _block_number(view: EmbeddedView, block: Any) -> int:
    if block in _NEWEST:
        return int(view.newest().block_number)
    return 0 if block == "earliest" else parse_quantity(block)


def _topics(topics: Any) -> list[set[bytes]]:
    """The filter's topics by place; an empty set takes any."""
    if not isinstance(topics, list):
        raise RpcError(INVALID_PARAMS, "topics must be a list")
    places = [place if isinstance(place, list) else [place] for place in topics]
    return [{parse_hex_data(topic, 32) for topic in place if topic is not None} for place in places]


def _matches(log: Log, topics: list[set[bytes]]) -> bool:
    return len(log.topics) >= len(topics) and all(
        not wanted or topic in wanted for topic, wanted in zip(log.topics, topics, strict=False)
    )


def _fee_history(view: EmbeddedView, params: Params) -> Any:
    count = _param(params, 0)
    count = min(count if isinstance(count, int) else parse_quantity(count), MAX_FEE_HISTORY)
    newest = _block_number(view, _param(params, 1))
    numbers = range(max(0, newest - count + 1), newest + 1)
    headers = [header for number in numbers if (header := view.header(number)) is not None]
    if not headers or len(headers) < len(numbers):
        raise RpcError(INVALID_PARAMS, "there are no such blocks")
    fields: dict[str, Any] = {
        "oldestBlock": quantity(headers[0].block_number),
        "baseFeePerGas": [quantity(base_fee_of(header) or 0) for header in [*headers, headers[-1]]],
        "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
    }
    percentiles = params[2] if len(params) > 2 and isinstance(params[2], list) else []
    return fields | {"reward": [[quantity(0)] * len(percentiles)] * len(headers)} if percentiles else fields


def _address(params: Params) -> bytes:
    return parse_hex_data(_param(params, 0), 20)


def _hash(params: Params) -> bytes:
    return parse_hex_data(_param(params, 0), 32)


_ANSWERS: dict[str, Answer] = {
    "eth_blockNumber": lambda view, _: quantity(view.newest().block_number),
    "eth_syncing": lambda _, __: False,
    "eth_accounts": lambda _, __: [],
    "eth_gasPrice": lambda _, __: quantity(0),
    "eth_maxPriorityFeePerGas": lambda _, __: quantity(0),
    "eth_feeHistory": _fee_history,
    "eth_getBlockByNumber": _block_by_number,
    "eth_getBlockByHash": _block_by_hash,
    "eth_getBlockReceipts": _block_receipts,
    "eth_getTransactionByHash": lambda view, params: view.transaction_json(_hash(params)),
    "eth_getTransactionReceipt": lambda view, params: view.receipt_json(_hash(params)),
    "eth_getTransactionCount": lambda view, params: quantity(
        view.state(_moment(view, params, 1)).get_nonce(_address(params))
    ),
    "eth_getCode": lambda view, params: hex_data(view.state(_moment(view, params, 1)).get_code(_address(params))),
    "eth_getBalance": lambda view, params: quantity(view.state(_moment(view, params, 1)).get_balance(_address(params))),
    "eth_getStorageAt": lambda view, params: hex_data(
        view.state(_moment(view, params, 2))
        .get_storage(_address(params), parse_quantity(_param(params, 1)))
        .to_bytes(32, "big")
    ),
    "eth_call": lambda view, params: hex_data(view.call(_call(params), _moment(view, params, 1))),
    "eth_estimateGas": lambda view, params: quantity(view.estimate_gas(_call(params))),
    "eth_getLogs": _logs,
    "web3_sha3": lambda _, params: hex_data(keccak(parse_hex_data(_param(params, 0)))),
}
