"""`sabai audit`: an issuer's audit log, its head anchored on the ledger, and all of it compared with what is there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from issuer.audit.proof import DEFAULT_LOG, LedgerFinding, LedgerProof
from sabai.commands.anchoring import Every, anchor_log
from sabai.commands.issuer_options import Issuer, TokenFile, find_issuer, network
from sabai.commands.registry.options import DEFAULT_DATA_DIR, AsJson, DataDir, DryRun, KeyFile, LedgerUrl, RegistryFile
from sabai.commands.registry.terminal import place_of, plain_errors, print_json, read, registry_context, waiting
from sabai.registry.access import OpenRegistry
from sabai.registry.issuer_audit import ExaminedLog, IssuerAudit, examine_log
from sabai.registry.reading import RegistryReading
from sabai.registry.words import format_moment

audit = typer.Typer(no_args_is_help=True)

LogName = Annotated[str, typer.Option(help="The log's public name on the ledger, as the issuer's settings have it.")]


@audit.command()
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
    """Write to the ledger what stands for the audit log as it is now; nothing where no line was added."""
    with plain_errors():
        found = find_issuer(issuer, token_file, data_dir.expanduser())
    place = place_of(ledger_url, data_dir, registry_file)
    sentence = "The audit log is anchored as it is now."
    anchor_log(
        context, place, found, "/audit/batches", key, lambda _: sentence, every=every, dry_run=dry_run, as_json=as_json
    )


@audit.command()
def verify(
    context: typer.Context,
    issuer: Issuer = None,
    token_file: TokenFile = None,
    log: LogName = DEFAULT_LOG,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Read the whole log and compare it with the ledger, on this machine. Ends with 1 unless the ledger proves it."""
    with plain_errors():
        found = find_issuer(issuer, token_file, data_dir.expanduser())

    async def work(_opened: OpenRegistry, reading: RegistryReading) -> ExaminedLog:
        async with network(registry_context(context).around) as http:
            with waiting("Reading the audit log") as tell:
                service = IssuerAudit(http, found.url, found.token)

                def progress(count: int) -> None:
                    tell(f"Reading the audit log: {count:,} lines")

                return await examine_log(service, log, reading.state, progress=progress)

    examined = read(context, place_of(ledger_url, data_dir, registry_file), work)
    whole = examined.broken_at is None and examined.proof.finding is LedgerFinding.PROVEN
    if as_json:
        facts = {"entries": examined.entries, "head": examined.head, "broken_at": examined.broken_at}
        print_json({"log": log, **facts, **asdict(examined.proof)})
    else:
        _tell(examined)
    if not whole:
        raise typer.Exit(1)


def _tell(examined: ExaminedLog) -> None:
    proof = examined.proof
    broken = examined.broken_at
    holds = "and its chain holds" if broken is None else f"and its chain breaks at line {broken:,}"
    typer.echo(f"The audit log has {examined.entries:,} lines, {holds}.")
    if proof.proven_at is not None:
        when = format_moment(proof.proven_at)
        typer.echo(f"Proven: lines 1 to {proof.number:,} are those that were there on {when}.")
    if proof.finding is not LedgerFinding.PROVEN:
        typer.echo(f"{_sentence(proof, examined.entries)} ({proof.finding})", err=True)


def _sentence(proof: LedgerProof, entries: int) -> str:
    """What is wrong, in words."""
    when = "" if proof.failed_at is None else format_moment(proof.failed_at)
    lines = f"Lines {proof.number + 1:,} to {proof.failed_number or 0:,} are not those that were there on {when}"
    return {
        LedgerFinding.PROVEN: "The log agrees with the ledger.",
        LedgerFinding.NOT_ANCHORED: "Nothing of this log is on the ledger: nothing is proven.",
        LedgerFinding.REWRITTEN: f"{lines}: the log was rewritten.",
        LedgerFinding.SHORTENED: f"The log had {proof.failed_number or 0:,} lines on {when}, and has {entries:,} now: "
        "it was shortened.",
        LedgerFinding.FORKED: f"{lines}: the log was rewritten, and anchored again after that.",
        LedgerFinding.ROOT_UNKNOWN: f"What was anchored on {when} is unknown to the issuer: it was taken out of the "
        "database, or somebody else writes to this log.",
        LedgerFinding.MIRROR_DIFFERS: "The roots of this log on the ledger are not one chain.",
    }[proof.finding]
