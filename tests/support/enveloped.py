"""The five kinds of enveloped documents, made by the issuer and the holder of tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.verification import HOLDER, ISSUER, ISSUER_METHOD, NOW, CountedBytes
from tests.support.w3c_documents import HOLDER_METHOD, credential_1_1, credential_2_0
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.vc_claim import create_jwt_vc, create_jwt_vp
from vc_core.formats.vc_jose import (
    create_vc_jwt,
    create_vc_sd_jwt,
    create_vp_jwt,
)

BEGIN, END = 1_767_225_600, 1_798_761_600
"""2026-01-01 and 2027-01-01, the validity period of the documents."""


def vc_jwt(**changes: Any) -> str:
    """A credential of version 2.0 as a JWT."""
    return create_vc_jwt(credential_2_0(**changes), verification_method=ISSUER_METHOD, signer=ISSUER)


def vc_sd_jwt(*hidden: Any, **more: Any) -> str:
    """The same as an SD-JWT, with these parts hidden."""
    return create_vc_sd_jwt(
        credential_2_0(),
        hidden=hidden,
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        randomness=CountedBytes(),
        **more,
    )


def jwt_vc(**changes: Any) -> str:
    """A credential of version 1.1 in a JWT's claims."""
    return create_jwt_vc(credential_1_1(**changes), verification_method=ISSUER_METHOD, signer=ISSUER, issued_at=NOW)


def vp_jwt(*credentials: str) -> str:
    """A presentation of version 2.0 of these."""
    return create_vp_jwt(
        credentials, verification_method=HOLDER_METHOD, signer=HOLDER, issued_at=NOW, audience="https://v", nonce="n"
    )


def jwt_vp(*credentials: str) -> str:
    """A presentation of version 1.1 of these."""
    return create_jwt_vp(
        credentials, verification_method=HOLDER_METHOD, signer=HOLDER, issued_at=NOW, audience="https://v", nonce="n"
    )


def refusal_of(parse: Callable[[str], Any], text: str) -> ReasonCode:
    """Why this is refused."""
    with pytest.raises(Rejection) as refusal:
        parse(text)
    return refusal.value.code


KINDS: dict[str, str] = {
    "vc+jwt": vc_jwt(),
    "vc+sd-jwt": vc_sd_jwt(("credentialSubject", "degree")),
    "vp+jwt": vp_jwt(vc_jwt()),
    "jwt_vc_json": jwt_vc(),
    "jwt_vp_json": jwt_vp(jwt_vc()),
}
