"""The file of hospitals' names: what is taken, and what keeps the service from starting."""

from __future__ import annotations

from pathlib import Path

import pytest

from vc_core.errors import SettingsError
from vc_core.web.hospitals import load_hospital_names


def test_names_by_code_with_leading_zeros(tmp_path: Path) -> None:
    path = tmp_path / "hospitals.csv"
    path.write_text("code,name,name_en\n01234,โรงพยาบาล,A Hospital\n123456789,สถานีอนามัย,\n", "utf-8")
    assert load_hospital_names(path) == {
        "01234": {"th": "โรงพยาบาล", "en": "A Hospital"},
        "123456789": {"th": "สถานีอนามัย", "en": "สถานีอนามัย"},
    }
    assert load_hospital_names(None) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "code,name\n10661,a\n",
        "code,name,name_en\n1066,a,b\n",
        "code,name,name_en\n10661,,b\n",
        "code,name,name_en\n1\n",
    ],
    ids=["empty", "columns", "code", "nameless", "short"],
)
def test_another_form_keeps_the_service_from_starting(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hospitals.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError):
        load_hospital_names(path)
    with pytest.raises(SettingsError):
        load_hospital_names(tmp_path / "missing.csv")
