"""Attesting a wallet's key, and keys in a wallet, to whoever shows that it holds them.

What is attested is just that: the key was shown to this provider, at that time. There is nothing here that tells our
application from another one, or a phone's secure hardware from a file: no platform's integrity service is asked. So a
key attestation says nothing of `key_storage` and `user_authentication`.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.wallet_attestations.provider import WalletProvider
from backend.wallet_attestations.schemas import IssuedKeyAttestation, IssuedWalletAttestation
from vc_core.clock import Clock
from vc_core.crypto.keys import PublicKey
from vc_core.errors import InvalidRequest, ProtocolError
from vc_core.protocols.oauth.client_attestation import WalletAttestation, create_wallet_attestation
from vc_core.protocols.oauth.dpop import verify_dpop_proof
from vc_core.protocols.openid4vci.key_attestation import KeyAttestation, create_key_attestation
from vc_core.protocols.openid4vci.proof_jwt import verify_proof_jwt

ATTESTATION_LIFETIME = 3600
"""Seconds that an attestation holds: nothing revokes a single one, so it ends soon."""
WALLET_ATTESTATIONS_PATH = "/wallet-attestations"


class WalletAttestationService:
    """The attestations of one provider. `public_url` is what proofs have to be made for."""

    def __init__(self, provider: WalletProvider, public_url: str, clock: Clock) -> None:
        self._provider = provider
        self._public_url = public_url
        self._clock = clock

    def attest_wallet(self, dpop_proof: str) -> IssuedWalletAttestation:
        """An attestation of the key that made this DPoP proof for the request. Raises `InvalidRequest`.

        A proof that is sent twice gets the same word on the same key again, of use to nobody but the key's holder.
        """
        now, url = self._clock(), self._public_url + WALLET_ATTESTATIONS_PATH
        try:
            proof = verify_dpop_proof(dpop_proof, expected_method="POST", expected_url=url, now=now)
        except ProtocolError as cause:
            raise InvalidRequest("The DPoP header does not show that the wallet holds a key.") from cause
        provider, expires_at = self._provider, now + ATTESTATION_LIFETIME
        content = WalletAttestation(provider.client_id, proof.key, now, expires_at, provider.wallet_name)
        text = create_wallet_attestation(
            content, signer=provider.signer, verification_method=provider.verification_method
        )
        return IssuedWalletAttestation(wallet_attestation=text, client_id=provider.client_id, expires_at=expires_at)

    def attest_keys(self, proofs: Sequence[str], *, nonce: str) -> IssuedKeyAttestation:
        """An attestation of the keys that made these proofs, for the issuer that gave out the nonce.

        Raises `InvalidRequest`.
        """
        now = self._clock()
        keys = tuple(self._proven_key(proof, nonce, now) for proof in proofs)
        if len(set(keys)) != len(keys):
            raise InvalidRequest("A key is shown twice.")
        content = KeyAttestation(keys, now, now + ATTESTATION_LIFETIME, nonce)
        text = create_key_attestation(
            content, signer=self._provider.signer, verification_method=self._provider.verification_method
        )
        return IssuedKeyAttestation(key_attestation=text, expires_at=now + ATTESTATION_LIFETIME)

    def _proven_key(self, text: str, nonce: str, now: int) -> PublicKey:
        try:
            proof = verify_proof_jwt(text, expected_audience=self._public_url, now=now)
        except ProtocolError as cause:
            raise InvalidRequest("A proof does not show that the wallet holds a key.") from cause
        if proof.nonce != nonce:
            raise InvalidRequest("A proof was made over another nonce.")
        return proof.holder_key
