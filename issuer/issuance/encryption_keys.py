"""The keys that wallets encrypt their requests to (OpenID4VCI 1.0 section 10).

They are files in PEM, and wallets take the first. To rotate: put a new file before the others, and take the old one
away an hour later, when no wallet has old metadata any more. Without any, the embedded profile makes one when it
starts; in production, where several processes serve one name, requests then go unencrypted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from issuer.settings import IssuerSettings
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import KeyFormatError, P256Signer, load_signer
from vc_core.errors import SettingsError


def load_encryption_keys(settings: IssuerSettings) -> Mapping[str, EncryptionKey]:
    """The keys by `kid`, in order. Raises `SettingsError` with every file that can't be used."""
    if not settings.encryption_keys:
        made = EncryptionKey.generate()
        return {made.kid: made} if settings.profile == "embedded" else {}
    problems: list[str] = []
    keys = [_load(path, number, problems) for number, path in enumerate(settings.encryption_keys, 1)]
    if problems:
        raise SettingsError(problems)
    return {key.kid: key for key in keys if key is not None}


def _load(path: Path, number: int, problems: list[str]) -> EncryptionKey | None:
    try:
        signer = load_signer(path.read_bytes())
    except (OSError, KeyFormatError):
        problems.append(f"number {number} of encryption_keys is no file with a PKCS#8 key")
        return None
    if not isinstance(signer, P256Signer):
        problems.append(f"number {number} of encryption_keys is not a P-256 key")
        return None
    return EncryptionKey.from_bytes(signer.to_bytes())
