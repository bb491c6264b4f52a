"""The front door: `sabai demo`, `up`, `wallet`, `registry`, `keys`, `bulk`, `status`, `office`, `staff`."""

from __future__ import annotations

import sys

import typer

from sabai.commands.bulk import bulk
from sabai.commands.demo import demo
from sabai.commands.keys import keys
from sabai.commands.office import office
from sabai.commands.registry.application import registry
from sabai.commands.staff import staff
from sabai.commands.status import status
from sabai.commands.up import up
from sabai.commands.wallet import wallet
from vc_core.errors import SabaiError

application = typer.Typer(
    name="sabai",
    help="Sabai: a patient's health ID and insurance coverage, in the patient's own wallet.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
application.command()(demo)
application.command()(up)
application.add_typer(wallet, name="wallet")
application.add_typer(registry, name="registry")
application.add_typer(keys, name="keys")
application.add_typer(status, name="status")
application.add_typer(bulk, name="bulk")
application.add_typer(office, name="office")
application.add_typer(staff, name="staff")


def main() -> None:
    """Runs the command line; an error of ours ends with its sentence and code, never with a traceback."""
    try:
        application()
    except SabaiError as error:
        typer.echo(f"{error.message} ({error.code})", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
