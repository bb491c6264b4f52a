"""The target of issuers' certificates; see `targets.py`."""

from __future__ import annotations

from base64 import b64encode

from tests.fuzz.target import Target, as_text
from tests.support.certificates import ISSUER_URL, certify, certify_issuer
from tests.support.verification import NOW
from vc_core.crypto.x509 import CertificateChain, CertificateError, parse_x5c, verify_chain

_CUT = b"\x00/\x00"
_ANCHOR = certify("Anchor")


def _x5c(data: bytes) -> None:
    """`B…`: certificates in DER, with NUL, slash, NUL between; `T…`: one in base64, as `x5c` has it."""
    mode, body = data[:1], data[1:]
    try:
        parsed = parse_x5c([as_text(body)], issuer=ISSUER_URL) if mode == b"T" else None
        chain = parsed or CertificateChain(ISSUER_URL, tuple(body.split(_CUT)))
        verify_chain(chain, [_ANCHOR.certificate], at=NOW)
    except CertificateError:
        return


def _x5c_seeds() -> list[bytes]:
    authority = certify("Authority", _ANCHOR, path_length=0)
    leaf, alone = certify_issuer(authority), certify("Issuer", ca=None, usage="digital_signature")
    return [
        b"B" + _CUT.join([leaf.der, authority.der]),
        b"B" + alone.der,
        b"B" + certify_issuer(_ANCHOR).der,
        b"T" + b64encode(leaf.der),
    ]


X5C = Target(_x5c, _x5c_seeds, 9_000)
