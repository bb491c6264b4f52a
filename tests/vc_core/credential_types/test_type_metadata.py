"""Type metadata as draft-ietf-oauth-sd-jwt-vc describes it, and the digest that credentials name."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import LANGUAGES, CredentialType
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.page import create_page
from vc_core.credential_types.type_metadata import type_metadata_bytes, type_metadata_integrity

PAGE = Path(__file__).parents[3] / "docs" / "credential-types.md"
DIGESTS = Path(__file__).parents[2] / "vectors" / "credential-types" / "type-metadata.json"


def test_the_members_of_the_draft() -> None:
    metadata = json.loads(type_metadata_bytes(HEALTH_ID))
    assert list(metadata) == ["vct", "name", "description", "display", "claims"]
    assert metadata["vct"] == "urn:sabai:credential:HealthId:1"
    assert metadata["display"][1] == {
        "locale": "en",
        "name": "Health ID",
        "rendering": {"simple": {"background_color": "#0b5d66", "text_color": "#ffffff"}},
    }
    by_path = {tuple(claim["path"]): claim for claim in metadata["claims"]}
    assert by_path[("health_id",)]["sd"] == "never"
    assert by_path[("birth_date",)]["sd"] == "always"
    assert by_path[("nationality",)]["mandatory"] is False
    assert by_path[("birth_date",)]["mandatory"] is True
    assert by_path[("name",)]["display"][0] == {"locale": "th", "label": "ชื่อ"}


@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES.values(), ids=lambda each: each.name)
def test_the_digest_is_that_of_the_bytes_that_are_served(credential_type: CredentialType) -> None:
    content = type_metadata_bytes(credential_type)
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode("ascii")
    assert type_metadata_integrity(credential_type) == f"sha256-{digest}"
    metadata = json.loads(content)
    for each in (metadata, *metadata["claims"]):
        assert [display["locale"] for display in each["display"]] == list(LANGUAGES)


def test_what_was_released_has_not_changed() -> None:
    """Credentials that are out name these digests: see decision 0009 on what a change means."""
    released = json.loads(DIGESTS.read_text("utf-8"))["vct#integrity"]
    assert {vct: type_metadata_integrity(CREDENTIAL_TYPES[vct]) for vct in released} == released


def test_the_page_is_written_from_the_definitions() -> None:
    assert PAGE.read_text("utf-8") == create_page(CREDENTIAL_TYPES.values()), "docs/credential-types.md: `make docs`"
    headings = re.findall(r"^## (\S+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert headings == [each.name for each in CREDENTIAL_TYPES.values()]
