"""`sabai wallet`: the holder's wallet on a command line."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from sabai.commands.wallet_at_the_desk import at_the_desk
from sabai.commands.wallet_options import (
    DEFAULT_WALLET,
    AllowLoopback,
    AsJson,
    BackupPassphraseFile,
    Language,
    PassphraseFile,
    WalletFile,
    Yes,
)
from sabai.commands.wallet_presenting import Presented, Presenting, load_anchors, presented_json
from sabai.commands.wallet_taking import taking
from sabai.commands.wallet_terminal import (
    BACKUP_PASSPHRASE_VARIABLE,
    PASSPHRASE_VARIABLE,
    ask_new_passphrase,
    ask_passphrase,
    credential_date,
    issuer_text,
    named_type,
    open_wallet,
    plain_errors,
    print_json,
    summary,
    surroundings,
    title,
)
from vc_core.errors import WalletBusy
from vc_core.protocols.addresses import check_identifier
from wallet_sdk import inbox as provider_inbox
from wallet_sdk.content import CredentialCopy
from wallet_sdk.issuance import delete_credential
from wallet_sdk.labels import claim_label, claim_names, claim_text
from wallet_sdk.messages import format_time
from wallet_sdk.openid4vp.states import Step
from wallet_sdk.plain_text import plain_text
from wallet_sdk.presentation import begin_showing, create_qr
from wallet_sdk.qr import create_png, create_svg, create_terminal_lines
from wallet_sdk.wallet import Wallet

wallet = typer.Typer(no_args_is_help=True)

wallet.add_typer(taking)
wallet.add_typer(at_the_desk)


@wallet.command()
def init(
    provider: Annotated[str, typer.Option(help="The wallet provider's URL; it is kept in the wallet.")],
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a new, empty wallet."""
    with plain_errors():
        check_identifier(provider, code="invalid_request")
        passphrase = ask_new_passphrase(passphrase_file, PASSPHRASE_VARIABLE, "Passphrase for the new wallet")
        Wallet.create(file, passphrase, provider=provider).close()
        typer.echo(f"The wallet is in {file.expanduser()}. Without its passphrase nobody can open it, you included.")


@wallet.command()
def present(
    context: typer.Context,
    link: Annotated[
        str | None, typer.Argument(help="The request's link; without it, what is under way goes on.")
    ] = None,
    credential: Annotated[
        list[str] | None, typer.Option(help="A credential to show where several would do: how its id starts.")
    ] = None,
    anchor: Annotated[
        list[Path] | None, typer.Option(help="A certificate (PEM) of an authority that names verifiers.")
    ] = None,
    language: Language = "en",
    yes: Yes = False,
    as_json: AsJson = False,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    allow_loopback: AllowLoopback = False,
) -> None:
    """Show credentials to a verifier that asks by OpenID4VP, after showing who asks and what they would see."""
    around = surroundings(context)
    with plain_errors(), open_wallet(file, passphrase_file) as opened:
        anchors = load_anchors(anchor or ())

        async def run() -> Presented:
            async with around.open_http(allow_loopback=allow_loopback) as http:
                presenting = Presenting(
                    opened,
                    http,
                    around.clock,
                    anchors,
                    wanted=tuple(credential or ()),
                    language=language,
                    yes=yes,
                    quiet=as_json,
                    browse=around.browse,
                )
                return await presenting.run(link)

        presented = asyncio.run(run())
        done = presented.session.step is Step.DONE
        if as_json:
            print_json(presented_json(presented))
        else:
            typer.echo("The verifier took it." if done else "Nothing was shown.")
        if not done:
            raise typer.Exit(1)


@wallet.command("list")
def list_credentials(
    context: typer.Context,
    as_json: AsJson = False,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
) -> None:
    """List the credentials."""
    with plain_errors(), open_wallet(file, passphrase_file, read_only=True) as opened:
        if as_json:
            print_json([summary(each) for each in opened.credentials])
            return
        now = surroundings(context).clock()
        for each in opened.credentials:
            ended = "  expired" if now >= each.expires_at else ""
            until = credential_date(each.expires_at, "en")
            typer.echo(f"{each.id[:8]}  {title(each):32}  {issuer_text(each)}, until {until}{ended}")
        if not opened.credentials:
            typer.echo("The wallet holds no credentials.")


