"""A file is replaced whole, privately, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from vc_core.files import write_durably


def test_large_content_is_written_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"old")
    file.chmod(0o644)
    content = bytes(range(256)) * 40_000
    write_durably(file, content)
    assert file.read_bytes() == content
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_killed_program_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "key.new").write_bytes(b"half")
    write_durably(tmp_path / "key", b"whole")
    assert (tmp_path / "key").read_bytes() == b"whole"


def test_a_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    with pytest.raises(OSError, match="place"):
        write_durably(tmp_path / "place", b"content")
    assert (tmp_path / "place").is_dir()
    assert not (tmp_path / "place.new").exists()
