"""The wallet: the holder's keys and credentials, in an encrypted file that is saved at every change.

Each credential has a key of its own: two desks that compare what they were shown find no key in common. A key is made
and saved before the request for its credential goes out, so that an answer never arrives for a key that is lost.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes
from types import TracebackType

from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.errors import NoSuchCredential, ReasonCode, Rejection
from vc_core.formats.credential import CredentialFormat
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.verification import VerifiedCredential
from wallet_sdk.content import (
    Device,
    HeldCredential,
    PendingKey,
    WalletContent,
    create_content_bytes,
    parse_content,
)
from wallet_sdk.store import DEFAULT_COST, EncryptedFile, KeyCost


class Wallet:
    """An open wallet. Use it as a context manager, or `close` it. Every change is on the disk when its method returns.

    All changing methods raise `WalletBusy` on a wallet opened for reading only, and `OSError` where the disk refuses;
    the wallet then is as it was.
    """

    def __init__(self, file: EncryptedFile, content: WalletContent) -> None:
        """For `create`, `open` and `restore` only."""
        self._file = file
        self._content = content

    @classmethod
    def create(
        cls,
        path: Path,
        passphrase: str,
        *,
        provider: str,
        cost: KeyCost = DEFAULT_COST,
        randomness: Callable[[int], bytes] = token_bytes,
    ) -> Wallet:
        """A new, empty wallet whose provider is at that URL.

        Raises `WalletExists`, `InvalidRequest` for a short passphrase, `WalletBusy`, `OSError`.
        """
        content = WalletContent(provider=provider.rstrip("/"))
        data = create_content_bytes(content)
        return cls(EncryptedFile.create(path, passphrase, data, cost=cost, randomness=randomness), content)

    @classmethod
    def open(cls, path: Path, passphrase: str, *, read_only: bool = False) -> Wallet:
        """The wallet in that file, kept from other programs unless `read_only`.

        Raises `WalletLocked`, `WalletDamaged`, `WalletBusy`, `OSError`.
        """
        file = EncryptedFile.open(path, passphrase, read_only=read_only)
        try:
            return cls(file, parse_content(file.content))
        except BaseException:
            file.close()
            raise

    @classmethod
    def restore(
        cls,
        backup: Path,
        backup_passphrase: str,
        path: Path,
        passphrase: str,
        *,
        cost: KeyCost = DEFAULT_COST,
        randomness: Callable[[int], bytes] = token_bytes,
    ) -> Wallet:
        """A new wallet with what the backup holds; its device is not registered yet.

        Raises `WalletExists` where there is a wallet already, which is left as it is; else as `open` and `create`.
        """
        with cls.open(backup, backup_passphrase, read_only=True) as saved:
            content = saved._content.for_backup()
        data = create_content_bytes(content)
        return cls(EncryptedFile.create(path, passphrase, data, cost=cost, randomness=randomness), content)

    def __enter__(self) -> Wallet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives up the lock and forgets the file's key; closing twice does nothing."""
        self._file.close()

    def export_backup(
        self,
        path: Path,
        passphrase: str,
        *,
        cost: KeyCost = DEFAULT_COST,
        randomness: Callable[[int], bytes] = token_bytes,
    ) -> None:
        """Writes the credentials and their keys to a new file under a passphrase of its own; raises as `create`."""
        data = create_content_bytes(self._content.for_backup())
        EncryptedFile.create(path, passphrase, data, cost=cost, randomness=randomness).close()

    @property
    def provider(self) -> str:
        """The wallet provider's URL, without a slash at its end."""
        return self._content.provider

    @property
    def credentials(self) -> tuple[HeldCredential, ...]:
        """All credentials, in the order in which they came."""
        return self._content.credentials

    @property
    def registry(self) -> RegistrySnapshot | None:
        """The registry as the provider told it last; None before the first time."""
        return self._content.registry

    @property
    def device(self) -> Device | None:
        """This wallet as registered with the provider, or None."""
        return self._content.device

    def credential(self, credential_id: str) -> HeldCredential:
        """The credential of that id, or of the one id that starts so. Raises `NoSuchCredential`."""
        found = [each for each in self.credentials if each.id.startswith(credential_id)]
        if not credential_id or not found:
            raise NoSuchCredential("The wallet has no credential of this id.")
        if len(found) > 1:
            raise NoSuchCredential("Several credentials have an id that starts so; give more of it.")
        return found[0]

    def newest(self, vct: str, format: CredentialFormat, *, now: int) -> HeldCredential:
        """The newest credential of that type and format that has not expired. Raises `NoSuchCredential`."""
        found = [each for each in self.credentials if (each.vct, each.format) == (vct, format)]
        if not found:
            raise NoSuchCredential("The wallet has no credential of this type; ask an issuing office for an offer.")
        valid = [each for each in found if now < each.expires_at]
        if not valid:
            raise NoSuchCredential("This credential has expired; ask the issuing office for a new one.")
        return max(valid, key=lambda each: each.issued_at)

    def create_holder_key(self, credential_issuer: str, credential_configuration_id: str) -> P256Signer:
        """The key for a credential about to be asked for: saved already, and bound to no credential yet.

        Where an earlier request for the same never brought a credential, its key serves again.
        """
        for pending in self._content.pending_keys:
            if (pending.credential_issuer, pending.credential_configuration_id) == (
                credential_issuer,
                credential_configuration_id,
            ):
                return P256Signer.from_bytes(pending.holder_key)
        signer = P256Signer.generate()
        pending = PendingKey(credential_issuer, credential_configuration_id, signer.to_bytes())
        self._commit(replace(self._content, pending_keys=(*self._content.pending_keys, pending)))
        return signer

    def add_credential(
        self, verified: VerifiedCredential, *, format: CredentialFormat, credential: str, issuer_name: str
    ) -> HeldCredential:
        """Keeps a verified credential with the pending key that it is bound to.

        Raises `Rejection` `HOLDER_KEY` where the wallet has no such key.
        """
        pending = self._pending(verified.holder_key)
        if pending is None:
            raise Rejection(ReasonCode.HOLDER_KEY, "The credential is bound to another wallet's key.")
        held = HeldCredential(
            id=uuid.uuid4().hex,
            format=format,
            vct=verified.vct,
            credential=credential,
            holder_key=pending.holder_key,
            issuer=verified.issuer,
            issuer_name=issuer_name,
            claims=dict(verified.claims),
            issued_at=verified.issued_at,
            expires_at=verified.expires_at,
        )
        rest = tuple(each for each in self._content.pending_keys if each is not pending)
        self._commit(replace(self._content, credentials=(*self.credentials, held), pending_keys=rest))
        return held

    def add_renewed(self, old: HeldCredential, verified: VerifiedCredential, *, credential: str) -> HeldCredential:
        """Keeps a verified credential beside the one that it renews, with the same key and in the same format."""
        held = replace(
            old,
            id=uuid.uuid4().hex,
            credential=credential,
            claims=dict(verified.claims),
            issued_at=verified.issued_at,
            expires_at=verified.expires_at,
        )
        self._commit(replace(self._content, credentials=(*self.credentials, held)))
        return held

    def discard_holder_key(self, key: PublicKey) -> None:
        """Forgets a pending key whose credential came and was refused: an issuer has seen it, so it is spent."""
        pending = self._pending(key)
        rest = tuple(each for each in self._content.pending_keys if each is not pending)
        self._commit(replace(self._content, pending_keys=rest))

    def delete_credential(self, credential_id: str) -> HeldCredential:
        """Forgets a credential and its key; returns what it was. Raises as `credential`."""
        held = self.credential(credential_id)
        rest = tuple(each for each in self.credentials if each.id != held.id)
        self._commit(replace(self._content, credentials=rest))
        return held

    def set_registry(self, registry: RegistrySnapshot) -> None:
        """Keeps a registry snapshot in the place of the one before."""
        self._commit(replace(self._content, registry=registry))

    def set_device(self, device: Device | None) -> None:
        """Keeps the registration of this device; None forgets it."""
        self._commit(replace(self._content, device=device))

    def _pending(self, key: PublicKey) -> PendingKey | None:
        return next(
            (each for each in self._content.pending_keys if P256Signer.from_bytes(each.holder_key).public_key == key),
            None,
        )

    def _commit(self, content: WalletContent) -> None:
        self._file.save(create_content_bytes(content))
        self._content = content
