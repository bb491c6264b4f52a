"""Who attests: the provider's key, how attestations name it, and what the wallets are called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.settings import BackendSettings
from vc_core.clock import Clock
from vc_core.crypto.key_references import open_signer
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, Signer
from vc_core.crypto.x509 import CertificateError, KeyReference, load_own_certificates
from vc_core.errors import SettingsError, SignerUnavailable
from vc_core.trust import TrustSource
from vc_core.wallet_providers import provider_key_at

_MAX_CERTIFICATES_BYTES = 64 * 1024


@dataclass(frozen=True)
class WalletProvider:
    """A wallet provider: `verification_method` names its key, `client_id` is the `sub` of all its attestations."""

    verification_method: KeyReference
    signer: Signer
    client_id: str
    wallet_name: str

    def ready(self, trust: TrustSource, clock: Clock) -> Callable[[], Awaitable[None]]:
        """Whether issuers that go by the registry take what this key signs; those that go by anchors are not known."""

        async def check() -> None:
            reference = self.verification_method
            if isinstance(reference, str) and provider_key_at(trust, now=clock())(reference) != self.signer.public_key:
                raise SettingsError(["the registry has another key under the name of the wallet provider's"])

        return check


def load_wallet_provider(settings: BackendSettings) -> WalletProvider | None:
    """The provider that the settings have, None where they have none. Raises `SettingsError`."""
    provider = settings.wallet_provider
    if provider is None:
        return None
    pin = None if settings.pkcs11_pin is None else settings.pkcs11_pin.get_secret_value()
    try:
        signer = open_signer(provider.key, pin=pin)
    except (KeyFormatError, SignerUnavailable) as cause:
        raise SettingsError([f"the key of the wallet provider can't be opened: {cause}"]) from cause
    if signer.public_key.algorithm is not Algorithm.ES256:
        raise SettingsError(["the key of the wallet provider must be for ES256"])
    return WalletProvider(
        _key_reference(settings, signer.public_key),
        signer,
        provider.client_id or settings.public_url,
        provider.wallet_name,
    )


def _key_reference(settings: BackendSettings, key: PublicKey) -> KeyReference:
    provider = settings.wallet_provider
    assert provider is not None  # noqa: S101 - asked for such settings only
    if provider.certificates is None:
        return provider.verification_method
    try:
        with provider.certificates.open("rb") as file:
            pem = file.read(_MAX_CERTIFICATES_BYTES)
        return load_own_certificates(pem, issuer=settings.public_url, key=key).chain
    except (OSError, CertificateError) as cause:
        reason = "the file can't be read" if isinstance(cause, OSError) else str(cause)
        raise SettingsError([f"the certificates of the wallet provider can't be used: {reason}"]) from cause
