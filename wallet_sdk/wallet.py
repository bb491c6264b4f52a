"""The wallet: the holder's keys and credentials, in an encrypted file that is saved at every change.

Each copy of a credential has a key of its own: two desks that compare what they were shown find no key in common. What
is under way (`Session`) is in the same file, so a credential comes in and its session goes on in one write.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes
from types import TracebackType
from typing import Any

from vc_core.errors import NoSuchCredential
from vc_core.formats.credential import CredentialFormat
from vc_core.ledger.snapshot import RegistrySnapshot
from wallet_sdk.content import (
    CredentialCopy,
    Device,
    Grant,
    HeldCredential,
    Session,
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

    def use_copy(self, credential_id: str, *, now: int) -> CredentialCopy:
        """The copy of that credential to show now; a copy of several is marked as used, on the disk, before it is.

        Raises `NoSuchCredential` as `credential`, and where the credential has expired.
        """
        held = self.credential(credential_id)
        chosen = held.copy_to_show(now=now)
        if len(held.copies) == 1:
            return chosen
        self._replace(_with_used(held, chosen, now))
        return replace(chosen, used_at=now)

    def record_shown(self, copies: Mapping[str, CredentialCopy], session: Session, *, now: int) -> None:
        """Marks copies as used, by credential id, and keeps the state of what they are shown in: in one write.

        A copy that is its credential's only one is used again and again, and stays as it is.
        """
        content = _with_session(self._content, session)
        credentials = tuple(
            _with_used(each, copies[each.id], now) if each.id in copies else each for each in self.credentials
        )
        self._commit(replace(content, credentials=credentials))

    def add_credential(
        self, held: HeldCredential, *, grant: Grant | None = None, session: Session | None = None
    ) -> HeldCredential:
        """Keeps a credential whose copies were verified, the grant that it came by, and its session's next state.

        Copies whose key the wallet has already are those of an earlier answer to the same request: they are replaced,
        not doubled, and the credential that is returned is the one that was there.
        """
        known = self._with_a_key_of(held)
        if known is not None:
            held = replace(held, id=known.id)
        rest = tuple(each for each in self.credentials if each.id != held.id)
        content = _with_session(_with_grant(self._content, grant), session)
        self._commit(replace(content, credentials=(*rest, held)))
        return held

    def add_copies(
        self,
        credential_id: str,
        copies: tuple[CredentialCopy, ...],
        *,
        claims: Mapping[str, Any],
        session: Session | None = None,
    ) -> HeldCredential:
        """Adds verified copies to a credential in the place of its used and expired ones; else as `add_credential`.

        What was a single copy, or says something else by now, is replaced.
        """
        held = self.credential(credential_id)
        kept: tuple[CredentialCopy, ...] = ()
        if len(held.copies) > 1 and held.claims == claims:
            keys = {each.holder_key for each in copies}
            now = min(each.issued_at for each in copies)
            usable = (each for each in held.copies if each.used_at is None and each.expires_at > now)
            kept = tuple(each for each in usable if each.holder_key not in keys)
        held = replace(held, copies=(*kept, *copies), claims=dict(claims))
        self._commit(_with_session(replace(self._content, credentials=self._credentials_with(held)), session))
        return held

    def add_renewed(
        self, old: HeldCredential, copies: tuple[CredentialCopy, ...], *, claims: Mapping[str, Any]
    ) -> HeldCredential:
        """Keeps verified copies beside the credential that they renew, in the same format."""
        held = replace(old, id=uuid.uuid4().hex, copies=copies, claims=dict(claims))
        self._commit(replace(self._content, credentials=(*self.credentials, held)))
        return held

    def grant(self, grant_id: str) -> Grant | None:
        """The grant of that id, if the wallet still has it."""
        return next((each for each in self._content.grants if each.id == grant_id), None)

    def sessions(self, kind: str) -> tuple[Session, ...]:
        """What is under way of that kind, the oldest first."""
        return tuple(each for each in self._content.sessions if each.kind == kind)

    def save_session(self, session: Session, *, grant: Grant | None = None) -> None:
        """Keeps the state of something under way in the place of its state before, and a grant that it renewed."""
        self._commit(_with_session(_with_grant(self._content, grant), session))

    def delete_session(self, session_id: str) -> None:
        """Forgets something that has come to its end."""
        rest = tuple(each for each in self._content.sessions if each.id != session_id)
        self._commit(replace(self._content, sessions=rest))

    def delete_credential(self, credential_id: str, *, session: Session | None = None) -> HeldCredential:
        """Forgets a credential and its keys, and a grant that was only for it; returns what it was.

        `session` is what goes on about it. Raises as `credential`.
        """
        held = self.credential(credential_id)
        rest = tuple(each for each in self.credentials if each.id != held.id)
        needed = {each.source.grant_id for each in rest if each.source is not None}
        grants = tuple(each for each in self._content.grants if each.id in needed)
        self._commit(_with_session(replace(self._content, credentials=rest, grants=grants), session))
        return held

    def set_registry(self, registry: RegistrySnapshot) -> None:
        """Keeps a registry snapshot in the place of the one before."""
        self._commit(replace(self._content, registry=registry))

    def set_device(self, device: Device | None) -> None:
        """Keeps the registration of this device; None forgets it."""
        self._commit(replace(self._content, device=device))

    def _with_a_key_of(self, held: HeldCredential) -> HeldCredential | None:
        keys = {each.holder_key for each in held.copies}
        return next((each for each in self.credentials if keys & {copy.holder_key for copy in each.copies}), None)

    def _credentials_with(self, held: HeldCredential) -> tuple[HeldCredential, ...]:
        return tuple(held if each.id == held.id else each for each in self.credentials)

    def _replace(self, held: HeldCredential) -> None:
        self._commit(replace(self._content, credentials=self._credentials_with(held)))

    def _commit(self, content: WalletContent) -> None:
        self._file.save(create_content_bytes(content))
        self._content = content


def _with_used(held: HeldCredential, shown: CredentialCopy, now: int) -> HeldCredential:
    if len(held.copies) == 1:
        return held
    used = replace(shown, used_at=now)
    return replace(held, copies=tuple(used if each == shown else each for each in held.copies))


def _with_session(content: WalletContent, session: Session | None) -> WalletContent:
    if session is None:
        return content
    rest = tuple(each for each in content.sessions if each.id != session.id)
    return replace(content, sessions=(*rest, session))


def _with_grant(content: WalletContent, grant: Grant | None) -> WalletContent:
    if grant is None:
        return content
    return replace(content, grants=(*(each for each in content.grants if each.id != grant.id), grant))
