"""`sabai demo`: one patient through the main job, then the services stay up until Ctrl-C."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from sabai.commands.up import LOOPBACK, DataDir, Host, Ports, parse_ports
from sabai.demo.walk import walk
from sabai.services import Place, running_services
from sabai.stopping import until_stopped
from vc_core.clock import system_clock
from vc_core.web.logs import configure_logging
from vc_core.web.process import run_on_server_loop


def demo(
    data_dir: DataDir = Path(".sabai"),
    host: Host = None,
    ports: Ports = None,
    once: Annotated[bool, typer.Option("--once", help="End after the walk instead of staying up.")] = False,
) -> None:
    """Walk one patient through the main job on the embedded ledger, and show what is refused and why."""
    configure_logging(logging.WARNING)
    run_on_server_loop(_demo(Place(data_dir, host or LOOPBACK, parse_ports(ports)), once))


async def _demo(place: Place, once: bool) -> None:
    async with running_services(place, system_clock) as services:
        await walk(services, place.data_dir, system_clock)
        if once:
            return
        typer.echo("\nThe services are running; Ctrl-C stops them.")
        for name, url in services.urls.items():
            typer.echo(f"  {name:9} {url}")
        typer.echo(f"  The front desk's application is {services.urls['verifier']}/")
        await until_stopped()
