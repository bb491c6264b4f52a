"""`sabai registry create-key`, `register`, `rotate`, `deactivate`: what an organisation does for itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sabai.commands.registry.options import (
    DEFAULT_DATA_DIR,
    AsJson,
    DataDir,
    DryRun,
    KeyFile,
    LedgerUrl,
    OfDid,
    RegistryFile,
    Yes,
)
from sabai.commands.registry.terminal import Outcome, load_reading, place_of, plain_errors, print_json, write
from sabai.registry.access import OpenRegistry
from sabai.registry.key_files import KeyKind, create_key_file, load_ledger_key_file, load_public_key_file
from sabai.registry.words import identity_of, parse_account, parse_organisation
from vc_core.did.ethr import create_did
from vc_core.errors import InvalidRequest
from vc_core.ledger.transactions import LedgerKey

DAY = 86_400
_NOBODY = bytes(20)

ValidDays = Annotated[int, typer.Option(min=1, max=36_500, help="For how many days a key is published.")]


def create_key(
    file: Annotated[Path, typer.Argument(help="The new file; one that is there is never overwritten.")],
    kind: Annotated[KeyKind, typer.Option(help="ledger: controls a DID. p256, ed25519: sign credentials, lists.")] = (
        "ledger"
    ),
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a key in a file that only you can read."""
    with plain_errors():
        key = create_key_file(file.expanduser(), kind)
        if not isinstance(key, LedgerKey):
            facts = {"file": str(file), "kind": kind, "multikey": key.to_multikey().hex()}
        else:
            facts = {"file": str(file), "kind": kind, "address": "0x" + key.address.hex()}
            place = place_of(None, data_dir, registry_file)
            if registry_file is not None or (place.data_dir / "services.json").exists():
                facts["did"] = create_did(place.known().chain_id, key.address)
        if as_json:
            print_json(facts)
            return
        for name, value in facts.items():
            typer.echo(f"{name:8}  {value}")


def register(
    context: typer.Context,
    key: KeyFile,
    publish: Annotated[
        list[Path] | None, typer.Option(help="A PEM file whose public key to publish; repeat it for several.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The name under which desks and wallets show it.")] = None,
    valid_days: ValidDays = 3_650,
    did: OfDid = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Publish an organisation's keys and name. What is published already is left alone."""

    async def work(opened: OpenRegistry) -> Outcome:
        owner, files = load_ledger_key_file(key), publish or []
        if not files and name is None:
            raise InvalidRequest("There is nothing to publish: give --publish or --name.")
        public_keys = [load_public_key_file(file) for file in files]
        own = _did_of(opened, owner, did)
        reading = await load_reading(opened)
        valid = {each.value for each in reading.keys(own) if reading.key_state(own, each) == "valid"}
        for public_key in public_keys:
            if public_key.to_multikey().hex() not in valid:
                await opened.writer.publish_key(
                    owner, public_key, valid_seconds=valid_days * DAY, identity=identity_of(own)
                )
        if name is not None and name != reading.trust.name(own):
            await _publish_name(opened, owner, name, own)
        return Outcome(f"{own} is registered.", {"did": own})

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def rotate(
    context: typer.Context,
    key: KeyFile,
    old: Annotated[Path | None, typer.Option(help="PEM file of the key to revoke.")] = None,
    new: Annotated[Path | None, typer.Option(help="PEM file of the key to publish in its place.")] = None,
    owner: Annotated[
        str | None, typer.Option(help="Hand the DID to this account (0x…), for a new ledger key; comes last.")
    ] = None,
    valid_days: ValidDays = 3_650,
    did: OfDid = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Replace a signing key, the ledger key, or both. The new key is there before the old one goes."""

    async def work(opened: OpenRegistry) -> Outcome:
        signer = load_ledger_key_file(key)
        added = load_public_key_file(new) if new else None
        removed = load_public_key_file(old) if old else None
        account = parse_account(owner) if owner else None
        if added is None and removed is None and account is None:
            raise InvalidRequest("There is nothing to replace: give --new, --old or --owner.")
        if account == _NOBODY:
            raise InvalidRequest("Nobody can't own a DID: `sabai registry deactivate` ends it.")
        own = _did_of(opened, signer, did)
        identity = identity_of(own)
        if added is not None:
            await opened.writer.publish_key(signer, added, valid_seconds=valid_days * DAY, identity=identity)
        if removed is not None:
            await opened.writer.revoke_key(signer, removed, identity=identity)
        if account is not None:
            await opened.writer.change_owner(signer, account, identity=identity)
        return Outcome(f"The keys of {own} are replaced.", {"did": own})

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def deactivate(
    context: typer.Context,
    key: KeyFile,
    did: OfDid = None,
    yes: Yes = False,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End an organisation's DID for good: nothing that it issues counts any more, and nobody can undo it."""
    if not yes and not dry_run:
        typer.confirm("This can't be undone by anybody. End the DID for good?", abort=True, err=True)

    async def work(opened: OpenRegistry) -> Outcome:
        signer = load_ledger_key_file(key)
        own = _did_of(opened, signer, did)
        await opened.writer.change_owner(signer, _NOBODY, identity=identity_of(own))
        return Outcome(f"{own} is deactivated for good.", {"did": own})

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def _did_of(opened: OpenRegistry, key: LedgerKey, did: str | None) -> str:
    return parse_organisation(did, opened.known) if did else create_did(opened.known.chain_id, key.address)


async def _publish_name(opened: OpenRegistry, owner: LedgerKey, name: str, did: str) -> None:
    try:
        await opened.writer.publish_name(owner, name, identity=identity_of(did))
    except ValueError as cause:
        raise InvalidRequest("An organisation's name has 1 to 200 bytes.") from cause
