"""The encrypted file: round trips, every kind of damage, crashes and locks."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from vc_core.errors import InvalidRequest, WalletBusy, WalletDamaged, WalletExists, WalletLocked
from wallet_sdk.store import DEFAULT_COST, MAX_FILE_BYTES, EncryptedFile, KeyCost

CHEAP = KeyCost(memory_kib=8, passes=1)
PASSPHRASE = "ข้าวเหนียวมะม่วง"
ROOMY = settings(
    max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None
)


def _make(path: Path, content: bytes = b"secret key material", cost: KeyCost = CHEAP) -> bytes:
    EncryptedFile.create(path, PASSPHRASE, content, cost=cost).close()
    return path.read_bytes()


@ROOMY
@given(first=st.binary(max_size=500), second=st.binary(max_size=500), passphrase=st.text(min_size=8, max_size=40))
def test_round_trip(first: bytes, second: bytes, passphrase: str) -> None:
    assume(len(unicodedata.normalize("NFC", passphrase)) >= 8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wallet"
        EncryptedFile.create(path, passphrase, first, cost=CHEAP).close()
        opened = EncryptedFile.open(path, passphrase)
        assert opened.content == first
        opened.save(second)
        opened.close()
        assert EncryptedFile.open(path, passphrase, read_only=True).content == second


@ROOMY
@given(data=st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    good = path.read_bytes() if path.exists() else _make(path)
    position = data.draw(st.integers(0, len(good) - 1))
    flip = data.draw(st.integers(1, 255))
    bad = bytearray(good)
    bad[position] ^= flip
    changed = tmp_path / "changed"
    changed.write_bytes(bytes(bad))
    with pytest.raises((WalletLocked, WalletDamaged)):
        EncryptedFile.open(changed, PASSPHRASE, read_only=True)


@ROOMY
@given(data=st.data())
def test_cut_or_lengthened_is_noticed(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    good = path.read_bytes() if path.exists() else _make(path)
    bad = data.draw(
        st.one_of(
            st.integers(0, len(good) - 1).map(lambda end: good[:end]),
            st.binary(min_size=1, max_size=40).map(lambda tail: good + tail),
            st.binary(max_size=200),
        )
    )
    changed = tmp_path / "changed"
    changed.write_bytes(bad)
    with pytest.raises((WalletLocked, WalletDamaged)):
        EncryptedFile.open(changed, PASSPHRASE, read_only=True)


def test_wrong_passphrase(tmp_path: Path) -> None:
    _make(tmp_path / "wallet")
    with pytest.raises(WalletLocked) as caught:
        EncryptedFile.open(tmp_path / "wallet", "not the passphrase")
    assert caught.value.code == "wallet_locked"
    assert "not the passphrase" not in str(caught.value)
    EncryptedFile.open(tmp_path / "wallet", PASSPHRASE).close()


def test_the_same_letters_composed_otherwise_open_it(tmp_path: Path) -> None:
    EncryptedFile.create(tmp_path / "wallet", "caf\u00e9 caf\u00e9", b"x", cost=CHEAP).close()
    assert EncryptedFile.open(tmp_path / "wallet", "cafe\u0301 cafe\u0301", read_only=True).content == b"x"


@pytest.mark.parametrize("passphrase", ["", "1234", "1234567"])
def test_a_short_passphrase_is_refused_plainly(tmp_path: Path, passphrase: str) -> None:
    with pytest.raises(InvalidRequest, match="at least 8 characters"):
        EncryptedFile.create(tmp_path / "wallet", passphrase, b"x", cost=CHEAP)
    assert list(tmp_path.iterdir()) == []


def test_holds_no_plaintext_and_differs_at_each_write(tmp_path: Path) -> None:
    first = _make(tmp_path / "wallet")
    opened = EncryptedFile.open(tmp_path / "wallet", PASSPHRASE)
    opened.save(opened.content)
    second = (tmp_path / "wallet").read_bytes()
    header = 33
    assert b"secret" not in first
    assert first[:header] == second[:header]
    assert first[header : header + 24] != second[header : header + 24]
    assert first[header + 24 :] != second[header + 24 :]


def test_default_cost_is_in_the_header(tmp_path: Path) -> None:
    data = _make(tmp_path / "wallet", cost=DEFAULT_COST)
    assert int.from_bytes(data[9:13], "big") == 64 * 1024
    assert int.from_bytes(data[13:17], "big") == 3
    assert EncryptedFile.open(tmp_path / "wallet", PASSPHRASE, read_only=True).content == b"secret key material"


@pytest.mark.parametrize(
    ("memory_kib", "passes"), [(2**32 - 1, 3), (1024 * 1024, 3), (65536, 2**32 - 1), (65536, 0), (0, 3), (7, 1)]
)
def test_a_hostile_file_asks_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory_kib: int, passes: int
) -> None:
    data = bytearray(_make(tmp_path / "wallet"))
    data[9:13], data[13:17] = memory_kib.to_bytes(4, "big"), passes.to_bytes(4, "big")
    (tmp_path / "backup").write_bytes(bytes(data))

    def derived(*_: object, **__: object) -> bytes:
        raise AssertionError("a key was derived as the file says")

    monkeypatch.setattr("wallet_sdk.store.argon2id.kdf", derived)
    with pytest.raises(WalletDamaged):
        EncryptedFile.open(tmp_path / "backup", PASSPHRASE, read_only=True)


def test_a_file_of_another_version_or_size(tmp_path: Path) -> None:
    data = bytearray(_make(tmp_path / "wallet"))
    data[8] = 2
    (tmp_path / "newer").write_bytes(bytes(data))
    with pytest.raises(WalletDamaged, match="version"):
        EncryptedFile.open(tmp_path / "newer", PASSPHRASE, read_only=True)
    with (tmp_path / "huge").open("wb") as huge:
        huge.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(WalletDamaged, match="too large"):
        EncryptedFile.open(tmp_path / "huge", PASSPHRASE, read_only=True)
    with pytest.raises(WalletDamaged, match="no wallet"):
        EncryptedFile.open(tmp_path / "none", PASSPHRASE)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    before = _make(tmp_path / "wallet")
    with pytest.raises(WalletExists):
        EncryptedFile.create(tmp_path / "wallet", PASSPHRASE, b"other", cost=CHEAP)
    assert (tmp_path / "wallet").read_bytes() == before


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        _make(tmp_path / "new folder" / "wallet")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new folder" / "wallet").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new folder").stat().st_mode) == 0o700


def test_one_program_changes_it_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    _make(path)
    writer = EncryptedFile.open(path, PASSPHRASE)
    with pytest.raises(WalletBusy):
        EncryptedFile.open(path, PASSPHRASE)
    reader = EncryptedFile.open(path, PASSPHRASE, read_only=True)
    with pytest.raises(WalletBusy):
        reader.save(b"x")
    writer.close()
    writer.close()
    with pytest.raises(WalletBusy):
        writer.save(b"x")
    EncryptedFile.open(path, PASSPHRASE).close()


def test_a_failed_open_gives_the_lock_back(tmp_path: Path) -> None:
    _make(tmp_path / "wallet")
    with pytest.raises(WalletLocked):
        EncryptedFile.open(tmp_path / "wallet", "wrong passphrase")
    EncryptedFile.open(tmp_path / "wallet", PASSPHRASE).close()


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    _make(tmp_path / "real" / "wallet")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "wallet")
    opened = EncryptedFile.open(tmp_path / "link", PASSPHRASE)
    opened.save(b"new")
    opened.close()
    assert (tmp_path / "link").is_symlink()
    assert EncryptedFile.open(tmp_path / "real" / "wallet", PASSPHRASE, read_only=True).content == b"new"


_SAVER = """
import sys
from pathlib import Path
from wallet_sdk.store import EncryptedFile
opened = EncryptedFile.open(Path(sys.argv[1]), sys.argv[2])
number = int.from_bytes(opened.content[:8], "big")
sys.stdout.write("open\\n")
sys.stdout.flush()
while True:
    number += 1
    opened.save(number.to_bytes(8, "big") * 40_000)
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def test_kill_9_during_a_save_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    EncryptedFile.create(path, PASSPHRASE, bytes(8) * 40_000, cost=CHEAP).close()
    for round_number in range(12):
        program = subprocess.Popen(
            [sys.executable, "-c", _SAVER, str(path), PASSPHRASE], stdout=subprocess.PIPE, text=True
        )
        assert program.stdout is not None
        assert program.stdout.readline() == "open\n"
        time.sleep(0.01 + 0.007 * round_number)
        program.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in program.stdout.read().splitlines() if line.strip()]
        program.stdout.close()
        program.wait()
        content = EncryptedFile.open(path, PASSPHRASE, read_only=True).content
        number = int.from_bytes(content[:8], "big")
        assert content == number.to_bytes(8, "big") * 40_000
        if acknowledged:
            assert number in (acknowledged[-1], acknowledged[-1] + 1)
    # What a killed program left lying about is in nobody's way.
    opened = EncryptedFile.open(path, PASSPHRASE)
    opened.save(b"after")
    opened.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["wallet", "wallet.lock"]
