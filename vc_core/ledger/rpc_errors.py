"""The error object of JSON-RPC 2.0 (section 5.1), for both ends of the wire."""

from __future__ import annotations

from typing import Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
TRANSACTION_REJECTED = -32003  # EIP-1474
LIMIT_EXCEEDED = -32005  # EIP-1474
EXECUTION_REVERTED = 3  # as geth has it, with the revert data


class RpcError(Exception):
    """An answer that is an error; it doesn't leave `vc_core.ledger`, callers get errors of the tree."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def to_json(self) -> dict[str, Any]:
        """The error object."""
        fields = {"code": self.code, "message": self.message}
        return fields if self.data is None else fields | {"data": self.data}
