"""The issuer's settings, from `ISSUER_…` in the environment."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from issuer.audit.proof import DEFAULT_LOG as DEFAULT_AUDIT_LOG
from issuer.proposals.actions import PRODUCTION_FOUR_EYES, OfficeAction
from vc_core.certificate_trust import TrustAnchor
from vc_core.credential_types import type_named
from vc_core.status_log import DEFAULT_LOG
from vc_core.trust_anchors import load_trust_anchors
from vc_core.web.registry import RegistrySettings
from vc_core.web.settings import ProtocolProfile, token_problems


class IssuingKeySettings(BaseModel):
    """Who issues one credential type, and with which keys.

    The DID URLs name the keys in the registry: P-256 for credentials, P-256 or Ed25519 for status lists, both of one
    DID. `key` and `status_key` say where the private halves are, as `vc_core.crypto.key_references` has it: the path of
    a file, a `pkcs11:` URI, or what an installed package knows.

    `certificates` and `status_certificates` are PEM files, the keys' own certificates first and the anchor left out.
    With them, the type's SD-JWT VCs and their status lists are signed in the name of `public_url` and carry the
    certificates (`x5c`) instead of the DID URL; the status key is P-256 then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    credential_type: str
    verification_method: str
    key: str
    status_verification_method: str
    status_key: str
    certificates: str | None = None
    status_certificates: str | None = None


class SigningKeySettings(BaseModel):
    """A key by its DID URL, and where its private half is, as `vc_core.crypto.key_references` has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verification_method: str
    key: str


class VcApiSettings(BaseModel):
    """The keys of the VC API, of a DID that issues none of our types.

    `keys` are tried in this order, P-256 or Ed25519; some may be of other DIDs (such as the did:key of the same key),
    which then are asked for by name. The status key is Ed25519; the DID that it is of issues where none is asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: tuple[SigningKeySettings, ...]
    status_verification_method: str
    status_key: str


class Demand(StrEnum):
    """Whether a kind of proof is not looked at, looked at where it comes, or demanded."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


class WalletClientSettings(BaseModel):
    """A wallet that may begin at the authorization page: its name there, and where it may be answered, exactly."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(min_length=1, max_length=300)
    name: str = Field(min_length=1, max_length=100)
    redirect_uris: tuple[str, ...] = Field(min_length=1)


