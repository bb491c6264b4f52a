"""Bitstring status lists as credentials, by both ways of securing them: there is one answer to every fault."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from tests.mutants.family import Family, Mutant, fault, mutants_of
from tests.support.faults import Edit, drop, edited, edited_text, forged_jws, put, swap
from tests.support.verification import ISSUER, ISSUER_DID, NOW
from vc_core.crypto.keys import Ed25519Signer, PublicKey
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.bitstring_status_list import MINIMUM_ENTRIES
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.status_bits import MAX_BYTES
from vc_core.formats.status_list_credential import (
    parse_status_list_credential,
    sign_status_list_document,
)

UNKNOWN = ReasonCode.STATUS_UNAVAILABLE
_URI = "https://office.example/status/1/revocation"
_METHOD = ISSUER_DID + "#delegate-2"
_KEY = Ed25519Signer(bytes([4]) * 32)
_REFERENCE = BitstringStatusReference(_URI, MINIMUM_ENTRIES - 1, StatusPurpose.REVOCATION)
_NOBODY = "did:ethr:0x539:0x3333333333333333333333333333333333333333"


def _encoded(data: bytes, *, wbits: int = 31) -> str:
    """Compressed, in multibase; gzip's frame has no time in it."""
    stream = zlib.compressobj(6, wbits=wbits)
    return "u" + base64url_encode(stream.compress(data) + stream.flush())


