"""An authority that certifies hospitals, for wallets that know verifiers by certificates."""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.certificates import Authority, certify
from vc_core.crypto.keys import P256Signer

_BEGIN = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
ANCHOR = certify("Ministry", begins=_BEGIN)


def certify_hospital(name: str, signer: P256Signer) -> Authority:
    """A certificate of this key under this name."""
    key = ec.derive_private_key(int.from_bytes(signer.to_bytes()), ec.SECP256R1())
    names = [x509.DNSName("hospital.example")]
    return certify(name, ANCHOR, ca=None, usage="digital_signature", names=names, begins=_BEGIN, key=key)