class IssuerSettings(RegistrySettings):
    """All that the issuer is told from outside.

    The issuing keys are told one by one (`issuing_keys`), or are in the file that `sabai keys rotate` writes
    (`issuing_keys_file`). `pkcs11_pin` is the PIN of tokens whose URIs name no file for it.
    `status_time_to_live`: seconds that a copy of a status list may serve before a newer one is asked for, which is how
    soon a desk sees a revocation. `status_log`: the public name of the log on the ledger for what is published;
    `audit_log`: that of the log for what was done at the office. On one chain no two issuers share a name.
    `vc_api`: the keys of the VC API; without them there is none. `encryption_keys`: files of P-256 keys that wallets
    encrypt requests to, as `issuer.issuance.encryption_keys` has it. `dpop` and
    `wallet_attestation`: whether wallets must, may or need not bind their tokens to a key (RFC 9449), and show what an
    accredited wallet provider says of them.
    `wallet_clients` may use the authorization page, and with `loopback_wallets` any program that listens on the
    patient's own machine. `require_pushed_requests`: none may come through the browser (RFC 9126).
    `sms_folder`: where codes for an SMS are left for a gateway to send; without it none are sent.
    `protocol_profile`: `haip` keeps the issuer to HAIP 1.0 (docs/haip.md), whatever the settings above say.
    `four_eyes`: actions that wait for an approver; without it those of `PRODUCTION_FOUR_EYES` in production, none else.
    `hospitals_file`: names of hospitals for the office, CSV with the columns `code`, `name` (Thai) and `name_en`.
    `trust_anchors`: the file of `vc_core/trust_anchors.py` for wallet providers that certificates name.
    """

    model_config = SettingsConfigDict(env_prefix="ISSUER_")

    officer_token: SecretStr
    issuing_keys: tuple[IssuingKeySettings, ...] = ()
    issuing_keys_file: Path | None = None
    pkcs11_pin: SecretStr | None = None
    vc_api: VcApiSettings | None = None
    encryption_keys: tuple[Path, ...] = ()
    dpop: Demand = Demand.OPTIONAL
    wallet_attestation: Demand = Demand.OPTIONAL
    wallet_clients: tuple[WalletClientSettings, ...] = ()
    loopback_wallets: bool = True
    require_pushed_requests: bool = False
    sms_folder: Path | None = None
    protocol_profile: ProtocolProfile = ProtocolProfile.REGISTRY
    trust_anchors: Path | None = None
    hospitals_file: Path | None = None
    four_eyes: frozenset[OfficeAction] | None = None
    status_time_to_live: int = Field(default=60, ge=1, le=24 * 3600)
    status_log: str = Field(default=DEFAULT_LOG, min_length=1, max_length=200)
    audit_log: str = Field(default=DEFAULT_AUDIT_LOG, min_length=1, max_length=200)

    def problems(self) -> list[str]:
        """See `ServiceSettings.problems`."""
        found = super().problems() + token_problems("officer_token", self.officer_token)
        if self.issuing_keys_file is not None and self.issuing_keys:
            found.append("either issuing_keys or issuing_keys_file, not both")
        if self.issuing_keys_file is None and not self.issuing_keys:
            found.append("issuing_keys must name at least one credential type")
        found += issuing_keys_problems(self.issuing_keys)
        if self.audit_log == self.status_log:
            found.append("audit_log and status_log must be two names")
        if self.protocol_profile is ProtocolProfile.HAIP and self.trust_anchors is None:
            found.append("protocol_profile haip needs trust_anchors, to know wallet providers by")
        try:
            self.certificate_anchors()
        except (OSError, ValueError) as cause:
            found.append(f"trust_anchors can't be used: {cause}")
        return found + ([] if self.vc_api is None else vc_api_problems(self.vc_api))

    def certificate_anchors(self) -> tuple[TrustAnchor, ...]:
        """Whose certificates wallet providers are known by. Raises `ValueError`, `OSError`."""
        return () if self.trust_anchors is None else load_trust_anchors(self.trust_anchors)

    def four_eyes_in_force(self) -> frozenset[OfficeAction]:
        """What takes a second pair of eyes."""
        if self.four_eyes is None:
            return PRODUCTION_FOUR_EYES if self.profile == "production" else frozenset()
        return self.four_eyes

    def in_force(self) -> IssuerSettings:
        """These settings with what the protocol profile demands: pushed requests, DPoP, wallet attestations."""
        if self.protocol_profile is ProtocolProfile.REGISTRY:
            return self
        demanded = {"dpop": Demand.REQUIRED, "wallet_attestation": Demand.REQUIRED, "require_pushed_requests": True}
        return self.model_copy(update=demanded)


def issuing_keys_problems(keys: Sequence[IssuingKeySettings]) -> list[str]:
    """What is wrong with the entries, one sentence for each."""
    found = []
    names = [key.credential_type for key in keys]
    if len(set(names)) != len(names):
        found.append("issuing_keys must name each credential type once")
    for key in keys:
        if type_named(key.credential_type) is None:
            found.append("issuing_keys names a credential type that there is not")
        dids = {key.verification_method.partition("#")[0], key.status_verification_method.partition("#")[0]}
        if len(dids) != 1:
            found.append(f"the two keys for {key.credential_type} must be of one DID")
        if (key.certificates is None) is not (key.status_certificates is None):
            found.append(f"both keys for {key.credential_type} need certificates, or none of them")
    return found


def vc_api_problems(vc_api: VcApiSettings) -> list[str]:
    """What is wrong with the keys of the VC API, one sentence for each."""
    dids = {each.verification_method.partition("#")[0] for each in vc_api.keys}
    if vc_api.status_verification_method.partition("#")[0] not in dids:
        return ["vc_api must have a key of the DID that its status key is of"]
    return []
