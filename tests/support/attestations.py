"""A wallet provider for tests: its key, who knows it, and attestations by it."""

from __future__ import annotations

from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.crypto.x509 import KeyReference
from vc_core.errors import ReasonCode, Rejection

PROVIDER = P256Signer.generate()
PROVIDER_DID = "did:ethr:0x539:0x7777777777777777777777777777777777777777"
PROVIDER_METHOD = PROVIDER_DID + "#delegate-1"
STRANGER = P256Signer.generate()


def provider_key(reference: KeyReference) -> PublicKey:
    """The one provider's key; raises `Rejection` for everybody else, also for whoever has certificates."""
    if reference != PROVIDER_METHOD:
        raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "Not a wallet provider.")
    return PROVIDER.public_key
