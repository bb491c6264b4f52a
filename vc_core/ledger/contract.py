"""Our contracts as Python sees them: the compiled artifact, and the ABI encoding of calls, results and events.

The artifacts in `contracts/` are committed with their bytecode, so that nobody needs a Solidity compiler.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from vc_core.errors import LedgerError
from vc_core.ledger.protocol import Log

ContractName: TypeAlias = Literal["DidRegistry", "TrustRegistry", "Anchors"]
_ARTIFACTS = Path(__file__).parent / "contracts"


@dataclass(frozen=True)
class _Signature:
    """A function or event: its name, and the ABI types of what goes in and comes out."""

    name: str
    inputs: tuple[str, ...]
    input_names: tuple[str, ...]
    indexed: tuple[bool, ...]
    outputs: tuple[str, ...]

    @property
    def hash(self) -> bytes:
        return keccak(text=f"{self.name}({','.join(self.inputs)})")


class Contract:
    """One compiled contract."""

    def __init__(self, artifact: Mapping[str, Any]) -> None:
        """`artifact`: the JSON that `contracts/build/compile.mjs` writes."""
        self.bytecode = bytes.fromhex(artifact["bytecode"][2:])
        self.deployed_bytecode = bytes.fromhex(artifact["deployedBytecode"][2:])
        self._functions: dict[str, _Signature] = {}
        self._events: dict[bytes, _Signature] = {}
        self._constructor: tuple[str, ...] = ()
        for entry in artifact["abi"]:
            signature = _parse_signature(entry)
            if entry["type"] == "function":
                self._functions[signature.name] = signature
            elif entry["type"] == "event":
                self._events[signature.hash] = signature
            elif entry["type"] == "constructor":
                self._constructor = signature.inputs

    def encode_deployment(self, *arguments: Any) -> bytes:
        """The data of the transaction that deploys the contract."""
        return self.bytecode + encode(self._constructor, arguments)

    def encode_call(self, function: str, *arguments: Any) -> bytes:
        """The data of a call or transaction to this function of the contract."""
        signature = self._functions[function]
        return signature.hash[:4] + encode(signature.inputs, arguments)

    def decode_result(self, function: str, data: bytes) -> tuple[Any, ...]:
        """What the function returned. Raises `LedgerError` where the data is not of its types."""
        return _decode(self._functions[function].outputs, data)

    def decode_call(self, data: bytes) -> tuple[str, dict[str, Any]] | None:
        """The reverse of `encode_call`: the function and its arguments by name; None for a function that is not there.

        Raises `LedgerError` where the arguments are not of the function's types.
        """
        for signature in self._functions.values():
            if signature.hash[:4] == data[:4]:
                return signature.name, dict(
                    zip(signature.input_names, _decode(signature.inputs, data[4:]), strict=True)
                )
        return None

    def decode_event(self, log: Log) -> tuple[str, dict[str, Any]] | None:
        """The event's name and members; None for an event that this contract does not have.

        Raises `LedgerError` where the log's data is not of the event's types.
        """
        signature = self._events.get(log.topics[0]) if log.topics else None
        if signature is None:
            return None
        indexed = [kind for kind, is_indexed in zip(signature.inputs, signature.indexed, strict=True) if is_indexed]
        if len(log.topics) != len(indexed) + 1:
            raise LedgerError("an event of the registry is incomplete")
        topics = iter(_decode(tuple(indexed), b"".join(log.topics[1:])))
        plain = [kind for kind, is_indexed in zip(signature.inputs, signature.indexed, strict=True) if not is_indexed]
        values = iter(_decode(tuple(plain), log.data))
        members = {
            name: next(topics) if is_indexed else next(values)
            for name, is_indexed in zip(signature.input_names, signature.indexed, strict=True)
        }
        return signature.name, members


def _parse_signature(entry: Mapping[str, Any]) -> _Signature:
    inputs = entry.get("inputs", [])
    return _Signature(
        name=entry.get("name", ""),
        inputs=tuple(item["type"] for item in inputs),
        input_names=tuple(item["name"] for item in inputs),
        indexed=tuple(item.get("indexed", False) for item in inputs),
        outputs=tuple(item["type"] for item in entry.get("outputs", [])),
    )


def _decode(types: tuple[str, ...], data: bytes) -> tuple[Any, ...]:
    try:
        return decode(types, data)
    except (DecodingError, OverflowError, ValueError) as cause:
        raise LedgerError("the ledger's answer is not of the contract's types") from cause


@cache
def load_contract(name: ContractName) -> Contract:
    """The committed artifact of one of our contracts."""
    return Contract(json.loads((_ARTIFACTS / f"{name}.json").read_text("utf-8")))
