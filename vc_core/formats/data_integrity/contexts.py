"""The JSON-LD contexts that we know, by URL: those of W3C, byte for byte, and one of ours per credential type.

There is no way to another one. A context says what the terms of a signed document mean, so one that is fetched, or that
the document brings along, would leave that to whoever wrote it (VC Data Integrity 1.0 section 2.4.1).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.json_ld import context_url, create_context

_FOLDER = Path(__file__).parent / "w3c_contexts"

W3C_CONTEXTS: Mapping[str, tuple[str, str]] = {
    "https://www.w3.org/2018/credentials/v1": (
        "credentials-v1.jsonld",
        "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
    ),
    "https://www.w3.org/ns/credentials/v2": (
        "credentials-v2.jsonld",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    "https://www.w3.org/ns/credentials/examples/v2": (
        "examples-v2.jsonld",
        "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c",
    ),
    "https://w3id.org/security/data-integrity/v2": (
        "data-integrity-v2.jsonld",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
    "https://w3id.org/security/multikey/v1": (
        "multikey-v1.jsonld",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    ),
}
"""File and SHA-256 of each context of W3C, by URL."""


def load_w3c_context(url: str) -> bytes:
    """The bytes of a context as W3C publishes them. Raises `KeyError` for a URL that is not in `W3C_CONTEXTS`."""
    return (_FOLDER / W3C_CONTEXTS[url][0]).read_bytes()


def _load_all() -> dict[str, Any]:
    of_w3c = {url: json.loads(load_w3c_context(url))["@context"] for url in W3C_CONTEXTS}
    ours = {context_url(each): create_context(each)["@context"] for each in CREDENTIAL_TYPES.values()}
    return of_w3c | ours


CONTEXTS: Mapping[str, Any] = _load_all()
"""The value of `@context` of every context that we know, by URL."""
