"""`sabai wallet answer-challenge` and `print`: for desks without a network, and for people without a phone."""

from __future__ import annotations

from pathlib import Path
from secrets import token_bytes
from typing import Annotated

import typer

from sabai.commands.wallet_options import DEFAULT_WALLET, Language, PassphraseFile, WalletFile, Yes
from sabai.commands.wallet_terminal import credential_date, named_type, open_wallet, plain_errors, surroundings
from vc_core.credential_types.definition import CredentialType
from vc_core.files import write_durably
from vc_core.formats.credential import CredentialFormat
from wallet_sdk.content import CredentialCopy, HeldCredential
from wallet_sdk.desk_challenge import DeskQuestion, answer_question, read_question
from wallet_sdk.labels import claim_label, claim_text, type_label
from wallet_sdk.openid4vp import wording
from wallet_sdk.plain_text import plain_text
from wallet_sdk.presentation import begin_showing
from wallet_sdk.printed_card import create_card_page, make_card
from wallet_sdk.qr import create_png, create_terminal_lines
from wallet_sdk.wallet import Wallet

at_the_desk = typer.Typer()
_UNKNOWN_DESK = "Unknown desk: nobody that this wallet knows of says who shows this code."


@at_the_desk.command("answer-challenge")
def answer_challenge(
    context: typer.Context,
    challenge: Annotated[str, typer.Argument(help="The text of the desk's code.")],
    type_name: Annotated[str, typer.Option("--type", help="The credential type to show.")] = "InsuranceCoverage",
    png: Annotated[Path | None, typer.Option(help="Write the answer as a PNG image.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Print the text that a scanner would read.")] = False,
    language: Language = "en",
    yes: Yes = False,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Answer a desk's code with one that only this desk can read. It needs no network."""
    with plain_errors(), open_wallet(file, passphrase_file) as opened:
        now, credential_type = surroundings(context).clock(), named_type(type_name)
        question = read_question(opened, challenge, credential_type, now=now)
        copy = _agreed(opened, question, credential_type, language, yes=yes, now=now)
        code = answer_question(question, copy, now=now, randomness=token_bytes)
        if png:
            png.write_bytes(create_png(code.text))
        if text:
            typer.echo(code.text)
        if not (png or text):
            typer.echo("\n".join(create_terminal_lines(code.text)))


def _agreed(
    opened: Wallet, question: DeskQuestion, credential_type: CredentialType, language: str, *, yes: bool, now: int
) -> CredentialCopy:
    """The copy to show, once the holder has seen who asks and what they would see, and has agreed."""
    name = question.verifier.name
    typer.echo(_UNKNOWN_DESK if name is None else wording.sentence(wording.ASKS, language, name=name), err=True)
    held = opened.newest(credential_type.vct, CredentialFormat.QR_PASS, now=now)
    _show(held, credential_type, language)
    if name is not None and not question.permitted:
        typer.echo(wording.sentence(wording.ASKS_TOO_MUCH, language), err=True)
    if not yes:
        typer.confirm("Show this?", abort=True, err=True)
    return begin_showing(opened, credential_type, now=now)


def _show(held: HeldCredential, credential_type: CredentialType, language: str) -> None:
    typer.echo(f"  {type_label(held, language)}, {plain_text(held.issuer_name)}", err=True)
    for claim in credential_type.qr_claims().values():
        if claim.name in held.claims:
            label = claim_label(held, claim.name, language)
            typer.echo(f"    {label}: {claim_text(held, claim.name, held.claims[claim.name], language)}", err=True)


@at_the_desk.command("print")
def print_card(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="The page to write (HTML); print it from a browser, on A4.")],
    type_name: Annotated[str, typer.Option("--type", help="The credential type to print.")] = "InsuranceCoverage",
    pin: Annotated[str | None, typer.Option(help="The card's PIN of six digits; asked for without it.")] = None,
    language: Language = "th",
    yes: Yes = False,
    file: WalletFile = DEFAULT_WALLET,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a card on paper for somebody without a phone, with a PIN of its own."""
    with plain_errors(), open_wallet(file, passphrase_file) as opened:
        if not yes:
            typer.echo("Whoever copies a printed card can find its PIN with time; desks take it for less than a phone.")
            typer.confirm("Print one?", abort=True)
        if pin is None:
            pin = typer.prompt("A PIN of six digits, for the card only", hide_input=True, confirmation_prompt=True)
        now = surroundings(context).clock()
        card = make_card(opened, named_type(type_name), pin=pin, now=now, randomness=token_bytes)
        write_durably(target, create_card_page(card, language).encode("utf-8"))
        typer.echo(f"The card is in {target}, good until {credential_date(card.expires_at, 'en')}.")
