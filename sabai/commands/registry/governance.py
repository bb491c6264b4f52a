"""`sabai registry deploy`, `propose`, `approve`, `execute`, `proposals`, `members`, `log-owner`: who decides."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sabai.commands.registry.options import (
    DEFAULT_DATA_DIR,
    AsJson,
    DataDir,
    DryRun,
    KeyFile,
    LedgerUrl,
    RegistryFile,
    Yes,
)
from sabai.commands.registry.terminal import (
    Outcome,
    place_of,
    plain_errors,
    print_json,
    print_table,
    read,
    registry_context,
    tell_outcome,
    waiting,
    write,
)
from sabai.commands.registry.trust import decide
from sabai.registry.access import OpenRegistry, Place, Surroundings
from sabai.registry.deciding import load_all_proposals, load_proposal, proposal_state
from sabai.registry.deployment import deploy_new
from sabai.registry.key_files import load_ledger_key_file
from sabai.registry.known import save_known_registry
from sabai.registry.reading import RegistryReading
from sabai.registry.words import format_moment, parse_account
from vc_core.errors import Conflict
from vc_core.ledger.governance import create_governance_action, create_log_owner_action

ProposalId = Annotated[str, typer.Argument(help="The proposal's id, or how it begins.")]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="0x and 40 hex digits.")]
ContractOption = Annotated[
    Literal["TrustRegistry", "Anchors"], typer.Option("--contract", help="Which contract's members.")
]


def deploy(
    context: typer.Context,
    key: KeyFile,
    out: Annotated[Path, typer.Option(help="The file to write: chain id and contracts.")],
    chain_id: Annotated[int, typer.Option(min=1, help="The chain's id; a node of another chain is refused.")],
    member: Annotated[
        list[str] | None, typer.Option(help="An account that governs; repeat it. Else the key's.")
    ] = None,
    threshold: Annotated[int, typer.Option(min=1, max=64, help="How many of them must approve.")] = 1,
    confirmations: Annotated[int, typer.Option(min=0, help="How many blocks must follow one until it is final.")] = 0,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put the registry's contracts on a chain, or find those that this key put there, and write down where they are."""
    place = place_of(ledger_url, data_dir, None)
    members = tuple(member or ())

    async def run(around: Surroundings) -> OpenRegistry:
        accounts = [parse_account(each) for each in members]
        deployer = load_ledger_key_file(key)
        return await deploy_new(
            place, around, deployer, chain_id=chain_id, confirmations=confirmations, members=accounts,
            threshold=threshold, dry_run=dry_run,
        )  # fmt: skip

    with plain_errors(), waiting("Asking the ledger") as status:
        around = replace(
            registry_context(context).around,
            before_sending=lambda function: status(f"Sending {function}, waiting until it is final"),
        )
        opened = asyncio.run(run(around))
        if not dry_run:
            save_known_registry(out, opened.known)
    outcome = Outcome(f"The contracts are on chain {chain_id}; {out} says where.", opened.known.to_json())
    tell_outcome(outcome, opened, dry_run=dry_run, as_json=as_json)


def propose(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=30, help="For how many days it can be approved.")] = 7,
) -> None:
    """Propose what the command after it would do, for the other members to approve."""
    context.obj = replace(registry_context(context), proposing=days)


def members(
    context: typer.Context,
    accounts: Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="All members from then on.")],
    key: KeyFile,
    threshold: Annotated[int, typer.Option(min=1, max=64, help="How many of them must approve.")],
    contract: ContractOption = "TrustRegistry",
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Replace all who govern; proposals that are open then lapse."""

    async def work(opened: OpenRegistry) -> Outcome:
        action = create_governance_action(contract, [parse_account(each) for each in accounts], threshold)
        outcome = Outcome(f"{threshold} of {len(accounts)} members decide from now on.", {"members": accounts})
        return await decide(context, opened, load_ledger_key_file(key), action, outcome)

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def log_owner(
    context: typer.Context,
    log: Annotated[str, typer.Argument(help="The log's public name.")],
    account: Account,
    key: KeyFile,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let an account write a log's roots."""

    async def work(opened: OpenRegistry) -> Outcome:
        action = create_log_owner_action(log, parse_account(account))
        outcome = Outcome(f"{account} writes the roots of {log} from now on.", {"log": log, "owner": account})
        return await decide(context, opened, load_ledger_key_file(key), action, outcome)

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


def proposals(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are executed, expired or lapsed.")] = False,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    as_json: AsJson = False,
) -> None:
    """List what was proposed."""

    async def work(opened: OpenRegistry, reading: RegistryReading) -> list[dict[str, Any]]:
        found = []
        for identifier, known in (await load_all_proposals(opened)).items():
            state = await proposal_state(opened, known)
            if everything or state["state"] in ("open", "approved"):
                found.append({"id": identifier, "action": reading.tell_action(known.proposal.action), **state})
        return found

    listed = read(context, place_of(ledger_url, data_dir, registry_file), work)
    if as_json:
        print_json(listed)
        return
    rows = [
        (each["id"][:12], each["state"], f"{len(each['approved_by'])} of {each['threshold']}",
         format_moment(each["expires_at"]), each["action"])
        for each in listed
    ]  # fmt: skip
    print_table(("id", "state", "approved", "until", "what"), rows)


def approve(
    context: typer.Context,
    identifier: ProposalId,
    key: KeyFile,
    yes: Yes = False,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Approve a proposal, after showing what it does."""
    place = place_of(ledger_url, data_dir, registry_file)
    if not yes and not dry_run:
        typer.echo(_told(context, place, identifier), err=True)
        typer.confirm("Approve exactly this?", abort=True, err=True)

    async def work(opened: OpenRegistry) -> Outcome:
        signer = load_ledger_key_file(key)
        full, known = await load_proposal(opened, identifier)
        await opened.writer.approve(signer, known.proposal)
        told = "Approved" if dry_run else await _approval_told(opened, full)
        return Outcome(f"{told}.", {"id": full, "contract": known.proposal.action.contract})

    write(context, place, work, dry_run=dry_run, as_json=as_json)


def execute(
    context: typer.Context,
    identifier: ProposalId,
    key: KeyFile,
    ledger_url: LedgerUrl = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    registry_file: RegistryFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Perform a proposal that enough members approved."""

    async def work(opened: OpenRegistry) -> Outcome:
        signer = load_ledger_key_file(key)
        full, known = await load_proposal(opened, identifier)
        state = (await proposal_state(opened, known))["state"]
        if state not in ("open", "approved"):
            raise Conflict(f"The proposal is {state}.")
        await opened.writer.execute(signer, known.proposal)
        return Outcome("The proposal is performed.", {"id": full, "contract": known.proposal.action.contract})

    write(context, place_of(ledger_url, data_dir, registry_file), work, dry_run=dry_run, as_json=as_json)


async def _approval_told(opened: OpenRegistry, identifier: str) -> str:
    _, known = await load_proposal(opened, identifier)
    state = await proposal_state(opened, known)
    counted = f"{len(state['approved_by'])} of {state['threshold']} members approved it"
    return counted + ("; `sabai registry execute` performs it" if state["state"] == "approved" else "")


def _told(context: typer.Context, place: Place, identifier: str) -> str:
    async def work(opened: OpenRegistry, reading: RegistryReading) -> str:
        full, known = await load_proposal(opened, identifier)
        return f"{full}\n{reading.tell_action(known.proposal.action)}"

    return read(context, place, work)
