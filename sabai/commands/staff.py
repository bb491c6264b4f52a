"""`sabai staff invite`: how the first member of a desk's staff gets in, by whoever has the manager token."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sabai.commands.invitations import find_inviter, order_invitation, show_invitation
from sabai.commands.registry.options import DEFAULT_DATA_DIR, DataDir
from sabai.commands.registry.terminal import plain_errors
from verifier.staff.roles import Role
from verifier.staff.schemas import InvitationAnswer

staff = typer.Typer(no_args_is_help=True)


@staff.callback()
def _group() -> None:
    """Keeps `invite` a command of its own, though it is the only one."""


@staff.command()
def invite(
    name: Annotated[str, typer.Argument(help="The name that the person sees, and supervisors in their list.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.SUPERVISOR,
    verifier: Annotated[str | None, typer.Option(help="The desk's address; else the one in DIR/services.json.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file with the manager token; else from there too.")] = None,
    trusted_certificate: Annotated[
        Path | None, typer.Option(help="One more certificate (PEM) to trust, such as your own authority's.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Make a member and a link by which they make a passkey, once and within an hour."""
    with plain_errors():
        desk = find_inviter("verifier", "manager", url=verifier, token_file=token_file, data_dir=data_dir.expanduser())
        answer = order_invitation(desk, "/staff/members", {"name": name, "role": role}, trusted_certificate)
    invited = InvitationAnswer.model_validate(answer)
    show_invitation(f"{invited.member.name}, {invited.member.role}", invited.link, invited.expires_at)
