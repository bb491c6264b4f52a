"""`sabai registry bundle`: trust bundles, for desks without a network."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from sabai.commands.registry.options import DEFAULT_DATA_DIR, AsJson, DataDir, LedgerUrl, Organisation, RegistryFile
from sabai.commands.registry.terminal import place_of, plain_errors, print_json, read, registry_context
from sabai.registry.access import OpenRegistry, Surroundings
from sabai.registry.bundling import (
    append_checkpoint,
    fetch_status_lists,
    find_evidence,
    find_method,
    load_signer_file,
    post_bundle,
)
from sabai.registry.known import SERVICES_FILE
from sabai.registry.reading import RegistryReading
from sabai.registry.words import format_moment, parse_organisation
from vc_core.errors import InvalidRequest, TrustBundleRefused
from vc_core.files import write_durably
from vc_core.trust_bundle.anchoring import CHECKPOINT_LOG
from vc_core.trust_bundle.contents import AnchoredCheckpoint, BundleContents, StatusListCopy
from vc_core.trust_bundle.envelope import MAX_BUNDLE_BYTES, create_trust_bundle

bundle = typer.Typer(
    help="What a desk must know to verify, in one signed file, for desks without a network.", no_args_is_help=True
)

Checkpoints = Annotated[Path, typer.Argument(metavar="FILE", help="The log's file; a line is added to it.")]


@bundle.command("export")
def export_bundle(
    context: typer.Context,
    signer: Organisation,
    key: Annotated[Path, typer.Option(help="The PEM file of the organisation's key that signs.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    status_lists: Annotated[
        list[str] | None, typer.Option(help="Where an issuer names all its status lists (…/status); repeat it.")
    ] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(help=f"The file of the log {CHECKPOINT_LOG}, to prove the registry by its anchor.")
    ] = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Write a bundle of the registry and the status lists as they are now."""
    around = registry_context(context).around

    async def work(opened: OpenRegistry, reading: RegistryReading) -> tuple[bytes, BundleContents]:
        did = reading.require(parse_organisation(signer, opened.known))
        signing_key = load_signer_file(key)
        method = find_method(reading, did, signing_key.public_key)
        evidence = None if checkpoints is None else find_evidence(reading, checkpoints)
        now = around.clock()
        lists = await _fetch(around, status_lists or [])
        contents = BundleContents(now, now, reading.snapshot, lists, evidence)
        return create_trust_bundle(contents, verification_method=method, signer=signing_key), contents

    file, contents = read(context, place_of(ledger_url, data_dir, registry_file), work)
    with plain_errors():
        write_durably(out, file)
    facts = _export_facts(out, file, contents)
    if as_json:
        print_json(facts)
        return
    typer.echo(f"{out}: {len(file):,} bytes, of {format_moment(contents.issued_at)}")
    typer.echo(f"registry      block {facts['block_number']:,}, {facts['events']:,} events")
    typer.echo(f"status lists  {facts['status_lists']}")
    typer.echo(f"proof         {_describe_evidence(contents.anchor)}")


async def _fetch(around: Surroundings, addresses: list[str]) -> tuple[StatusListCopy, ...]:
    if not addresses:
        return ()
    http = around.open_http()
    try:
        return await fetch_status_lists(http, addresses)
    finally:
        await http.close()


def _export_facts(out: Path, file: bytes, contents: BundleContents) -> dict[str, Any]:
    anchor = contents.anchor
    return {
        "file": str(out),
        "bytes": len(file),
        "sequence": contents.sequence,
        "issued_at": contents.issued_at,
        "block_number": contents.snapshot.head.number,
        "synced_at": contents.snapshot.synced_at,
        "events": len(contents.snapshot.events),
        "status_lists": len(contents.status_lists),
        "anchor": None if anchor is None else {"index": anchor.index, "block_number": anchor.head.number},
    }


def _describe_evidence(anchor: AnchoredCheckpoint | None) -> str:
    if anchor is None:
        return "none"
    return f"the registry up to block {anchor.head.number:,} is under root {anchor.index} of {CHECKPOINT_LOG}"


@bundle.command("import")
def import_bundle(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The bundle.")],
    desk: Annotated[str | None, typer.Option(help="The desk's address; else the one in DIR/services.json.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file with the desk token; else from there too.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """Bring a bundle to a desk, which says what it took, or why not."""
    with plain_errors():
        answer = asyncio.run(_import(registry_context(context).around, file, desk, token_file, data_dir))
    if as_json:
        print_json(answer)
        return
    typer.echo(f"Imported: bundle of {format_moment(answer['issued_at'])}, by {answer['signer']}")
    typer.echo(f"registry      block {answer['block_number']:,}, {answer['new_events']:,} new events")
    typer.echo(f"age           {_describe_age(answer['age_seconds'])}")
    taken, same, refused = (answer[f"status_lists_{name}"] for name in ("taken", "not_newer", "refused"))
    typer.echo(f"status lists  {taken} taken, {same} not newer, {refused} refused")
    typer.echo(f"proof         {_describe_anchor(answer['anchor'])}")


def _describe_anchor(anchor: dict[str, Any] | None) -> str:
    if anchor is None:
        return "none"
    place = "in the registry" if anchor["in_registry"] else f"on chain {anchor['chain_id']}, which was not asked"
    return f"up to block {anchor['block_number']:,}, by root {anchor['index']} {place}"


async def _import(
    around: Surroundings, file: Path, desk: str | None, token_file: Path | None, data_dir: Path
) -> dict[str, Any]:
    url, token = _desk(desk, token_file, data_dir.expanduser())
    with file.open("rb") as opened:
        content = opened.read(MAX_BUNDLE_BYTES + 1)
    http = around.open_http()
    try:
        answer = await post_bundle(http, url, content, token=token)
    finally:
        await http.close()
    told = answer.json_object()
    if answer.status != 200:
        raise TrustBundleRefused(str(told.get("detail", "The desk did not take the trust bundle.")))
    return told


def _desk(desk: str | None, token_file: Path | None, data_dir: Path) -> tuple[str, str | None]:
    """The desk's address, and its token where there is one."""
    token = None if token_file is None else token_file.read_text("utf-8").strip()
    if desk is not None:
        return desk, token
    try:
        services = json.loads((data_dir / SERVICES_FILE).read_bytes())
        return str(services["verifier"]), token or str(services["tokens"]["desk"])
    except (FileNotFoundError, KeyError, ValueError) as cause:
        raise InvalidRequest("Say which desk: give --desk, or --data-dir of a running `sabai up`.") from cause


def _describe_age(seconds: int) -> str:
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@bundle.command()
def checkpoint(
    context: typer.Context,
    file: Checkpoints,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Add the registry as it is now to the log of checkpoints; `sabai registry anchor` then anchors the log."""

    async def work(_opened: OpenRegistry, reading: RegistryReading) -> RegistryReading:
        return reading

    snapshot = read(context, place_of(ledger_url, data_dir, registry_file), work).snapshot
    with plain_errors():
        line = append_checkpoint(snapshot, file)
    if as_json:
        print_json({"file": str(file), "log": CHECKPOINT_LOG, "entry": line})
        return
    typer.echo(f"Block {snapshot.head.number:,} is in {file}. Anchor it:")
    typer.echo(f"sabai registry anchor {CHECKPOINT_LOG} --entries {file} --key KEY")
