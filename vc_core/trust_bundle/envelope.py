"""A trust bundle as a file: a COSE_Sign1 (RFC 9052, tag 18) by an organisation's key, named by its DID URL.

Anybody may hand a desk a file. So nothing in it is built or unpacked before the signature was checked: until then it
is four byte strings, whose lengths are compared with the file's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from vc_core.crypto.cose import ALG, KID, TYP, CoseError, UnverifiedSign1, parse_sign1, sign_sign1
from vc_core.crypto.keys import PublicKey, SignatureInvalid, Signer
from vc_core.errors import TrustBundleRefused
from vc_core.formats.credential import is_verification_method
from vc_core.trust_bundle.contents import BundleContents, decode_contents, encode_contents

MEDIA_TYPE = "application/vnd.sabai.trust-bundle+cose"
MAX_BUNDLE_BYTES = 16 * 1024 * 1024

_MAX_HEADER_BYTES = 512
_BEGINNING = b"\xd2\x84"
_NO_UNPROTECTED = b"\xa0"
_SIGNATURE_HEAD = b"\x58\x40"
_SIGNATURE_SIZE = 64


@dataclass(frozen=True)
class UnverifiedTrustBundle:
    """A bundle taken apart; what it says is still packed, and its signature not yet checked.

    `verification_method` is the DID URL of the key that is said to have signed.
    """

    verification_method: str
    _sign1: UnverifiedSign1

    @property
    def signer(self) -> str:
        """The DID of the signing key."""
        return self.verification_method.partition("#")[0]

    @property
    def digest(self) -> bytes:
        """SHA-256 of what was signed: the same bundle signed twice has one digest."""
        return hashlib.sha256(self._sign1.payload).digest()

    def verify(self, key: PublicKey) -> BundleContents:
        """What the bundle says, if `key` signed it. Raises `TrustBundleRefused`."""
        if self._sign1.algorithm is not key.algorithm:
            raise TrustBundleRefused("The trust bundle was not signed by the key that it names.")
        try:
            key.verify(self._sign1.signature, self._sign1.message)
        except SignatureInvalid as cause:
            raise TrustBundleRefused("The trust bundle was changed, or not signed by the key that it names.") from cause
        try:
            return decode_contents(self._sign1.payload)
        except ValueError as cause:
            raise TrustBundleRefused("The trust bundle is not of the documented form.") from cause


def create_trust_bundle(contents: BundleContents, *, verification_method: str, signer: Signer) -> bytes:
    """The bundle's file. `verification_method` is the DID URL of the signer's key.

    Raises `ValueError` where it would be larger than a desk takes.
    """
    protected = {KID: verification_method.encode("utf-8"), TYP: MEDIA_TYPE}
    bundle = sign_sign1(protected, encode_contents(contents), signer, tagged=True)
    if len(bundle) > MAX_BUNDLE_BYTES:
        raise ValueError("the trust bundle is larger than a desk takes")
    return bundle


def parse_trust_bundle(data: bytes) -> UnverifiedTrustBundle:
    """A file taken apart, within limits; nothing of it is trusted yet. Raises `TrustBundleRefused`."""
    if len(data) > MAX_BUNDLE_BYTES:
        raise TrustBundleRefused("The file is larger than a trust bundle may be.")
    if not _is_flat(data):
        raise TrustBundleRefused("The file is not a trust bundle, or a part of it is missing.")
    try:
        sign1 = parse_sign1(data, tagged=True)
    except CoseError as cause:
        raise TrustBundleRefused("The file is not a trust bundle, or a part of it is missing.") from cause
    protected = sign1.protected
    if protected.keys() != {ALG, KID, TYP} or protected[TYP] != MEDIA_TYPE:
        raise TrustBundleRefused("The file is signed, but not as a trust bundle.")
    return UnverifiedTrustBundle(_parse_kid(protected[KID]), sign1)


def _parse_kid(value: object) -> str:
    try:
        method = value.decode("utf-8") if isinstance(value, bytes) else ""
    except UnicodeDecodeError:
        method = ""
    if not is_verification_method(method):
        raise TrustBundleRefused("The trust bundle does not name the key that signed it.")
    return method


def _is_flat(data: bytes) -> bool:
    """Whether these are just the four parts: a decoder of CBOR then builds four objects, whatever is in them."""
    header = _byte_string(data, len(_BEGINNING))
    if not data.startswith(_BEGINNING) or header is None or header[1] - header[0] > _MAX_HEADER_BYTES:
        return False
    if data[header[1] : header[1] + 1] != _NO_UNPROTECTED:
        return False
    payload = _byte_string(data, header[1] + 1)
    if payload is None or data[payload[1] : payload[1] + 2] != _SIGNATURE_HEAD:
        return False
    return len(data) == payload[1] + len(_SIGNATURE_HEAD) + _SIGNATURE_SIZE


def _byte_string(data: bytes, start: int) -> tuple[int, int] | None:
    """Where the content of the CBOR byte string at `start` begins and ends; None where none is there (RFC 8949 3)."""
    first = data[start : start + 1]
    if not first or first[0] >> 5 != 2:  # major type 2
        return None
    count = first[0] & 0x1F
    begin = start + 1
    if count >= 24:
        size = {24: 1, 25: 2, 26: 4}.get(count)
        if size is None:
            return None
        count, begin = int.from_bytes(data[begin : begin + size], "big"), begin + size
    return (begin, begin + count) if begin + count <= len(data) else None
