"""What a holder signs, by the wallet's page and by `wallet_sdk`, before the same verifiers.

`python -m tests.web.test_holder_proofs` writes `tests/vectors/holder-proofs` anew; the page's signatures differ each
time.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import NODE
from tests.support.verification import (
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    NONCE,
    NOW,
    POLICY,
    issue_coverage,
    issue_qr_pass,
    verify,
)
from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.formats.qr_pass import create_qr_presentation, parse_qr_presentation
from vc_core.formats.sd_jwt import create_sd_jwt_presentation
from vc_core.protocols.openid4vci.credential import ProofType
from vc_core.protocols.openid4vci.proof_jwt import verify_proof_jwt
from wallet_sdk.issuance.proofs import ProofPlan, create_proofs

FILE = Path(__file__).parents[1] / "vectors" / "holder-proofs" / "proofs.json"
SCRIPT = Path(__file__).with_name("holder_proofs.mjs")
ISSUER_URL, C_NONCE = "https://issuer.example", "bm9uY2Utb2YtdGhlLWlzc3Vlcg"
DISCLOSED = ("name", "scheme")


def inputs() -> dict[str, Any]:
    """What both get: the holder's key, credentials bound to it, and what issuer and desk want signed."""
    return {
        "holder_key": {**HOLDER.public_key.to_jwk(), "d": base64url_encode(bytes([2]) * 32)},
        "now": NOW,
        "issuer": ISSUER_URL,
        "c_nonce": C_NONCE,
        "audience": AUDIENCE,
        "nonce": NONCE,
        "disclose": list(DISCLOSED),
        "qr_pass": base64url_encode(issue_qr_pass()),
        "sd_jwt": issue_coverage(),
    }


def made_by_the_sdk(given: dict[str, Any]) -> dict[str, str]:
    """By what `wallet_sdk` signs with; the same bytes each time."""
    [proof] = create_proofs(
        [HOLDER],
        ProofPlan(ProofType.JWT),
        audience=given["issuer"],
        nonce=given["c_nonce"],
        client_id=None,
        key_attestation=None,
        now=given["now"],
    )
    terms = {"holder": HOLDER, "presented_at": given["now"]}
    qr_pass = base64url_decode(given["qr_pass"])
    named = {"audience": given["audience"], "nonce": given["nonce"]}
    return {
        "proof": str(proof),
        "qr_presentation": create_qr_presentation(qr_pass, **terms),
        "sd_jwt_presentation": create_sd_jwt_presentation(
            given["sd_jwt"], disclose=given["disclose"], **terms, **named
        ),
    }


def made_by_the_page(given: dict[str, Any]) -> dict[str, str]:
    """By the page's own modules, in Node."""
    ran = subprocess.run([NODE, str(SCRIPT)], input=json.dumps(given).encode(), capture_output=True, check=True)
    made: dict[str, str] = json.loads(ran.stdout)
    return made


async def expect_verified(made: dict[str, str]) -> None:
    """Issuer and desk accept all of it, and find the same in it."""
    proof = verify_proof_jwt(made["proof"], expected_audience=ISSUER_URL, now=NOW)
    assert (proof.holder_key, proof.nonce, proof.holder_did) == (HOLDER.public_key, C_NONCE, None)
    shown = await verify(made["sd_jwt_presentation"])
    assert shown.credential.claims.keys() - COVERAGE_CLAIMS.keys() == set()
    assert {"name", "scheme"} <= shown.credential.claims.keys()
    assert "name_latin" not in shown.credential.claims
    qr = await verify(made["qr_presentation"], policy=dataclasses.replace(POLICY, expected_nonce=None))
    assert qr.credential.claims == COVERAGE_CLAIMS
    assert {shown.presented_at, qr.presented_at} == {NOW}
    assert {shown.credential.holder_key, qr.credential.holder_key} == {HOLDER.public_key}


def unsigned(made: dict[str, str]) -> dict[str, Any]:
    """All but the holder's signatures."""
    return {
        "proof": [json.loads(base64url_decode(part)) for part in made["proof"].split(".")[:2]],
        "sd_jwt_presentation": [
            *made["sd_jwt_presentation"].split("~")[:-1],
            *[json.loads(base64url_decode(part)) for part in made["sd_jwt_presentation"].split("~")[-1].split(".")[:2]],
        ],
        "qr_presentation": parse_qr_presentation(made["qr_presentation"]).digest,
    }


@pytest.mark.parametrize("maker", ["page", "wallet_sdk"])
async def test_the_vectors_verify(maker: str) -> None:
    vectors = json.loads(FILE.read_text("utf-8"))
    assert vectors["inputs"] == inputs()
    await expect_verified(vectors["made_by"][maker])


async def test_the_page_makes_them_still() -> None:
    vectors = json.loads(FILE.read_text("utf-8"))
    made = made_by_the_page(vectors["inputs"])
    await expect_verified(made)
    assert unsigned(made) == unsigned(vectors["made_by"]["page"])
    assert unsigned(made) == unsigned(vectors["made_by"]["wallet_sdk"])


def test_the_sdk_makes_them_still() -> None:
    vectors = json.loads(FILE.read_text("utf-8"))
    assert made_by_the_sdk(vectors["inputs"]) == vectors["made_by"]["wallet_sdk"]


if __name__ == "__main__":
    given = inputs()
    written = {"inputs": given, "made_by": {"page": made_by_the_page(given), "wallet_sdk": made_by_the_sdk(given)}}
    FILE.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", "utf-8")
