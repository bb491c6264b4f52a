"""The wallet: credentials and keys through save, backup and restore."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wallet_sdk.fakes import CHEAP, PASSPHRASE, PROVIDER, YEAR, FakeWorld
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.encoding import base64url_encode
from vc_core.errors import InvalidRequest, NoSuchCredential, WalletBusy, WalletDamaged, WalletExists, WalletLocked
from vc_core.formats.credential import CredentialFormat
from wallet_sdk.content import Device
from wallet_sdk.store import EncryptedFile
from wallet_sdk.wallet import Wallet

OTHER_PASSPHRASE = "another passphrase"


def test_a_new_wallet_is_empty_and_knows_its_provider(tmp_path: Path) -> None:
    with Wallet.create(tmp_path / "wallet", PASSPHRASE, provider=PROVIDER + "/", cost=CHEAP) as made:
        assert (made.provider, made.credentials, made.registry, made.device) == (PROVIDER, (), None, None)
    with Wallet.open(tmp_path / "wallet", PASSPHRASE) as opened:
        assert opened.provider == PROVIDER
    with pytest.raises(WalletExists):
        Wallet.create(tmp_path / "wallet", PASSPHRASE, provider=PROVIDER, cost=CHEAP)


async def test_the_file_holds_nothing_in_the_clear(full_wallet: Wallet, tmp_path: Path) -> None:
    data = (tmp_path / "wallet").read_bytes()
    for held in full_wallet.credentials:
        for secret in (held.holder_key, base64url_encode(held.holder_key).encode(), held.credential[:40].encode()):
            assert secret not in data
    for text in ("Maung", "မောင်", "health_id", PROVIDER):
        assert text.encode() not in data


async def test_secrets_stay_out_of_reprs(full_wallet: Wallet) -> None:
    full_wallet.set_device(Device("d1", "the-device-token", "th"))
    shown = repr(full_wallet.credentials) + repr(full_wallet.device)
    assert "the-device-token" not in shown
    assert "Maung" not in shown
    assert repr(full_wallet.credentials[0].holder_key) not in shown


async def test_newest_and_expired(full_wallet: Wallet, world: FakeWorld) -> None:
    now = world.clock()
    held = full_wallet.newest(HEALTH_ID.vct, CredentialFormat.QR_PASS, now=now)
    assert held.format is CredentialFormat.QR_PASS
    with pytest.raises(NoSuchCredential, match="expired"):
        full_wallet.newest(HEALTH_ID.vct, CredentialFormat.QR_PASS, now=now + YEAR)
    with pytest.raises(NoSuchCredential, match="no credential of this type"):
        full_wallet.newest("urn:other", CredentialFormat.QR_PASS, now=now)


async def test_find_and_delete(full_wallet: Wallet, tmp_path: Path) -> None:
    held = full_wallet.credentials[2]
    assert full_wallet.credential(held.id) == held
    assert full_wallet.credential(held.id[:10]) == held
    for wrong in ("", "zz", "../x"):
        with pytest.raises(NoSuchCredential):
            full_wallet.credential(wrong)
    assert full_wallet.delete_credential(held.id) == held
    with pytest.raises(NoSuchCredential):
        full_wallet.delete_credential(held.id)
    with Wallet.open(tmp_path / "wallet", PASSPHRASE, read_only=True) as saved:
        assert held.id not in [each.id for each in saved.credentials]
        assert len(saved.credentials) == 3


async def test_backup_and_restore(full_wallet: Wallet, world: FakeWorld, tmp_path: Path) -> None:
    full_wallet.set_device(Device("d1", "the-device-token", "th"))
    full_wallet.create_holder_key("https://other.test", "x")
    full_wallet.export_backup(tmp_path / "backup", OTHER_PASSPHRASE, cost=CHEAP)
    with pytest.raises(WalletLocked):
        Wallet.open(tmp_path / "backup", PASSPHRASE, read_only=True)
    with Wallet.restore(
        tmp_path / "backup", OTHER_PASSPHRASE, tmp_path / "phone" / "wallet", PASSPHRASE, cost=CHEAP
    ) as restored:
        assert restored.credentials == full_wallet.credentials
        assert restored.registry == full_wallet.registry
        # The device's registration and keys under way are this phone's, not the next one's.
        assert restored.device is None
        assert restored._content.pending_keys == ()
        assert restored.credentials[0].signer().public_key == full_wallet.credentials[0].signer().public_key


async def test_nothing_is_overwritten_by_backup_or_restore(full_wallet: Wallet, tmp_path: Path) -> None:
    before = (tmp_path / "wallet").read_bytes()
    full_wallet.close()
    with Wallet.open(tmp_path / "wallet", PASSPHRASE, read_only=True) as opened:
        with pytest.raises(WalletExists):
            opened.export_backup(tmp_path / "wallet", OTHER_PASSPHRASE, cost=CHEAP)
        opened.export_backup(tmp_path / "backup", OTHER_PASSPHRASE, cost=CHEAP)
    with pytest.raises(WalletExists):
        Wallet.restore(tmp_path / "backup", OTHER_PASSPHRASE, tmp_path / "wallet", PASSPHRASE, cost=CHEAP)
    assert (tmp_path / "wallet").read_bytes() == before


async def test_a_wrong_backup_passphrase_makes_no_wallet(full_wallet: Wallet, tmp_path: Path) -> None:
    full_wallet.export_backup(tmp_path / "backup", OTHER_PASSPHRASE, cost=CHEAP)
    with pytest.raises(WalletLocked):
        Wallet.restore(tmp_path / "backup", PASSPHRASE, tmp_path / "new" / "wallet", PASSPHRASE, cost=CHEAP)
    with pytest.raises(InvalidRequest):
        Wallet.restore(tmp_path / "backup", OTHER_PASSPHRASE, tmp_path / "new" / "wallet", "short", cost=CHEAP)
    assert not (tmp_path / "new").exists()


async def test_reading_beside_a_writer(full_wallet: Wallet, tmp_path: Path) -> None:
    with Wallet.open(tmp_path / "wallet", PASSPHRASE, read_only=True) as reader:
        with pytest.raises(WalletBusy):
            reader.delete_credential(reader.credentials[0].id)
        assert reader.credentials == full_wallet.credentials
    with pytest.raises(WalletBusy):
        Wallet.open(tmp_path / "wallet", PASSPHRASE)


def test_content_of_another_version(tmp_path: Path) -> None:
    for content in (b"", b"[]", b'{"version":2}', b'{"version":1}', b"\xff"):
        path = tmp_path / content.hex() / "wallet"
        EncryptedFile.create(path, PASSPHRASE, content, cost=CHEAP).close()
        with pytest.raises(WalletDamaged):
            Wallet.open(path, PASSPHRASE)
        with pytest.raises(WalletDamaged):
            Wallet.open(path, PASSPHRASE)


async def test_a_full_disk_leaves_the_wallet_as_it_was(
    full_wallet: Wallet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (tmp_path / "wallet").read_bytes()
    held = full_wallet.credentials

    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("wallet_sdk.store.os.fsync", refuse)
        with pytest.raises(OSError, match="No space"):
            full_wallet.delete_credential(held[0].id)
    assert full_wallet.credentials == held
    assert (tmp_path / "wallet").read_bytes() == before
    assert not (tmp_path / "wallet.new").exists()
    full_wallet.delete_credential(held[0].id)
