"""What the doctor finds, on healthy and on ailing nodes, contracts and mirrors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from sabai.commands.registry.application import registry as application
from sabai.commands.registry.terminal import RegistryContext
from sabai.registry.access import Surroundings
from tests.support.registry_terminal import CHAIN_ID, Operator, create_data_folder
from vc_core.http import HttpClient
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.web.rpc import create_rpc_app


class Nodes(httpx.AsyncBaseTransport):
    """Embedded chains as nodes, each at a host of its own; other hosts don't answer."""

    def __init__(self, **chains: EmbeddedLedger) -> None:
        self._apps = {host: httpx.ASGITransport(create_rpc_app(chain)) for host, chain in chains.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host not in self._apps:
            raise httpx.ConnectError("away")
        return await self._apps[request.url.host].handle_async_request(request)


@contextmanager
def opened(path: Path, operator: Operator, chain_id: int = CHAIN_ID) -> Iterator[EmbeddedLedger]:
    ledger = EmbeddedLedger.open(path, chain_id=chain_id, clock=operator.clock)
    try:
        yield ledger
    finally:
        ledger.close()


def _examine(operator: Operator, nodes: Nodes, *urls: str) -> tuple[int, dict[str, dict[str, str]]]:
    around = Surroundings(operator.clock, lambda: HttpClient(transport=nodes))
    options = [option for url in urls for option in ("--ledger-url", url)]
    result = operator.run("doctor", "--json", *options, around=around)
    told = json.loads(result.stdout)
    assert told["ok"] is (result.exit_code == 0)
    return result.exit_code, {each["check"]: each for each in told["findings"]}


def _edit(operator: Operator, **changes: Any) -> None:
    path = operator.data_dir / "services.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes), "utf-8")


def test_all_is_well(operator: Operator) -> None:
    told = operator.ok("doctor")
    assert told.endswith("All is well.\n")
    assert "✔ contracts on embedded chain: the code is that of our artifacts, byte for byte" in told


def test_contracts_that_are_not_ours_are_found(operator: Operator) -> None:
    contracts = json.loads((operator.data_dir / "services.json").read_bytes())["contracts"]
    _edit(operator, contracts=contracts | {"Anchors": contracts["DidRegistry"]})
    told = operator.run("doctor")
    assert told.exit_code == 1
    assert "✘ contracts on embedded chain: Anchors has other code than ours" in told.stdout
    _edit(operator, contracts=contracts | {"Anchors": "0x" + "12" * 20})
    assert "there is no Anchors at its address" in operator.run("doctor").stdout


def test_a_clock_that_is_behind_is_found(operator: Operator) -> None:
    operator.clock.advance(-7200)
    assert "s in the future here" in operator.run("doctor").stdout


def test_nodes_that_agree(operator: Operator) -> None:
    with opened(operator.data_dir / "ledger.sqlite", operator) as chain:
        code, found = _examine(operator, Nodes(a=chain, b=chain), "http://a", "http://b")
    assert code == 0
    assert found["agreement"]["detail"].startswith("2 nodes have the same block")


def test_a_node_that_is_away_and_one_of_another_chain(operator: Operator) -> None:
    path = operator.data_dir / "ledger.sqlite"
    with opened(path, operator) as chain, opened(operator.folder / "other", operator, chain_id=1) as other:
        nodes = Nodes(a=chain, other=other)
        code, found = _examine(operator, nodes, "http://a", "http://gone:8545/secret-key", "http://other")
    assert code == 1
    assert found["node a"]["level"] == found["contracts on a"]["level"] == "ok"
    assert found["node gone:8545"]["level"] == "wrong"
    assert "another chain" in found["node other"]["advice"]
    assert "secret-key" not in json.dumps(found)


def test_nodes_that_differ(operator: Operator, data_folder: Path) -> None:
    asyncio.run(create_data_folder(operator.folder / "fork", operator.clock))
    with (
        opened(operator.data_dir / "ledger.sqlite", operator) as chain,
        opened(operator.folder / "fork" / "ledger.sqlite", operator) as fork,
    ):
        code, found = _examine(operator, Nodes(a=chain, b=fork), "http://a", "http://b")
    assert code == 1
    assert "differs" in found["agreement"]["detail"]


def test_mirrors_are_held_against_the_chain(operator: Operator) -> None:
    whole = operator.reading().snapshot.to_json()
    file = operator.folder / "snapshot.json"

    def examine(**changes: Any) -> dict[str, str]:
        file.write_text(json.dumps(whole | changes), "utf-8")
        result = operator.run("doctor", "--mirror", str(file), "--json")
        return dict(json.loads(result.stdout)["findings"][-1])

    assert examine()["level"] == "ok"
    assert "of another registry" in examine(chain_id=1)["detail"]
    assert "no longer has" in examine(head=whole["head"] | {"hash": "0x" + "00" * 32})["detail"]
    assert "the nodes only" in examine(head=whole["head"] | {"number": 999})["detail"]
    assert "where the chain has" in examine(events=whole["events"][:-1])["detail"]
    operator.clock.advance(7200)
    assert examine()["level"] == "warning"
    file.write_text("[]", "utf-8")
    assert "is no snapshot" in operator.run("doctor", "--mirror", str(file)).stdout


def test_a_chain_that_is_in_use_is_asked_over_its_endpoint(operator: Operator) -> None:
    with opened(operator.data_dir / "ledger.sqlite", operator) as chain:
        locked = operator.fails("show")
        assert "start `sabai up` with --rpc-port" in locked
        assert locked.endswith("(ledger_locked)\n")
        _edit(operator, rpc="http://rpc")
        around = Surroundings(operator.clock, lambda: HttpClient(transport=Nodes(rpc=chain)))
        key = ("--key", operator.governor)
        arguments = ("suspend", "payer", "issue", "InsuranceCoverage", *key, "--json")
        estimated = json.loads(operator.run(*arguments, "--dry-run", around=around).stdout)
        done = json.loads(operator.run(*arguments, around=around).stdout)
        assert done["gas"] <= estimated["gas"] <= done["gas"] + 2_000
        refused = operator.run(*arguments[:-1], "--dry-run", around=Surroundings(operator.clock, lambda: HttpClient(
            transport=Nodes())))  # fmt: skip
        assert refused.exit_code == 1
        assert "sabai registry doctor" in refused.stderr
    assert operator.json("show", "payer")["accreditations"][0]["state"] == "suspended"


@pytest.mark.parametrize("arguments", [(), ("--help",), ("propose", "--help"), ("kill-key", "--help")])
def test_help_is_there(arguments: tuple[str, ...]) -> None:
    told = CliRunner().invoke(application, list(arguments), obj=RegistryContext())
    assert told.exit_code in (0, 2)
    assert "Usage" in told.output
