"""Which registry: its chain and contracts, in a small file that `sabai up` and `sabai registry deploy` write.

    {"chain_id": 23226, "contracts": {"DidRegistry": "0x…", "TrustRegistry": "0x…", "Anchors": "0x…"}}

`confirmations`, `first_block`, `rpc` and `dids` may stand beside them; anything else is ignored, so `services.json` is
such a file. Nothing in it is secret, and no node's address but the embedded chain's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import InvalidRequest
from vc_core.files import write_durably
from vc_core.ledger.contract import ContractName
from vc_core.ledger.snapshot import RegistryAddresses

SERVICES_FILE = "services.json"
LEDGER_FILE = "ledger.sqlite"
CONTRACTS: tuple[ContractName, ...] = ("DidRegistry", "TrustRegistry", "Anchors")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")


@dataclass(frozen=True)
class KnownRegistry:
    """A registry's chain and contracts.

    `confirmations`: how many blocks must follow one until it is final; `first_block`: the first that can hold anything
    of the registry; `rpc`: where the embedded chain answers while it runs; `dids`: names that stand for DIDs here.
    """

    chain_id: int
    addresses: RegistryAddresses
    confirmations: int = 0
    first_block: int = 0
    rpc: str | None = None
    dids: Mapping[str, str] = field(default_factory=dict)

    def contract_names(self) -> dict[bytes, ContractName]:
        """The contracts' names by address (20 bytes)."""
        addresses = (self.addresses.did_registry, self.addresses.trust_registry, self.addresses.anchors)
        return dict(zip(addresses, CONTRACTS, strict=True))

    def to_json(self) -> dict[str, Any]:
        """The file's content; `parse_known_registry` reads it again."""
        contracts = {name: "0x" + address.hex() for address, name in self.contract_names().items()}
        return {
            "chain_id": self.chain_id,
            "confirmations": self.confirmations,
            "first_block": self.first_block,
            "contracts": contracts,
        }


def load_known_registry(path: Path) -> KnownRegistry:
    """The registry that a file names. Raises `InvalidRequest` where there is no such file, or it is of another kind."""
    try:
        return parse_known_registry(parse_json_object(path.read_bytes()))
    except FileNotFoundError as cause:
        raise InvalidRequest(f"There is no file {path} that says which registry it is.") from cause
    except (EncodingError, ValueError) as cause:
        raise InvalidRequest(f"The file {path} does not say which registry it is.") from cause


def save_known_registry(path: Path, known: KnownRegistry) -> None:
    """Writes the file."""
    write_durably(path, json.dumps(known.to_json(), indent=2).encode("ascii") + b"\n")


def parse_known_registry(value: Mapping[str, Any]) -> KnownRegistry:
    """The reverse of `KnownRegistry.to_json`. Raises `ValueError` where a member is missing or wrong."""
    contracts, dids, rpc = value.get("contracts"), value.get("dids", {}), value.get("rpc")
    if not isinstance(contracts, dict) or not isinstance(dids, dict) or not isinstance(rpc, str | None):
        raise ValueError("a member of the registry's file is of another kind")
    return KnownRegistry(
        chain_id=_parse_number(value.get("chain_id"), at_least=1),
        addresses=RegistryAddresses(*(parse_address(contracts.get(name)) for name in CONTRACTS)),
        confirmations=_parse_number(value.get("confirmations", 0)),
        first_block=_parse_number(value.get("first_block", 0)),
        rpc=rpc,
        dids={str(name): str(did) for name, did in dids.items()},
    )


def parse_address(value: Any) -> bytes:
    """0x and 40 hex digits as 20 bytes. Raises `ValueError`."""
    if not isinstance(value, str) or not _ADDRESS.match(value):
        raise ValueError("an address is 0x and 40 hex digits")
    return bytes.fromhex(value[2:])


def _parse_number(value: Any, *, at_least: int = 0) -> int:
    if type(value) is not int or value < at_least:
        raise ValueError("a number of the registry's file must be a whole one")
    return value
