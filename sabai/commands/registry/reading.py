"""`sabai registry show`, `history`: what the registry says."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sabai.commands.registry.options import DEFAULT_DATA_DIR, AsJson, DataDir, LedgerUrl, RegistryFile
from sabai.commands.registry.terminal import place_of, print_json, print_table, read
from sabai.registry.access import OpenRegistry
from sabai.registry.reading import RegistryReading
from sabai.registry.words import format_moment, parse_organisation

OneOrganisation = Annotated[
    str | None, typer.Argument(help="A DID, its address, or a name from services.json; without it, all.")
]


def show(
    context: typer.Context,
    organisation: OneOrganisation = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the registry, or what it says of one organisation."""

    async def work(opened: OpenRegistry, reading: RegistryReading) -> dict[str, Any]:
        if organisation is None:
            return reading.overview()
        return reading.organisation(reading.require(parse_organisation(organisation, opened.known)))

    shown = read(context, place_of(ledger_url, data_dir, registry_file), work)
    if as_json:
        print_json(shown)
    elif organisation is None:
        _show_overview(shown)
    else:
        _show_organisation(shown)


def history(
    context: typer.Context,
    organisation: OneOrganisation = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many, the newest.")] = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Tell what happened in the registry, the oldest first."""

    async def work(opened: OpenRegistry, reading: RegistryReading) -> list[dict[str, Any]]:
        if organisation is None:
            return reading.history()
        return reading.history(reading.require(parse_organisation(organisation, opened.known)))

    lines = read(context, place_of(ledger_url, data_dir, registry_file), work)
    lines = lines[-limit:] if limit else lines
    if as_json:
        print_json(lines)
        return
    rows = [(str(each["block"]), format_moment(each["time"]), each["about"], each["what"]) for each in lines]
    print_table(("block", "time", "about", "what"), rows)


def _show_overview(shown: dict[str, Any]) -> None:
    head = shown["head"]
    typer.echo(f"chain {shown['chain_id']}, block {head['number']} of {format_moment(head['timestamp'])}")
    governance = shown["governance"]
    rows = []
    for name, address in shown["contracts"].items():
        who = governance.get(name)
        decides = f"{who['threshold']} of {len(who['members'])} members" if who else "each organisation for itself"
        rows.append((name, address, decides))
    print_table(("contract", "address", "who decides"), rows)
    typer.echo()
    organisations = [
        (each["name"], each["did"], ", ".join(each["accredited"]) or "–") for each in shown["organisations"]
    ]
    print_table(("name", "DID", "accredited to"), organisations)


def _show_organisation(shown: dict[str, Any]) -> None:
    typer.echo(f"{shown['name']}\n{shown['did']}")
    typer.echo("deactivated for good" if shown["owner"] is None else f"controlled by {shown['owner']}")
    typer.echo()
    keys = [
        ("#" + each["id"].partition("#")[2], each["algorithm"], each["state"], _until(each["valid_to"]), each["value"])
        for each in shown["keys"]
    ]
    print_table(("key", "algorithm", "state", "until", "multikey"), keys)
    for title, grants in (("accredited", shown["accreditations"]), ("may accredit", shown["mandates"])):
        rows = [_grant_row(each) for each in grants]
        if rows:
            typer.echo()
            print_table((f"{title} to", "state", "from", "until", "by"), rows)


def _grant_row(each: dict[str, Any]) -> tuple[str, ...]:
    state = each["state"] + (", not in force" if each.get("in_force") is False and each["state"] == "active" else "")
    times = (format_moment(each["valid_from"]), format_moment(each["valid_until"]))
    return (f"{each['role']} {each['credential_type']}", state, *times, each["grantor"])


def _until(valid_to: int) -> str:
    return "–" if valid_to == 0 else format_moment(valid_to)
