"""What every format comes down to once parsed: signed bytes, and what they claim. Nothing here is verified yet.

Every format parses into these types, so the verification procedure is the same for all. Most of them are tuples,
which take a third of the time to make that frozen dataclasses take.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, TypeGuard

from vc_core.crypto.keys import Algorithm, PublicKey, SignatureInvalid
from vc_core.crypto.x509 import KeyReference, issuer_of

MAX_TIME = 253_402_300_799
"""The last second of the year 9999: no credential names a later time, since calendars end there."""

_DID_URL = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+#[A-Za-z0-9._:%-]+\Z")


def is_verification_method(value: Any) -> TypeGuard[str]:
    """Whether this names a key as `<did>#<fragment>` (DID Core section 3.2): no path, no query, at most 300 long."""
    return isinstance(value, str) and len(value) <= 300 and _DID_URL.match(value) is not None


class CredentialFormat(StrEnum):
    """How a credential is secured, by the format identifiers of OpenID4VCI (`qr_pass` is ours)."""

    SD_JWT = "dc+sd-jwt"
    JWT_VC_JSON = "jwt_vc_json"
    LDP_VC = "ldp_vc"
    QR_PASS = "qr_pass"  # noqa: S105 - a format, not a password


class SignedBytes(NamedTuple):
    """A message, its raw 64-byte signature, and the algorithm that its header names."""

    algorithm: Algorithm
    message: bytes
    signature: bytes

    def verify(self, key: PublicKey) -> None:
        """Returns when the signature is this key's; raises `SignatureInvalid` otherwise."""
        if self.algorithm != key.algorithm:
            raise SignatureInvalid("the header's algorithm is not the key's")
        key.verify(self.signature, self.message)


class StatusPurpose(StrEnum):
    """What a set entry of a Bitstring Status List means; `MESSAGE` and `REFRESH` inform, and withdraw nothing."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    MESSAGE = "message"
    REFRESH = "refresh"


@dataclass(frozen=True)
class StatusReference:
    """Where a credential's status is: entry `index` of the Token Status List at `uri`.

    One list tells valid, revoked and suspended apart.
    """

    uri: str
    index: int


@dataclass(frozen=True)
class BitstringStatusReference:
    """Where one side of a credential's status is: entry `index`, of `size` bits, of the Bitstring Status List at `uri`.

    A list is of one purpose: a credential that can be revoked and suspended has two of these.
    """

    uri: str
    index: int
    purpose: StatusPurpose
    size: int = 1


CredentialStatus = StatusReference | BitstringStatusReference


class UnverifiedCredential(NamedTuple):
    """A credential as its bytes claim to be. Times are whole seconds since 1970; `expires_at` is exclusive.

    `verification_method` is the issuer's key as a DID URL, `<did>#<fragment>`, or a chain of certificates; `claims` are
    those of the credential type, disclosed ones only, without the registered claims that have a field of their own
    here. `status` is every entry that has a say on whether the credential still holds; empty where it can't be
    withdrawn.
    """

    format: CredentialFormat
    verification_method: KeyReference
    vct: str
    issued_at: int
    not_before: int
    expires_at: int
    status: tuple[CredentialStatus, ...]
    holder_key: PublicKey
    claims: Mapping[str, Any]
    signed: SignedBytes

    @property
    def issuer(self) -> str:
        """The issuer's DID, or its https URL where certificates stand for it."""
        return issuer_of(self.verification_method)


@dataclass(frozen=True)
class PrintedCard:
    """What a holder's proof says that is on paper: until when it is good, and the salted slow hash of its PIN."""

    expires_at: int
    salt: bytes
    pin_hash: bytes


class UnverifiedPresentation(NamedTuple):
    """A credential with the holder's proof over it. `digest` names the presentation: the same whatever its signature.

    `audience` is the verifier that the holder meant, `nonce` the verifier's challenge; None where the proof has none.
    `transaction_data_hashes` are those of what the holder agreed to by presenting (OpenID4VP 1.0 section B.3.3).
    `printed` is None but for a printed card, of which `presented_at` is when it was printed.
    """

    credential: UnverifiedCredential
    presented_at: int
    audience: str | None
    nonce: str | None
    digest: bytes
    signed: SignedBytes
    transaction_data_hashes: tuple[str, ...] = ()
    printed: PrintedCard | None = None
