"""`sabai keys`: the keys that an issuer signs with, from their making to their end."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from issuer.issuance.dependents import KeyDependents, load_dependents
from issuer.keys_file import load_issuing_keys_file
from issuer.settings import IssuingKeySettings
from sabai.commands.registry.keys import ValidDays
from sabai.commands.registry.options import (
    DEFAULT_DATA_DIR,
    AsJson,
    DataDir,
    DryRun,
    KeyFile,
    LedgerUrl,
    OfDid,
    RegistryFile,
)
from sabai.commands.registry.terminal import (
    Outcome,
    load_reading,
    place_of,
    plain_errors,
    print_json,
    print_table,
    read,
    registry_context,
    write,
)
from sabai.commands.registry.trust import kill_key
from sabai.keys.certifying import certify_issuing_keys
from sabai.keys.development_ca import DevelopmentCa
from sabai.keys.places import KINDS, create_key, open_key, shown
from sabai.keys.rotation import (
    KeyInUse,
    RegisteredKey,
    describe_next_steps,
    keys_in_use,
    publish,
    registered_key,
    registered_keys,
    retire,
    rotate,
)
from sabai.registry.access import OpenRegistry
from sabai.registry.key_files import load_ledger_key_file
from sabai.registry.reading import RegistryReading
from sabai.registry.words import format_moment, parse_organisation
from vc_core.crypto.keys import Algorithm
from vc_core.did.ethr import create_did
from vc_core.errors import InvalidRequest
from vc_core.web.database import Database

keys = typer.Typer(no_args_is_help=True)


@keys.callback()
def _keep_logs_apart() -> None:
    """As `sabai registry` does."""
    logging.getLogger("vc_core.ledger").addHandler(logging.NullHandler())


Reference = Annotated[str, typer.Argument(help="A file, a pkcs11: URI, or a reference of an installed key service.")]
Method = Annotated[str, typer.Argument(metavar="KEY", help="The key's DID URL, DID#delegate-N, as `list` shows it.")]
Issuing = Annotated[
    Path | None, typer.Option("--issuing", help="The issuer's file of keys; else DIR/keys/issuing.json.")
]
IssuerDatabase = Annotated[
    str | None,
    typer.Option(envvar="ISSUER_DATABASE_URL", help="The issuer's database; else DIR/issuer.sqlite."),
]


@keys.command("list")
def list_keys(
    context: typer.Context,
    issuing: Issuing = None,
    issuer_database: IssuerDatabase = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """List the issuer's keys, in use and replaced, and how much depends on each."""

    async def work(opened: OpenRegistry, reading: RegistryReading) -> list[dict[str, Any]]:
        in_use = keys_in_use(_entries(issuing, data_dir))
        dids = dict.fromkeys(each.did for each in in_use)
        found = [each for did in dids for each in registered_keys(reading, did)]
        load = _dependents(issuer_database, data_dir, opened)
        return [_key_json(each, in_use, await load(each)) for each in found]

    listed = read(context, place_of(ledger_url, data_dir, registry_file), work)
    if as_json:
        print_json(listed)
        return
    rows = [
        (
            each["key"],
            each["state"],
            each["role"] or "–",
            ", ".join(each["credential_types"]) or "–",
            str(sum(each["credentials"].values())),
            str(each["status_lists"]),
            each["needed_until"] or "–",
            each["reference"] or "–",
        )
        for each in listed
    ]
    print_table(("key", "state", "signs", "for", "credentials", "lists", "needed until", "kept in"), rows)


@keys.command()
def show(
    context: typer.Context,
    key_name: Method,
    issuing: Issuing = None,
    issuer_database: IssuerDatabase = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
) -> None:
    """Show one key, and which credentials and status lists would not verify without it (JSON)."""

    async def work(opened: OpenRegistry, reading: RegistryReading) -> dict[str, Any]:
        found = registered_key(reading, _full_name(opened, key_name))
        dependents = await _dependents(issuer_database, data_dir, opened)(found)
        return _key_json(found, keys_in_use(_entries(issuing, data_dir)), dependents)

    print_json(read(context, place_of(ledger_url, data_dir, registry_file), work))


