"""What a wallet keeps of what an issuer gave it."""

from __future__ import annotations

import pytest

from tests.support.verification import (
    COVERAGE_CLAIMS,
    HOLDER,
    NOW,
    OTHER_DID,
    POLICY,
    STRANGER,
    FakeTrust,
    issue_coverage,
    issue_qr_pass,
    present,
)
from vc_core.crypto.keys import P256Signer
from vc_core.encoding import base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.verification import VerifiedCredential, verify_issued_credential


def _keep(issued: str, *, holder: P256Signer = HOLDER, trust: FakeTrust | None = None) -> VerifiedCredential:
    """What a wallet does with a credential that it was given."""
    return verify_issued_credential(
        issued,
        holder_key=holder.public_key,
        trust=trust or FakeTrust(),
        max_trust_age=POLICY.max_trust_age,
        clock_tolerance=POLICY.clock_tolerance,
        now=NOW,
    )


@pytest.mark.parametrize("issued", [issue_coverage(), base64url_encode(issue_qr_pass())], ids=["dc+sd-jwt", "qr_pass"])
def test_wallet_keeps_a_good_credential_with_all_its_claims(issued: str) -> None:
    assert _keep(issued).claims == COVERAGE_CLAIMS


@pytest.mark.parametrize(
    ("code", "issued"),
    [
        (ReasonCode.NOT_A_CREDENTIAL, "https://example.com/"),
        (ReasonCode.UNKNOWN_ISSUER, issue_coverage(verification_method=OTHER_DID + "#delegate-1")),
        (ReasonCode.BAD_SIGNATURE, issue_coverage(signer=STRANGER)),
        (ReasonCode.EXPIRED_CREDENTIAL, issue_coverage(expires_at=NOW)),
        (ReasonCode.HOLDER_KEY, issue_coverage(holder_key=STRANGER.public_key)),
        (ReasonCode.MALFORMED, present(issue_coverage())),
    ],
    ids=lambda value: value if isinstance(value, ReasonCode) else "",
)
def test_wallet_does_not_keep_a_bad_one(code: ReasonCode, issued: str) -> None:
    with pytest.raises(Rejection) as refusal:
        _keep(issued)
    assert refusal.value.code is code


def test_wallet_does_not_keep_what_an_issuer_without_accreditation_gave_it() -> None:
    with pytest.raises(Rejection) as refusal:
        _keep(issue_coverage(), trust=FakeTrust(accreditations={}))
    assert refusal.value.code is ReasonCode.UNTRUSTED_ISSUER
