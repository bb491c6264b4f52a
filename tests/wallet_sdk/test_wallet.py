"""The wallet: credentials and keys through save, backup and restore."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.wallet_sdk.fakes import CHEAP, ISSUER, PASSPHRASE, PROVIDER, YEAR, FakeWorld
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import InvalidRequest, NoSuchCredential, WalletBusy, WalletDamaged, WalletExists, WalletLocked
from vc_core.formats.credential import CredentialFormat
from wallet_sdk.content import CredentialCopy, CredentialSource, Device, Grant, Session
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
    full_wallet.save_session(Session("s1", "issuance", {}))
    full_wallet.export_backup(tmp_path / "backup", OTHER_PASSPHRASE, cost=CHEAP)
    with pytest.raises(WalletLocked):
        Wallet.open(tmp_path / "backup", PASSPHRASE, read_only=True)
    with Wallet.restore(
        tmp_path / "backup", OTHER_PASSPHRASE, tmp_path / "phone" / "wallet", PASSPHRASE, cost=CHEAP
    ) as restored:
        assert restored.credentials == full_wallet.credentials
        assert restored.registry == full_wallet.registry
        # The device's registration and what is under way are this phone's, not the next one's.
        assert restored.device is None
        assert restored.sessions("issuance") == ()
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
    for content in (b"", b"[]", b'{"version":3}', b'{"version":2}', b'{"version":1}', b"\xff"):
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


async def test_a_file_of_version_1_opens(full_wallet: Wallet, tmp_path: Path) -> None:
    """Written as the program did before a credential could have copies."""
    [held, *_] = full_wallet.credentials
    old = {
        "version": 1,
        "provider": PROVIDER,
        "credentials": [
            {
                "id": held.id,
                "format": held.format,
                "vct": held.vct,
                "credential": held.credential,
                "holder_key": base64url_encode(held.holder_key),
                "issuer": held.issuer,
                "issuer_name": held.issuer_name,
                "claims": dict(held.claims),
                "issued_at": held.issued_at,
                "expires_at": held.expires_at,
            }
        ],
        "pending_keys": [{"credential_issuer": "x", "credential_configuration_id": "y", "holder_key": "AA"}],
        "registry": None,
        "device": {"device_id": "d1", "device_token": "t", "language": "th"},
    }
    EncryptedFile.create(tmp_path / "old", PASSPHRASE, compact_json(old), cost=CHEAP).close()
    with Wallet.open(tmp_path / "old", PASSPHRASE) as opened:
        assert opened.credentials == (replace(held, source=None),)
        assert opened.device == Device("d1", "t", "th")
        opened.set_device(None)
    with Wallet.open(tmp_path / "old", PASSPHRASE) as again:
        assert again.credentials == (replace(held, source=None),)


def _copy(number: int, *, expires_at: int = 1_000) -> CredentialCopy:
    return CredentialCopy(f"copy-{number}", bytes(31) + bytes([number]), 100, expires_at)


async def test_each_copy_is_used_once_and_then_the_one_seen_longest_ago(full_wallet: Wallet, tmp_path: Path) -> None:
    held = replace(full_wallet.credentials[0], id="batch", copies=(_copy(1), _copy(2), _copy(3, expires_at=500)))
    full_wallet.add_credential(held)
    used = [full_wallet.use_copy("batch", now=now).credential for now in (200, 201, 202, 203)]
    assert used == ["copy-1", "copy-2", "copy-3", "copy-1"]
    with Wallet.open(tmp_path / "wallet", PASSPHRASE, read_only=True) as saved:
        kept = saved.credential("batch")
        assert [each.used_at for each in kept.copies] == [203, 201, 202]
    assert full_wallet.use_copy("batch", now=600).credential == "copy-2"
    with pytest.raises(NoSuchCredential, match="expired"):
        full_wallet.use_copy("batch", now=1_000)


async def test_copies_that_run_low_are_replaced(full_wallet: Wallet) -> None:
    held = replace(full_wallet.credentials[0], id="batch", copies=(_copy(1), _copy(2), _copy(3)))
    full_wallet.add_credential(held)
    assert not held.runs_low(now=200)
    for now in (200, 201):
        full_wallet.use_copy("batch", now=now)
    assert full_wallet.credential("batch").runs_low(now=300)
    assert full_wallet.credential("batch").unused_copies(now=300) == 1
    topped = full_wallet.add_copies("batch", (_copy(4), _copy(5)), claims=held.claims)
    assert [each.credential for each in topped.copies] == ["copy-3", "copy-4", "copy-5"]
    assert full_wallet.credential("batch") == topped
    assert not topped.runs_low(now=300)
    changed = full_wallet.add_copies("batch", (_copy(6), _copy(7)), claims={"scheme": "another"})
    assert [each.credential for each in changed.copies] == ["copy-6", "copy-7"]
    assert changed.claims == {"scheme": "another"}


async def test_a_single_copy_is_used_again_and_never_runs_low(full_wallet: Wallet, world: FakeWorld) -> None:
    held = full_wallet.credentials[0]
    now = world.clock()
    assert full_wallet.use_copy(held.id, now=now) == full_wallet.use_copy(held.id, now=now + 1) == held.copies[0]
    assert not full_wallet.credential(held.id).runs_low(now=now)


async def test_an_answer_that_came_twice_is_kept_once(full_wallet: Wallet) -> None:
    held = full_wallet.credentials[0]
    again = full_wallet.add_credential(replace(held, id="another"))
    assert again.id == held.id
    assert len(full_wallet.credentials) == 4


async def test_a_grant_lives_as_long_as_a_credential_needs_it(full_wallet: Wallet) -> None:
    source = CredentialSource(ISSUER, "x", grant_id="g1")
    grant = Grant("g1", ISSUER, None, "the-refresh-token", b"\x01" * 32)
    for name in ("one", "two"):
        held = replace(full_wallet.credentials[0], id=name, source=source, copies=(_copy(len(name) + ord(name[0])),))
        full_wallet.add_credential(held, grant=grant)
    assert full_wallet.grant("g1") == grant
    assert "the-refresh-token" not in repr(full_wallet._content)
    full_wallet.delete_credential("one")
    assert full_wallet.grant("g1") == grant
    full_wallet.delete_credential("two")
    assert full_wallet.grant("g1") is None
