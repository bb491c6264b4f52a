"""`sabai up`: the three services on the embedded defaults, until Ctrl-C."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from sabai.lan.network import check_lan_address, find_lan_address
from sabai.servers import TlsFiles
from sabai.services import DEFAULT_PORTS, Place, Welcome, running_services
from sabai.stopping import until_stopped
from vc_core.clock import system_clock
from vc_core.errors import SettingsError
from vc_core.web.logs import configure_logging
from vc_core.web.process import run_on_server_loop
from wallet_sdk.qr import create_terminal_lines

LOOPBACK = "127.0.0.1"
DataDir = Annotated[Path, typer.Option(help="Where the chain, the databases and the keys are kept.")]
Host = Annotated[
    str | None,
    typer.Option(help=f"The address that the services listen on. Default: {LOOPBACK}; with `up --lan` this machine's."),
]
Ports = Annotated[
    str | None,
    typer.Option(
        help="Three ports: backend, issuer, verifier; 0 takes any free one. "
        f"Default: those of the last start, else {','.join(map(str, DEFAULT_PORTS))}."
    ),
]


def parse_ports(text: str | None) -> tuple[int, int, int] | None:
    """`8000,8001,8002` as three numbers. Raises `SettingsError`."""
    if text is None:
        return None
    try:
        backend, issuer, verifier = (int(part) for part in text.split(","))
    except ValueError as cause:
        raise SettingsError(["--ports takes three numbers, such as 8000,8001,8002"]) from cause
    return backend, issuer, verifier


def up(
    data_dir: DataDir = Path(".sabai"),
    host: Host = None,
    ports: Ports = None,
    rpc_port: Annotated[
        int | None, typer.Option(help="Let the chain answer JSON-RPC on this loopback port; 0 takes any free one.")
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="Answer by https with this certificate (PEM); a self-signed one will do.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's private key (PEM).")] = None,
    lan: Annotated[
        bool, typer.Option(help="Answer by https on the local network, for phones: a page tells them what to do.")
    ] = False,
    lan_name: Annotated[
        str | None,
        typer.Option(help="With --lan: this machine's name in .local, for the URLs; passkeys need a name."),
    ] = None,
    sample: Annotated[bool, typer.Option(help="Import the sample roster of 50 invented people.")] = False,
) -> None:
    """Start backend, issuer and verifier on the embedded ledger; DIR/services.json says where they are."""
    configure_logging(logging.INFO)
    tls = tls_files(tls_certificate, tls_key)
    if lan and tls is not None:
        raise SettingsError(["--lan makes a certificate of its own: leave --tls-certificate out"])
    if lan_name is not None and not lan:
        raise SettingsError(["--lan-name goes together with --lan"])
    found = check_lan_address(host) if lan and host else find_lan_address() if lan else host or LOOPBACK
    run_on_server_loop(_up(Place(data_dir, found, parse_ports(ports), rpc_port, tls, lan, lan_name), sample))


def tls_files(certificate: Path | None, key: Path | None) -> TlsFiles | None:
    """The two files, or none of them. Raises `SettingsError`."""
    if certificate is None or key is None:
        if certificate is not key:
            raise SettingsError(["--tls-certificate and --tls-key go together"])
        return None
    return TlsFiles(certificate, key)


async def _up(place: Place, sample: bool) -> None:
    async with running_services(place, system_clock) as services:
        if sample:
            await services.import_sample_roster()
        for name, url in services.urls.items():
            typer.echo(f"{name:9} {url}")
        if services.rpc_url is not None:
            typer.echo(f"{'rpc':9} {services.rpc_url}")
        if services.welcome is not None:
            _welcome(services.welcome)
        await until_stopped()


def _welcome(welcome: Welcome) -> None:
    """How a phone gets in, and whom that lets in."""
    typer.echo(f"\nOn a phone in this network, open or scan {welcome.url}")
    typer.echo("\n".join(create_terminal_lines(welcome.url)))
    typer.echo(f"Certificate, SHA-256: {welcome.fingerprint}")
    typer.echo("Everybody in this network can use the desk and issue sample credentials now: invented people only.")
