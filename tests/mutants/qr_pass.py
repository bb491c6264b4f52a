"""QR presentations with one fault each: a member of one part replaced, and what lies around it encoded and signed."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from typing import Any

from tests.mutants import world
from tests.mutants.family import Family, Mutant
from tests.support.qr_forge import EXPIRES_AT, PRESENTED_AT, REMOVE, as_text, forge_bytes, raw
from tests.support.verification import AUDIENCE, HOLDER, POLICY, STRANGER
from vc_core.crypto.cose import to_cose_key
from vc_core.crypto.keys import Ed25519Signer
from vc_core.errors import ReasonCode
from vc_core.formats.qr_pass import MAX_TEXT_LENGTH, key_id_from_verification_method

POLICY_OF_QR = replace(POLICY, expected_nonce=None)
"""A QR pass is shown without knowing the desk's nonce."""

_GOOD = forge_bytes()
_GOOD_TEXT = as_text(_GOOD)
_ED25519_KEY = to_cose_key(Ed25519Signer(bytes(32)).public_key)
_KID_START = bytes.fromhex("11" * 20)
_UNKNOWN_ISSUER = key_id_from_verification_method(
    "did:ethr:0x539:0x3333333333333333333333333333333333333333#delegate-1"
)

_MALFORMED: dict[str, tuple[str, Any, Any]] = {
    # The holder's proof
    "proof without alg": ("proof_header", 1, REMOVE),
    "proof with alg none [J1]": ("proof_header", 1, "none"),
    "proof with alg nOnE [J1]": ("proof_header", 1, "nOnE"),
    "proof with alg 0 [J1]": ("proof_header", 1, 0),
    "proof with HMAC [J2]": ("proof_header", 1, 5),
    "proof with EdDSA [J3]": ("proof_header", 1, -8),
    "proof with ES384 [J3]": ("proof_header", 1, -35),
    "proof with crit [J4]": ("proof_header", 2, [4]),
    "proof with empty crit [J4]": ("proof_header", 2, []),
    "proof with a kid": ("proof_header", 4, b"kid"),
    "proof with a key of its own [J5]": ("proof_header", -1, to_cose_key(HOLDER.public_key)),
    "proof without typ [J9]": ("proof_header", 16, REMOVE),
    "proof with the typ of a pass [J9]": ("proof_header", 16, 61),
    "proof with typ as text [J9]": ("proof_header", 16, "application/kb+cwt"),
    "proof with typ as float [J9]": ("proof_header", 16, raw("f95c98")),
    "proof without pass": ("proof_header", 13, REMOVE),
    "proof with pass as bytes": ("proof_header", 13, b"pass"),
    "proof with pass null": ("proof_header", 13, raw("f6")),
    "proof with an empty pass": ("proof_header", 13, []),
    "proof with a map as pass": ("proof_header", 13, {}),
    "proof with a tagged pass": ("proof_header", 13, raw("d284402040 40".replace(" ", ""))),
    "proof with a header key twice [J10]": ("proof_header", raw("10"), 294),
    "proof with a text in its header": ("proof_header", "alg", -7),
    "proof without iat": ("proof_payload", 6, REMOVE),
    "proof with iat as text": ("proof_payload", 6, "1790000000"),
    "proof with iat as bytes": ("proof_payload", 6, b"1790000000"),
    "proof with iat as float": ("proof_payload", 6, 1790000000.0),
    "proof with iat NaN [J10]": ("proof_payload", 6, raw("f97e00")),
    "proof with iat true": ("proof_payload", 6, True),
    "proof with iat null": ("proof_payload", 6, None),
    "proof with negative iat": ("proof_payload", 6, -1),
    "proof with iat in the year 10000": ("proof_payload", 6, 253_402_300_800),
    "proof with iat 2^64 - 1": ("proof_payload", 6, 2**64 - 1),
    "proof with iat as bignum": ("proof_payload", 6, 2**64),
    "proof with iat as tagged time": ("proof_payload", 6, raw("c11a6ab13bc0")),
    "proof with iat in a longer form": ("proof_payload", 6, raw("1b000000006ab13bc0")),
    "proof with iat twice [J10]": ("proof_payload", raw("06"), 1),
    "proof with iat under 6.0": ("proof_payload", raw("f94600"), 1),
    "proof with exp": ("proof_payload", 4, EXPIRES_AT),
    "proof with iss": ("proof_payload", 1, "did:ethr:0x1:0x" + "1" * 40),
    "proof with aud as bytes": ("proof_payload", 3, b"desk"),
    "proof with empty aud": ("proof_payload", 3, ""),
    "proof with several aud": ("proof_payload", 3, ["desk", "other"]),
    "proof with nonce as text": ("proof_payload", 10, "nonce"),
    "proof with empty nonce": ("proof_payload", 10, b""),
    "proof with several nonces": ("proof_payload", 10, [b"12345678"]),
    "proof with an unknown claim": ("proof_payload", 40, 1),
    "proof with an unprotected header": ("proof", 1, {4: b"kid"}),
    "proof with unprotected header null": ("proof", 1, None),
    "proof with an empty header": ("proof", 0, b""),
    "proof with a header that is a map": ("proof", 0, {1: -7}),
    "proof without payload": ("proof", 2, None),
    "proof with an empty payload": ("proof", 2, b""),
    "proof with an array as payload": ("proof", 2, b"\x80"),
    "proof with bytes after its payload": ("proof", 2, b"\xa1\x06\x00\x00"),
    "proof with payload as text": ("proof", 2, "payload"),
    "proof with a signature of 63 bytes": ("proof", 3, bytes(63)),
    "proof with a signature in DER": ("proof", 3, bytes.fromhex("3044" + "0220" + "11" * 32 + "0220" + "11" * 32)),
    "proof without signature": ("proof", 3, REMOVE),
    "proof with a fifth part": ("proof", 4, 0),
    # The pass
    "pass without alg": ("pass_header", 1, REMOVE),
    "pass with alg none [J1]": ("pass_header", 1, "none"),
    "pass with HMAC [J2]": ("pass_header", 1, 5),
    "pass with ES256K": ("pass_header", 1, -47),
    "pass with crit [J4]": ("pass_header", 2, [4]),
    "pass without kid": ("pass_header", 4, REMOVE),
    "pass with kid as text": ("pass_header", 4, "did:ethr:0x1:0x" + "1" * 40),
    "pass with empty kid": ("pass_header", 4, b""),
    "pass with an address alone as kid": ("pass_header", 4, _KID_START),
    "pass with no delegate in its kid": ("pass_header", 4, _KID_START + b"\x01"),
    "pass with chain 0 in its kid": ("pass_header", 4, _KID_START + b"\x00\x01"),
    "pass with delegate 0 in its kid": ("pass_header", 4, _KID_START + b"\x01\x00"),
    "pass with a longer varint in its kid": ("pass_header", 4, _KID_START + b"\x81\x00\x01"),
    "pass with an open varint in its kid": ("pass_header", 4, _KID_START + b"\x01\x81"),
    "pass with a varint of ten bytes in its kid": ("pass_header", 4, _KID_START + b"\x81" * 9 + b"\x01\x01"),
    "pass with bytes after its kid": ("pass_header", 4, _KID_START + b"\x01\x01\x01"),
    "pass without typ [J9]": ("pass_header", 16, REMOVE),
    "pass with the typ of a proof [J9]": ("pass_header", 16, 294),
    "pass with typ as text [J9]": ("pass_header", 16, "application/cwt"),
    "pass with typ as float [J9]": ("pass_header", 16, raw("f953a0")),
    "pass with x5chain [J5]": ("pass_header", 33, b"certificate"),
    "pass without exp": ("pass_payload", 4, REMOVE),
    "pass with exp as text": ("pass_payload", 4, "2027-01-01"),
    "pass with infinite exp": ("pass_payload", 4, raw("f97c00")),
    "pass with negative exp": ("pass_payload", 4, -1),
    "pass with exp in the year 10000": ("pass_payload", 4, 253_402_300_800),
    "pass with exp twice [J10]": ("pass_payload", raw("04"), EXPIRES_AT + 1),
    "pass without iat": ("pass_payload", 6, REMOVE),
    "pass with iat as float": ("pass_payload", 6, 1.5),
    "pass with nbf as text": ("pass_payload", 5, "now"),
    "pass with negative nbf": ("pass_payload", 5, -1),
    "pass with iss [S6]": ("pass_payload", 1, "did:ethr:0x1:0x" + "2" * 40),
    "pass with sub": ("pass_payload", 2, "patient"),
    "pass with a status claim besides": ("pass_payload", 65535, {}),
    "pass with a text in its payload": ("pass_payload", "exp", EXPIRES_AT),
    "pass without cnf": ("pass_payload", 8, REMOVE),
    "pass with empty cnf": ("pass_payload", 8, {}),
    "pass with cnf as bytes": ("pass_payload", 8, b"key"),
    "pass bound to a key id": ("cnf", 3, b"kid"),
    "pass bound to a key id alone": ("pass_payload", 8, {3: b"kid"}),
    "pass bound to an Ed25519 key": ("cnf", 1, _ED25519_KEY),
    "pass bound to a private key [J12]": ("cose_key", -4, bytes(32)),
    "pass bound to a key on another curve": ("cose_key", -1, 8),
    "pass bound to a key without y": ("cose_key", -3, REMOVE),
    "pass bound to a key with y as integer": ("cose_key", -3, 1),
    "pass bound to a key with crv true": ("cose_key", -1, True),
    "pass bound to a point off the curve": ("cose_key", -2, (1).to_bytes(32, "big")),
    "pass without credential": ("pass_payload", -65537, REMOVE),
    "pass with credential as array": ("pass_payload", -65537, [2]),
    "pass with an empty credential": ("pass_payload", -65537, {}),
    "pass nested deep [J10]": ("pass_payload", -65537, raw("81" * 200 + "00")),
    "pass with an unprotected header": ("pass", 1, {4: b"kid"}),
    "pass with a detached payload": ("pass", 2, None),
    "pass with an empty signature": ("pass", 3, b""),
    "pass with a fifth part": ("pass", 4, b""),
    # The credential
    "credential without type": ("credential", 0, REMOVE),
    "credential of an unknown type": ("credential", 0, 99),
    "credential with its type as text": ("credential", 0, "InsuranceCoverage"),
    "credential with type true": ("credential", 0, True),
    "credential with a negative type": ("credential", 0, -2),
    "credential of another type": ("credential", 0, 1),
    "credential without status index": ("credential", -1, REMOVE),
    "credential with a negative index [L2]": ("credential", -1, -1),
    "credential with index 1.9 [L2]": ("credential", -1, 1.9),
    "credential with index as text [L2]": ("credential", -1, "abc"),
    "credential with index 2^63 [L2]": ("credential", -1, 2**63),
    "credential without status address": ("credential", -2, REMOVE),
    "credential with an empty status address": ("credential", -2, ""),
    "credential with status address as bytes": ("credential", -2, b"https://issuer.example/1"),
    "credential without health number": ("credential", 1, REMOVE),
    "credential without name": ("credential", 2, REMOVE),
    "credential without scheme": ("credential", 5, REMOVE),
    "credential with an empty name": ("credential", 2, ""),
    "credential with a name of 201 characters": ("credential", 2, "x" * 201),
    "credential with name as bytes": ("credential", 2, b"name"),
    "credential with name in bad UTF-8": ("credential", 2, raw("62c328")),
    "credential with name in parts": ("credential", 2, raw("7f61616162ff")),
    "credential with name as pattern": ("credential", 2, raw("d823652861612b29")),
    "credential with year as text": ("credential", 4, "1985"),
    "credential with year true": ("credential", 4, True),
    "credential with negative year": ("credential", 4, -1),
    "credential with year 2^53": ("credential", 4, 2**53),
    "credential with hospital as integer": ("credential", 6, 10669),
    "credential with date as text": ("credential", 9, "2026-01-01"),
    "credential with date as tag 100": ("credential", 9, raw("d864194fe6")),
    "credential with date true": ("credential", 9, True),
    "credential with date before year 1": ("credential", 9, -719_163),
    "credential with date after year 9999": ("credential", 10, 2_932_897),
    "credential with date 2^63": ("credential", 10, 2**63),
    "credential with date -2^64": ("credential", 10, -(2**64)),
    "credential with a claim that its type does not have": ("credential", 11, "more"),
    "credential with a claim twice [J10]": ("credential", raw("02"), "other"),
    "credential with a claim under a text": ("credential", "name", "other"),
    "credential with a claim under 2.0": ("credential", raw("f94000"), "other"),
}

