"""The options that several of the wallet's commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sabai.commands.wallet_terminal import BACKUP_PASSPHRASE_VARIABLE, PASSPHRASE_VARIABLE

DEFAULT_WALLET = Path("~/.sabai/wallet")

WalletFile = Annotated[Path, typer.Option("--wallet", help="The wallet's file.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(help=f"A file whose first line is the passphrase; otherwise {PASSPHRASE_VARIABLE}, or a prompt."),
]
BackupPassphraseFile = Annotated[
    Path | None, typer.Option(help=f"As --passphrase-file, for the backup; otherwise {BACKUP_PASSPHRASE_VARIABLE}.")
]
AllowLoopback = Annotated[
    bool, typer.Option("--allow-loopback", help="Also ask http services on this machine: for trials only.")
]
AllowUnknownIssuer = Annotated[
    bool,
    typer.Option("--allow-unknown-issuer", help="Also keep what issuers sign that the registry does not know."),
]
Anchors = Annotated[
    Path | None, typer.Option(help="A file of authorities (as a verifier's) whose certificates name issuers.")
]
Paste = Annotated[bool, typer.Option("--paste", help="The browser is on another machine: its address is pasted here.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Language = Annotated[str, typer.Option(help="th, en, my, lo or km.")]
