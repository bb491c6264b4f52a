"""What commands share that work with a running issuer: which it is, and the officer's token."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sabai.registry.access import Surroundings
from sabai.registry.known import SERVICES_FILE
from vc_core.errors import InvalidRequest
from vc_core.http import HttpClient

Issuer = Annotated[str | None, typer.Option(help="The issuer's address; else the one in DIR/services.json.")]
TokenFile = Annotated[Path | None, typer.Option(help="A file with the officer's token; else from there too.")]


@dataclass(frozen=True)
class KnownIssuer:
    """An issuer's address, without a slash at its end, and the officer's token where there is one."""

    url: str
    token: str | None


def find_issuer(issuer: str | None, token_file: Path | None, data_dir: Path) -> KnownIssuer:
    """The issuer that was named, or that of a running `sabai up`. Raises `InvalidRequest` where there is none."""
    token = None if token_file is None else token_file.read_text("utf-8").strip()
    if issuer is not None:
        return KnownIssuer(issuer.rstrip("/"), token)
    try:
        services = json.loads((data_dir / SERVICES_FILE).read_bytes())
        token = token or str(services.get("tokens", {}).get("officer", ""))
        return KnownIssuer(str(services["issuer"]).rstrip("/"), token)
    except (FileNotFoundError, KeyError, ValueError) as cause:
        raise InvalidRequest("Say which issuer: give --issuer, or --data-dir of a running `sabai up`.") from cause


@asynccontextmanager
async def network(around: Surroundings) -> AsyncIterator[HttpClient]:
    """A client, until the block ends."""
    http = around.open_http()
    try:
        yield http
    finally:
        await http.close()