_REFUSED: dict[str, tuple[str, Any, Any, ReasonCode]] = {
    "proof signed by another key": ("signers", "proof", STRANGER, ReasonCode.HOLDER_KEY),
    "proof with a signature of zeros": ("proof", 3, bytes(64), ReasonCode.HOLDER_KEY),
    "proof for another desk": ("proof_payload", 3, "did:example:other", ReasonCode.WRONG_AUDIENCE),
    "proof for a desk whose name begins alike [J11]": (
        "proof_payload", 3, AUDIENCE + "2", ReasonCode.WRONG_AUDIENCE,
    ),
    "proof with the nonce of another desk": ("proof_payload", 10, b"nonce", ReasonCode.WRONG_AUDIENCE),
    "proof 31 seconds ahead [V6]": ("proof_payload", 6, PRESENTED_AT + 31, ReasonCode.CLOCK_SKEW),
    "proof a minute old [V6]": ("proof_payload", 6, PRESENTED_AT - 60, ReasonCode.EXPIRED_PRESENTATION),
    "pass bound to another holder": ("cnf", 1, to_cose_key(STRANGER.public_key), ReasonCode.HOLDER_KEY),
    "pass signed by another key": ("signers", "pass", STRANGER, ReasonCode.BAD_SIGNATURE),
    "pass signed by its holder": ("signers", "pass", HOLDER, ReasonCode.BAD_SIGNATURE),
    "pass with a signature of zeros": ("pass", 3, bytes(64), ReasonCode.BAD_SIGNATURE),
    "pass with EdDSA [J3]": ("pass_header", 1, -8, ReasonCode.BAD_SIGNATURE),
    "pass of an issuer that nobody knows": ("pass_header", 4, _UNKNOWN_ISSUER, ReasonCode.UNKNOWN_ISSUER),
    "pass of an issuer without accreditation": (
        "pass_header", 4, key_id_from_verification_method(world.UNACCREDITED_METHOD), ReasonCode.UNTRUSTED_ISSUER,
    ),
    "pass issued before the accreditation": ("pass_payload", 6, PRESENTED_AT - 10**6, ReasonCode.UNTRUSTED_ISSUER),
    "pass valid in 31 seconds": ("pass_payload", 5, PRESENTED_AT + 31, ReasonCode.NOT_YET_VALID),
    "pass expired this second": ("pass_payload", 4, PRESENTED_AT, ReasonCode.EXPIRED_CREDENTIAL),
    "credential that was revoked": ("credential", -1, world.REVOKED_INDEX, ReasonCode.REVOKED),
    "credential that is suspended": ("credential", -1, world.SUSPENDED_INDEX, ReasonCode.SUSPENDED),
    "credential with a status without meaning": (
        "credential", -1, world.RESERVED_INDEX, ReasonCode.STATUS_UNAVAILABLE,
    ),
    "credential past the end of its list [L2]": ("credential", -1, world.LIST_SIZE, ReasonCode.STATUS_UNAVAILABLE),
    "credential of a coverage that has ended": ("credential", 10, 20_500, ReasonCode.NOT_COVERED),
    "credential of a coverage elsewhere": ("credential", 6, "99999", ReasonCode.COVERED_ELSEWHERE),
}  # fmt: skip

