"""COSE_Encrypt against the working group's own example, and what is refused."""

from __future__ import annotations

import pytest

from vc_core.crypto.cose import CoseError
from vc_core.crypto.cose_encrypt import encrypt, parse_encrypt
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import KeyFormatError

MERIADOC = EncryptionKey.from_bytes(bytes.fromhex("aff907c99f9ad3aae6c4cdf21122bce2bd68b5283e6907154ad911840fa208cf"))
RFC_9052_C_3_1 = bytes.fromhex(
    "d8608443a10101a1054cc9cf4df2fe6c632bf788641358247adbe2709ca818fb415f1e5df66f4e1a51053ba6d65a1a0c52a357da7a644b8070"
    "a151b0818344a1013818a20458246d65726961646f632e6272616e64796275636b406275636b6c616e642e6578616d706c6520a40102200121"
    "582098f50a4ff6c05861c8860d13a638ea56c3f5ad7590bbfbf054e1c7b4d91d628022f540"
)
"""A message to Meriadoc by ECDH-ES + HKDF-256 straight to a key for A128GCM: the standard's own, but for the order of
the recipient's two members, which are under no authentication, and of which we take the deterministic one only."""

SENDER = EncryptionKey.from_bytes(bytes([7]) * 32)


def test_opens_the_standards_own_message() -> None:
    message = parse_encrypt(RFC_9052_C_3_1)
    assert message.kid == b"meriadoc.brandybuck@buckland.example"
    assert message.open(MERIADOC) == b"This is the content."


def test_only_the_recipient_opens_it() -> None:
    data = encrypt(b"shown", recipient=MERIADOC.public_key, kid=b"m", ephemeral=SENDER, initialization_vector=bytes(12))
    assert parse_encrypt(data).open(MERIADOC) == b"shown"
    with pytest.raises(CoseError):
        parse_encrypt(data).open(SENDER)


def test_every_bit_counts() -> None:
    data = encrypt(b"shown", recipient=MERIADOC.public_key, kid=b"m", ephemeral=SENDER, initialization_vector=bytes(12))
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            message = parse_encrypt(bytes(changed))
        except (CoseError, KeyFormatError):
            continue
        # Under no authentication are the key's id, and the sign of y, which an agreement does not depend on.
        if message.kid == b"m" and message.ephemeral_key.raw[0] == SENDER.public_key.raw[0]:
            with pytest.raises(CoseError):
                message.open(MERIADOC)
