"""How the demo speaks: numbered steps, plain lines, green for yes and red for no."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import typer


class Story:
    """Prints the walk as a person would want to read it."""

    def __init__(self) -> None:
        self._step = 0
        self._started = time.monotonic()

    def step(self, title: str) -> None:
        """Opens the next numbered step."""
        self._step += 1
        typer.secho(f"\n{self._step}. {title}", bold=True)

    def say(self, line: str) -> None:
        """One line within a step."""
        typer.echo(f"   {line}")

    def show(self, lines: list[str]) -> None:
        """Lines as they are, such as a QR code."""
        for line in lines:
            typer.echo("   " + line)

    def verdict(self, what: str, verdict: Mapping[str, Any]) -> None:
        """What a desk answered, in its colour."""
        accepted = verdict["verdict"] == "accepted"
        mark = "✔" if accepted else "✘"
        color = typer.colors.GREEN if accepted else typer.colors.RED
        typer.secho(f"   {mark} {what}: {verdict['code']}", fg=color, nl=False)
        typer.echo(f"  {verdict['sentence']}")

    def end(self) -> None:
        """How long it took."""
        typer.secho(f"\nDone in {time.monotonic() - self._started:.1f} seconds.", bold=True)
