"""Token Status List (draft-ietf-oauth-status-list-21): a credential's status as a few bits in its issuer's signed list.

An issuer packs the status of many credentials into one array, 1, 2, 4 or 8 bits each, the first entry in the lowest
bits of the first byte. The array is compressed (DEFLATE in zlib's frame) and signed as a JWT, the status list token.
A credential names the list's address and its own index; whoever checks it fetches the whole list, so that the
publisher doesn't learn whose credential is being checked.

The list is inflated only after the signature was checked, and never beyond a bound: 1 KB of DEFLATE can name 1 MB.
Whatever is wrong with a token, the answer is the same, `STATUS_UNAVAILABLE`: nobody knows the status.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

from vc_core.crypto.jose import JwsError, UnverifiedJws, parse_jws, sign_jws
from vc_core.crypto.keys import PublicKey, SignatureInvalid, Signer
from vc_core.crypto.x509 import KeyReference, issuer_of, key_header, parse_x5c
from vc_core.encoding import EncodingError, base64url_decode, base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import MAX_TIME, CredentialStatus, StatusReference, is_verification_method
from vc_core.formats.status_bits import StatusBits, inflate

TYP = "statuslist+jwt"
MAX_TIME_TO_LIVE = 86400
DEFAULT_TIME_TO_LIVE = 3600
"""Seconds that a list without `ttl` is kept."""
CLOCK_TOLERANCE = 30
"""Seconds by which an issuer's clock may be ahead of ours."""
COMPRESSION_LEVEL = 6
"""Level 9 takes thirteen times as long for a list that is a sixth smaller (131,072 entries, 1% of them set)."""


class Status(IntEnum):
    """The status types of section 7.1 that Sabai uses; `INVALID` is final, and what people call revoked."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2


class StatusList(StatusBits):
    """The array of a Token Status List: the first entry in the lowest bits of the first byte (section 4.1)."""

    lowest_first = True

    def compress(self) -> bytes:
        """The array in zlib's frame (section 4.1)."""
        return zlib.compress(self.to_bytes(), level=COMPRESSION_LEVEL)

    @classmethod
    def inflate(cls, bits: int, compressed: bytes) -> StatusList:
        """The reverse of `compress`, up to 1 MiB; `size` becomes all that the bytes have room for.

        Raises `ValueError`.
        """
        return cls.from_bytes(bits, inflate(compressed, wbits=zlib.MAX_WBITS))


@dataclass(frozen=True)
class VerifiedStatusList:
    """A list that its issuer signed, in force when it was checked. Times are seconds (since 1970).

    `time_to_live` says how long a copy may serve before a newer one is asked for.
    """

    issued_at: int
    expires_at: int
    time_to_live: int
    entries: StatusList

    def status(self, index: int) -> Status:
        """The status at this index. Raises `Rejection` `STATUS_UNAVAILABLE` outside the list and for other values."""
        try:
            return Status(self.entries.get(index))
        except (IndexError, ValueError) as cause:
            raise _unavailable("The issuer's status list does not say whether this credential holds.") from cause

    def status_of(self, reference: CredentialStatus) -> Status:
        """The status of a credential that has this entry. Raises as `status`, and for one of a list of another kind."""
        if not isinstance(reference, StatusReference):
            raise _unavailable("The issuer's status list is of another kind than the credential says.")
        return self.status(reference.index)


