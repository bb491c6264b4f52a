"""What the wallet's commands do alike: passphrases, consent, plain errors, and how a credential is shown.

What strangers wrote is shown only as plain text, in JSON only as ASCII. An error ends with one sentence and what to do
next.
"""

from __future__ import annotations

import datetime
import json
import os
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from vc_core.clock import Clock, system_clock
from vc_core.coverage import BANGKOK
from vc_core.credential_types import CREDENTIAL_TYPES, type_named
from vc_core.credential_types.definition import CredentialType
from vc_core.errors import InvalidRequest, Rejection, SabaiError, ServiceRefused, WalletBusy
from vc_core.http import HttpClient
from wallet_sdk.content import HeldCredential
from wallet_sdk.labels import type_label
from wallet_sdk.messages import format_date
from wallet_sdk.plain_text import plain_text
from wallet_sdk.store import check_passphrase
from wallet_sdk.wallet import Wallet

PASSPHRASE_VARIABLE = "SABAI_WALLET_PASSPHRASE"  # noqa: S105 - the name of a variable
BACKUP_PASSPHRASE_VARIABLE = "SABAI_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a variable

_NEXT_STEPS = {
    "wallet_exists": "Choose another place, or use the wallet that is there.",
    "wallet_locked": "Try the passphrase again; if the file was changed, restore a backup.",
    "wallet_damaged": "Check --wallet; `sabai wallet init` makes a wallet, `sabai wallet restore` takes up a backup.",
    "wallet_busy": "Close the other program and try again.",
    "no_such_credential": "`sabai wallet list` shows what the wallet holds.",
    "fetch_blocked": "Where the services run on this machine for trial, add --allow-loopback.",
    "fetch_failed": "Check the network and the address, and try again.",
    "invalid_grant": "If it was typed right, ask the issuing office for a new offer.",
    "access_denied": "`sabai wallet list` shows what the wallet holds.",
    "invalid_client": "Show nothing, and ask at the desk whether the request is theirs.",
    "invalid_request_object": "Show nothing, and ask the desk for a new request.",
    "invalid_request_uri": "Ask the desk for a new request.",
    "UNKNOWN_ISSUER": "If you know the issuer yourself, take it with --allow-unknown-issuer.",
    "unauthenticated": "Register it with `sabai wallet register-device`.",
    "wrong_chain": "Take nothing from this provider, and tell whoever gave you its address.",
    "ledger_unavailable": "Try again later.",
}

_NEXT_STEPS_AT_AN_ISSUER = {
    "access_denied": "",
    "invalid_client": "Ask the issuing office which wallets it serves.",
    "invalid_token": "Ask the issuing office for a new offer.",
    "not_granted": "Ask the issuing office about it.",
}


@dataclass(frozen=True)
class Surroundings:
    """What the commands take from outside: the clock, the browser, and an HTTP client in the place of the network."""

    clock: Clock = system_clock
    http: HttpClient | None = None
    browse: Callable[[str], object] = webbrowser.open

    @asynccontextmanager
    async def open_http(self, *, allow_loopback: bool) -> AsyncIterator[HttpClient]:
        """A client for one command."""
        if self.http is not None:
            yield self.http
            return
        client = HttpClient(allow_loopback=allow_loopback)
        try:
            yield client
        finally:
            await client.close()


def surroundings(context: typer.Context) -> Surroundings:
    """Those that a test passes as the command's object; the real ones else."""
    return context.obj if isinstance(context.obj, Surroundings) else Surroundings()


@contextmanager
def plain_errors() -> Iterator[None]:
    """Ends the command with an error's sentence and exit code 1, without a traceback."""
    try:
        yield
    except SabaiError as error:
        typer.echo(error_sentence(error), err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "the file could not be used"
        typer.echo(f"A file could not be read or written: {reason}. Check the place and the disk.", err=True)
        raise typer.Exit(1) from error


def error_sentence(error: SabaiError) -> str:
    """The error's message, what to do next, and its code."""
    code = error.refusal if isinstance(error, ServiceRefused) else str(error.code)
    message = error.message[:1].upper() + error.message[1:].rstrip(".") + "."
    known = _NEXT_STEPS | (_NEXT_STEPS_AT_AN_ISSUER if isinstance(error, ServiceRefused) else {})
    next_step = known.get(code, "Ask the issuing office about it." if isinstance(error, Rejection) else "")
    return " ".join(filter(None, (message, next_step, f"({code})")))


@contextmanager
def open_wallet(
    file: Path, passphrase_file: Path | None, *, read_only: bool = False, or_read_only: bool = False
) -> Iterator[Wallet]:
    """The wallet in that file, open for one command; `or_read_only`: for reading at least, where it is busy."""
    passphrase = ask_passphrase(passphrase_file, PASSPHRASE_VARIABLE, "Passphrase")
    try:
        found = Wallet.open(file, passphrase, read_only=read_only)
    except WalletBusy:
        if not or_read_only:
            raise
        found = Wallet.open(file, passphrase, read_only=True)
    with found as opened:
        yield opened


def ask_passphrase(file: Path | None, variable: str, question: str) -> str:
    """A passphrase from the file's first line, else from the environment's variable, else from the keyboard."""
    given = _given_passphrase(file, variable)
    return given if given is not None else str(typer.prompt(question, hide_input=True, err=True))


def ask_new_passphrase(file: Path | None, variable: str, question: str) -> str:
    """As `ask_passphrase`, typed twice. Raises `InvalidRequest` where it is too short."""
    given = _given_passphrase(file, variable)
    if given is None:
        given = str(typer.prompt(question, hide_input=True, confirmation_prompt=True, err=True))
    check_passphrase(given)
    return given


def _given_passphrase(file: Path | None, variable: str) -> str | None:
    if file is None:
        return os.environ.get(variable)
    try:
        return file.expanduser().read_text(encoding="utf-8").partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError as cause:
        raise InvalidRequest("The passphrase file is not text in UTF-8.") from cause


def named_type(name: str) -> CredentialType:
    """The credential type of that name. Raises `InvalidRequest`."""
    found = type_named(name)
    if found is None:
        raise InvalidRequest("There is no such credential type; known are " + _type_names() + ".")
    return found


def _type_names() -> str:
    return ", ".join(each.name for each in CREDENTIAL_TYPES.values())


def title(held: HeldCredential, language: str = "en") -> str:
    """The name of a credential's type, and its format."""
    return f"{type_label(held, language)} ({held.format})"


def issuer_text(held: HeldCredential) -> str:
    """Who issued a credential, and whether the registry knows them."""
    return plain_text(held.issuer_name) + ("" if held.in_registry else " (not in the registry: nobody vouches for it)")


def credential_date(seconds: int, language: str) -> str:
    """A time (seconds since 1970) as its date in Bangkok."""
    return format_date(datetime.datetime.fromtimestamp(seconds, BANGKOK).date(), language)


def summary(held: HeldCredential) -> dict[str, Any]:
    """A credential for `--json`: what it is and whose word, without the claims, and never a key."""
    return {
        "id": held.id,
        "type": CREDENTIAL_TYPES[held.vct].name if held.vct in CREDENTIAL_TYPES else held.vct,
        "format": str(held.format),
        "issuer": {"did": held.issuer, "name": held.issuer_name, "in_registry": held.in_registry},
        "copies": len(held.copies),
        "issued_at": held.issued_at,
        "expires_at": held.expires_at,
    }


def print_json(value: Any) -> None:
    """A value as JSON in ASCII: whatever a name holds does nothing to a terminal."""
    typer.echo(json.dumps(value, indent=2))
