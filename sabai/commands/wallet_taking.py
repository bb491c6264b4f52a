"""`sabai wallet accept`, `get`, `pending`, `resume` and `renew`: how credentials come into the wallet."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from sabai.commands.wallet_issuing import (
    Issuing,
    echo_issuance,
    echo_pending,
    load_anchors_file,
    offered_title,
    pending_json,
)
from sabai.commands.wallet_options import (
    DEFAULT_WALLET,
    AllowLoopback,
    AllowUnknownIssuer,
    Anchors,
    AsJson,
    PassphraseFile,
    Paste,
    WalletFile,
    Yes,
)
from sabai.commands.wallet_terminal import (
    credential_date,
    error_sentence,
    open_wallet,
    plain_errors,
    print_json,
    surroundings,
    title,
)
from vc_core.certificate_trust import AnchoredTrust
from wallet_sdk.issuance import Issuance, pending_issuance, pending_issuances
from wallet_sdk.issuance.states import IssuanceSession
from wallet_sdk.registry import refresh_registry
from wallet_sdk.renewal import fetch_renewals, top_up_all

taking = typer.Typer()


@taking.command()
def accept(
    context: typer.Context,
    offer: Annotated[str, typer.Argument(help="The offer's link, or its address.")],
    tx_code: Annotated[str | None, typer.Option(help="The transaction code that came with the offer.")] = None,
    yes: Yes = False,
    paste: Paste = False,
    allow_unknown_issuer: AllowUnknownIssuer = False,
    anchors: Anchors = None,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    allow_loopback: AllowLoopback = False,
) -> None:
    """Take the credentials of an offer, after showing what they are."""
    around = surroundings(context)
    with plain_errors(), open_wallet(file, passphrase_file) as opened:

        async def run() -> Issuance:
            async with around.open_http(allow_loopback=allow_loopback) as http:
                known = load_anchors_file(anchors)
                issuing = Issuing(opened, http, around, yes, paste, allow_unknown_issuer, tx_code, known)
                return await issuing.accept(offer)

        _end(echo_issuance(asyncio.run(run())))


@taking.command()
def get(
    context: typer.Context,
    issuer: Annotated[str, typer.Argument(help="The credential issuer's address.")],
    pick: Annotated[list[str] | None, typer.Option(help="A credential_configuration_id, instead of asking.")] = None,
    yes: Yes = False,
    paste: Paste = False,
    allow_unknown_issuer: AllowUnknownIssuer = False,
    anchors: Anchors = None,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    allow_loopback: AllowLoopback = False,
) -> None:
    """Ask an issuer for credentials without an offer: list what it has, pick, and sign in at its page."""
    around = surroundings(context)
    with plain_errors(), open_wallet(file, passphrase_file) as opened:

        async def run() -> Issuance:
            async with around.open_http(allow_loopback=allow_loopback) as http:
                known = load_anchors_file(anchors)
                issuing = Issuing(opened, http, around, yes, paste, allow_unknown_issuer, anchors=known)
                return await issuing.get(issuer, pick or ())

        _end(echo_issuance(asyncio.run(run())))


@taking.command()
def pending(
    forget: Annotated[str | None, typer.Option(help="Give up what is under way: how its id starts.")] = None,
    as_json: AsJson = False,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
) -> None:
    """List what issuers have not given yet."""
    with plain_errors(), open_wallet(file, passphrase_file, read_only=forget is None) as opened:
        if forget is not None:
            opened.delete_session(pending_issuance(opened, forget).id)
            typer.echo("Given up.")
            return
        sessions = pending_issuances(opened)
        if as_json:
            print_json([pending_json(each) for each in sessions])
            return
        for each in sessions:
            echo_pending(each)
        if not sessions:
            typer.echo("Nothing is under way.")


@taking.command()
def resume(
    context: typer.Context,
    session_id: Annotated[str | None, typer.Argument(help="One of `pending`; without it, all of them.")] = None,
    paste: Paste = False,
    anchors: Anchors = None,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    allow_loopback: AllowLoopback = False,
) -> None:
    """Go on with what was interrupted, and ask for what issuers put off."""
    around = surroundings(context)
    with plain_errors(), open_wallet(file, passphrase_file) as opened:
        sessions = pending_issuances(opened) if session_id is None else (pending_issuance(opened, session_id),)

        async def run(session: IssuanceSession) -> Issuance:
            async with around.open_http(allow_loopback=allow_loopback) as http:
                known = load_anchors_file(anchors)
                return await Issuing(opened, http, around, paste=paste, anchors=known).resume(session)

        ended_well = [echo_issuance(asyncio.run(run(each))) for each in sessions]
        _end(all(ended_well))
        if not sessions:
            typer.echo("Nothing is under way.")


@taking.command()
def renew(
    context: typer.Context,
    anchors: Anchors = None,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    allow_loopback: AllowLoopback = False,
) -> None:
    """Fetch what issuers renewed, and more copies of what runs low or ends soon."""
    around = surroundings(context)
    with plain_errors(), open_wallet(file, passphrase_file) as opened:

        async def run() -> Issuance:
            async with around.open_http(allow_loopback=allow_loopback) as http:
                registry = await refresh_registry(opened, http, now=around.clock())
                trust = AnchoredTrust(registry, load_anchors_file(anchors))
                renewed = await fetch_renewals(opened, http, trust=trust, clock=around.clock)
                topped = await top_up_all(opened, http, trust=trust, clock=around.clock)
                return Issuance(renewed.stored + topped.stored, renewed.refused + topped.refused)

        renewed = asyncio.run(run())
        for held in renewed.stored:
            typer.echo(f"Stored: {title(held)}, until {credential_date(held.expires_at, 'en')}, id {held.id[:8]}.")
        for refused in renewed.refused:
            typer.echo(f"Not renewed: {offered_title(refused.offered)}: {error_sentence(refused.error)}")
        if not renewed.stored and not renewed.refused:
            typer.echo("Nothing was renewed.")


def _end(well: bool) -> None:
    """Exit code 1 where not all went well."""
    if not well:
        raise typer.Exit(1)
