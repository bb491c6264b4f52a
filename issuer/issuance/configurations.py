"""What can be asked for: each credential type in each format, by `credential_configuration_id`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from issuer.keys import IssuingKey
from issuer.status.allocation import LONGEST_PLACE
from issuer.status.forms import token_reference
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import Claim, CredentialType, StatusPolicy
from vc_core.credential_types.json_ld import document_contexts, document_types
from vc_core.formats.credential import CredentialFormat, StatusReference
from vc_core.formats.data_integrity import Cryptosuite
from vc_core.formats.qr_pass_room import check_qr_pass
from vc_core.protocols.openid4vci.credential import ProofType
from vc_core.protocols.openid4vci.issuer_metadata import ProofSupport, create_configuration
from vc_core.protocols.openid4vci.proof_di_vp import CRYPTOSUITES
from vc_core.web.settings import ProtocolProfile

BATCH_SIZE = 20
"""How many keys one request may prove, and so how many credentials it may bring."""
HAIP_PROOF_TYPES = (ProofType.JWT, ProofType.ATTESTATION)
"""HAIP 1.0 section 4.5.1."""
_COSE_ES256 = -7


@dataclass(frozen=True)
class PassFrame:
    """What a QR pass holds beside the claims, as long as it may become."""

    verification_method: str
    status: StatusReference | None


@dataclass(frozen=True)
class Configuration:
    """One credential type in one format; `frame` is that of a QR pass."""

    credential_type: CredentialType
    format: CredentialFormat
    proofs: Mapping[ProofType, ProofSupport] = field(default_factory=lambda: dict(_PROOFS))
    frame: PassFrame | None = None

    @property
    def id(self) -> str:
        """Its `credential_configuration_id`, which is its OAuth scope too."""
        return f"{self.credential_type.name}_{self.format}"

    def claims(self) -> tuple[Claim, ...]:
        """What a credential of this configuration may say."""
        if self.format is CredentialFormat.SD_JWT:
            return self.credential_type.claims
        return self.credential_type.whole_claims()

    def check(self, claims: Mapping[str, Any]) -> None:
        """Returns where a credential can say these claims, before anything is recorded for it.

        Raises `InvalidClaims` where they are not those of the type, `PassTooLong` where a QR pass has no room for them.
        """
        self.credential_type.check(claims)
        if self.frame is not None:
            method, status = self.frame.verification_method, self.frame.status
            check_qr_pass(self.credential_type, claims, verification_method=method, status=status)

    def metadata(self) -> dict[str, Any]:
        """Its entry in the issuer's metadata."""
        terms = _TERMS[self.format]
        return create_configuration(
            self.credential_type,
            credential_format=self.format,
            signing_algorithm=terms.signing_algorithm,
            scope=self.id,
            binding_methods=terms.binding_methods,
            proofs=self.proofs,
            definition=terms.definition(self.credential_type),
            claims=self.claims(),
            claims_at=terms.claims_at,
        )


@dataclass(frozen=True)
class _Terms:
    """How a format names its signature algorithm, the holder's key and the credential type, and where claims are."""

    signing_algorithm: str | int
    binding_methods: tuple[str, ...]
    definition: Callable[[CredentialType], Mapping[str, Any]]
    claims_at: tuple[str, ...] = ()


def _by_vct(credential_type: CredentialType) -> Mapping[str, Any]:
    return {"vct": credential_type.vct}


def _by_types(credential_type: CredentialType) -> Mapping[str, Any]:
    return {"credential_definition": {"type": document_types(credential_type)}}


def _by_contexts_and_types(credential_type: CredentialType) -> Mapping[str, Any]:
    contexts, types = document_contexts(credential_type), document_types(credential_type)
    return {"credential_definition": {"@context": contexts, "type": types}}


_PROOFS: Mapping[ProofType, ProofSupport] = {
    ProofType.JWT: ProofSupport(("ES256",)),
    ProofType.DI_VP: ProofSupport(tuple(map(str, CRYPTOSUITES))),
    ProofType.ATTESTATION: ProofSupport(("ES256",), key_attestation_required=True),
}
_W3C_BINDING = ("did:key", "did:jwk", "jwk")
_ATTESTED = {each: ProofSupport(("ES256",), key_attestation_required=True) for each in HAIP_PROOF_TYPES}
_TERMS: Mapping[CredentialFormat, _Terms] = {
    CredentialFormat.SD_JWT: _Terms("ES256", ("jwk", "did:jwk", "did:key"), _by_vct),
    CredentialFormat.JWT_VC_JSON: _Terms("ES256", _W3C_BINDING, _by_types, claims_at=("credentialSubject",)),
    CredentialFormat.LDP_VC: _Terms(
        Cryptosuite.ECDSA_RDFC_2019, _W3C_BINDING, _by_contexts_and_types, claims_at=("credentialSubject",)
    ),
    CredentialFormat.QR_PASS: _Terms(_COSE_ES256, ("cose_key",), _by_vct),
}


def configurations_of(
    keys: Mapping[str, IssuingKey], public_url: str, profile: ProtocolProfile = ProtocolProfile.REGISTRY
) -> Mapping[str, Configuration]:
    """What an issuer with these keys, by credential type, has to offer, by id; under HAIP, SD-JWT VCs to attested keys
    alone. `public_url` is the issuer's.
    """
    haip = profile is ProtocolProfile.HAIP
    formats = (CredentialFormat.SD_JWT,) if haip else tuple(CredentialFormat)
    found = (
        Configuration(each.credential_type, form, _ATTESTED if haip else _PROOFS, _frame(form, each, public_url))
        for each in (keys[known.name] for known in CREDENTIAL_TYPES.values() if known.name in keys)
        for form in formats
        if _has(each.credential_type, form)
    )
    return {configuration.id: configuration for configuration in found}


def _has(credential_type: CredentialType, credential_format: CredentialFormat) -> bool:
    return credential_type.qr_pass or credential_format is not CredentialFormat.QR_PASS


def _frame(credential_format: CredentialFormat, key: IssuingKey, public_url: str) -> PassFrame | None:
    if credential_format is not CredentialFormat.QR_PASS:
        return None
    has_status = key.credential_type.status_policy is StatusPolicy.REQUIRED
    return PassFrame(key.verification_method, token_reference(public_url, *LONGEST_PLACE) if has_status else None)
