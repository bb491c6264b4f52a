"""The front door: `sabai demo`, `up`, `wallet`, `registry`, `keys`, `status`, `audit`, `bulk`, `office`, `staff`.

A command is imported when it is called: a wallet need not wait for three services and an EVM to load.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from vc_core.errors import SabaiError

COMMANDS = {
    "demo": (
        "sabai.commands.demo",
        "Walk one patient through the main job on the embedded ledger, and show what is refused and why.",
    ),
    "up": (
        "sabai.commands.up",
        "Start backend, issuer and verifier on the embedded ledger; DIR/services.json says where they are.",
    ),
    "wallet": ("sabai.commands.wallet", "The holder's wallet: take credentials, keep them, show them."),
    "registry": (
        "sabai.commands.registry.application",
        "The registry on the ledger: who is who, and who may do what.",
    ),
    "keys": ("sabai.commands.keys", "The keys that an issuer signs with: make, register, rotate, retire."),
    "status": ("sabai.commands.status", "An issuer's status lists: published, and anchored on the ledger."),
    "audit": ("sabai.commands.audit", "An issuer's audit log: anchored on the ledger, and checked against it."),
    "bulk": ("sabai.commands.bulk", "Issue many credentials ahead, for wallets to fetch."),
    "office": ("sabai.commands.office", "Who works at the issuing office: invitations by the officer token."),
    "staff": ("sabai.commands.staff", "Who works at the desk: invitations by the manager token."),
}
"""By name: the module that has the command, or the group of them, under that name; and what `--help` says of it."""


class _ImportedWhenCalled(TyperGroup):
    """Lists its commands by name and help alone, and puts the real one in the place of the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and _import_command(str(name)), rest


def _import_command(name: str) -> Any:
    """The command as Typer builds it."""
    module, summary = COMMANDS[name]
    content = getattr(import_module(module), name)
    alone = typer.Typer()
    if isinstance(content, typer.Typer):
        alone.add_typer(content, name=name, help=summary)
    else:
        alone.command(name, help=summary)(content)
    return typer.main.get_group(alone).commands[name]


def _not_yet_imported() -> None:
    """Stands for a command in the list."""


application = typer.Typer(
    name="sabai",
    cls=_ImportedWhenCalled,
    help="Sabai: a patient's health ID and insurance coverage, in the patient's own wallet.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _name, (_, _summary) in COMMANDS.items():
    application.command(_name, help=_summary)(_not_yet_imported)


def main() -> None:
    """Runs the command line; an error of ours ends with its sentence and code, never with a traceback."""
    try:
        application()
    except SabaiError as error:
        typer.echo(f"{error.message} ({error.code})", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
