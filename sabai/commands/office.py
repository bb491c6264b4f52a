"""`sabai office invite`: how an office's first officers get in, by whoever has the officer token."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from issuer.officers.roles import OfficeRole
from issuer.officers.schemas import InvitationAnswer
from sabai.commands.invitations import find_inviter, order_invitation, show_invitation
from sabai.commands.registry.options import DEFAULT_DATA_DIR, DataDir
from sabai.commands.registry.terminal import plain_errors

office = typer.Typer(no_args_is_help=True)


@office.callback()
def _group() -> None:
    """Keeps `invite` a command of its own, though it is the only one."""


@office.command()
def invite(
    name: Annotated[str, typer.Argument(help="The name that the person sees, and other officers in their lists.")],
    role: Annotated[
        list[OfficeRole] | None, typer.Option(help="What they may do; repeat it. Else officer and approver.")
    ] = None,
    issuer: Annotated[str | None, typer.Option(help="The office's address; else the one in DIR/services.json.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file with the officer token; else from there too.")] = None,
    trusted_certificate: Annotated[
        Path | None, typer.Option(help="One more certificate (PEM) to trust, such as your own authority's.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Make an officer and a link by which they make a passkey, once and within a day.

    Whom the token invites is let in at once: invite two who approve, and let them invite the others.
    """
    roles = sorted(set(role or (OfficeRole.OFFICER, OfficeRole.APPROVER)))
    with plain_errors():
        found = find_inviter("issuer", "officer", url=issuer, token_file=token_file, data_dir=data_dir.expanduser())
        answer = order_invitation(found, "/officers", {"name": name, "roles": roles}, trusted_certificate)
    invited = InvitationAnswer.model_validate(answer)
    show_invitation(f"{invited.name}, {', '.join(roles)}", invited.link, invited.expires_at)
