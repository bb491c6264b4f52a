"""The ledger that a service's process runs on: what the settings must name, and what is opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sabai.servers import Served, listen, serving, url_of
from tests.support.clock import SetClock
from vc_core.errors import LedgerLocked, LedgerUnavailable, SettingsError, WrongChain
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.evm import EvmLedger
from vc_core.web.chain import LedgerSettings, opened_ledger
from vc_core.web.rpc import create_rpc_app

NODES = "https://node1.test/key, http://10.0.0.7:8545"


def settings_with(**changes: Any) -> LedgerSettings:
    values: dict[str, Any] = {
        "public_url": "https://service.test",
        "database_url": "postgresql+psycopg://db",
        "chain_id": 1337,
        "did_registry": "0x" + "11" * 20,
        "trust_registry": "0x" + "22" * 20,
        "anchors": "0x" + "33" * 20,
        **changes,
    }
    return LedgerSettings(**values)


@asynccontextmanager
async def endpoint(folder: Path, clock: SetClock) -> AsyncIterator[str]:
    ledger = EmbeddedLedger.open(folder / "chain.sqlite", chain_id=1337, clock=clock)
    listener = listen("127.0.0.1", 0)
    async with serving([Served(create_rpc_app(ledger), listener)]):
        yield url_of(listener)
    ledger.close()


def test_production_runs_on_nodes() -> None:
    assert settings_with(profile="production", ledger_urls=NODES).problems() == []
    assert settings_with(profile="production", ledger_urls=NODES).node_urls() == NODES.split(", ")
    assert settings_with(profile="production", ledger_path="chain.sqlite").problems() == [
        "ledger_urls must name at least one node in production"
    ]
    assert len(settings_with(profile="production").problems()) == 2


def test_the_embedded_profile_runs_on_either() -> None:
    assert settings_with(ledger_path="chain.sqlite").problems() == []
    assert settings_with(ledger_urls=NODES).problems() == []
    assert len(settings_with().problems()) == 1


@pytest.mark.parametrize("urls", ["node1.test:8545", "ftp://node1.test", "https://,https://node1.test"])
def test_what_is_no_address(urls: str) -> None:
    assert settings_with(ledger_urls=urls).problems() == [
        "ledger_urls must be http or https addresses, separated by commas"
    ]


def test_access_keys_are_not_shown() -> None:
    assert "key" not in repr(settings_with(ledger_urls=NODES)).replace("SecretStr", "")


async def test_nodes_are_opened(tmp_path: Path, clock: SetClock) -> None:
    async with endpoint(tmp_path, clock) as url:
        settings = settings_with(ledger_urls=url, ledger_confirmations=0)
        async with opened_ledger(settings, clock) as ledger:
            assert isinstance(ledger, EvmLedger)
            assert (await ledger.head()).number == 0

        with pytest.raises(WrongChain):
            async with opened_ledger(settings_with(ledger_urls=url, chain_id=96), clock):
                pass


async def test_a_chain_that_stands_still_is_away(tmp_path: Path, clock: SetClock) -> None:
    # A node that is behind answers like one that is not: only its newest block's time tells.
    async with endpoint(tmp_path, clock) as url:
        async with opened_ledger(settings_with(ledger_urls=url), clock) as ledger:
            await ledger.head()
            clock.advance(901)
            with pytest.raises(LedgerUnavailable, match="behind"):
                await ledger.head()
        async with opened_ledger(settings_with(ledger_urls=url, ledger_max_head_age=0), clock) as ledger:
            await ledger.head()


async def test_the_embedded_file_is_opened_once(tmp_path: Path, clock: SetClock) -> None:
    settings = settings_with(ledger_path=tmp_path / "chain.sqlite")

    async with opened_ledger(settings, clock) as ledger:
        assert isinstance(ledger, EmbeddedLedger)
        with pytest.raises(LedgerLocked):
            async with opened_ledger(settings, clock):
                pass


async def test_there_must_be_one(clock: SetClock) -> None:
    for settings in (settings_with(), settings_with(profile="production", ledger_path="chain.sqlite")):
        with pytest.raises(SettingsError):
            async with opened_ledger(settings, clock):
                pass