_BYTE_FAULTS = {
    "no tag": _GOOD[1:],
    "tag of COSE_Mac0": b"\xd1" + _GOOD[1:],
    "tag of COSE_Encrypt0": b"\xd0" + _GOOD[1:],
    "tag of COSE_Sign": b"\xd8\x62" + _GOOD[1:],
    "tag of a CWT in front": b"\xd8\x3d" + _GOOD,
    "tag twice": b"\xd2" + _GOOD,
    "tag in a longer form": b"\xd8\x12" + _GOOD[1:],
    "a byte after it": _GOOD + b"\x00",
    "the beginning of another after it": _GOOD + _GOOD[:100],
    "indefinite array": b"\xd2\x9f" + _GOOD[2:] + b"\xff",
    "array of 2^32": b"\xd2\x9b" + bytes.fromhex("0000000100000000") + _GOOD[2:],
    "byte string of 2^62": b"\xd2\x84\x5b\x40" + bytes(7),
    "nothing but the tag": b"\xd2",
    "no bytes": b"",
    "zeros": bytes(400),
    "ones": b"\xff" * 400,
    "a deflate bomb [V8]": zlib.compress(bytes(500_000))[:700],
    "an SD-JWT": b"eyJhbGciOiJFUzI1NiJ9.e30.AAAA~",
}

