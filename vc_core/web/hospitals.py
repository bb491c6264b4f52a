"""The names of hospitals by their codes, from a file that a service keeps: CSV in UTF-8, `code,name,name_en`."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from vc_core.errors import SettingsError

MAX_HOSPITALS = 40_000
_COLUMNS = ["code", "name", "name_en"]
_CODE = re.compile(r"[0-9]{5}([0-9]{4})?", re.ASCII)


def load_hospital_names(path: Path | None) -> Mapping[str, Mapping[str, str]]:
    """The names in Thai (`th`) and English (`en`) by code, 5 or 9 digits; none without a file.

    Raises `SettingsError` where the file can't be read or is not of this form.
    """
    if path is None:
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if reader.fieldnames != _COLUMNS:
                raise ValueError("other columns")
            names = {row["code"]: {"th": row["name"], "en": row["name_en"] or row["name"]} for row in reader}
    except (OSError, ValueError, csv.Error) as cause:
        raise SettingsError(["hospitals_file can't be read as CSV with the columns code, name, name_en"]) from cause
    if len(names) > MAX_HOSPITALS or not all(_CODE.fullmatch(code) and each["th"] for code, each in names.items()):
        raise SettingsError(["hospitals_file has a row without a code of 5 or 9 digits and a name, or too many rows"])
    return names
