"""What `sabai staff invite` and `sabai office invite` share: whom they ask, and how they show the link."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from sabai.registry.known import SERVICES_FILE
from sabai.registry.words import format_moment
from vc_core.errors import InvalidRequest, ServiceRefused
from vc_core.http import HttpClient
from wallet_sdk.qr import create_terminal_lines


@dataclass(frozen=True)
class Inviter:
    """A service's address, and the token that says who works there."""

    url: str
    token: str


def find_inviter(service: str, token_name: str, *, url: str | None, token_file: Path | None, data_dir: Path) -> Inviter:
    """The service that was named, or that of a running `sabai up`, by its names in services.json.

    Raises `InvalidRequest` where neither is there.
    """
    try:
        services = json.loads((data_dir / SERVICES_FILE).read_bytes()) if None in (url, token_file) else {}
        token = services["tokens"][token_name] if token_file is None else token_file.read_text("utf-8").strip()
        return Inviter(str(url or services[service]).rstrip("/"), str(token))
    except (OSError, KeyError, ValueError) as cause:
        raise InvalidRequest(
            f"Say whom to ask: give --{service} and --token-file, or --data-dir of a running `sabai up`."
        ) from cause


def order_invitation(
    inviter: Inviter, path: str, wanted: dict[str, Any], trusted_certificate: Path | None
) -> dict[str, Any]:
    """The service's answer to a new member or officer. Raises `ServiceRefused`, `FetchError`."""

    async def ask() -> dict[str, Any]:
        http = HttpClient(allow_private=True, trusted_certificate=trusted_certificate)
        try:
            answer = await http.post_json(inviter.url + path, wanted, token=inviter.token)
        finally:
            await http.close()
        content = answer.json_object()
        if answer.status != 201:
            raise ServiceRefused(str(content.get("code")), f"The service refused: {content.get('detail')}")
        return content

    return asyncio.run(ask())


def show_invitation(who: str, link: str, expires_at: int) -> None:
    """Prints the link, also as a QR code."""
    typer.echo(f"{who}: scan this with their device, or open the link there.")
    typer.echo(f"It works once, until {format_moment(expires_at)}.\n")
    typer.echo("\n".join(create_terminal_lines(link)))
    typer.echo(f"\n{link}")
