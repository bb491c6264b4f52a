"""The file that holds a wallet: encrypted as a whole, replaced as a whole, changed by one program at a time.

    header    magic (8 bytes) | version (1) | Argon2id memory in KiB (4) | Argon2id passes (4) | salt (16)
    body      nonce (24) | XChaCha20-Poly1305 ciphertext and tag, the header as associated data

The key comes from the passphrase by Argon2id (RFC 9106), so each guess costs 64 MiB of memory for some tenths of a
second; numbers are big-endian. The cipher's nonce is random and new at each write: with 192 bits none comes twice. The
cipher authenticates header and content, hence a wrong passphrase and a changed byte look the same, and there is no
partial read. The parameters are read before anything is authenticated, so they are bounded first: a hostile backup
must not make a phone ask for gigabytes.

A write goes to a second file in the same folder, which is flushed to the disk and then renamed over the first: a
crash leaves the old content or the new. The lock is on a third file, since a rename would carry a lock away.
"""

from __future__ import annotations

import fcntl
import os
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from vc_core.errors import InvalidRequest, WalletBusy, WalletDamaged, WalletExists, WalletLocked
from vc_core.files import write_durably

MIN_PASSPHRASE_LENGTH = 8
"""Characters."""
MAX_FILE_BYTES = 32 * 1024 * 1024

_MAGIC = b"SABAIWLT"
_VERSION = 1
_HEADER = struct.Struct(">8sBII16s")
_SALT_BYTES = argon2id.SALTBYTES
_NONCE_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_KEY_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_KEYBYTES
_TAG_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_ABYTES

Randomness = Callable[[int], bytes]


@dataclass(frozen=True)
class KeyCost:
    """What Argon2id is to spend on a passphrase: memory in KiB, and passes over it."""

    memory_kib: int = 64 * 1024
    passes: int = 3

    def check(self) -> None:
        """Raises `WalletDamaged` where a file asks for what none of our programs would write."""
        if not (8 <= self.memory_kib <= 256 * 1024 and 1 <= self.passes <= 8):
            raise WalletDamaged("This file is not a wallet, or it was damaged.")


DEFAULT_COST = KeyCost()


class EncryptedFile:
    """An opened store: `content` as it was read or last saved. `close` gives up the lock and forgets the key."""

    def __init__(
        self, path: Path, header: bytes, key: bytes, content: bytes, lock: int | None, randomness: Randomness
    ) -> None:
        """For `create` and `open` only."""
        self.path = path
        self.content = content
        self._header = header
        self._key = key
        self._lock = lock
        self._randomness = randomness

    @classmethod
    def create(
        cls,
        path: Path,
        passphrase: str,
        content: bytes,
        *,
        cost: KeyCost = DEFAULT_COST,
        randomness: Randomness = token_bytes,
    ) -> EncryptedFile:
        """Writes a new file and keeps its lock; the folder is made where there is none.

        Raises `WalletExists` where there is a file, `InvalidRequest` for a short passphrase, `WalletBusy`, `OSError`.
        """
        check_passphrase(passphrase)
        path = path.expanduser().resolve()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _lock(path)
        try:
            if path.exists():
                raise WalletExists("There is already a file at this place; it is left as it is.")
            header = _HEADER.pack(_MAGIC, _VERSION, cost.memory_kib, cost.passes, randomness(_SALT_BYTES))
            opened = cls(path, header, _derive_key(passphrase, header), content, lock, randomness)
            opened.save(content)
        except BaseException:
            os.close(lock)
            raise
        return opened

    @classmethod
    def open(
        cls, path: Path, passphrase: str, *, read_only: bool = False, randomness: Randomness = token_bytes
    ) -> EncryptedFile:
        """Reads a file. Unless `read_only`, takes the lock first, so that what was read is what a save replaces.

        Raises `WalletLocked` for a wrong passphrase or a changed file, `WalletDamaged` where it is no file of ours or
        there is none, `WalletBusy`, `OSError`.
        """
        path = path.expanduser().resolve()
        if not path.is_file():
            raise WalletDamaged("There is no wallet at this place.")
        lock = None if read_only else _lock(path)
        try:
            header, body = _split(_read_bounded(path))
            key = _derive_key(passphrase, header)
            return cls(path, header, key, _decrypt(header, body, key), lock, randomness)
        except BaseException:
            if lock is not None:
                os.close(lock)
            raise

    def save(self, content: bytes) -> None:
        """Replaces the file's content at once; when this returns, the new content is on the disk.

        Raises `WalletBusy` where the file was opened only for reading or is closed, and `OSError`, which leaves the
        old content.
        """
        if self._lock is None:
            raise WalletBusy("The wallet was opened for reading only.")
        nonce = self._randomness(_NONCE_BYTES)
        sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(content, self._header, nonce, self._key)
        write_durably(self.path, self._header + nonce + sealed)
        self.content = content

    def close(self) -> None:
        """Gives up the lock; the file can't be saved any more. Closing twice does nothing."""
        lock, self._lock = self._lock, None
        self._key = b""
        if lock is not None:
            os.close(lock)


def check_passphrase(passphrase: str) -> None:
    """Returns where a new passphrase is long enough; raises `InvalidRequest` otherwise."""
    if len(unicodedata.normalize("NFC", passphrase)) < MIN_PASSPHRASE_LENGTH:
        raise InvalidRequest(f"A passphrase needs at least {MIN_PASSPHRASE_LENGTH} characters.")


def _derive_key(passphrase: str, header: bytes) -> bytes:
    _, _, memory_kib, passes, salt = _HEADER.unpack(header)
    # NFC, since keyboards differ in how they compose the same Burmese or Thai letters.
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return argon2id.kdf(_KEY_BYTES, secret, salt, opslimit=passes, memlimit=memory_kib * 1024)


def _read_bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise WalletDamaged("This file is too large for a wallet.")
    return data


def _split(data: bytes) -> tuple[bytes, bytes]:
    header, body = data[: _HEADER.size], data[_HEADER.size :]
    if len(header) < _HEADER.size or len(body) < _NONCE_BYTES + _TAG_BYTES:
        raise WalletDamaged("This file is not a wallet, or it was damaged.")
    magic, version, memory_kib, passes, _ = _HEADER.unpack(header)
    if magic != _MAGIC:
        raise WalletDamaged("This file is not a wallet, or it was damaged.")
    if version != _VERSION:
        raise WalletDamaged("This file was not written by this version of the wallet.")
    KeyCost(memory_kib, passes).check()
    return header, body


def _decrypt(header: bytes, body: bytes, key: bytes) -> bytes:
    nonce, sealed = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, header, nonce, key)
    except CryptoError as cause:
        raise WalletLocked("The passphrase is wrong, or the file was changed.") from cause


def _lock(path: Path) -> int:
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as cause:
        os.close(descriptor)
        raise WalletBusy("Another program has this wallet open.") from cause
    return descriptor
