"""Key files: ledger keys (64 hex digits) and keys that sign credentials (PEM), readable by their owner only.

A private key is only ever in a file: a command line is seen by every process of the machine, and kept by shells.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from vc_core.crypto.keys import (
    Algorithm,
    Ed25519Signer,
    KeyFormatError,
    P256Signer,
    PublicKey,
    load_signer,
    signer_to_pem,
)
from vc_core.errors import Conflict, InvalidRequest
from vc_core.files import write_durably
from vc_core.ledger.transactions import LedgerKey

KeyKind: TypeAlias = Literal["ledger", "p256", "ed25519"]
_SIGNERS: dict[str, Callable[[], P256Signer | Ed25519Signer]] = {
    "p256": P256Signer.generate,
    "ed25519": Ed25519Signer.generate,
}


def create_key_file(path: Path, kind: KeyKind) -> LedgerKey | PublicKey:
    """Makes a key in a new file of mode 0600; returns it, of a signing key the public part.

    Raises `Conflict` where the file is there: a key is never overwritten.
    """
    if path.exists():
        raise Conflict(f"There is a file {path} already; a key is never overwritten.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if kind == "ledger":
        key = LedgerKey.generate()
        write_durably(path, key.to_bytes().hex().encode("ascii"))
        return key
    signer = _SIGNERS[kind]()
    write_durably(path, signer_to_pem(signer))
    return signer.public_key


def load_ledger_key_file(path: Path) -> LedgerKey:
    """The ledger key in a file. Raises `InvalidRequest` where there is none, or others can read it."""
    try:
        mode, text = path.stat().st_mode, path.read_text("ascii").strip()
        key = LedgerKey(bytes.fromhex(text))
    except FileNotFoundError as cause:
        raise InvalidRequest(f"There is no key file {path}; `sabai registry create-key` makes one.") from cause
    except (UnicodeDecodeError, ValueError) as cause:
        raise InvalidRequest(f"The file {path} is not a ledger key: it has 64 hex digits.") from cause
    if stat.S_IMODE(mode) & 0o077:
        raise InvalidRequest(f"Others can read the key file {path}: `chmod 600` it, and consider the key leaked.")
    return key


def load_public_key_file(path: Path) -> PublicKey:
    """The public key of a PEM file, which may hold the private one too. Raises `InvalidRequest`."""
    try:
        pem = path.read_bytes()
    except FileNotFoundError as cause:
        raise InvalidRequest(f"There is no key file {path}.") from cause
    try:
        if b"PRIVATE KEY" in pem:
            return load_signer(pem).public_key
        key = load_pem_public_key(pem)
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            return PublicKey(Algorithm.ES256, key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
        if isinstance(key, Ed25519PublicKey):
            return PublicKey(Algorithm.EDDSA, key.public_bytes_raw())
        raise KeyFormatError("a public key of another kind")
    except (KeyFormatError, TypeError, ValueError) as cause:
        raise InvalidRequest(f"The file {path} has no P-256 or Ed25519 key in PEM.") from cause
