"""`sabai status`: publishing an issuer's status lists, anchoring them, and checking one against its anchor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sabai.commands.anchoring import Every, anchor_log
from sabai.commands.issuer_options import Issuer, TokenFile, find_issuer, network
from sabai.commands.registry.options import DEFAULT_DATA_DIR, AsJson, DataDir, DryRun, KeyFile, LedgerUrl, RegistryFile
from sabai.commands.registry.terminal import place_of, plain_errors, print_json, read, registry_context
from sabai.registry.access import OpenRegistry, Surroundings
from sabai.registry.issuer_status import IssuerStatus, ProvenVersion, prove_version
from sabai.registry.reading import RegistryReading
from sabai.registry.root_batches import Batch
from sabai.registry.words import format_moment
from vc_core.formats.status_list import Status, VerifiedStatusList

status = typer.Typer(no_args_is_help=True)


@status.command()
def publish(
    context: typer.Context, issuer: Issuer = None, data_dir: DataDir = DEFAULT_DATA_DIR, as_json: AsJson = False
) -> None:
    """Have every list that is due signed now, in every form, rather than when somebody asks for it."""
    with plain_errors():
        url = find_issuer(issuer, None, data_dir.expanduser()).url
        started = time.perf_counter()
        sizes = asyncio.run(_publish(registry_context(context).around, url))
        seconds = time.perf_counter() - started
    facts = {"lists": len(sizes), "bytes": sum(sizes), "seconds": round(seconds, 3)}
    if as_json:
        print_json(facts)
        return
    typer.echo(f"{len(sizes):,} lists are published: {sum(sizes):,} bytes, in {seconds:.1f} s.")


async def _publish(around: Surroundings, url: str) -> list[int]:
    async with network(around) as http:
        service = IssuerStatus(http, url)
        addresses = await service.addresses()
        with _bar() as progress:
            return [await service.publish(each) for each in progress.track(addresses, description="Publishing")]


@status.command()
def anchor(
    context: typer.Context,
    key: KeyFile,
    issuer: Issuer = None,
    token_file: TokenFile = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    every: Every = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write to the ledger, under one root, what was published since the last time."""
    with plain_errors():
        found = find_issuer(issuer, token_file, data_dir.expanduser())

    def tell(written: Sequence[Batch]) -> str:
        roots = "one root" if len(written) == 1 else f"{len(written)} roots"
        return f"{sum(each.size for each in written):,} versions are anchored, under {roots}."

    place = place_of(ledger_url, data_dir, registry_file)
    anchor_log(context, place, found, "/status/batches", key, tell, every=every, dry_run=dry_run, as_json=as_json)


@status.command()
def verify(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="A version's own address, such as …/status/LIST/3.")],
    file: Annotated[Path | None, typer.Option(help="A copy of that version; else it is fetched.")] = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Check a version: its issuer signed it, and it is what was anchored on the ledger."""
    with plain_errors():
        kept = None if file is None else file.read_bytes()

    async def work(opened: OpenRegistry, reading: RegistryReading) -> ProvenVersion:
        async with network(registry_context(context).around) as http:
            return await prove_version(http, address, kept, opened, reading)

    proven = read(context, place_of(ledger_url, data_dir, registry_file), work)
    facts = _facts(proven)
    if as_json:
        print_json(facts)
        return
    typer.echo(f"Proven: {address}")
    typer.echo(f"signed    {format_moment(facts['issued_at'])}, by {facts['signed_by']}")
    typer.echo(f"anchored  {format_moment(facts['anchored_at'])}, root {facts['anchor_index']} of {proven.log}")
    typer.echo(f"entries   {facts['entries']:,}, of which {facts['set']:,} are set")


def _facts(proven: ProvenVersion) -> dict[str, Any]:
    statuses, anchored, method = proven.signed.list, proven.anchored, proven.signed.verification_method
    entries = statuses.entries
    values = [entries.get(index) for index in range(entries.size)]
    named = {each.name.lower(): values.count(each) for each in Status if each is not Status.VALID}
    return {
        "address": proven.published.uri,
        "issued_at": proven.published.issued_at,
        "signed_by": method if isinstance(method, str) else proven.signed.issuer,
        "log": proven.log,
        "anchor_index": anchored.index,
        "anchored_at": anchored.at.block_timestamp,
        "entries": entries.size,
        "set": entries.size - values.count(0),
        **(named if isinstance(statuses, VerifiedStatusList) else {"purposes": sorted(statuses.purposes)}),
    }


def _bar() -> Progress:
    """A bar on standard error, for whoever waits at a terminal."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
