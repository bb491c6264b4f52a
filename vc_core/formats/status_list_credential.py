"""A Bitstring Status List as the credential that it is published as (Bitstring Status List v1.0 section 2.2).

It is secured like any credential of the data model: with one Data Integrity proof, or as a JWT. The bits are
unpacked only after the signature was checked, and never beyond a bound. Whatever is wrong with a list, the answer is
the same, `STATUS_UNAVAILABLE`: nobody knows the status.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vc_core.crypto.jose import JwsError, UnverifiedJws, parse_jws, sign_jws
from vc_core.crypto.keys import Algorithm, PublicKey, SignatureInvalid, Signer
from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.bitstring_status_list import MINIMUM_ENTRIES, BitstringStatusList
from vc_core.formats.credential import (
    MAX_TIME,
    BitstringStatusReference,
    CredentialStatus,
    StatusPurpose,
    is_verification_method,
)
from vc_core.formats.data_integrity import (
    Cryptosuite,
    Expectations,
    ProofPurpose,
    parse_proofs,
    sign_document,
    verify_proofs,
)
from vc_core.formats.status_list import CLOCK_TOLERANCE, MAX_TIME_TO_LIVE, Status
from vc_core.formats.vcdm import CREDENTIALS_V2, CredentialDocument, parse_credential_document

LIST_CREDENTIAL_TYPE = "BitstringStatusListCredential"
LIST_TYPE = "BitstringStatusList"
JWT_TYP = "vc+jwt"
MAX_LENGTH = 256 * 1024
DEFAULT_TIME_TO_LIVE_MS = 300_000

_STATUS_OF = {StatusPurpose.REVOCATION: Status.INVALID, StatusPurpose.SUSPENSION: Status.SUSPENDED}
"""What a set entry of each purpose makes of a credential; the other purposes inform, and withdraw nothing."""


# -- The issuer's side ------------------------------------------------------------------------------------------------


def create_status_list_credential(
    status_list: BitstringStatusList,
    *,
    uri: str,
    issuer: str,
    purpose: StatusPurpose,
    issued_at: int,
    expires_at: int,
    time_to_live: int,
) -> dict[str, Any]:
    """The credential for publication at `uri`, not secured yet; times in whole seconds (since 1970).

    Its `ttl` is in milliseconds, as the specification has it.
    """
    return {
        "@context": [CREDENTIALS_V2],
        "id": uri,
        "type": ["VerifiableCredential", LIST_CREDENTIAL_TYPE],
        "issuer": issuer,
        "validFrom": _timestamp(issued_at),
        "validUntil": _timestamp(expires_at),
        "credentialSubject": {
            "id": uri + "#list",
            "type": LIST_TYPE,
            "statusPurpose": purpose.value,
            "encodedList": status_list.encode(),
            "ttl": time_to_live * 1000,
        },
    }


def sign_status_list_jwt(document: dict[str, Any], *, verification_method: str, signer: Signer) -> str:
    """The credential as a JWT (VC-JOSE-COSE section 3.1.1); `verification_method` is the signer's key as a DID URL."""
    return sign_jws({"typ": JWT_TYP, "cty": "vc", "kid": verification_method}, document, signer)


def sign_status_list_document(
    document: dict[str, Any], *, verification_method: str, signer: Signer, issued_at: int
) -> dict[str, Any]:
    """The credential with a Data Integrity proof: `eddsa-rdfc-2022`, or `ecdsa-rdfc-2019` for a P-256 key."""
    ed25519 = signer.public_key.algorithm is Algorithm.EDDSA
    return sign_document(
        document,
        cryptosuite=Cryptosuite.EDDSA_RDFC_2022 if ed25519 else Cryptosuite.ECDSA_RDFC_2019,
        signer=signer,
        verification_method=verification_method,
        purpose=ProofPurpose.ASSERTION_METHOD,
        created=issued_at,
    )


def _timestamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# -- The verifier's side ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VerifiedBitstringStatusList:
    """A list that its issuer signed, in force when it was checked. Times are seconds (since 1970).

    `time_to_live` says how long a copy may serve before a newer one is asked for.
    """

    issued_at: int
    expires_at: int
    time_to_live: int
    purposes: frozenset[str]
    entries: BitstringStatusList

    def value(self, reference: BitstringStatusReference) -> int:
        """The number at a credential's entry, 0 where nothing is set (section 3.2, steps 5 and 9 to 10).

        Raises `Rejection` `STATUS_UNAVAILABLE` where the list has another purpose, fewer entries than the least, or
        none there.
        """
        if reference.purpose.value not in self.purposes:
            raise _unavailable("The issuer's status list is for another purpose.")
        entries = self.entries
        if reference.size != entries.bits:
            entries = BitstringStatusList.from_bytes(reference.size, entries.to_bytes())
        if entries.size < MINIMUM_ENTRIES:
            raise _unavailable("The issuer's status list is too short.")
        try:
            return entries.get(reference.index)
        except IndexError as cause:
            raise _unavailable("The issuer's status list does not say whether this credential holds.") from cause

    def status_of(self, reference: CredentialStatus) -> Status:
        """What the entry makes of a credential. Raises as `value` does, and for an entry of a list of another kind."""
        if not isinstance(reference, BitstringStatusReference):
            raise _unavailable("The issuer's status list is of another kind than the credential says.")
        value = self.value(reference)
        return _STATUS_OF.get(reference.purpose, Status.VALID) if value else Status.VALID


