"""Authorization requests to take apart and to spoil: one that is good, and the verifiers who sign it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from cryptography import x509

from tests.support.certificates import Authority, certify
from tests.support.keys import RepeatableSigner
from tests.support.verification import NOW, FakeTrust
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import PublicKey, Signer
from vc_core.crypto.x509 import CertificateChain, key_header
from vc_core.errors import ReasonCode, Rejection
from vc_core.ledger.events import Role
from vc_core.protocols.dcql.query import SD_JWT_VC, ClaimsQuery, CredentialQuery, DcqlQuery
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix, certificate_hash
from vc_core.protocols.openid4vp.client_metadata import ClientMetadata
from vc_core.protocols.openid4vp.request import AuthorizationRequest, ResponseMode
from vc_core.protocols.openid4vp.request_object import sign_request_object
from vc_core.trust import Accreditation

HOST = "desk.riverside.example"
RESPONSE_URI = f"https://{HOST}/responses/1"
HOSPITAL_DID = "did:ethr:0x539:0x2222222222222222222222222222222222222222"
HOSPITAL_METHOD = HOSPITAL_DID + "#delegate-1"
HOSPITAL = RepeatableSigner.from_bytes(bytes([21]) * 32)
QUERY = DcqlQuery(
    (CredentialQuery("coverage", SD_JWT_VC, (INSURANCE_COVERAGE.vct,), claims=(ClaimsQuery(("scheme",)),)),)
)
DID_CLIENT = ClientId(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, HOSPITAL_DID)
METADATA = ClientMetadata({"dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}})


def create_request(**changes: Any) -> AuthorizationRequest:
    """A request for a coverage, answered in the open; with some members changed."""
    request = AuthorizationRequest(
        DID_CLIENT,
        ResponseMode.DIRECT_POST,
        nonce="bm9uY2Utb2YtdGhpcy1yZXF1ZXN0",
        dcql_query=QUERY,
        client_metadata=METADATA,
        response_uri=RESPONSE_URI,
        state="c3RhdGU",
    )
    return replace(request, **changes)


def encrypting(key: EncryptionKey, *enc_values: str) -> ClientMetadata:
    """The metadata of a verifier that has answers encrypted to this key."""
    return replace(METADATA, keys=(key.to_jwk(),), enc_values=enc_values or ("A128GCM", "A256GCM"))


@dataclass
class VerifierTrust(FakeTrust):
    """A registry that has one hospital, its key and its name, and no issuers."""

    keys: dict[str, PublicKey] = field(default_factory=lambda: {HOSPITAL_METHOD: HOSPITAL.public_key})
    names: dict[str, str] = field(default_factory=lambda: {HOSPITAL_DID: "Riverside Hospital"})
    may_ask: dict[tuple[str, str], bytes | None] = field(default_factory=dict)

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        """See `TrustSource`."""
        if role is not Role.VERIFY or (did, vct) not in self.may_ask:
            raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "The organisation is not accredited for this.")
        return Accreditation(did, role, vct, 0, NOW + 1, allowed_claims=self.may_ask[did, vct])

    def name(self, did: str) -> str:
        """See `TrustSource`."""
        return self.names.get(did, did)


@dataclass(frozen=True)
class CertifiedVerifier:
    """A verifier with a certificate from an authority."""

    authority: Authority
    leaf: Authority

    @classmethod
    def create(cls, *, host: str = HOST, subject: str = "Riverside Hospital") -> CertifiedVerifier:
        """A fresh authority, and a leaf for this host."""
        authority = certify("Sample Ministry")
        leaf = certify(subject, authority, ca=None, usage="digital_signature", names=[x509.DNSName(host)])
        return cls(authority, leaf)

    @property
    def header(self) -> dict[str, Any]:
        """The header's member that names the key."""
        return key_header(CertificateChain("https://unused.example", (self.leaf.der,)))

    @property
    def by_hash(self) -> ClientId:
        """Its name by the certificate."""
        return ClientId(ClientIdPrefix.X509_HASH, certificate_hash(self.leaf.der))

    @property
    def by_host(self) -> ClientId:
        """Its name by the host."""
        return ClientId(ClientIdPrefix.X509_SAN_DNS, HOST)


def sign_request(
    request: AuthorizationRequest | None = None,
    header: dict[str, Any] | None = None,
    signer: Signer = HOSPITAL,
    *,
    wallet_nonce: str | None = None,
    issued_at: int = NOW,
    expires_at: int = NOW + 300,
) -> str:
    """A request object, the hospital's by its DID unless told otherwise."""
    return sign_request_object(
        request or create_request(),
        {"kid": HOSPITAL_METHOD} if header is None else header,
        signer,
        issued_at=issued_at,
        expires_at=expires_at,
        wallet_nonce=wallet_nonce,
    )
