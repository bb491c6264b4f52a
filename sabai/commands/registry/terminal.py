"""What the commands of `sabai registry` do alike: opening, progress, tables, JSON, and errors in one sentence."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import typer
from rich.console import Console

from sabai.registry.access import OpenRegistry, Place, Surroundings, open_registry
from sabai.registry.reading import RegistryReading, read_registry
from vc_core.clock import system_clock
from vc_core.errors import SabaiError, TransactionFailed

Result = TypeVar("Result")

_REFUSED = "the contract refused: "
_REASONS = {
    "bad_actor": "This key does not control the organisation's DID.",
    "not_governor": "This key does not govern the registry.",
    "not_log_owner": "This key does not own the log.",
    "stale_head": "The log got another root meanwhile: try again.",
    "revoked": "It is revoked, which is final.",
    "already_killed": "The key was killed already.",
    "already_approved": "This member approved it already.",
    "already_executed": "It was executed already.",
    "not_approved": "Not enough members approved it yet.",
    "expired": "The proposal has expired.",
    "stale_proposal": "The members changed since: propose it anew.",
    "no_accreditation": "There is no such accreditation.",
    "no_mandate": "The accreditor has no mandate for this role and type that is in force.",
    "other_grantor": "Another accreditor, or the governance, gave this; only they change it.",
    "bad_subject": "Nobody accredits themselves.",
    "bad_period": "The period is not within the accreditor's mandate.",
    "bad_depth": "The depth is not below that of the accreditor's own mandate.",
    "bad_members": "Members are accounts, each named once.",
    "bad_threshold": "The threshold is at least 1 and at most the number of members.",
}
_NEXT_STEPS = {
    "ledger_locked": "Stop the other process, or let it answer JSON-RPC.",
    "ledger_unavailable": "Check the nodes with `sabai registry doctor`, and try again.",
    "wrong_chain": "Check the addresses and the registry's file with `sabai registry doctor`.",
}


@dataclass(frozen=True)
class RegistryContext:
    """What the commands take from outside; `proposing`: for how many days to propose, where not to act at once."""

    around: Surroundings = field(default_factory=lambda: Surroundings(system_clock))
    proposing: int | None = None


def registry_context(context: typer.Context) -> RegistryContext:
    """What a test passes as the command's object, else the real surroundings."""
    return context.obj if isinstance(context.obj, RegistryContext) else RegistryContext()


@dataclass(frozen=True)
class Outcome:
    """What a command did: a sentence for a person, facts for a program."""

    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


Work = Callable[[OpenRegistry], Awaitable[Outcome]]


def place_of(urls: list[str] | None, data_dir: Path, registry_file: Path | None) -> Place:
    """Where the options say that the ledger is."""
    return Place(tuple(urls or ()), data_dir.expanduser(), registry_file)


def write(context: typer.Context, place: Place, work: Work, *, dry_run: bool, as_json: bool) -> None:
    """Runs a command that sends transactions, and tells what was sent, or would be."""

    async def run(around: Surroundings) -> tuple[Outcome, OpenRegistry]:
        async with open_registry(place, around, dry_run=dry_run) as opened:
            return await work(opened), opened

    with plain_errors(), waiting("Asking the ledger") as status:
        around = replace(
            registry_context(context).around,
            before_sending=lambda function: status(f"Sending {function}, waiting until it is final"),
        )
        outcome, opened = asyncio.run(run(around))
    tell_outcome(outcome, opened, dry_run=dry_run, as_json=as_json)


def tell_outcome(outcome: Outcome, opened: OpenRegistry, *, dry_run: bool, as_json: bool) -> None:
    """Prints what a writing command did."""
    sent = opened.ledger.sent
    gas = sum(each.gas for each in sent)
    if as_json:
        facts = {} if dry_run else outcome.facts
        print_json({"dry_run": dry_run, **facts, "transactions": [each.to_json() for each in sent], "gas": gas})
        return
    typer.echo("Nothing was sent. This would be sent:" if dry_run else outcome.sentence)
    rows = [
        (each.contract, each.function, f"{each.gas:,}", "–" if each.block_number is None else str(each.block_number))
        for each in sent
    ]
    if rows:
        print_table(("contract", "function", "gas", "block"), rows)
    if len(rows) > 1:
        typer.echo(f"{gas:,} gas in all")


def read(
    context: typer.Context, place: Place, work: Callable[[OpenRegistry, RegistryReading], Awaitable[Result]]
) -> Result:
    """Runs a command that only reads: it is given everything that the registry says."""

    async def run() -> Result:
        around = registry_context(context).around
        async with open_registry(place, around) as opened:
            return await work(opened, await load_reading(opened))

    with plain_errors():
        return asyncio.run(run())


async def load_reading(opened: OpenRegistry) -> RegistryReading:
    """Reads the registry, with a bar for whoever waits at a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return RegistryReading(await read_registry(opened), now=opened.clock())
    with console.status("Reading the registry") as status:

        def progress(blocks: int, last: int) -> None:
            status.update(f"Reading the registry: block {blocks:,} of {last:,}")

        return RegistryReading(await read_registry(opened, progress=progress), now=opened.clock())


@contextmanager
def waiting(text: str) -> Iterator[Callable[[str], None]]:
    """Shows on standard error what is waited for, where that is a terminal; call what it gives with a newer text."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _text: None
        return
    with console.status(text) as status:
        yield lambda newer: status.update(newer)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Ends the command with an error's sentence and exit code 1, without a traceback."""
    try:
        yield
    except SabaiError as error:
        typer.echo(error_sentence(error), err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "the file could not be used"
        typer.echo(f"A file could not be read or written: {reason}. Check the place and the disk.", err=True)
        raise typer.Exit(1) from error


def error_sentence(error: SabaiError) -> str:
    """What went wrong, what to do next where that is known, and the code."""
    message = error.message
    if isinstance(error, TransactionFailed) and message.startswith(_REFUSED):
        message = _REASONS.get(message.removeprefix(_REFUSED), message)
    message = message[:1].upper() + message[1:].rstrip(".") + "."
    return " ".join(filter(None, (message, _NEXT_STEPS.get(error.code, ""), f"({error.code})")))


def print_json(value: Any) -> None:
    """A value as JSON in ASCII: whatever a name holds does nothing to a terminal."""
    typer.echo(json.dumps(value, indent=2))


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows in columns as wide as their content, under their titles."""
    widths = [max(len(row[column]) for row in (titles, *rows)) for column in range(len(titles))]
    for row in (titles, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
