"""The options that the commands of `sabai registry` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LedgerUrl = Annotated[
    list[str] | None,
    typer.Option("--ledger-url", help="A node's JSON-RPC address; repeat it for several nodes, which must agree."),
]
DataDir = Annotated[Path, typer.Option("--data-dir", help="The data folder of `sabai up`, with the embedded chain.")]
RegistryFile = Annotated[
    Path | None,
    typer.Option("--registry", help="The file with chain id and contracts; else DIR/services.json."),
]
KeyFile = Annotated[Path, typer.Option("--key", help="The file of the ledger key that signs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Send nothing; tell what it would cost.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]
OfDid = Annotated[
    str | None, typer.Option("--did", help="The organisation's DID, where the key is not the one that it began with.")
]

Organisation = Annotated[str, typer.Argument(help="A DID, its address, or a name from services.json.")]
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="issue, verify or provide_wallets.")]
TypeName = Annotated[
    str,
    typer.Argument(metavar="TYPE", help="A credential type, such as HealthId; WalletAttestation for provide_wallets."),
]

DEFAULT_DATA_DIR = Path(".sabai")
