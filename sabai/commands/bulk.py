"""`sabai bulk`: renewing the credentials of everybody, on the issuer's own machine."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from issuer.__main__ import IssuerProcessSettings
from issuer.app import MIGRATIONS
from issuer.bulk.models import ItemState
from issuer.bulk.service import BulkIssuance, BulkResult, Report
from issuer.bulk.workers import start_workers
from issuer.issuance.configurations import configurations_of
from issuer.keys import load_issuing_keys
from issuer.models import REGISTRY_TABLES
from issuer.settings import IssuerSettings
from sabai.commands.registry.options import DEFAULT_DATA_DIR, AsJson, DataDir
from sabai.commands.registry.terminal import plain_errors, print_json, print_table
from sabai.registry.known import load_known_registry
from sabai.registry.words import format_moment
from vc_core.clock import system_clock
from vc_core.encoding import parse_json_object
from vc_core.errors import InvalidRequest
from vc_core.ledger.no_ledger import NoLedger
from vc_core.web.database import Database
from vc_core.web.process import load_settings
from vc_core.web.registry import MirroredRegistry

Result = TypeVar("Result")
DAY = 86_400

bulk = typer.Typer(no_args_is_help=True)


@bulk.command()
def renew(
    type_name: Annotated[str, typer.Argument(metavar="TYPE", help="The credential type, such as InsuranceCoverage.")],
    ending_within: Annotated[int, typer.Option(min=1, max=3_650, help="Renew what ends within so many days.")] = 60,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many sign; else one for each core.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """Renew everybody's credentials of one type that end soon and that the roster has more to say for.

    They wait at the issuer, and each wallet fetches its own. Cut short, the same command goes on where it was. The
    issuer is told by ISSUER_… in the environment, else by the data folder of `sabai up`.
    """
    count = processes or os.cpu_count() or 1

    async def work(opened: BulkIssuance, settings: IssuerSettings) -> BulkResult:
        job = await opened.plan(type_name, ending_before=system_clock() + ending_within * DAY)
        with start_workers(settings, count) as workers, _progress(job.total) as report:
            return await opened.run(job, workers, count=count, report=report)

    with plain_errors():
        result = asyncio.run(_with_issuer(data_dir, work))
        if as_json:
            print_json(
                {"job": result.job_id, "total": result.total, "signed": result.signed, "refused": result.refused}
            )
            return
        if not result.total:
            typer.echo("Nothing is due: nobody holds one that ends soon and could be longer.")
            return
        typer.echo(f"{result.signed:,} of {result.total:,} are signed and wait for their wallets.")
        if result.refused:
            typer.echo(
                f"{result.refused:,} could not be, where coverage has ended say: the office's page of jobs lists them."
            )
        if result.signed_now:
            typer.echo(
                f"{result.signed_now:,} in {result.seconds:,.1f} s: {result.rate:,.0f} a second, {result.share:.0%} of "
                f"what {count} processes sign when they do nothing else ({result.raw_rate:,.0f} a second)."
            )


@bulk.command("list")
def list_jobs(data_dir: DataDir = DEFAULT_DATA_DIR, as_json: AsJson = False) -> None:
    """List the jobs, and how far each is."""

    async def work(opened: BulkIssuance, _settings: IssuerSettings) -> list[dict[str, object]]:
        return [
            {
                "job": job.id,
                "credential_type": job.credential_type,
                "created_at": format_moment(job.created_at),
                "finished_at": None if job.finished_at is None else format_moment(job.finished_at),
                "total": job.total,
                **{state.name.lower(): number for state, number in counted.items()},
            }
            for job, counted in await opened.jobs()
        ]

    with plain_errors():
        jobs = asyncio.run(_with_issuer(data_dir, work))
        if as_json:
            print_json(jobs)
            return
        titles = ("created_at", "finished_at", "credential_type", "total", *(state.name.lower() for state in ItemState))
        print_table(titles, [[str(job[title] or "–") for title in titles] for job in jobs])


async def _with_issuer(data_dir: Path, work: Callable[[BulkIssuance, IssuerSettings], Awaitable[Result]]) -> Result:
    settings = _settings(data_dir.expanduser())
    async with _opened(settings) as opened:
        return await work(opened, settings)


@asynccontextmanager
async def _opened(settings: IssuerSettings) -> AsyncIterator[BulkIssuance]:
    """Bulk issuance in the issuer's database; what the registry says is what the issuer's mirror last read."""
    keys = load_issuing_keys(settings)
    database = Database(settings.database_url)
    registry = MirroredRegistry(NoLedger(settings.chain_id), settings, database, REGISTRY_TABLES, system_clock)
    try:
        await database.migrate(MIGRATIONS)
        await registry.start()
        configurations = configurations_of(keys, settings.public_url, settings.protocol_profile)
        yield BulkIssuance(database, keys, configurations, registry.trust, system_clock, secrets.token_bytes)
    finally:
        await registry.stop()
        await database.close()


def _settings(data_dir: Path) -> IssuerSettings:
    if "ISSUER_DATABASE_URL" in os.environ:
        return load_settings(IssuerProcessSettings)
    services, database = data_dir / "services.json", data_dir / "issuer.sqlite"
    known = load_known_registry(services)
    if not database.exists():
        raise InvalidRequest(f"There is no database {database}: start the issuer once.")
    content = parse_json_object(services.read_bytes())
    addresses = known.addresses
    return IssuerSettings(
        public_url=content["issuer"],
        database_url=f"sqlite+aiosqlite:///{database.resolve()}",
        chain_id=known.chain_id,
        did_registry="0x" + addresses.did_registry.hex(),
        trust_registry="0x" + addresses.trust_registry.hex(),
        anchors="0x" + addresses.anchors.hex(),
        officer_token=SecretStr(content["tokens"]["officer"]),
        issuing_keys_file=data_dir.resolve() / "keys" / "issuing.json",
    )


@contextmanager
def _progress(total: int) -> Iterator[Report]:
    """A bar on standard error, where that is a terminal; else a line for every tenth."""
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (TextColumn("Signing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("", total=total)
            yield lambda done, _total: progress.update(task, completed=done)
        return
    told = 0

    def report(done: int, of: int) -> None:
        nonlocal told
        if done * 10 // max(of, 1) > told:
            told = done * 10 // of
            typer.echo(f"{done:,} of {of:,}", err=True)

    yield report