@dataclass(frozen=True)
class UnverifiedStatusList:
    """A status list token taken apart. `verification_method` is the key that is said to have signed."""

    verification_method: KeyReference
    _jws: UnverifiedJws

    @property
    def issuer(self) -> str:
        """Whose key that is: a DID, or an https URL that certificates stand for."""
        return issuer_of(self.verification_method)

    def verify(self, key: PublicKey, *, expected_uri: str, now: int) -> VerifiedStatusList:
        """The list, if `key` signed it for this address and it is in force (section 8.3, steps 3 and 4).

        Raises `Rejection` `STATUS_UNAVAILABLE`, also where it is dated later than `now`: such a list would pass for
        newer than every true one to come.
        """
        try:
            claims = self._jws.verify(key)
        except SignatureInvalid as cause:
            raise _unavailable("The status list was not signed by its issuer.") from cause
        if claims.get("sub") != expected_uri:
            raise _unavailable("The status list belongs to another address.")
        issued_at, expires_at = _time(claims, "iat"), _time(claims, "exp")
        if issued_at > now + CLOCK_TOLERANCE:
            raise _unavailable("The status list is dated in the future.")
        if now >= expires_at:
            raise _unavailable("The status list has expired.")
        return VerifiedStatusList(issued_at, expires_at, _time_to_live(claims), _entries(claims))


def create_status_list_token(
    status_list: StatusList,
    *,
    uri: str,
    verification_method: KeyReference,
    signer: Signer,
    issued_at: int,
    expires_at: int,
    time_to_live: int,
) -> str:
    """The list as a status list token (section 5.1) for publication at `uri`; times in seconds (since 1970).

    `verification_method` is the signer's key as a DID URL, or its certificates.
    """
    header = {"typ": TYP, **key_header(verification_method)}
    payload = {
        "sub": uri,
        "iat": issued_at,
        "exp": expires_at,
        "ttl": time_to_live,
        "status_list": {"bits": status_list.bits, "lst": base64url_encode(status_list.compress())},
    }
    return sign_jws(header, payload, signer)


def parse_status_list_token(text: str) -> UnverifiedStatusList:
    """A status list token taken apart, its signature and contents not yet checked. Raises `Rejection`."""
    try:
        jws = parse_jws(text, typ=TYP)
    except JwsError as cause:
        raise _unavailable("The issuer's status list is not a status list token.") from cause
    unverified = UnverifiedStatusList(_signing_key(jws), jws)
    if jws.payload.get("iss", unverified.issuer) != unverified.issuer:
        raise _unavailable("The status list names another issuer than the one of its key.")
    return unverified


def _signing_key(jws: UnverifiedJws) -> KeyReference:
    """The key by DID URL or by certificates; who these stand for, if `iss` doesn't say, is the host of the list."""
    kid = jws.header.get("kid")
    if "x5c" in jws.header and "jwk" not in jws.header and kid is None:
        try:
            host = urlsplit(str(jws.payload.get("sub"))).netloc
            return parse_x5c(jws.header["x5c"], issuer=jws.payload.get("iss", f"https://{host}"))
        except ValueError as cause:  # of the certificates (`CertificateError`), or of an address that is none
            raise _unavailable("The status list's certificates can't be read.") from cause
    if not is_verification_method(kid) or "jwk" in jws.header or "x5c" in jws.header:
        raise _unavailable("The status list does not name its issuer's key.")
    return kid


def _unavailable(message: str) -> Rejection:
    return Rejection(ReasonCode.STATUS_UNAVAILABLE, message)


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or not 0 <= value <= MAX_TIME:
        raise _unavailable("The status list does not say from when until when it holds.")
    return value


def _time_to_live(claims: Mapping[str, Any]) -> int:
    """`ttl`, brought between a second and a day: a list is neither fetched for every check nor kept for ever."""
    value = claims.get("ttl", DEFAULT_TIME_TO_LIVE)
    if type(value) is not int or value < 0:
        raise _unavailable("The status list's lifetime is not a whole number.")
    return min(max(value, 1), MAX_TIME_TO_LIVE)


def _entries(claims: Mapping[str, Any]) -> StatusList:
    packed = claims.get("status_list")
    if not isinstance(packed, dict) or type(packed.get("bits")) is not int or not isinstance(packed.get("lst"), str):
        raise _unavailable("The status list token holds no status list.")
    try:
        return StatusList.inflate(packed["bits"], base64url_decode(packed["lst"]))
    except (EncodingError, ValueError) as cause:
        raise _unavailable("The status list can't be unpacked.") from cause
