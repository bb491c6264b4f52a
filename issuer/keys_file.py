"""The file of the issuing keys: which key issues which type, by name and place; no private key is in it.

It is the JSON array of `IssuingKeySettings`; paths in it that are not absolute begin at its own folder. `sabai keys
rotate` replaces it as a whole, and the issuer reads it when it starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from issuer.settings import IssuingKeySettings, issuing_keys_problems
from vc_core.crypto.key_references import file_of
from vc_core.errors import SettingsError
from vc_core.files import write_durably

_MAX_BYTES = 256 * 1024
_ENTRIES = TypeAdapter(tuple[IssuingKeySettings, ...])


def load_issuing_keys_file(path: Path) -> tuple[IssuingKeySettings, ...]:
    """The entries. Raises `SettingsError` where the file is not there, or not of its form."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        entries = _ENTRIES.validate_json(content)
    except OSError as cause:
        raise SettingsError(["issuing_keys_file can't be read"]) from cause
    except ValidationError as cause:
        raise SettingsError(["issuing_keys_file is not a JSON array of issuing keys"]) from cause
    problems = issuing_keys_problems(entries) or ([] if entries else ["issuing_keys_file names no credential type"])
    if len(content) > _MAX_BYTES:
        problems = ["issuing_keys_file is too large"]
    if problems:
        raise SettingsError(problems)
    return entries


def save_issuing_keys_file(path: Path, entries: Sequence[IssuingKeySettings]) -> None:
    """Replaces the file: it is the old one or the new one, whatever happens meanwhile."""
    write_durably(path, _ENTRIES.dump_json(tuple(entries), indent=2, exclude_none=True) + b"\n")


def in_folder(reference: str, folder: Path) -> str:
    """A key's reference with a relative path taken from this folder."""
    file = file_of(reference)
    return reference if file is None else str(folder / file)
