"""Data Integrity: verifying a credential of ours, from the JSON text that a desk is given, in every cryptosuite."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from nacl.signing import SigningKey

from tests.bench.in_process import table
from tests.bench.ratios import measure
from tests.bench.world import CLAIMS, NOW, create_trust
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import Ed25519Signer, P256Signer, Signer
from vc_core.encoding import parse_json_object
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.data_integrity.canonical import canonical_rdf
from vc_core.formats.data_integrity.cryptosuites import Cryptosuite
from vc_core.formats.data_integrity.expansion import expand_document
from vc_core.formats.ldp_vc import create_ldp_vc, create_ldp_vp, parse_ldp_vp
from vc_core.formats.presentation import parse_credential
from vc_core.trust import RegistryTrust
from vc_core.verification import verify_credential

_STATUS = "https://status.office.example/lists/1/"
_EDDSA = (Cryptosuite.EDDSA_RDFC_2022, Cryptosuite.EDDSA_JCS_2022)
_ECDSA = (Cryptosuite.ECDSA_RDFC_2019, Cryptosuite.ECDSA_JCS_2019)
_RAW = "one Ed25519 verification with PyNaCl (raw)"


def measure_data_integrity() -> str:
    """Steps 1 to 6 of verification, the key and the accreditation from a registry, against one Ed25519 verification."""
    raw_key, message = SigningKey.generate(), bytes(64)
    signature, public_key = raw_key.sign(message).signature, raw_key.verify_key
    runs: dict[str, Callable[[], object]] = {_RAW: lambda: public_key.verify(message, signature)}
    ed25519, p256 = CoverageIssuer(Ed25519Signer.generate()), CoverageIssuer(P256Signer.generate())
    for issuer, suites in ((ed25519, _EDDSA), (p256, _ECDSA)):
        runs |= {suite: issuer.verification(issuer.issue(suite)) for suite in suites}
    text = ed25519.issue(Cryptosuite.EDDSA_RDFC_2022)
    unsecured = {name: value for name, value in parse_json_object(text).items() if name != "proof"}
    shown = create_ldp_vp(text, holder=ed25519.holder, presented_at=NOW, audience="did:example:desk", nonce="n")
    runs |= {
        "the same document canonicalized as any other's would be": lambda: canonical_rdf(expand_document(unsecured)),
        "parsing a presentation (`ldp_vp`)": lambda: parse_ldp_vp(shown),
    }
    return table(f"Data Integrity: one credential with {len(CLAIMS)} claims, {len(text)} characters", measure(runs))


class CoverageIssuer:
    """An accredited issuer with that key, and a holder."""

    def __init__(self, issuer: Signer) -> None:
        self._issuer = issuer
        self.holder = P256Signer.generate()
        self.verification_method, self._trust = create_trust(issuer.public_key)

    def issue(self, suite: Cryptosuite) -> str:
        """The sample coverage, which can be revoked and suspended."""
        purposes = (StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION)
        return create_ldp_vc(
            INSURANCE_COVERAGE,
            CLAIMS,
            verification_method=self.verification_method,
            signer=self._issuer,
            issued_at=NOW - 1000,
            expires_at=NOW + 86_400,
            status=[BitstringStatusReference(_STATUS + purpose, 77_123, purpose) for purpose in purposes],
            holder_key=self.holder.public_key,
            randomness=secrets.token_bytes,
            cryptosuite=suite,
        )

    def verification(self, text: str) -> Callable[[], object]:
        """Verifies one credential of this issuer from its text, as often as it is called."""
        terms = {"max_trust_age": 86_400, "clock_tolerance": 30, "now": NOW}
        return lambda: _verify(text, self._trust, terms)


def _verify(text: str, trust: RegistryTrust, terms: dict[str, Any]) -> None:
    verify_credential(parse_credential(text), trust=trust, **terms)
