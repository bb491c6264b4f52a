"""What to offer for gas: the kind of transaction that the newest block calls for, never more than a limit.

A node that names an absurd price must not be able to empty the account, hence the limit.
"""

from __future__ import annotations

from typing import Any

from vc_core.errors import LedgerError, LedgerUnavailable
from vc_core.ledger.evm.nodes import NodeSet
from vc_core.ledger.hex_values import parse_quantity
from vc_core.ledger.rpc_errors import RpcError
from vc_core.ledger.transactions import Fee


async def ask_fee(nodes: NodeSet, *, limit: int) -> Fee:
    """The fee for now: legacy where blocks have no base fee, nothing where it is zero, else twice it and a tip.

    Raises `LedgerError` where that is over `limit` (wei for a unit of gas).
    """
    block, gas_price, tip = await nodes.ask_many(
        [("eth_getBlockByNumber", ("latest", False)), ("eth_gasPrice", ()), ("eth_maxPriorityFeePerGas", ())]
    )
    if not isinstance(block, dict):
        raise LedgerUnavailable("the node has no newest block")
    if block.get("baseFeePerGas") is None:
        fee = Fee(_parse_wei(gas_price))
    else:
        fee = _market_fee(_parse_wei(block["baseFeePerGas"]), gas_price, tip)
    if fee.per_gas > limit:
        raise LedgerError("gas costs more than the limit in the settings")
    return fee


def _market_fee(base_fee: int, gas_price: Any, tip: Any) -> Fee:
    if base_fee == 0:
        return Fee(0, 0)  # a chain whose gas is free: Besu's zero base fee, and the embedded one
    wanted = max(_parse_wei(gas_price) - base_fee, 0) if isinstance(tip, RpcError) else _parse_wei(tip)
    return Fee(2 * base_fee + wanted, wanted)


def raised_fee(fee: Fee, current: Fee, *, limit: int) -> Fee:
    """A fee for which nodes replace a pending transaction that offered `fee`: an eighth more, and what is asked now.

    The same fee, where the limit allows no more or gas is free.
    """
    per_gas = max(current.per_gas, _eighth_more(fee.per_gas))
    tip = None if fee.tip is None else max(current.tip or 0, _eighth_more(fee.tip))
    return fee if fee.per_gas == 0 == current.per_gas or per_gas > limit else Fee(per_gas, tip)


def _eighth_more(wei: int) -> int:
    return wei + wei // 8 + 1


def _parse_wei(answer: Any) -> int:
    try:
        return parse_quantity(answer)
    except ValueError as cause:
        raise LedgerUnavailable("the node does not say what gas costs") from cause