@wallet.command()
def show(
    credential_id: Annotated[str, typer.Argument(help="The credential's id, or how it starts.")],
    as_json: AsJson = False,
    language: Language = "en",
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Show what one credential says."""
    with plain_errors(), open_wallet(file, passphrase_file, read_only=True) as opened:
        held = opened.credential(credential_id)
        if as_json:
            print_json({**summary(held), "claims": dict(held.claims)})
            return
        typer.echo(title(held, language))
        typer.echo(f"  {issuer_text(held)}  {plain_text(held.issuer)}")
        typer.echo(f"  {credential_date(held.issued_at, language)} – {credential_date(held.expires_at, language)}")
        for name in claim_names(held):
            typer.echo(f"  {claim_label(held, name, language)}: {claim_text(held, name, held.claims[name], language)}")


@wallet.command()
def delete(
    context: typer.Context,
    credential_id: Annotated[str, typer.Argument(help="The credential's id, or how it starts.")],
    yes: Yes = False,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    allow_loopback: AllowLoopback = False,
) -> None:
    """Delete a credential and its key from this wallet, and tell its issuer if it asked for that."""
    around = surroundings(context)
    with plain_errors(), open_wallet(file, passphrase_file) as opened:
        held = opened.credential(credential_id)
        if not yes:
            typer.confirm(f"Delete {title(held)} for good?", abort=True)

        async def run() -> None:
            async with around.open_http(allow_loopback=allow_loopback) as http:
                await delete_credential(opened, http, held.id, clock=around.clock)

        asyncio.run(run())
        typer.echo(f"Deleted: {title(held)}.")


@wallet.command()
def qr(
    context: typer.Context,
    type_name: Annotated[str, typer.Option("--type", help="The credential type to show.")] = "InsuranceCoverage",
    png: Annotated[Path | None, typer.Option(help="Write the QR code as a PNG image.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the QR code as an SVG image.")] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Draw it here; so it is if nothing else is asked.")
    ] = False,
    text: Annotated[bool, typer.Option("--text", help="Print the text that a scanner would read.")] = False,
    audience: Annotated[str | None, typer.Option(help="The DID or URL of the one desk that it is for.")] = None,
    nonce: Annotated[str | None, typer.Option(help="The desk's challenge.")] = None,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Show a fresh QR code, good once and for a minute."""
    with plain_errors(), open_wallet(file, passphrase_file, or_read_only=True) as opened:
        now = surroundings(context).clock()
        copy: CredentialCopy | None = None
        with suppress(WalletBusy):  # another program has the wallet: the patient at the desk goes first
            copy = begin_showing(opened, named_type(type_name), now=now)
        code = create_qr(opened, named_type(type_name), now=now, audience=audience, nonce=nonce, copy=copy)
        if png:
            png.write_bytes(create_png(code.text))
        if svg:
            svg.write_text(create_svg(code.text), encoding="utf-8")
        if text:
            typer.echo(code.text)
        if terminal or not (png or svg or text):
            typer.echo("\n".join(create_terminal_lines(code.text)))


@wallet.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write.")],
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    backup_passphrase_file: BackupPassphraseFile = None,
) -> None:
    """Write an encrypted backup under a passphrase of its own."""
    with plain_errors(), open_wallet(file, passphrase_file, read_only=True) as opened:
        passphrase = ask_new_passphrase(backup_passphrase_file, BACKUP_PASSPHRASE_VARIABLE, "Passphrase for the backup")
        opened.export_backup(target, passphrase)
        typer.echo(f"The backup is in {target}. Keep it and its passphrase apart.")


@wallet.command()
def restore(
    source: Annotated[Path, typer.Argument(help="The backup.")],
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    backup_passphrase_file: BackupPassphraseFile = None,
) -> None:
    """Make a wallet from a backup; a wallet that is there already is left alone."""
    with plain_errors():
        old = ask_passphrase(backup_passphrase_file, BACKUP_PASSPHRASE_VARIABLE, "Passphrase of the backup")
        new = ask_new_passphrase(passphrase_file, PASSPHRASE_VARIABLE, "Passphrase for the restored wallet")
        with Wallet.restore(source, old, file, new) as restored:
            typer.echo(f"Restored {len(restored.credentials)} credentials to {file.expanduser()}.")


@wallet.command("register-device")
def register_device(
    context: typer.Context,
    fcm_token: Annotated[str, typer.Option(help="The token that FCM gave this app.")],
    language: Language = "th",
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    allow_loopback: AllowLoopback = False,
) -> None:
    """Register with the wallet provider by showing the health ID, for push and the inbox."""
    around = surroundings(context)
    with plain_errors(), open_wallet(file, passphrase_file) as opened:

        async def run() -> None:
            async with around.open_http(allow_loopback=allow_loopback) as http:
                await provider_inbox.register_device(
                    opened, http, fcm_token=fcm_token, language=language, now=around.clock()
                )

        asyncio.run(run())
        typer.echo("This device is registered with the wallet provider.")


@wallet.command()
def inbox(
    context: typer.Context,
    message_id: Annotated[str | None, typer.Argument(help="A message to open; without it, all are listed.")] = None,
    as_json: AsJson = False,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
    allow_loopback: AllowLoopback = False,
) -> None:
    """Read the messages of the wallet provider."""
    around = surroundings(context)
    with plain_errors(), open_wallet(file, passphrase_file, read_only=True) as opened:

        async def run() -> list[provider_inbox.Message]:
            async with around.open_http(allow_loopback=allow_loopback) as http:
                if message_id is None:
                    return await provider_inbox.fetch_inbox(opened, http)
                return [await provider_inbox.fetch_message(opened, http, message_id)]

        messages = asyncio.run(run())
        if as_json:
            print_json([vars(each) for each in messages])
            return
        for each in messages:
            typer.echo(f"{each.id}  {format_time(each.created_at)}  {plain_text(each.text, limit=400)}")
        if not messages:
            typer.echo("The inbox is empty.")
