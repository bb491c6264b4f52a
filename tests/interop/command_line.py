"""`sabai wallet`, run as people run it, while the test's event loop serves what it asks."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
from typer.testing import CliRunner

from sabai.__main__ import application
from sabai.commands.wallet_terminal import PASSPHRASE_VARIABLE, Surroundings
from tests.support.people import CHEAP, PASSPHRASE
from wallet_sdk.wallet import Wallet

_ASKING = ("accept", "get", "resume", "present")


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it wrote."""

    ok: bool
    output: str
    errors: str

    def json(self) -> Any:
        """The output as JSON."""
        assert self.ok, self.errors
        return json.loads(self.output)


@dataclass(frozen=True)
class CommandLineWallet:
    """A wallet file."""

    path: Path

    @classmethod
    def create(cls, path: Path, provider: str) -> CommandLineWallet:
        """A new wallet, its passphrase cheap to check."""
        Wallet.create(path, PASSPHRASE, provider=provider, cost=CHEAP).close()
        return cls(path)

    async def run(self, command: str, *arguments: str) -> Done:
        """`sabai wallet COMMAND`, with this wallet."""
        line = ["wallet", command, *arguments, "--wallet", str(self.path)]
        if command in _ASKING:
            line.append("--allow-loopback")
        around = Surroundings(browse=_browse)
        env = {PASSPHRASE_VARIABLE: PASSPHRASE}
        result = await asyncio.to_thread(CliRunner().invoke, application, line, env=env, obj=around)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(result.exit_code == 0, result.stdout, result.stderr)


def _browse(url: str) -> None:
    """Somebody's browser, at pages that ask nothing; the command must not wait for it."""
    Thread(target=httpx.get, args=(url,), kwargs={"follow_redirects": True, "trust_env": False}).start()
