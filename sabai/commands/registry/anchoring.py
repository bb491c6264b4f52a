"""`sabai registry anchor`, `prove`, `verify-proof`: roots of logs on the chain, and entries proven to be in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from sabai.commands.registry.options import (
    DEFAULT_DATA_DIR,
    AsJson,
    DataDir,
    DryRun,
    KeyFile,
    LedgerUrl,
    RegistryFile,
)
from sabai.commands.registry.terminal import Outcome, load_reading, place_of, plain_errors, print_json, read, write
from sabai.registry.access import OpenRegistry
from sabai.registry.anchored_log import find_anchor, load_entries, newest_head
from sabai.registry.key_files import load_ledger_key_file
from sabai.registry.reading import RegistryReading
from sabai.registry.words import format_moment, parse_hash
from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import InvalidRequest, WrongChain
from vc_core.ledger.events import log_id
from vc_core.ledger.merkle import MerkleTree, verify_inclusion
from vc_core.ledger.proven_entry import ProvenEntry, parse_proven_entry

LogName = Annotated[str, typer.Argument(metavar="LOG", help="The log's public name.")]
Entries = Annotated[Path, typer.Option(help="The log: a file with one entry a line.")]


def anchor(
    context: typer.Context,
    log: LogName,
    key: KeyFile,
    entries: Entries,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write the root of a log's entries to the chain."""

    async def work(opened: OpenRegistry) -> Outcome:
        owner, tree = load_ledger_key_file(key), MerkleTree(load_entries(entries))
        head = newest_head((await load_reading(opened)).state, log)
        await opened.writer.anchor(owner, log, tree.root, size=tree.size, previous_head=head)
        index = int.from_bytes(head[28:], "big") + 1
        facts = {"log": log, "index": index, "size": tree.size, "root": tree.root.hex()}
        return Outcome(f"Root {index} of {log}, over {tree.size:,} entries: {tree.root.hex()}", facts)

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def prove(
    context: typer.Context,
    log: LogName,
    entries: Entries,
    line: Annotated[int, typer.Option(min=1, help="The line of the entry, from 1.")],
    out: Annotated[Path, typer.Option(help="The proof file to write.")],
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Write a proof that an entry is in a log whose root is on the chain."""

    async def work(opened: OpenRegistry, reading: RegistryReading) -> ProvenEntry:
        content = load_entries(entries)
        anchored, tree = find_anchor(reading.state, log, content)
        if line > tree.size:
            raise InvalidRequest("This line is not anchored yet: `sabai registry anchor` writes a root over it.")
        contract = "0x" + opened.known.addresses.anchors.hex()
        proof = tree.create_proof(line - 1)
        return ProvenEntry(log, opened.known.chain_id, contract, anchored.index, content[line - 1], proof)

    proven = read(context, place_of(ledger_url, data_dir, registry_file), work)
    with plain_errors():
        out.write_text(json.dumps(proven.to_json(), indent=2) + "\n", encoding="ascii")
    if as_json:
        print_json(proven.to_json())
        return
    typer.echo(f"{out} proves that line {line} is among {proven.proof.size:,} entries under root {proven.index}.")


def verify_proof(
    context: typer.Context,
    proof: Annotated[Path, typer.Argument(help="The proof file.")],
    root: Annotated[str | None, typer.Option(help="The anchored root that you trust; the chain is not asked then.")] = (
        None
    ),
    size: Annotated[int | None, typer.Option(min=1, help="How many entries that root is over.")] = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof against the chain, or against a root that you have from elsewhere."""
    with plain_errors():
        proven = _load_proof(proof)
        if (root is None) != (size is None):
            raise InvalidRequest("--root and --size go together.")
        if root is not None and size is not None:
            verify_inclusion(proven.entry, proven.proof, root=parse_hash(root), size=size)
            told: dict[str, Any] = {"root": root, "size": size, "anchored_at": None}
    if root is None:

        async def work(opened: OpenRegistry, reading: RegistryReading) -> dict[str, Any]:
            if proven.chain_id != opened.known.chain_id:
                raise WrongChain("the proof is of another chain")
            anchored, _ = proven.verify(reading.state.anchors(log_id(proven.log).hex()))
            return {"root": anchored.root, "size": anchored.size, "anchored_at": anchored.at.block_timestamp}

        told = read(context, place_of(ledger_url, data_dir, registry_file), work)
    facts = {"log": proven.log, "line": proven.proof.index + 1, "entry": proven.to_json()["entry"], **told}
    if as_json:
        print_json(facts)
        return
    when = f", anchored {format_moment(told['anchored_at'])}" if told["anchored_at"] else ""
    typer.echo(f"Proven: line {facts['line']} of {told['size']:,} in {proven.log}{when}.")


def _load_proof(path: Path) -> ProvenEntry:
    try:
        return parse_proven_entry(parse_json_object(path.read_bytes()))
    except FileNotFoundError as cause:
        raise InvalidRequest(f"There is no file {path}.") from cause
    except (EncodingError, ValueError) as cause:
        raise InvalidRequest(f"The file {path} is not a proof.") from cause
