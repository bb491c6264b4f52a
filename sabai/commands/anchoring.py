"""Running a command that writes roots to the ledger which an issuer tells: of its status lists, or of its audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from sabai.commands.issuer_options import KnownIssuer, network
from sabai.commands.registry.terminal import Outcome, load_reading, registry_context, write
from sabai.registry.access import OpenRegistry, Place
from sabai.registry.key_files import load_ledger_key_file
from sabai.registry.root_batches import Batch, BatchSource, anchor_batches
from sabai.stopping import until_stopped
from vc_core.ledger.registry_state import RegistryState

Every = Annotated[
    int | None,
    typer.Option(min=1, help="Go on until stopped, and do it each so many seconds; what failed is made up for then."),
]


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
