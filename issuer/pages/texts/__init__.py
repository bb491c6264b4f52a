"""The pages' texts, one catalogue a language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from vc_core.credential_types.definition import LANGUAGES

DEFAULT_LANGUAGE = "th"

TEXTS: Mapping[str, Mapping[str, str]] = {
    language: tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES
}
"""The texts by language code and name."""
