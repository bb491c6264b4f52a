"""Bitstring Status List v1.0 (W3C): a credential's status as a bit in a list that is itself a verifiable credential.

A credential names its entries in `credentialStatus`, one for each purpose: revocation, suspension, a message. The list
is a VCDM 2.0 credential of type `BitstringStatusListCredential`, whose `encodedList` is the bits, compressed with GZIP,
in multibase base64url. The first entry is in the highest bits of the first byte, the reverse of a Token Status List.
Lists of fewer than 131,072 entries are refused: in a short one an index says too much about whose it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from vc_core.encoding import EncodingError, base64url_decode, base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.status_bits import StatusBits, inflate

ENTRY_TYPE = "BitstringStatusListEntry"
MINIMUM_ENTRIES = 131_072
MAX_REFERENCES = 8
"""Entries that one credential may name."""
MAX_URI_LENGTH = 2000
COMPRESSION_LEVEL = 6

_GZIP = 16 + zlib.MAX_WBITS
_MULTIBASE_BASE64URL = "u"
_INDEX = re.compile(r"(0|[1-9][0-9]{0,11})\Z")
_SIZES = (1, 2, 4, 8)
_MAX_MESSAGE_LENGTH = 1000


class BitstringStatusList(StatusBits):
    """The array of a Bitstring Status List: the first entry in the highest bits of the first byte (section 3.3)."""

    lowest_first = False

    def encode(self) -> str:
        """The `encodedList` of this array (section 3.3)."""
        stream = zlib.compressobj(COMPRESSION_LEVEL, wbits=_GZIP)
        return _MULTIBASE_BASE64URL + base64url_encode(stream.compress(self.to_bytes()) + stream.flush())

    @classmethod
    def decode(cls, bits: int, encoded: str) -> BitstringStatusList:
        """The array in an `encodedList` (section 3.4), up to 1 MiB; `size` becomes all that the bytes have room for.

        Raises `ValueError` where it is not of that form.
        """
        if not encoded.startswith(_MULTIBASE_BASE64URL):
            raise ValueError("the list is not in multibase base64url")
        try:
            compressed = base64url_decode(encoded[1:])
        except EncodingError as cause:
            raise ValueError("the list is not in multibase base64url") from cause
        return cls.from_bytes(bits, inflate(compressed, wbits=_GZIP))


def create_credential_status(references: Sequence[BitstringStatusReference]) -> list[dict[str, Any]]:
    """The `credentialStatus` of a credential with these entries (section 2.1); all of them of one bit."""
    return [
        {
            "type": ENTRY_TYPE,
            "statusPurpose": each.purpose.value,
            "statusListIndex": str(each.index),
            "statusListCredential": each.uri,
        }
        for each in references
    ]


def parse_credential_status(value: Any) -> tuple[BitstringStatusReference, ...]:
    """The entries in a credential's `credentialStatus`: an object, or up to `MAX_REFERENCES` in an array.

    Raises `Rejection`: `MALFORMED` where one is not as section 2.1 says, `STATUS_UNAVAILABLE` where it is of a kind, a
    purpose or a size that is not known here, so that nobody can tell whether the credential still holds.
    """
    entries = value if isinstance(value, list) else [value]
    if not 0 < len(entries) <= MAX_REFERENCES:
        raise _malformed()
    return tuple(_parse_reference(entry) for entry in entries)


def _parse_reference(entry: Any) -> BitstringStatusReference:
    if not isinstance(entry, dict):
        raise _malformed()
    if entry.get("type") not in (ENTRY_TYPE, [ENTRY_TYPE]):
        raise _unknown("The credential's status is of a kind that is not known here.")
    uri, index = entry.get("statusListCredential"), entry.get("statusListIndex")
    if not isinstance(uri, str) or not 0 < len(uri) <= MAX_URI_LENGTH or entry.get("id", "") == uri:
        raise _malformed()
    if not isinstance(index, str) or not _INDEX.match(index):
        raise _malformed()
    size = _size_of(entry)
    return BitstringStatusReference(uri, int(index), _purpose_of(entry), size)


def _purpose_of(entry: Mapping[str, Any]) -> StatusPurpose:
    purpose = entry.get("statusPurpose")
    if not isinstance(purpose, str):
        raise _malformed()
    try:
        return StatusPurpose(purpose)
    except ValueError as cause:
        raise _unknown("The credential's status has a purpose that is not known here.") from cause


def _size_of(entry: Mapping[str, Any]) -> int:
    """`statusSize`, with the messages for its values: as many as it has, and all of them where it is over 1."""
    size, messages = entry.get("statusSize", 1), entry.get("statusMessage")
    if type(size) is not int or size < 1:
        raise _malformed()
    if size not in _SIZES:
        raise _unknown("The credential's status has a size that is not known here.")
    if messages is None and size == 1:
        return size
    if not isinstance(messages, list) or len(messages) != 1 << size:
        raise _malformed()
    if {_value_of_message(each) for each in messages} != set(range(1 << size)):
        raise _malformed()
    return size


def _value_of_message(message: Any) -> int:
    """The value that a `statusMessage` is for; `status` is hexadecimal with `0x` before it."""
    if not isinstance(message, dict):
        raise _malformed()
    value, text = message.get("status"), message.get("message")
    if not isinstance(value, str) or not re.fullmatch("0x[0-9a-fA-F]{1,4}", value):
        raise _malformed()
    if not isinstance(text, str) or len(text) > _MAX_MESSAGE_LENGTH:
        raise _malformed()
    return int(value, 16)


def _malformed() -> Rejection:
    return Rejection(ReasonCode.MALFORMED, "The credential does not say properly where its status is.")


def _unknown(message: str) -> Rejection:
    return Rejection(ReasonCode.STATUS_UNAVAILABLE, message)
