"""The page's texts, one catalogue a language: labels, and a reason and a next action for every reason code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vc_core.credential_types.definition import LANGUAGES

DEFAULT_LANGUAGE = "th"


@dataclass(frozen=True)
class Texts:
    """One language's texts; `reasons` and `next_actions` are by reason code."""

    language: str
    labels: Mapping[str, str]
    reasons: Mapping[str, str]
    next_actions: Mapping[str, str]


def _load(language: str) -> Texts:
    catalogue = tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))
    return Texts(language, catalogue["labels"], catalogue["reasons"], catalogue["next_actions"])


TEXTS: Mapping[str, Texts] = {language: _load(language) for language in LANGUAGES}
"""The catalogues by language code."""