@keys.command()
def create(
    reference: Reference,
    status: Annotated[bool, typer.Option(help="For status lists (Ed25519), not credentials (P-256).")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a key in a new file or inside a token, from where it can't be exported."""
    with plain_errors():
        algorithm = Algorithm.EDDSA if status else Algorithm.ES256
        public_key = create_key(reference, algorithm, _pin())
        facts = {"reference": shown(reference), "kind": KINDS[algorithm], "multikey": public_key.to_multikey().hex()}
        if as_json:
            print_json(facts)
            return
        for name, value in facts.items():
            typer.echo(f"{name:9}  {value}")


@keys.command()
def register(
    context: typer.Context,
    reference: Reference,
    key: KeyFile,
    valid_days: ValidDays = 3_650,
    did: OfDid = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Publish a signing key's public half in the registry, and say by which name the registry knows it."""

    async def work(opened: OpenRegistry) -> Outcome:
        owner = load_ledger_key_file(key)
        own = parse_organisation(did, opened.known) if did else create_did(opened.known.chain_id, owner.address)
        public_key = open_key(reference, _pin()).public_key
        name = await publish(opened, owner, own, public_key, valid_days=valid_days)
        return Outcome(f"The registry knows the key as {name}.", {"key": name})

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


@keys.command("rotate")
def rotate_key(
    context: typer.Context,
    key_name: Method,
    key: KeyFile,
    new: Annotated[
        str | None, typer.Option(help="The new key's reference; else the next of the old one's name.")
    ] = None,
    valid_days: ValidDays = 3_650,
    issuing: Issuing = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Replace a key: make the new one, register it, and name it in the issuer's file of keys.

    What the old one signed goes on verifying. Cut short anywhere, the same command goes on from there.
    """

    async def work(opened: OpenRegistry) -> Outcome:
        rotated = await rotate(
            opened,
            load_ledger_key_file(key),
            _issuing_file(issuing, data_dir),
            _full_name(opened, key_name),
            new=new,
            pin=_pin(),
            valid_days=valid_days,
        )
        facts = {
            "old": rotated.old.verification_method,
            "new": rotated.new_method,
            "reference": shown(rotated.new_reference),
        }
        return Outcome(describe_next_steps(rotated), facts)

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


@keys.command("retire")
def retire_key(
    context: typer.Context,
    key_name: Method,
    key: KeyFile,
    now: Annotated[bool, typer.Option("--now", help="At once, though what it signed then stops verifying.")] = False,
    issuing: Issuing = None,
    issuer_database: IssuerDatabase = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End a replaced key: it stays valid until the last credential that it signed has expired, and not longer."""

    async def work(opened: OpenRegistry) -> Outcome:
        found = registered_key(await load_reading(opened), _full_name(opened, key_name))
        dependents = await _dependents(issuer_database, data_dir, opened)(found)
        entries = _entries(issuing, data_dir)
        until = await retire(opened, load_ledger_key_file(key), entries, found, dependents, at_once=now)
        if until is None:
            return Outcome("The key is revoked: nothing that it signed verifies any more.", {"until": None})
        count = sum(dependents.credentials.values())
        sentence = f"The key is valid until {format_moment(until)}: {count} credentials still depend on it."
        return Outcome(sentence, {"until": format_moment(until), "credentials": count})

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


@keys.command("certify")
def certify_keys(
    context: typer.Context,
    url: Annotated[str, typer.Option(help="The issuer's public https URL, in whose name the keys are to sign.")],
    issuing: Issuing = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Certify the issuer's keys by a CA for development, made in DIR/keys/development-ca if it is not there.

    For credentials that carry certificates (x5c) instead of a DID. Repeat it when a key was rotated, and once a year.
    """
    with plain_errors():
        now = registry_context(context).around.clock()
        ca = DevelopmentCa.load_or_make(data_dir.expanduser() / "keys", now=now)
        anchors = certify_issuing_keys(_issuing_file(issuing, data_dir), ca, url=url, pin=_pin(), now=now)
        typer.echo(f"Restart the issuer. Verifiers that are to trust it: VERIFIER_TRUST_ANCHORS={anchors}")


keys.command("kill")(kill_key)


def _pin() -> str | None:
    """The PIN of tokens whose URI names no file for it: never on a command line, which every process can read."""
    return os.environ.get("ISSUER_PKCS11_PIN")


def _issuing_file(issuing: Path | None, data_dir: Path) -> Path:
    return (issuing or data_dir / "keys" / "issuing.json").expanduser()


def _entries(issuing: Path | None, data_dir: Path) -> tuple[IssuingKeySettings, ...]:
    return load_issuing_keys_file(_issuing_file(issuing, data_dir))


def _full_name(opened: OpenRegistry, name: str) -> str:
    """A DID URL, whose DID may be one of the names in services.json."""
    did, _, fragment = name.partition("#")
    return f"{parse_organisation(did, opened.known)}#{fragment}"


def _dependents(
    url: str | None, data_dir: Path, opened: OpenRegistry
) -> Callable[[RegisteredKey], Awaitable[KeyDependents]]:
    """Asks the issuer's database what depends on a key."""
    file = data_dir.expanduser().resolve() / "issuer.sqlite"

    async def load(key: RegisteredKey) -> KeyDependents:
        if url is None and not file.exists():  # opening it would make it
            raise InvalidRequest(f"There is no database {file}: start the issuer once.")
        database = Database(url or f"sqlite+aiosqlite:///{file}")
        try:
            async with database.transaction() as session:
                return await load_dependents(session, key.names, now=opened.clock())
        except SQLAlchemyError as cause:
            raise InvalidRequest("The issuer's database can't be read: start the issuer once.") from cause
        finally:
            await database.close()

    return load


def _key_json(key: RegisteredKey, in_use: list[KeyInUse], dependents: KeyDependents) -> dict[str, Any]:
    uses = [each for each in in_use if each.verification_method in key.names]
    return {
        "key": key.name,
        "state": key.state,
        "role": uses[0].role if uses else None,
        "credential_types": [name for use in uses for name in use.credential_types],
        "reference": shown(uses[0].reference) if uses else None,
        "valid_until": format_moment(key.numbered.valid_to),
        "credentials": dict(dependents.credentials),
        "of_them_unrecorded": dependents.unrecorded,
        "status_lists": dependents.status_lists,
        "needed_until": format_moment(dependents.until) if dependents.until else None,
    }
