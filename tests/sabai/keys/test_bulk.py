"""`sabai bulk` on the data folder of an issuer."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from sabai.commands.bulk import bulk
from tests.issuer.wallet import COVERAGE, ISSUER, OFFICER, Wallet
from tests.sabai.keys.conftest import Issuer
from tests.support.registry_terminal import Operator

DAY = 86_400


@pytest.fixture
def told(operator: Operator) -> Operator:
    """A services.json that also says where the issuer is, as that of `sabai up`, and a clock that is right."""
    path = operator.data_dir / "services.json"
    more = {"issuer": ISSUER, "tokens": {"officer": OFFICER["Authorization"].removeprefix("Bearer ")}}
    path.write_text(json.dumps(json.loads(path.read_bytes()) | more))
    return operator


def run(operator: Operator, *arguments: str) -> Any:
    """The command's result."""
    return CliRunner().invoke(bulk, [*arguments, "--data-dir", str(operator.data_dir)])


def test_without_an_issuer_it_says_so_in_one_line(told: Operator) -> None:
    result = run(told, "renew", "InsuranceCoverage")
    assert result.exit_code == 1
    assert "start the issuer once" in result.stderr


def test_renews_and_the_wallet_fetches(told: Operator, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sabai.commands.bulk.system_clock", told.clock)
    wallet, _ = asyncio.run(issuer.issue(COVERAGE))
    told.clock.advance(320 * DAY)  # of the 366 for which the credential holds; the coverage goes on
    asyncio.run(issuer.status_list_tokens())  # it runs for a moment, and reads the registry
    nothing = run(told, "renew", "InsuranceCoverage", "--ending-within", "1", "--processes", "1")
    assert "Nothing is due" in nothing.stdout
    result = run(told, "renew", "InsuranceCoverage", "--ending-within", "60", "--processes", "1")
    assert result.exit_code == 0, result.output
    assert "1 of 1 are signed" in result.stdout
    assert "% of what 1 processes sign" in result.stdout
    listed = json.loads(run(told, "list", "--json").stdout)
    assert [(each["total"], each["signed"], each["finished_at"] is None) for each in listed] == [(1, 1, False)]
    assert asyncio.run(fetched(issuer, wallet)) == ["InsuranceCoverage_dc+sd-jwt"]
    assert "does not issue" in run(told, "renew", "VisitReceipt").stderr


async def fetched(issuer: Issuer, wallet: Wallet) -> list[str]:
    """The configurations of what the wallet gets."""
    async with issuer.running() as client:
        asking = Wallet(client, issuer.operator.clock)
        asking.key = wallet.key
        answer: httpx.Response = await client.post("/renewals", json={"proof": await asking.proof()})
        return [each["credential_configuration_id"] for each in answer.json()["credentials"]]
