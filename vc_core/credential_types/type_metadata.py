"""SD-JWT VC type metadata of a credential type (draft-ietf-oauth-sd-jwt-vc, "SD-JWT VC Type Metadata").

`vct` is a URN, since a type belongs to no issuer and no host. So its metadata is found the way that the draft leaves
to ecosystems: every issuer of the type serves it at `/vct/<vct>`, and credentials name its digest in `vct#integrity`,
so that it does not matter which issuer, cache or registry a wallet has it from.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from typing import Any

from vc_core.credential_types.definition import Claim, CredentialType
from vc_core.encoding import compact_json

TEXT_COLOR = "#ffffff"


def create_type_metadata(credential_type: CredentialType) -> dict[str, Any]:
    """The type metadata document, with names and labels in all our languages."""
    return {
        "vct": credential_type.vct,
        "name": credential_type.name,
        "description": credential_type.description,
        "display": [
            {
                "locale": locale,
                "name": name,
                "rendering": {"simple": {"background_color": credential_type.color, "text_color": TEXT_COLOR}},
            }
            for locale, name in credential_type.labels.items()
        ],
        "claims": [_claim(claim) for claim in credential_type.claims],
    }


@functools.cache
def type_metadata_bytes(credential_type: CredentialType) -> bytes:
    """The document as it is served: JSON in UTF-8, always the same bytes for the same definition."""
    return compact_json(create_type_metadata(credential_type))


@functools.cache
def type_metadata_integrity(credential_type: CredentialType) -> str:
    """What `vct#integrity` says of those bytes: integrity metadata as Subresource Integrity section 3 has it."""
    digest = hashlib.sha256(type_metadata_bytes(credential_type)).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def _claim(claim: Claim) -> dict[str, Any]:
    """`mandatory` is of what the issuer puts in, `sd` of what the holder may withhold."""
    return {
        "path": [claim.name],
        "display": [{"locale": locale, "label": label} for locale, label in claim.labels.items()],
        "mandatory": claim.required,
        "sd": "always" if claim.disclosable else "never",
    }
