"""What a desk and a phone show each other without a network, and printed cards: `tests/vectors/qr-pass/desk.json`.

`python -m tests.support.desk_vectors` writes it anew, the same bytes each time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.desk_forge import (
    CARD_EXPIRES_AT,
    CHALLENGE,
    DESK,
    DESK_DID,
    DESK_KEY,
    DESK_METHOD,
    EPHEMERAL,
    IV,
    PIN,
    PRINTED_AT,
    SALT,
    forge_challenge,
    forge_shown,
)
from tests.support.qr_forge import PRESENTED_AT, REMOVE, forge_bytes, pass_in, raw
from tests.support.verification import HOLDER
from vc_core.crypto.cose import to_cose_key
from vc_core.crypto.keys import Ed25519Signer
from vc_core.encoding import base64url_encode
from vc_core.formats.desk_challenge import create_answer, create_challenge
from vc_core.formats.printed_card import create_printed_card

FILE = Path(__file__).parents[1] / "vectors" / "qr-pass" / "desk.json"


def _challenges() -> Iterator[dict[str, Any]]:
    means = {
        "audience": DESK_DID,
        "nonce": CHALLENGE.nonce,
        "key": CHALLENGE.key.to_jwk(),
        "key_id": CHALLENGE.key_id.hex(),
        "expires_at": CHALLENGE.expires_at,
    }
    signed = create_challenge(CHALLENGE, verification_method=DESK_METHOD, signer=DESK)
    yield {"name": "signed by the desk's key for requests", "text": signed, "means": means | {"signer": DESK_METHOD}}
    yield {
        "name": "of a desk without such a key",
        "text": create_challenge(CHALLENGE),
        "means": means | {"signer": None},
    }
    shop = type(CHALLENGE)("https://desk.example", CHALLENGE.nonce, CHALLENGE.key, CHALLENGE.expires_at)
    meant = means | {"audience": shop.audience, "signer": None}
    yield {"name": "of a desk that has a URL for its name", "text": create_challenge(shop), "means": meant}


def _bad_challenges() -> Iterator[tuple[str, str]]:
    faults: dict[str, tuple[str, Any, Any]] = {
        "without alg": ("header", 1, REMOVE),
        "with EdDSA": ("header", 1, -8),
        "with HMAC": ("header", 1, 5),
        "with crit": ("header", 2, [4]),
        "without kid": ("header", 4, REMOVE),
        "with a kid cut short": ("header", 4, bytes(20)),
        "without typ": ("header", 16, REMOVE),
        "with the typ of a QR pass's proof": ("header", 16, 294),
        "with a key in its header": ("header", -1, to_cose_key(DESK.public_key)),
        "with an unprotected header": ("parts", 1, {4: b"kid"}),
        "with a signature of 63 bytes": ("parts", 3, bytes(63)),
        "without nonce": ("payload", 10, REMOVE),
        "with a nonce of 15 bytes": ("payload", 10, bytes(15)),
        "with a nonce as text": ("payload", 10, "nonce-of-16-byte"),
        "without key": ("payload", -65538, REMOVE),
        "with a key of Ed25519": ("payload", -65538, to_cose_key(Ed25519Signer(bytes(32)).public_key)),
        "with a key off the curve": ("cose_key", -2, b"\xff" * 32),
        "with the sign of y alone": ("cose_key", -3, True),
        "with another y": ("cose_key", -3, bytes(32)),
        "with a private key": ("cose_key", -4, bytes(32)),
        "without exp": ("payload", 4, REMOVE),
        "with exp as text": ("payload", 4, "1790000170"),
        "with exp in a longer form": ("payload", 4, raw("1b000000006ab13c2a")),
        "signed, with a name of its own": ("payload", 1, DESK_DID),
    }
    for name, fault in faults.items():
        yield name, forge_challenge(*fault)
    yield "unsigned, without a name", forge_challenge("payload", 1, REMOVE, signed=False)
    yield "unsigned, with an empty name", forge_challenge("payload", 1, "", signed=False)
    yield "unsigned, with a name of 201 characters", forge_challenge("payload", 1, "d" * 201, signed=False)
    yield "unsigned, with one claim more", forge_challenge("payload", 3, "aud", signed=False)
    yield "as an answer", "SBA1:" + forge_challenge()[5:]
    yield "in lower case", "SBC1:" + forge_challenge()[5:].lower()
    yield "without anything", "SBC1:"
    yield "701 characters", "SBC1:" + "0" * 696


def written() -> str:
    """The file's content."""
    qr_pass = pass_in(forge_bytes())
    made: dict[str, Any] = {"holder": HOLDER, "ephemeral": EPHEMERAL, "initialization_vector": IV}
    card = create_printed_card(
        qr_pass, holder=HOLDER, printed_at=PRINTED_AT, expires_at=CARD_EXPIRES_AT, pin=PIN, salt=SALT
    )
    vectors = {
        "keys": {
            "desk_signs_with": DESK.public_key.to_jwk(),
            "desk": DESK_KEY.public_key.to_jwk() | {"d": base64url_encode(DESK_KEY.to_bytes())},
            "ephemeral": EPHEMERAL.public_key.to_jwk() | {"d": base64url_encode(EPHEMERAL.to_bytes())},
            "holder": HOLDER.public_key.to_jwk() | {"d": base64url_encode(HOLDER.to_bytes())},
        },
        "challenges": list(_challenges()),
        "bad_challenges": [{"name": name, "text": text} for name, text in _bad_challenges()],
        "answer": {
            "challenge": 0,
            "pass": base64url_encode(qr_pass),
            "presented_at": PRESENTED_AT,
            "initialization_vector": IV.hex(),
            "text": create_answer(qr_pass, CHALLENGE, presented_at=PRESENTED_AT, **made),
            "shown": forge_shown().hex(),
        },
        "card": {
            "pass": base64url_encode(qr_pass),
            "printed_at": PRINTED_AT,
            "expires_at": CARD_EXPIRES_AT,
            "pin": PIN,
            "salt": SALT.hex(),
            "text": card,
        },
    }
    return json.dumps(vectors, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), "ascii")