@dataclass(frozen=True)
class UnverifiedBitstringStatusList:
    """A status list credential taken apart. `verification_method` is the key that is said to have signed, a DID URL."""

    verification_method: str
    credential: CredentialDocument
    _check_signature: Callable[[PublicKey, int], None]

    @property
    def issuer(self) -> str:
        """The DID of the signing key, which is the credential's issuer."""
        return self.credential.issuer

    def verify(self, key: PublicKey, *, expected_uri: str, now: int) -> VerifiedBitstringStatusList:
        """The list, if `key` signed it for this address and it is in force. Raises `Rejection` `STATUS_UNAVAILABLE`."""
        try:
            self._check_signature(key, now)
        except (SignatureInvalid, Rejection) as cause:
            raise _unavailable("The status list was not signed by its issuer.") from cause
        return open_status_list(self.credential, expected_uri=expected_uri, now=now)


def parse_status_list_credential(text: str) -> UnverifiedBitstringStatusList:
    """A secured status list credential taken apart, its signature and bits not yet looked at. Raises `Rejection`."""
    if len(text) > MAX_LENGTH:
        raise _unavailable("The issuer's status list is too large.")
    try:
        return _parse_document(text) if text.startswith("{") else _parse_jwt(text)
    except (EncodingError, JwsError, Rejection) as cause:
        raise _unavailable("The issuer's status list is not a status list credential.") from cause


def _parse_document(text: str) -> UnverifiedBitstringStatusList:
    document = parse_json_object(text)
    credential, proofs = parse_credential_document(document), parse_proofs(document)
    if len(proofs) != 1 or proofs[0].controller != credential.issuer:
        raise _unavailable("The status list is not signed by the issuer that it names, and nobody else.")
    method = proofs[0].verification_method

    def check_signature(key: PublicKey, now: int) -> None:
        expected = Expectations(ProofPurpose.ASSERTION_METHOD, now)
        verify_proofs(document, proofs, keys={method: key}, expected=expected)

    return UnverifiedBitstringStatusList(method, credential, check_signature)


def _parse_jwt(text: str) -> UnverifiedBitstringStatusList:
    jws = parse_jws(text, typ=JWT_TYP)
    credential, kid = parse_credential_document(jws.payload), jws.header.get("kid")
    if not is_verification_method(kid) or "jwk" in jws.header or "x5c" in jws.header:
        raise _unavailable("The status list does not name its issuer's key.")
    if kid.partition("#")[0] != credential.issuer or "proof" in jws.payload:
        raise _unavailable("The status list names another issuer than the one of its key.")
    return UnverifiedBitstringStatusList(kid, credential, lambda key, _now: _verify_jws(jws, key))


def _verify_jws(jws: UnverifiedJws, key: PublicKey) -> None:
    jws.verify(key)


def open_status_list(credential: CredentialDocument, *, expected_uri: str, now: int) -> VerifiedBitstringStatusList:
    """The list in a credential whose proof was verified before, if it is the one of this address and in force.

    Raises `Rejection` `STATUS_UNAVAILABLE`, also where it is dated later than `now`: such a list would pass for newer
    than every true one to come.
    """
    document, subject = credential.document, credential.document.get("credentialSubject")
    if LIST_CREDENTIAL_TYPE not in _texts(document, "type") or not isinstance(subject, dict):
        raise _unavailable("What is at the status list's address is another credential.")
    if LIST_TYPE not in _texts(subject, "type"):
        raise _unavailable("What is at the status list's address is another credential.")
    if document.get("id") != expected_uri:
        raise _unavailable("The status list belongs to another address.")
    issued_at, expires_at = credential.valid_from, credential.valid_until
    if issued_at is None:
        raise _unavailable("The status list does not say from when it holds.")
    if issued_at > now + CLOCK_TOLERANCE:
        raise _unavailable("The status list is dated in the future.")
    if expires_at is not None and now >= expires_at:
        raise _unavailable("The status list has expired.")
    encoded = subject.get("encodedList")
    try:
        entries = BitstringStatusList.decode(1, encoded if isinstance(encoded, str) else "")
    except ValueError as cause:
        raise _unavailable("The status list can't be unpacked.") from cause
    purposes = frozenset(_texts(subject, "statusPurpose"))
    return VerifiedBitstringStatusList(
        issued_at, MAX_TIME if expires_at is None else expires_at, _time_to_live(subject), purposes, entries
    )


def _texts(members: Mapping[str, Any], name: str) -> list[str]:
    """One text, or the texts in an array."""
    value = members.get(name)
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _time_to_live(subject: Mapping[str, Any]) -> int:
    """`ttl`, in seconds, brought between a second and a day."""
    value = subject.get("ttl", DEFAULT_TIME_TO_LIVE_MS)
    if type(value) is not int or value < 0:
        raise _unavailable("The status list's lifetime is not a whole number.")
    return min(max(value // 1000, 1), MAX_TIME_TO_LIVE)


def _unavailable(message: str) -> Rejection:
    return Rejection(ReasonCode.STATUS_UNAVAILABLE, message)
