"""Where a desk takes an issuer's key from: the registry, or its owner's anchors, and never what a credential brings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates import Authority, certify, certify_issuer, chain_of
from tests.support.issuing import COVERAGE_CLAIMS, DAY
from tests.verifier.conftest import Desk, OpenDesk
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.crypto.keys import Signer
from vc_core.crypto.x509 import CertificateChain, KeyReference
from vc_core.formats.credential import StatusReference
from vc_core.formats.jwt_vc_json import create_jwt_vc_json, create_jwt_vp_json
from vc_core.formats.sd_jwt import create_sd_jwt_presentation, create_sd_jwt_vc

ANCHOR = certify("Anchor")
LEAF = certify_issuer(ANCHOR)


def _issue(desk: Desk, reference: KeyReference, signer: Signer) -> str:
    return create_sd_jwt_vc(
        INSURANCE_COVERAGE,
        COVERAGE_CLAIMS,
        verification_method=reference,
        signer=signer,
        issued_at=desk.clock() - DAY,
        expires_at=desk.clock() + DAY,
        status=StatusReference(desk.issuer.status_uri, 7),
        holder_key=desk.holder.public_key,
        randomness=bytes,
    )


def _present(desk: Desk, sd_jwt: str) -> str:
    return create_sd_jwt_presentation(
        sd_jwt, disclose=["name"], holder=desk.holder, presented_at=desk.clock(), audience="did:example:a", nonce="n"
    )


def _anchors(folder: Path, anchor: Authority, credential_type: str) -> Path:
    (folder / "anchor.pem").write_bytes(anchor.pem)
    entry = {"certificate": "anchor.pem", "domains": ["office.example"], "credential_types": [credential_type]}
    path = folder / "anchors.json"
    path.write_text(json.dumps([entry]))
    return path


@pytest.mark.parametrize(
    "members",
    [
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/chain"},
        {"jwk": LEAF.signer.public_key.to_jwk()},
        {"x5c": ["MIIB"]},
        {"kid": "https://evil.example/keys#1"},
    ],
    ids=lambda members: next(iter(members)),
)
async def test_key_or_address_in_a_header_is_neither_used_nor_asked(sqlite_desk: Desk, members: dict[str, Any]) -> None:
    """J5."""
    presented = _present(sqlite_desk, _issue(sqlite_desk, sqlite_desk.issuer.credential_method, LEAF.signer))
    issuer_jwt, separator, rest = presented.partition("~")
    jws = parse_jws(issuer_jwt, typ="dc+sd-jwt")
    verdict = await sqlite_desk.check(sign_jws({**jws.header, **members}, jws.payload, LEAF.signer) + separator + rest)
    assert (verdict["verdict"], verdict["code"]) == ("rejected", "MALFORMED")
    assert sqlite_desk.statuses.requests == 0


@pytest.mark.parametrize(
    ("anchor", "credential_type", "code"),
    [
        # Everything about the issuer was found good; the list at hand is another issuer's.
        (ANCHOR, "InsuranceCoverage", "STATUS_UNAVAILABLE"),
        (ANCHOR, "HealthId", "UNTRUSTED_ISSUER"),
        (certify("Anchor"), "InsuranceCoverage", "UNKNOWN_ISSUER"),
        (None, "", "UNKNOWN_ISSUER"),
    ],
)
async def test_certificates_count_as_the_desk_s_owner_says(
    open_desk: OpenDesk, tmp_path: Path, anchor: Authority | None, credential_type: str, code: str
) -> None:
    """S7."""
    path = None if anchor is None else _anchors(tmp_path, anchor, credential_type)
    async with open_desk(f"sqlite+aiosqlite:///{tmp_path / 'verifier.sqlite'}", trust_anchors=path) as desk:
        chain: CertificateChain = chain_of(LEAF)
        verdict = await desk.check(_present(desk, _issue(desk, chain, LEAF.signer)))
        assert (verdict["verdict"], verdict["code"]) == ("rejected", code)
        assert desk.statuses.requests == (1 if code == "STATUS_UNAVAILABLE" else 0)


async def test_jwt_credential_gets_as_far_as_the_question_that_a_qr_desk_does_not_ask(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    credential = create_jwt_vc_json(
        INSURANCE_COVERAGE,
        COVERAGE_CLAIMS,
        verification_method=desk.issuer.credential_method,
        signer=desk.issuer.credential_key,
        issued_at=desk.clock() - DAY,
        expires_at=desk.clock() + DAY,
        status=StatusReference(desk.issuer.status_uri, 7),
        holder_key=desk.holder.public_key,
    )
    presented = create_jwt_vp_json(
        credential, holder=desk.holder, presented_at=desk.clock(), audience="https://elsewhere.example", nonce="n"
    )
    assert (await desk.check(presented))["code"] == "WRONG_AUDIENCE"