_TEXT_FAULTS = {
    "lower case": (_GOOD_TEXT[:4] + _GOOD_TEXT[4:].lower(), ReasonCode.MALFORMED),
    "a character of no base45": (_GOOD_TEXT[:-1] + "_", ReasonCode.MALFORMED),
    "a Thai digit": (_GOOD_TEXT[:-1] + "๑", ReasonCode.MALFORMED),
    "a lone surrogate": (_GOOD_TEXT[:-1] + "\ud800", ReasonCode.MALFORMED),
    "a line break inside": (_GOOD_TEXT[:300] + "\r\n" + _GOOD_TEXT[300:], ReasonCode.MALFORMED),
    "a group out of range": ("SB1::::", ReasonCode.MALFORMED),
    "the prefix alone": ("SB1:", ReasonCode.MALFORMED),
    "the prefix twice": ("SB1:" + _GOOD_TEXT, ReasonCode.MALFORMED),
    "one character too long": ("SB1:" + "0" * (MAX_TEXT_LENGTH - 3), ReasonCode.TOO_LARGE),
    "as long as may be": ("SB1:" + "0" * (MAX_TEXT_LENGTH - 4), ReasonCode.MALFORMED),
    "8,000 characters": ("SB1:" + "0" * 7_996, ReasonCode.TOO_LARGE),
    "8,000 other characters": ("x" * 8_000, ReasonCode.NOT_A_CREDENTIAL),
    "65,537 other characters": ("x" * 65_537, ReasonCode.TOO_LARGE),
    "65,537 spaces": (" " * 65_537, ReasonCode.TOO_LARGE),
    "ten million characters": ("SB1:" * 2_500_000, ReasonCode.TOO_LARGE),
    "nothing": ("", ReasonCode.NOT_A_CREDENTIAL),
    "white space": (" \r\n", ReasonCode.NOT_A_CREDENTIAL),
    "no prefix": (_GOOD_TEXT[4:], ReasonCode.NOT_A_CREDENTIAL),
    "half a prefix": ("SB1", ReasonCode.NOT_A_CREDENTIAL),
    "prefix in lower case": ("sb1:" + _GOOD_TEXT[4:], ReasonCode.NOT_A_CREDENTIAL),
    "a later version": ("SB2:" + _GOOD_TEXT[4:], ReasonCode.NOT_A_CREDENTIAL),
    "a byte order mark": ("\ufeff" + _GOOD_TEXT, ReasonCode.NOT_A_CREDENTIAL),
    "a NUL in front": ("\x00" + _GOOD_TEXT, ReasonCode.NOT_A_CREDENTIAL),
    "a script [V9]": ("javascript:alert(document.cookie)", ReasonCode.NOT_A_CREDENTIAL),
    "a data URL [V9]": ("data:text/html,<script>alert(1)</script>", ReasonCode.NOT_A_CREDENTIAL),
    "a URL [V9]": ("https://verifier.example/?q=SB1:", ReasonCode.NOT_A_CREDENTIAL),
    "a wallet's link [V9]": ("openid4vp://?request_uri=https://evil.example", ReasonCode.NOT_A_CREDENTIAL),
    "SQL [V9]": ("'; DROP TABLE visits; --", ReasonCode.NOT_A_CREDENTIAL),
    "a CSV formula [V9]": ('=HYPERLINK("http://evil.example","open")', ReasonCode.NOT_A_CREDENTIAL),
    "a CSV command [V9]": ("@SUM(1+1)*cmd|' /C calc'!A0", ReasonCode.NOT_A_CREDENTIAL),
    "keys of a scanner [V9]": ("\x1b[A\x1b[B\t\t", ReasonCode.NOT_A_CREDENTIAL),
    "an EU health certificate": ("HC1:6BFOXN%TSMAHN-H", ReasonCode.NOT_A_CREDENTIAL),
    "a citizen id": ("1101700230708", ReasonCode.NOT_A_CREDENTIAL),
}


def qr_pass_family() -> Family:
    """The QR pass with its holder's proof, through the whole procedure."""
    return Family(
        "qr-pass",
        world.terms() | world.policy_terms(POLICY_OF_QR),
        _GOOD_TEXT,
        [
            *(_mutant(name, ReasonCode.MALFORMED, as_text(forge_bytes(*fault))) for name, fault in _MALFORMED.items()),
            *(_mutant(name, code, as_text(forge_bytes(*fault))) for name, (*fault, code) in _REFUSED.items()),
            *(_mutant(name, ReasonCode.MALFORMED, as_text(data)) for name, data in _BYTE_FAULTS.items()),
            *(_mutant(name, code, text) for name, (text, code) in _TEXT_FAULTS.items()),
        ],
        world.check(POLICY_OF_QR),
    )


def _mutant(name: str, code: ReasonCode, text: str) -> Mutant:
    """The row of the attack stands in brackets after the name."""
    match = re.fullmatch(r"(.*?)(?: \[([A-Z]+[0-9]+)\])?", name)
    assert match is not None
    return Mutant(match[1], match[2] or "", code, text)
