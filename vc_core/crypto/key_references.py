"""From what the settings call a key to its signer, wherever the key is kept.

| reference | the key is |
|---|---|
| `/run/keys/credentials.pem` | in an unencrypted PKCS#8 file, readable by the service alone |
| `pkcs11:token=…;object=…?module-path=…` | in a hardware security module: see `vc_core.crypto.pkcs11` |
| `<name>:…` | in a key service that an installed package knows how to ask |

The last is how a deployer brings a KMS: a package with an entry point of the group `sabai.signers`, whose name is the
reference's scheme, and whose object is a `SignerFactory`. docs/keys.md has an example.
"""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from vc_core.crypto.keys import KeyFormatError, Signer, load_signer

ENTRY_POINTS = "sabai.signers"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):")


class SignerFactory(Protocol):
    """What an entry point of `sabai.signers` is."""

    def __call__(self, reference: str) -> Signer:
        """The signer of a key by its whole reference, scheme included.

        It must be safe to use from several threads, and raise `SignerUnavailable` where its service does not sign.
        Raises `KeyFormatError` where the reference or key is of another kind.
        """


def file_of(reference: str) -> Path | None:
    """The file that a reference names; None where the key is not in a file."""
    return None if _SCHEME.match(reference) else Path(reference)


def open_signer(reference: str, *, pin: str | None = None) -> Signer:
    """The signer of the key that a reference names; `pin` is for a token whose URI names no `pin-source`.

    Raises `KeyFormatError` where there is no such key or it is none of ours, `SignerUnavailable` where what holds it
    does not answer.
    """
    file = file_of(reference)
    if file is not None:
        return _load_file(file)
    scheme = reference.partition(":")[0]
    if scheme == "pkcs11":
        return _load_from_token(reference, pin)
    found = tuple(entry_points(group=ENTRY_POINTS, name=scheme))
    if len(found) != 1:
        raise KeyFormatError("no installed package, or more than one, knows this kind of key reference")
    factory: SignerFactory = found[0].load()
    return factory(reference)


def _load_file(path: Path) -> Signer:
    try:
        return load_signer(path.read_bytes())
    except OSError as cause:
        raise KeyFormatError("the key file can't be read") from cause


def _load_from_token(reference: str, pin: str | None) -> Signer:
    try:
        from vc_core.crypto.pkcs11 import load_pkcs11_signer  # the extra `hsm`, which a service without one leaves out
    except ImportError as cause:
        raise KeyFormatError("keys in a token need the extra `hsm`: pip install 'sabai[hsm]'") from cause
    return load_pkcs11_signer(reference, pin=pin)
