"""Keys whose signatures are the same in every run."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from vc_core.crypto.keys import P256Signer


class RepeatableSigner(P256Signer):
    """P-256 with deterministic nonces (RFC 6979): what is made of a message is a vector to keep."""

    def sign(self, message: bytes) -> bytes:
        """See `Signer`."""
        key = ec.derive_private_key(int.from_bytes(self.to_bytes(), "big"), ec.SECP256R1())
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
