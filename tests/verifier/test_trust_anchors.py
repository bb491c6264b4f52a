"""The file of trust anchors, and what of it the verifier refuses to start with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates import certify
from tests.verifier.conftest import Registry, create_settings
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.errors import SettingsError
from vc_core.trust_anchors import load_trust_anchors

ANCHOR = certify("Anchor")
ENTRY = {"certificate": "anchor.pem", "domains": ["office.example"], "credential_types": ["HealthId"]}


def _write(folder: Path, entries: Any) -> Path:
    (folder / "anchor.pem").write_bytes(ANCHOR.pem)
    (folder / "leaf.pem").write_bytes(certify("Leaf", ANCHOR, ca=None, usage="digital_signature").pem)
    path = folder / "anchors.json"
    path.write_text(json.dumps(entries))
    return path


def test_file_says_whose_certificates_count_for_what(tmp_path: Path, registry: Registry) -> None:
    path = _write(tmp_path, [ENTRY])
    [anchor] = load_trust_anchors(path)
    assert anchor.certificate == ANCHOR.certificate
    assert (set(anchor.domains), set(anchor.credential_types)) == ({"office.example"}, {HEALTH_ID.vct})
    settings = create_settings(registry, "sqlite+aiosqlite://", trust_anchors=path)
    settings.check()
    assert settings.certificate_anchors() == (anchor,)
    assert create_settings(registry, "sqlite+aiosqlite://").certificate_anchors() == ()


@pytest.mark.parametrize(
    "entries",
    [
        {},
        "anchor.pem",
        ["anchor.pem"],
        [{**ENTRY, "more": 1}],
        [{"certificate": "anchor.pem", "domains": ["office.example"]}],
        [{**ENTRY, "certificate": 1}],
        [{**ENTRY, "certificate": "missing.pem"}],
        [{**ENTRY, "certificate": "leaf.pem"}],
        [{**ENTRY, "certificate": "anchors.json"}],
        [{**ENTRY, "domains": []}],
        [{**ENTRY, "domains": "office.example"}],
        [{**ENTRY, "domains": ["office"]}],
        [{**ENTRY, "credential_types": []}],
        [{**ENTRY, "credential_types": ["HealthId", "Passport"]}],
        [ENTRY, ENTRY],
        [ENTRY] * 101,
    ],
    ids=lambda entries: str(entries)[:60],
)
def test_file_that_is_not_of_the_form_keeps_the_verifier_from_starting(
    tmp_path: Path, registry: Registry, entries: Any
) -> None:
    settings = create_settings(registry, "sqlite+aiosqlite://", trust_anchors=_write(tmp_path, entries))
    with pytest.raises(SettingsError) as refused:
        settings.check()
    assert len(refused.value.problems) == 1
    assert refused.value.problems[0].startswith("trust_anchors can't be used")
