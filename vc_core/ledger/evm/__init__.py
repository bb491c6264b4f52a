"""The chain client: any EVM chain over JSON-RPC, by one node or several. See `ledger.py` for how it decides."""

from vc_core.ledger.evm.ledger import EvmLedger

__all__ = ["EvmLedger"]
