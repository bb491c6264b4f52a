"""`sabai staff invite`: how the first member of a desk's staff gets in, by whoever has the manager token."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sabai.commands.registry.options import DEFAULT_DATA_DIR, DataDir
from sabai.commands.registry.terminal import plain_errors
from sabai.registry.known import SERVICES_FILE
from sabai.registry.words import format_moment
from vc_core.errors import InvalidRequest, ServiceRefused
from vc_core.http import HttpClient
from verifier.staff.models import Role
from verifier.staff.schemas import InvitationAnswer
from wallet_sdk.qr import create_terminal_lines

staff = typer.Typer(help="Who works at the desk: invitations by the manager token.", no_args_is_help=True)


@dataclass(frozen=True)
class Desk:
    """A verifier's address, and its manager token."""

    url: str
    token: str


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
        desk = find_desk(verifier, token_file, data_dir.expanduser())
        invitation = asyncio.run(_invite(desk, name, role, trusted_certificate))
    typer.echo(
        f"{invitation.member.name}, {invitation.member.role}: scan this with their device, or open the link there."
    )
    typer.echo(f"It works once, until {format_moment(invitation.expires_at)}.\n")
    typer.echo("\n".join(create_terminal_lines(invitation.link)))
    typer.echo(f"\n{invitation.link}")


def find_desk(verifier: str | None, token_file: Path | None, data_dir: Path) -> Desk:
    """The desk that was named, or that of a running `sabai up`. Raises `InvalidRequest` where neither is there."""
    try:
        services = json.loads((data_dir / SERVICES_FILE).read_bytes()) if None in (verifier, token_file) else {}
        token = services["tokens"]["manager"] if token_file is None else token_file.read_text("utf-8").strip()
        return Desk(str(verifier or services["verifier"]), str(token))
    except (OSError, KeyError, ValueError) as cause:
        raise InvalidRequest(
            "Say which desk: give --verifier and --token-file, or --data-dir of a running `sabai up`."
        ) from cause


async def _invite(desk: Desk, name: str, role: Role, trusted_certificate: Path | None) -> InvitationAnswer:
    http = HttpClient(allow_private=True, trusted_certificate=trusted_certificate)
    try:
        answer = await http.post_json(f"{desk.url}/staff/members", {"name": name, "role": role}, token=desk.token)
    finally:
        await http.close()
    if answer.status != 201:
        problem = answer.json_object()
        raise ServiceRefused(str(problem.get("code")), f"The desk refused: {problem.get('detail')}")
    return InvitationAnswer.model_validate(answer.json_object())
