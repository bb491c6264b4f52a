"""An operator at a terminal: a data folder with an embedded chain, and `sabai registry` on it."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner, Result

from sabai.commands.registry.application import registry as application
from sabai.commands.registry.terminal import RegistryContext
from sabai.organisations import load_ledger_key, load_organisations, register_organisations
from sabai.registry.access import Place, Surroundings, open_registry
from sabai.registry.key_files import create_key_file
from sabai.registry.reading import RegistryReading, read_registry
from tests.support.clock import SetClock
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.transactions import LedgerKey

CHAIN_ID = 0x5ABA


async def create_data_folder(folder: Path, clock: SetClock) -> None:
    """The chain, keys and services.json as `sabai up` leaves them when it ends, with the sample organisations."""
    folder.mkdir(parents=True)
    ledger = EmbeddedLedger.open(folder / "ledger.sqlite", chain_id=CHAIN_ID, clock=clock)
    try:
        governor = load_ledger_key(folder / "keys" / "governor.key")
        organisations = load_organisations(folder / "keys", CHAIN_ID)
        registered = await register_organisations(ledger, governor, organisations, clock)
    finally:
        ledger.close()
    addresses = registered.addresses
    services = {
        "chain_id": CHAIN_ID,
        "contracts": {
            "DidRegistry": "0x" + addresses.did_registry.hex(),
            "TrustRegistry": "0x" + addresses.trust_registry.hex(),
            "Anchors": "0x" + addresses.anchors.hex(),
        },
        "dids": {slug: organisation.did for slug, organisation in organisations.items()},
    }
    (folder / "services.json").write_text(json.dumps(services), encoding="utf-8")


@dataclass
class Operator:
    """Someone who runs `sabai registry`, or other `commands`, on a data folder; `folder` is for their own files."""

    data_dir: Path
    folder: Path
    clock: SetClock
    commands: typer.Typer = application

    @classmethod
    def create(cls, template: Path, folder: Path, clock: SetClock) -> Operator:
        """With a copy of a data folder that `create_data_folder` made."""
        shutil.copytree(template, folder / "data")
        return cls(folder / "data", folder, clock)

    @property
    def governor(self) -> str:
        """The file of the governor's key."""
        return str(self.data_dir / "keys" / "governor.key")

    def key_of(self, slug: str, name: str = "ledger.key") -> str:
        """A key file of a sample organisation: ledger.key, credentials.pem or status.pem."""
        return str(self.data_dir / "keys" / slug / name)

    def did_of(self, slug: str) -> str:
        """A sample organisation's DID."""
        return str(json.loads((self.data_dir / "services.json").read_bytes())["dids"][slug])

    def new_key(self, name: str, kind: Any = "ledger") -> str:
        """A fresh key in a file of that name."""
        create_key_file(self.folder / name, kind)
        return str(self.folder / name)

    def address(self, key_file: str) -> str:
        """The account of a ledger key, 0x and 40 hex digits."""
        return "0x" + LedgerKey(bytes.fromhex(Path(key_file).read_text("ascii"))).address.hex()

    def run(self, *arguments: str, typed: str | None = None, around: Surroundings | None = None) -> Result:
        """A command with what options the test gives it, and this data folder."""
        context = RegistryContext(around or Surroundings(self.clock))
        place = ["--data-dir", str(self.data_dir)]
        return CliRunner().invoke(self.commands, [*arguments, *place], obj=context, input=typed)

    def ok(self, *arguments: str, typed: str | None = None) -> str:
        """What a command prints that ends well."""
        result = self.run(*arguments, typed=typed)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    def json(self, *arguments: str) -> Any:
        """As `ok`, with --json."""
        return json.loads(self.ok(*arguments, "--json"))

    def fails(self, *arguments: str, typed: str | None = None) -> str:
        """What a failing command says: one line on standard error, and nothing of a traceback."""
        result = self.run(*arguments, typed=typed)
        assert result.exit_code == 1, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr
        return str(result.stderr)

    def reading(self) -> RegistryReading:
        """The registry as a mirror reads it now."""

        async def read() -> RegistryReading:
            async with open_registry(Place((), self.data_dir), Surroundings(self.clock)) as opened:
                return RegistryReading(await read_registry(opened), now=self.clock())

        return asyncio.run(read())
