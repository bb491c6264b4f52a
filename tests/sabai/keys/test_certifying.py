"""Keys certified for development: what the issuer then signs is trusted by the anchors that the command wrote."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.issuer.wallet import COVERAGE, ISSUER
from tests.sabai.keys.conftest import Issuer
from tests.support.registry_terminal import Operator
from tests.support.verification import FakeTrust
from vc_core.certificate_trust import AnchoredTrust
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws
from vc_core.trust_anchors import load_trust_anchors
from vc_core.verification import verify_issued_credential


def with_p256_status_keys(operator: Operator) -> None:
    """Puts each organisation's credential key in the place of its status key: any other P-256 key would do."""
    path = operator.data_dir / "keys" / "issuing.json"
    entries = json.loads(path.read_bytes())
    for each in entries:
        each["status_key"], each["status_verification_method"] = each["key"], each["verification_method"]
    path.write_text(json.dumps(entries))


def test_what_is_issued_then_is_trusted_by_the_anchors(operator: Operator, issuer: Issuer) -> None:
    with_p256_status_keys(operator)
    done = operator.run("certify", "--url", ISSUER)
    assert done.exit_code == 0, done.output
    anchors = load_trust_anchors(Path(done.output.strip().rpartition("=")[2]))
    assert [set(each.domains) for each in anchors] == [{"issuer.test"}]

    wallet, credential = asyncio.run(issuer.issue(COVERAGE))

    now = operator.clock()
    verified = verify_issued_credential(
        credential,
        holder_key=wallet.key.public_key,
        trust=AnchoredTrust(FakeTrust(now, {}, {}), anchors),
        max_trust_age=60,
        clock_tolerance=30,
        now=now,
    )
    assert verified.vct == INSURANCE_COVERAGE.vct
    [leaf] = parse_jws(credential.partition("~")[0], typ="dc+sd-jwt").header["x5c"]
    assert leaf


def test_certified_anew_the_authority_stays_the_same(operator: Operator) -> None:
    with_p256_status_keys(operator)
    assert operator.run("certify", "--url", ISSUER).exit_code == 0
    folder = operator.data_dir / "keys"
    before = (folder / "development-ca/ca.pem").read_bytes(), (folder / "certificates/HealthId.pem").read_bytes()
    assert operator.run("certify", "--url", ISSUER).exit_code == 0
    assert (folder / "development-ca/ca.pem").read_bytes() == before[0]
    assert (folder / "certificates/HealthId.pem").read_bytes() != before[1]
    assert (folder / "development-ca/ca.key").stat().st_mode & 0o077 == 0


def test_what_can_not_be_certified(operator: Operator) -> None:
    http = operator.run("certify", "--url", "http://127.0.0.1:8001")
    assert (http.exit_code, "https" in http.output) == (1, True)
    ed25519 = operator.run("certify", "--url", ISSUER)
    assert (ed25519.exit_code, "P-256" in ed25519.output) == (1, True)
    assert "certificates" not in (operator.data_dir / "keys/issuing.json").read_text()
