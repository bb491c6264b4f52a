"""What commands share that work with a running issuer: which it is, the officer's token, and writing its roots."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sabai.commands.registry.terminal import Outcome, load_reading, registry_context, write
from sabai.registry.access import OpenRegistry, Place, Surroundings
from sabai.registry.key_files import load_ledger_key_file
from sabai.registry.known import SERVICES_FILE
from sabai.registry.root_batches import Batch, BatchSource, anchor_batches
from sabai.stopping import until_stopped
from vc_core.errors import InvalidRequest
from vc_core.http import HttpClient
from vc_core.ledger.registry_state import RegistryState

Issuer = Annotated[str | None, typer.Option(help="The issuer's address; else the one in DIR/services.json.")]
TokenFile = Annotated[Path | None, typer.Option(help="A file with the officer's token; else from there too.")]
Every = Annotated[
    int | None,
    typer.Option(min=1, help="Go on until stopped, and do it each so many seconds; what failed is made up for then."),
]


@dataclass(frozen=True)
class KnownIssuer:
    """An issuer's address, without a slash at its end, and the officer's token where there is one."""

    url: str
    token: str | None


def find_issuer(issuer: str | None, token_file: Path | None, data_dir: Path) -> KnownIssuer:
    """The issuer that was named, or that of a running `sabai up`. Raises `InvalidRequest` where there is none."""
    token = None if token_file is None else token_file.read_text("utf-8").strip()
    if issuer is not None:
        return KnownIssuer(issuer.rstrip("/"), token)
    try:
        services = json.loads((data_dir / SERVICES_FILE).read_bytes())
        token = token or str(services.get("tokens", {}).get("officer", ""))
        return KnownIssuer(str(services["issuer"]).rstrip("/"), token)
    except (FileNotFoundError, KeyError, ValueError) as cause:
        raise InvalidRequest("Say which issuer: give --issuer, or --data-dir of a running `sabai up`.") from cause


@asynccontextmanager
async def network(around: Surroundings) -> AsyncIterator[HttpClient]:
    """A client, until the block ends."""
    http = around.open_http()
    try:
        yield http
    finally:
        await http.close()


def anchor_log(
    context: typer.Context,
    place: Place,
    issuer: KnownIssuer,
    path: str,
    key: Path,
    tell: Callable[[Sequence[Batch]], str],
    *,
    every: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Runs a command that writes to the ledger what the issuer tells at `path`; `tell` says it in a sentence.

    With `every` it goes on each so many seconds. What could not be written then is still to be written the next time.
    """

    async def work(opened: OpenRegistry) -> Outcome:
        owner = load_ledger_key_file(key)

        async def load_state() -> RegistryState:
            return (await load_reading(opened)).state

        async with network(registry_context(context).around) as http:
            source = BatchSource(http, issuer.url + path, issuer.token)
            written = await anchor_batches(source, opened, owner, load_state, dry_run=dry_run)
        facts = [{"batch": each.number, "size": each.size, "root": each.root.hex()} for each in written]
        return Outcome(tell(written) if written else "Nothing is new.", {"batches": facts})

    while True:
        try:
            write(context, place, work, dry_run=dry_run, as_json=as_json)
        except typer.Exit:
            if every is None:
                raise
        if every is None or stopped_within(every):
            return


def stopped_within(seconds: int) -> bool:
    """Whether Ctrl-C or SIGTERM comes within so many seconds."""
    try:
        asyncio.run(asyncio.wait_for(until_stopped(), seconds))
    except TimeoutError:
        return False
    return True