_LIST = _encoded(bytes(MINIMUM_ENTRIES // 8))
_DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": _URI,
    "type": ["VerifiableCredential", "BitstringStatusListCredential"],
    "issuer": ISSUER_DID,
    "validFrom": "2026-09-21T14:13:10Z",
    "validUntil": "2026-09-21T15:13:20Z",
    "credentialSubject": {
        "id": _URI + "#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": _LIST,
        "ttl": 600_000,
    },
}
_PLAIN = _encoded(bytes(MINIMUM_ENTRIES // 8))[1:]

_OF_THE_LIST = [
    fault(UNKNOWN, "id of another address", put("document/id", _URI + "2"), row="L4"),
    fault(UNKNOWN, "no id", drop("document/id"), row="L4"),
    fault(UNKNOWN, "another issuer", put("document/issuer", _NOBODY), row="L4"),
    fault(UNKNOWN, "no issuer", drop("document/issuer"), row="L4"),
    fault(UNKNOWN, "not a status list", put("document/type", ["VerifiableCredential"])),
    fault(UNKNOWN, "a subject of another type", put("document/credentialSubject/type", "Person")),
    fault(UNKNOWN, "no subject", drop("document/credentialSubject")),
    fault(UNKNOWN, "dated in the future", put("document/validFrom", "2026-09-21T14:13:51Z"), row="L5"),
    fault(UNKNOWN, "dated in the year 2099", put("document/validFrom", "2099-01-01T00:00:00Z"), row="L5"),
    fault(UNKNOWN, "no validFrom", drop("document/validFrom"), row="L5"),
    fault(UNKNOWN, "expired", put("document/validUntil", "2026-09-21T14:13:20Z"), row="L4"),
    fault(UNKNOWN, "validUntil that is no time", put("document/validUntil", "soon"), row="L4"),
    fault(UNKNOWN, "negative ttl", put("document/credentialSubject/ttl", -1), row="L6"),
    fault(UNKNOWN, "ttl as text", put("document/credentialSubject/ttl", "600000"), row="L6"),
    fault(UNKNOWN, "for another purpose", put("document/credentialSubject/statusPurpose", "suspension"), row="L3"),
    fault(UNKNOWN, "for no purpose", drop("document/credentialSubject/statusPurpose"), row="L3"),
    fault(UNKNOWN, "no list", drop("document/credentialSubject/encodedList")),
    fault(UNKNOWN, "an empty list", put("document/credentialSubject/encodedList", "u")),
    fault(UNKNOWN, "the list in other letters", put("document/credentialSubject/encodedList", "z" + _PLAIN), row="L3"),
    fault(UNKNOWN, "the list without multibase", put("document/credentialSubject/encodedList", _PLAIN), row="L3"),
    fault(UNKNOWN, "the list padded", put("document/credentialSubject/encodedList", _LIST + "=")),
    fault(UNKNOWN, "the list cut off", put("document/credentialSubject/encodedList", _LIST[:-8]), row="L1"),
    fault(
        UNKNOWN,
        "the list in zlib's frame",
        put("document/credentialSubject/encodedList", _encoded(bytes(16384), wbits=15)),
    ),
    fault(UNKNOWN, "too few entries", put("document/credentialSubject/encodedList", _encoded(bytes(16383))), row="L2"),
    fault(UNKNOWN, "a bomb", put("document/credentialSubject/encodedList", _encoded(bytes(MAX_BYTES + 1))), row="L6"),
    fault(UNKNOWN, "an unknown context", put("document/@context/0", "https://evil.example/v2"), row="D2"),
    fault(UNKNOWN, "no context", drop("document/@context"), row="D2"),
]
_OF_THE_JWT = [
    fault(UNKNOWN, "alg none", put("jwt/header/alg", "none"), put("jwt/signed_by", "nobody"), row="J1"),
    fault(UNKNOWN, "no signature", put("jwt/signed_by", "nobody"), row="J1"),
    fault(UNKNOWN, "signed by another key", put("jwt/signed_by", "stranger"), row="L4"),
    fault(UNKNOWN, "crit", put("jwt/header/crit", ["exp"]), row="J4"),
    fault(UNKNOWN, "jku in the header", put("jwt/header/jku", "https://evil.example/keys"), row="J5"),
    fault(UNKNOWN, "typ of a Token Status List", put("jwt/header/typ", "statuslist+jwt"), row="J9"),
    fault(UNKNOWN, "kid of another issuer", put("jwt/header/kid", _NOBODY + "#delegate-2"), row="S6"),
    fault(UNKNOWN, "no kid", drop("jwt/header/kid"), row="S6"),
    fault(UNKNOWN, "a proof besides", put("document/proof", {"type": "DataIntegrityProof"}), row="D7"),
]
_OF_THE_PROOF = [
    fault(UNKNOWN, "no proof", drop("signed/proof"), row="J1"),
    fault(UNKNOWN, "two proofs", put("signed/proof", ["$proof", "$proof"]), row="D7"),
    fault(UNKNOWN, "a proof for another purpose", put("signed/proof/proofPurpose", "authentication"), row="D5"),
    fault(
        UNKNOWN, "a proof by another issuer", put("signed/proof/verificationMethod", _NOBODY + "#delegate-2"), row="D5"
    ),
    fault(UNKNOWN, "a proof of an unknown kind", put("signed/proof/type", "Ed25519Signature2018")),
    fault(UNKNOWN, "an unknown cryptosuite", put("signed/proof/cryptosuite", "rot13-2022")),
    fault(UNKNOWN, "the proof of another list", put("signed/proof/proofValue", "$other_proof_value"), row="L4"),
    fault(UNKNOWN, "changed after signing", put("signed/validUntil", "2026-09-21T16:13:20Z"), row="L4"),
    fault(UNKNOWN, "a member twice", swap("text", '"issuer":', '"issuer":"did:a:b","issuer":'), row="J10"),
    fault(UNKNOWN, "white space in front", swap("text", "{", " {"), row="J10"),
]


def bitstring_jwt_family() -> Family:
    """The list as a JWT."""
    return _family(
        "bitstring-status-list-jwt", ISSUER.public_key, mutants_of([*_OF_THE_LIST, *_OF_THE_JWT], _forge_jwt)
    )


def bitstring_proof_family() -> Family:
    """The list with a Data Integrity proof."""
    mutants = mutants_of([*_OF_THE_LIST, *_OF_THE_PROOF], _forge_document)
    return _family("bitstring-status-list-proof", _KEY.public_key, mutants)


def _family(name: str, key: PublicKey, mutants: Sequence[Mutant]) -> Family:
    async def check(text: str) -> object:
        unverified = parse_status_list_credential(text)
        return unverified.verify(key, expected_uri=_URI, now=NOW).status_of(_REFERENCE)

    terms = {
        "now": NOW,
        "keys": {_METHOD: key.to_jwk()},
        "uri": _URI,
        "index": _REFERENCE.index,
        "purpose": "revocation",
    }
    good = _forge_jwt([]) if key == ISSUER.public_key else _forge_document([])
    return Family(name, terms, good, mutants, check)


def _forge_jwt(edits: Sequence[Edit]) -> str:
    header = {"alg": "ES256", "typ": "vc+jwt", "cty": "vc", "kid": _METHOD}
    document = edited(_DOCUMENT, edits, ["document"], {})
    return forged_jws({"header": header, "payload": document, "signed_by": "issuer"}, edits, ["jwt"], {})


def _forge_document(edits: Sequence[Edit]) -> str:
    document = edited(_DOCUMENT, edits, ["document"], {})
    try:
        signed = _sign(document)
    except Rejection:  # what we would not sign has the proof of the good list: it is refused before that counts
        signed = {**document, "proof": _sign(_DOCUMENT)["proof"]}
    other = _sign({**_DOCUMENT, "id": _URI + "2"})["proof"]["proofValue"]
    signed = edited(signed, edits, ["signed"], {"$proof": signed["proof"], "$other_proof_value": other})
    return edited_text(compact_json(signed).decode("utf-8"), edits, ["text"], {})


def _sign(document: dict[str, Any]) -> dict[str, Any]:
    return sign_status_list_document(document, verification_method=_METHOD, signer=_KEY, issued_at=NOW - 10)
