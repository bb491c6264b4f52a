"""`sabai registry`: what organisations and those who govern the registry do with it."""

from __future__ import annotations

import logging

import typer

from sabai.commands.registry.anchoring import anchor, prove, verify_proof
from sabai.commands.registry.doctor import doctor
from sabai.commands.registry.governance import (
    approve,
    deploy,
    execute,
    log_owner,
    members,
    proposals,
    propose,
)
from sabai.commands.registry.keys import create_key, deactivate, register, rotate
from sabai.commands.registry.reading import history, show
from sabai.commands.registry.trust import accredit, kill_key, mandate, resume, revoke, suspend
from sabai.commands.registry_bundle import bundle

registry = typer.Typer(no_args_is_help=True)


@registry.callback()
def _keep_logs_apart() -> None:
    """What the chain client logs of single nodes is for services; a command says what matters in its own sentence."""
    logging.getLogger("vc_core.ledger").addHandler(logging.NullHandler())


registry.command()(show)
registry.command()(history)
registry.command()(create_key)
registry.command()(register)
registry.command()(rotate)
registry.command()(deactivate)

proposing = typer.Typer(no_args_is_help=True)
proposing.callback()(propose)
for group in (registry, proposing):
    group.command()(accredit)
    group.command()(suspend)
    group.command()(resume)
    group.command()(revoke)
    group.command()(mandate)
    group.command()(kill_key)
    group.command()(members)
    group.command()(log_owner)

registry.add_typer(proposing, name="propose")
registry.command()(proposals)
registry.command()(approve)
registry.command()(execute)
registry.command()(anchor)
registry.command()(prove)
registry.command()(verify_proof)
registry.command()(deploy)
registry.add_typer(bundle, name="bundle")
registry.command()(doctor)
