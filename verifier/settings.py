"""The verifier's settings, from environment variables that begin with `VERIFIER_`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from vc_core.certificate_trust import TrustAnchor
from vc_core.crypto.keys import PublicKey
from vc_core.did.multibase import multibase_decode
from vc_core.trust_anchors import load_trust_anchors
from vc_core.trust_bundle.verification import BundlePin
from vc_core.web.registry import RegistrySettings
from vc_core.web.settings import ProtocolProfile, token_problems

_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")


class VerifierSettings(RegistrySettings):
    """One facility's verifier. `desk_token` is asked for in production; the embedded profile is open.

    `manager_token` says who works here; without it only supervisors do. It is another than the desk token, since that
    is typed at the desk.
    `bundle_signer` is the DID whose trust bundles the desk takes, `bundle_signer_key` its key (publicKeyMultibase) for
    the first of them, `trust_bundle` a file, or a folder of `*.bundle` files, to take them from. `trust_anchors` is the
    file of `vc_core/trust_anchors.py`; without it, no issuer is known by certificates.
    `status_aggregations` are the addresses at which issuers tell where their status lists are (`…/status`): these lists
    are at hand before the first credential refers to them.
    `requests_key` is the P-256 key that signs what the desk asks phones for, a reference as
    `vc_core.crypto.key_references` has it; `requests_verification_method` its DID URL in the registry, and
    `requests_certificates` a PEM file of its certificates, without the anchor. `pkcs11_pin` is for a key in a token.
    `printed_cards`: whether this desk takes cards on paper, with their PIN.
    `backend_url` is the origin of the wallets' provider, which tells patients of accepted cards, and `backend_token`
    the hospital's bearer token there; without them nobody is told.
    `protocol_profile`: `haip` keeps what is asked of phones to HAIP 1.0, as `verifier/requests/haip.py` has it.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="VERIFIER_")

    facility_did: str = Field(pattern="^did:")
    hospital_code: str = Field(pattern="^([0-9]{5}|[0-9]{9})$")
    facility_name: str = Field(min_length=1, max_length=200)
    desk_token: SecretStr | None = None
    manager_token: SecretStr | None = None
    bundle_signer: str | None = Field(default=None, pattern="^did:")
    bundle_signer_key: str | None = None
    trust_bundle: Path | None = None
    trust_anchors: Path | None = None
    status_aggregations: tuple[str, ...] = ()
    requests_verification_method: str | None = Field(default=None, pattern="^did:.*#")
    requests_key: str | None = None
    requests_certificates: Path | None = None
    pkcs11_pin: SecretStr | None = None
    printed_cards: bool = False
    backend_url: str | None = Field(default=None, pattern="^https?://[^/]+$")
    backend_token: SecretStr | None = None
    protocol_profile: ProtocolProfile = ProtocolProfile.REGISTRY

    def problems(self) -> list[str]:
        """See `ServiceSettings.problems`."""
        found = super().problems()
        if self.profile == "production":
            found += token_problems("desk_token", self.desk_token) + self._manager_problems()
        if self.bundle_signer is None and (self.bundle_signer_key is not None or self.trust_bundle is not None):
            found.append("bundle_signer must say whose trust bundles to take")
        found += self._requests_problems()
        if (self.backend_url is None) is not (self.backend_token is None):
            found.append("backend_url and backend_token go together")
        try:
            self._first_bundle_key()
        except ValueError:
            found.append("bundle_signer_key must be a P-256 or Ed25519 key as publicKeyMultibase, beginning with z")
        try:
            self.certificate_anchors()
        except (OSError, ValueError) as cause:
            found.append(f"trust_anchors can't be used: {cause}")
        return found

    def _manager_problems(self) -> list[str]:
        if self.manager_token is None:
            return []
        if self.manager_token == self.desk_token:
            return ["manager_token must be another than desk_token, which everybody at the desk may know"]
        return token_problems("manager_token", self.manager_token)

    def manager_tokens(self) -> tuple[SecretStr, ...]:
        """The bearer tokens that say who works here. On one's own machine, where nobody is asked, the desk's is one."""
        alone = self.profile == "embedded" and urlsplit(self.public_url).hostname in _LOOPBACK_HOSTS
        tokens = (self.manager_token, self.desk_token if alone else None)
        return tuple(token for token in tokens if token is not None)

    def _requests_problems(self) -> list[str]:
        method = self.requests_verification_method
        if (method is None) is not (self.requests_key is None):
            return ["requests_verification_method and requests_key go together"]
        if method is not None and method.partition("#")[0] != self.facility_did:
            return ["requests_verification_method must be a key of facility_did"]
        if method is None and self.requests_certificates is not None:
            return ["requests_certificates needs requests_key"]
        if self.protocol_profile is ProtocolProfile.HAIP:
            missing = [name for name in ("requests_certificates", "trust_anchors") if getattr(self, name) is None]
            return [f"protocol_profile haip needs {name}" for name in missing]
        return []

    def certificate_anchors(self) -> tuple[TrustAnchor, ...]:
        """Whose certificates this desk takes issuers' keys from. Raises `ValueError`, `OSError`."""
        return () if self.trust_anchors is None else load_trust_anchors(self.trust_anchors)

    def bundle_pin(self) -> BundlePin | None:
        """Whose trust bundles this desk takes; None for nobody's."""
        if self.bundle_signer is None:
            return None
        return BundlePin(self.bundle_signer, self.chain_id, self.registry_addresses(), self._first_bundle_key())

    def _first_bundle_key(self) -> PublicKey | None:
        """Raises `ValueError` where the setting is not a key."""
        key = self.bundle_signer_key
        return None if key is None else PublicKey.from_multikey(multibase_decode(key))
