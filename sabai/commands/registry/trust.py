"""`sabai registry accredit`, `suspend`, `resume`, `revoke`, `mandate`, `kill-key`: who is trusted with what.

Where one member governs, a command acts at once. Where several do, the same command after `propose` proposes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from sabai.commands.registry.options import (
    DEFAULT_DATA_DIR,
    AsJson,
    DataDir,
    DryRun,
    KeyFile,
    LedgerUrl,
    Organisation,
    RegistryFile,
    RoleName,
    TypeName,
)
from sabai.commands.registry.terminal import Outcome, Work, load_reading, place_of, registry_context, write
from sabai.registry.access import OpenRegistry
from sabai.registry.deciding import DAY, act, propose
from sabai.registry.key_files import load_ledger_key_file, load_public_key_file
from sabai.registry.words import (
    format_moment,
    identity_of,
    parse_credential_type,
    parse_hash,
    parse_organisation,
    parse_role,
    parse_time,
)
from vc_core.crypto.keys import PublicKey
from vc_core.errors import InvalidRequest
from vc_core.ledger.events import AccreditationState, key_hash
from vc_core.ledger.governance import (
    Action,
    create_accreditation_action,
    create_kill_key_action,
    create_mandate_action,
    create_state_action,
)
from vc_core.ledger.transactions import LedgerKey

From = Annotated[str | None, typer.Option("--from", help="From when: a date, or a time with its offset; else now.")]
Until = Annotated[str | None, typer.Option("--until", help="Until when, exclusive; else --days from then on.")]
Days = Annotated[int, typer.Option(min=1, max=36_500, help="For how many days, without --until.")]
AsAccreditor = Annotated[
    str | None,
    typer.Option("--as", metavar="DID", help="In the name of this accreditor, whose DID the key controls."),
]


def accredit(
    context: typer.Context,
    organisation: Organisation,
    role: RoleName,
    type_name: TypeName,
    key: KeyFile,
    valid_from: From = None,
    valid_until: Until = None,
    days: Days = 1_825,
    claim: Annotated[list[str] | None, typer.Option(help="A claim that it is limited to; repeat it.")] = None,
    policy: Annotated[str | None, typer.Option(help="SHA-256 of the rules that it is given under, in hex.")] = None,
    as_accreditor: AsAccreditor = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let an organisation issue a credential type, or ask for it."""

    async def work(opened: OpenRegistry) -> Outcome:
        did, vct = parse_organisation(organisation, opened.known), parse_credential_type(type_name)
        first, end = _period(opened, valid_from, valid_until, days)
        limits = parse_hash(policy) if policy else None
        facts = {"did": did, "role": role, "credential_type": type_name, "valid_from": first, "valid_until": end}
        signer, chosen = load_ledger_key_file(key), parse_role(role)
        sentence = f"{did} may {role} {type_name} until {format_moment(end)}."
        if as_accreditor is not None:
            await opened.writer.accredit_as(
                signer, did, chosen, vct, valid_from=first, valid_until=end, allowed_claims=claim or None,
                policy=limits, identity=_accreditor(context, opened, as_accreditor),
            )  # fmt: skip
            return Outcome(sentence, facts)
        action = create_accreditation_action(
            did, chosen, vct, valid_from=first, valid_until=end, allowed_claims=claim or None, policy=limits
        )
        return await decide(context, opened, signer, action, Outcome(sentence, facts))

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def suspend(
    context: typer.Context,
    organisation: Organisation,
    role: RoleName,
    type_name: TypeName,
    key: KeyFile,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Suspend an accreditation, until `resume`."""
    work = _state_work(context, organisation, role, type_name, key, AccreditationState.SUSPENDED)
    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def resume(
    context: typer.Context,
    organisation: Organisation,
    role: RoleName,
    type_name: TypeName,
    key: KeyFile,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Lift a suspension."""
    work = _state_work(context, organisation, role, type_name, key, AccreditationState.ACTIVE)
    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def revoke(
    context: typer.Context,
    organisation: Organisation,
    role: RoleName,
    type_name: TypeName,
    key: KeyFile,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Revoke an accreditation for good; desks then refuse what was issued under it, too."""
    work = _state_work(context, organisation, role, type_name, key, AccreditationState.REVOKED)
    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def mandate(
    context: typer.Context,
    organisation: Organisation,
    role: RoleName,
    type_name: TypeName,
    key: KeyFile,
    depth: Annotated[int, typer.Option(min=0, max=8, help="How many levels of mandates may stand below it.")] = 0,
    state: Annotated[
        Literal["active", "suspended", "revoked"],
        typer.Option(help="What it is from now on; suspended or revoked, all that hangs on it is not in force."),
    ] = "active",
    valid_from: From = None,
    valid_until: Until = None,
    days: Days = 1_825,
    as_accreditor: AsAccreditor = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let an organisation accredit others for a role and a credential type, or end that."""

    async def work(opened: OpenRegistry) -> Outcome:
        did, vct = parse_organisation(organisation, opened.known), parse_credential_type(type_name)
        first, end = _period(opened, valid_from, valid_until, days)
        given = {"valid_from": first, "valid_until": end, "depth": depth}
        facts = {"did": did, "role": role, "credential_type": type_name, "state": state, **given}
        sentence = f"The mandate of {did} to accredit others to {role} {type_name} is {state}."
        signer, chosen, accreditor = load_ledger_key_file(key), parse_role(role), identity_of(did)
        wanted = AccreditationState[state.upper()]
        if as_accreditor is not None:
            grantor = _accreditor(context, opened, as_accreditor)
            await opened.writer.set_mandate_as(signer, accreditor, chosen, vct, state=wanted, identity=grantor, **given)
            return Outcome(sentence, facts)
        action = create_mandate_action(accreditor, chosen, vct, state=wanted, **given)
        outcome = Outcome(sentence, facts)
        return await decide(context, opened, signer, action, outcome)

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def kill_key(
    context: typer.Context,
    leaked: Annotated[str, typer.Argument(help="The key: DID#delegate-N, as `show` lists it; or a DID with --public.")],
    key: KeyFile,
    public: Annotated[Path | None, typer.Option(help="PEM file of the leaked key.")] = None,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Declare a signing key compromised, for good: nothing that it ever signed counts any more.

    The organisation's own ledger key does it at once; else the governance decides.
    """

    async def work(opened: OpenRegistry) -> Outcome:
        signer = load_ledger_key_file(key)
        text, _, fragment = leaked.partition("#")
        did = parse_organisation(text, opened.known)
        reading = await load_reading(opened)
        compromised = load_public_key_file(public) if public else reading.key_of(did, fragment)
        outcome = Outcome(f"The key of {did} is killed: desks refuse it from now on.", _killed_json(did, compromised))
        if registry_context(context).proposing is None and reading.owner(did) == "0x" + signer.address.hex():
            await opened.writer.kill_own_key(signer, compromised, identity=identity_of(did))
            return outcome
        return await decide(context, opened, signer, create_kill_key_action(did, compromised), outcome)

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def _killed_json(did: str, key: PublicKey) -> dict[str, str]:
    multikey = key.to_multikey()
    return {"did": did, "multikey": multikey.hex(), "key_hash": key_hash(multikey).hex()}


def _state_work(
    context: typer.Context, organisation: str, role: str, type_name: str, key: Path, state: AccreditationState
) -> Work:
    async def work(opened: OpenRegistry) -> Outcome:
        did, vct = parse_organisation(organisation, opened.known), parse_credential_type(type_name)
        action = create_state_action(did, parse_role(role), vct, state)
        told = state.name.lower()
        facts = {"did": did, "role": role, "credential_type": type_name, "state": told}
        sentence = f"The accreditation of {did} to {role} {type_name} is {told}."
        return await decide(context, opened, load_ledger_key_file(key), action, Outcome(sentence, facts))

    return work


async def decide(
    context: typer.Context, opened: OpenRegistry, signer: LedgerKey, action: Action, outcome: Outcome
) -> Outcome:
    """Performs the action, or after `propose` proposes it; returns what to tell. Raises as `act` and `propose`."""
    days = registry_context(context).proposing
    if days is None:
        await act(opened, signer, action)
        return outcome
    identifier = await propose(opened, signer, action, days=days)
    return Outcome(f"Proposed: {identifier}. The others approve it with `sabai registry approve`.", {"id": identifier})


def _accreditor(context: typer.Context, opened: OpenRegistry, did: str) -> bytes:
    if registry_context(context).proposing is not None:
        raise InvalidRequest("An accreditor acts by itself: leave out --as or `propose`.")
    return identity_of(parse_organisation(did, opened.known))


def _period(opened: OpenRegistry, valid_from: str | None, valid_until: str | None, days: int) -> tuple[int, int]:
    first = parse_time(valid_from) if valid_from else opened.clock()
    end = parse_time(valid_until) if valid_until else first + days * DAY
    if not 0 <= first < end < 2**40:
        raise InvalidRequest("The accreditation must begin before it ends.")
    return first, end
