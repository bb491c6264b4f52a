"""`sabai registry doctor`: what may be wrong, and what to do about it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from sabai.commands.registry.options import DEFAULT_DATA_DIR, AsJson, DataDir, LedgerUrl, RegistryFile
from sabai.commands.registry.terminal import place_of, plain_errors, print_json, registry_context, waiting

_MARKS = {"ok": "✔", "warning": "!", "wrong": "✘"}


def doctor(
    context: typer.Context,
    mirror: Annotated[
        list[str] | None,
        typer.Option(help="Address or file of a registry snapshot to compare, as a backend serves at /registry."),
    ] = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Compare nodes, contracts and mirrors; exit code 1 where something is wrong."""
    from sabai.registry.doctor import examine

    place = place_of(ledger_url, data_dir, registry_file)
    with plain_errors(), waiting("Examining nodes, contracts and mirrors"):
        findings = asyncio.run(examine(place, registry_context(context).around, mirrors=mirror or ()))
    is_well = all(each.level != "wrong" for each in findings)
    if as_json:
        print_json({"ok": is_well, "findings": [each.to_json() for each in findings]})
    else:
        for each in findings:
            typer.echo(f"{_MARKS[each.level]} {each.check}: {each.detail}")
            if each.advice:
                typer.echo(f"    {each.advice}")
        typer.echo("All is well." if is_well else "Something is wrong.")
    if not is_well:
        raise typer.Exit(1)
