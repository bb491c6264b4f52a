"""A verifier of QR passes written from docs/qr-pass.md alone, as somebody elsewhere would: nothing of ours is in it.

It shows that the page says all that is needed. It is no faster and no simpler than it has to be for that.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
PERSON = {1: ("health_id", "text"), 2: ("name", "text"), 3: ("name_latin", "text"), 4: ("birth_year", "number")}
TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
RELATIONSHIPS = "parent|grandparent|spouse|child|relative|legal_guardian"
TYPES: dict[int, tuple[str, bool, dict[int, tuple[str, str]]]] = {
    1: ("HealthId", True, PERSON),
    2: (
        "InsuranceCoverage",
        True,
        PERSON
        | {5: ("scheme", "text"), 6: ("regular_hospital", "text"), 7: ("primary_hospital", "text")}
        | {8: ("referral_hospital", "text"), 9: ("covered_from", "date"), 10: ("covered_until", "date")}
        | {11: ("copay_baht", "number")},
    ),
    3: ("MigrantWorkerCard", True, PERSON | {5: ("work_permit_until", "date")}),
    4: (
        "AppointmentTicket",
        False,
        PERSON
        | {5: ("hospital", "[0-9]{5}([0-9]{4})?"), 6: ("appointment_date", "date")}
        | {7: ("appointment_time", TIME), 8: ("appointment_ref", "[A-Za-z0-9-]{1,32}")},
    ),
    6: (
        "GuardianDelegation",
        True,
        {key: PERSON[key] for key in (1, 3, 4)}
        | {5: ("dependant_health_id", "text"), 6: ("dependant_name", "text"), 7: ("dependant_birth_date", "date")}
        | {8: ("relationship", RELATIONSHIPS), 9: ("permission", "accompany|consent"), 10: ("delegated_until", "date")},
    ),
}
OPTIONAL = {"copay_baht"}


class Refused(Exception):
    """The presentation is refused; the first argument is the code."""


def require(good: bool, code: str = "MALFORMED") -> None:
    """Refuses where something is not as it has to be."""
    if not good:
        raise Refused(code)


def base45(text: str) -> bytes:
    """Base45 as RFC 9285 has it."""
    require(all(character in ALPHABET for character in text) and len(text) % 3 != 1)
    data = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        number = sum(ALPHABET.index(character) * 45**place for place, character in enumerate(group))
        require(number < 256 ** (len(group) - 1))
        data += number.to_bytes(len(group) - 1, "big")
    return bytes(data)


class Cbor:
    """One value of deterministic CBOR, in the kinds that a pass has."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    @classmethod
    def only(cls, data: bytes) -> Any:
        """The value that is all of the bytes."""
        reader = cls(data)
        value = reader.value(1)
        require(reader.at == len(data))
        return value

    def take(self, count: int) -> bytes:
        """The next bytes."""
        require(self.at + count <= len(self.data))
        self.at += count
        return self.data[self.at - count : self.at]

    def value(self, depth: int) -> Any:
        """The next value."""
        require(depth <= 8)
        first = self.take(1)[0]
        if first in (0xF4, 0xF5):
            return first == 0xF5
        major, number = first >> 5, first & 31
        if number >= 24:
            require(number <= 27)
            length = 1 << (number - 24)
            number = int.from_bytes(self.take(length), "big")
            require(number >= (24 if length == 1 else 256 ** (length // 2)))
        match major:
            case 0:
                return number
            case 1:
                return -1 - number
            case 2:
                return self.take(number)
            case 3:
                try:
                    return self.take(number).decode("utf-8")
                except UnicodeDecodeError:
                    raise Refused("MALFORMED") from None
            case 4:
                return [self.value(depth + 1) for _ in range(number)]
            case 5:
                return self.map(number, depth + 1)
        raise Refused("MALFORMED")

    def map(self, count: int, depth: int) -> dict[int, Any]:
        """A map's members, whose encoded keys rise."""
        members, last = {}, b""
        for _ in range(count):
            start = self.at
            key = self.value(depth)
            encoded = self.data[start : self.at]
            require(type(key) is int and encoded > last)
            last = encoded
            members[key] = self.value(depth)
        return members


def members(value: Any, needed: set[int], optional: set[int] = frozenset()) -> dict[int, Any]:  # type: ignore[assignment]
    """The map, if it has just these members."""
    require(isinstance(value, dict) and needed <= value.keys() <= needed | optional)
    return dict(value)


def number(value: Any, most: int = 253_402_300_799) -> int:
    """A whole number up to a limit, a time unless another one is given."""
    require(type(value) is int and 0 <= value <= most)
    return int(value)


def signed(parts: Any) -> tuple[bytes, bytes, bytes, bytes]:
    """Protected header, payload, signature, and the bytes that were signed."""
    require(isinstance(parts, list) and len(parts) == 4 and parts[1] == {} and type(parts[1]) is dict)
    header, _, payload, signature = parts
    require(all(isinstance(part, bytes) for part in (header, payload, signature)) and len(signature) == 64)
    return header, payload, signature, b"\x84\x6aSignature1" + head(header) + header + b"\x40" + head(payload) + payload


def head(content: bytes) -> bytes:
    """The beginning of a byte string."""
    length = len(content)
    if length < 24:
        return bytes([0x40 + length])
    return bytes([0x58, length]) if length < 256 else b"\x59" + length.to_bytes(2, "big")


def read(text: str) -> dict[str, Any]:
    """The parts of a presentation; nothing of it is checked yet."""
    require(len(text) <= 8_000, "TOO_LARGE")
    text = text.strip(" \t\r\n")
    require(text.startswith("SB1:"), "NOT_A_CREDENTIAL")
    require(len(text) <= 1_200, "TOO_LARGE")
    return read_shown(base45(text[4:]))


def read_shown(data: bytes) -> dict[str, Any]:
    """As `read`, from the bytes."""
    proof, shown = read_proof(data, 294)
    proof = members(proof, {6}, {3, 10})
    for key, kind in ((3, str), (10, bytes)):
        require(key not in proof or (isinstance(proof[key], kind) and len(proof[key]) > 0))
    shown |= {"presented_at": number(proof[6]), "audience": proof.get(3)}
    shown["nonce"] = urlsafe_b64encode(proof[10]).rstrip(b"=").decode() if 10 in proof else None
    return shown


def read_proof(data: bytes, typ: int) -> tuple[Any, dict[str, Any]]:
    """The payload of a holder's proof of this type, and the parts of it and of its pass."""
    require(data[:1] == b"\xd2")
    header, payload, signature, message = signed(Cbor.only(data[1:]))
    protected = members(Cbor.only(header), {1, 13, 16})
    require(type(protected[1]) is int and protected[1] == -7 and type(protected[16]) is int and protected[16] == typ)
    shown = {"proof": (message, signature), "digest": hashlib.sha256(message).hexdigest()}
    return Cbor.only(payload), shown | read_pass(protected[13])


def read_pass(parts: Any) -> dict[str, Any]:
    """The parts of a pass."""
    header, payload, signature, message = signed(parts)
    protected = members(Cbor.only(header), {1, 4, 16})
    require(type(protected[1]) is int and protected[1] in (-7, -8))
    require(type(protected[16]) is int and protected[16] == 61 and isinstance(protected[4], bytes))
    claims = members(Cbor.only(payload), {4, 6, 8, -65537}, {5})
    found = {"key": key_named(protected[4]), "algorithm": protected[1], "pass": (message, signature)}
    found |= {"expires_at": number(claims[4]), "issued_at": number(claims[6])}
    found |= {"not_before": number(claims.get(5, claims[6]))}
    found["holder"] = holder_key(members(claims[8], {1})[1])
    return found | credential(claims[-65537])


def key_named(kid: bytes) -> str:
    """`kid` as DID URL."""
    at, numbers = 20, []
    for _ in range(2):
        value, shift = 0, 0
        while True:
            require(at < len(kid) and shift < 63)
            byte = kid[at]
            value |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                require(byte > 0)
                break
        numbers.append(value)
    require(at == len(kid))
    return f"did:ethr:0x{numbers[0]:x}:0x{kid[:20].hex()}#delegate-{numbers[1]}"


def holder_key(key: Any) -> EllipticCurvePublicKey:
    """The P-256 key of a COSE_Key."""
    key = members(key, {1, -1, -2, -3})
    require(all(type(key[each]) is int for each in (1, -1)) and (key[1], key[-1]) == (2, 1))
    x, y = key[-2], key[-3]
    require(isinstance(x, bytes) and len(x) == 32)
    require(type(y) is bool or (isinstance(y, bytes) and len(y) == 32))
    point = bytes([2 + y]) + x if type(y) is bool else b"\x04" + x + y
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        raise Refused("MALFORMED") from None


def credential(wire: Any) -> dict[str, Any]:
    """Type, status and claims."""
    require(isinstance(wire, dict) and type(wire.get(0)) is int and wire[0] in TYPES)
    name, has_status, kinds = TYPES[wire[0]]
    optional = {key for key, (claim, _) in kinds.items() if claim in OPTIONAL}
    wire = members(wire, {0, *kinds, *((-1, -2) if has_status else ())} - optional, optional)
    status = None
    if has_status:
        require(isinstance(wire[-2], str) and wire[-2] != "")
        status = [wire[-2], number(wire[-1], 2**53)]
    return {
        "type": name,
        "status": status,
        "claims": {claim: claim_value(kind, wire[key]) for key, (claim, kind) in kinds.items() if key in wire},
    }


def claim_value(kind: str, value: Any) -> Any:
    """A claim's value, if it is of its kind; a date as `YYYY-MM-DD`."""
    if kind == "number":
        return number(value, 2**53 - 1)
    if kind == "date":
        require(type(value) is int)
        try:
            return (date(1970, 1, 1) + timedelta(days=value)).isoformat()
        except OverflowError:
            raise Refused("MALFORMED") from None
    require(isinstance(value, str) and 0 < len(value) <= 200)
    require(kind == "text" or re.fullmatch(kind, value) is not None)
    return value


def verify(found: dict[str, Any], terms: dict[str, Any], *, audience_needed: bool = False) -> dict[str, Any]:
    """What was read, where it is good for a verifier that knows `terms`; raises `Refused`."""
    now = terms["now"]
    vct = f"urn:sabai:credential:{found['type']}:1"
    require(vct in terms["accepted_types"], "NOT_A_CREDENTIAL")
    issuer = found["key"].partition("#")[0]
    require(any(key.partition("#")[0] == issuer for key in terms["keys"]), "UNKNOWN_ISSUER")
    require(found["key"] in terms["keys"], "BAD_SIGNATURE")
    for moment in (found["issued_at"], now):
        given = [each for each in terms["accredited"] if (each["issuer"], each["type"]) == (issuer, vct)]
        require(any(each["from"] <= moment < each["until"] for each in given), "UNTRUSTED_ISSUER")
    check_signature(terms["keys"][found["key"]], found["algorithm"], found["pass"], "BAD_SIGNATURE")
    latest = now + terms["clock_tolerance"]
    require(max(found["issued_at"], found["not_before"]) <= latest, "NOT_YET_VALID")
    require(now < found["expires_at"], "EXPIRED_CREDENTIAL")
    if found["status"] is not None:
        index, statuses = found["status"][1], terms["status"]
        require(index < statuses["entries"] and index not in statuses["without_meaning"], "STATUS_UNAVAILABLE")
        require(index not in statuses["suspended"], "SUSPENDED")
        require(index not in statuses["revoked"], "REVOKED")
    check_signature(found["holder"], -7, found["proof"], "HOLDER_KEY")
    named = found["audience"] is not None or audience_needed
    require(not named or found["audience"] in terms["audiences"], "WRONG_AUDIENCE")
    require(found["nonce"] == terms["nonce"], "WRONG_AUDIENCE")
    require(found["presented_at"] <= latest, "CLOCK_SKEW")
    until = found.get("printed_until", found["presented_at"] + terms["presentation_lifetime"])
    require(now < until, "EXPIRED_PRESENTATION")
    if found["type"] == "InsuranceCoverage":
        claims = found["claims"]
        today = (datetime.fromtimestamp(now, UTC) + timedelta(hours=7)).date().isoformat()
        require(claims["scheme"] in ("UCS", "SSS", "OFC", "8401", "8402", "8405"), "NOT_COVERED")
        require(claims["covered_from"] <= today <= claims["covered_until"], "NOT_COVERED")
        hospitals = [claims[f"{which}_hospital"] for which in ("regular", "primary", "referral")]
        require(terms["hospital_code"] in hospitals, "COVERED_ELSEWHERE")
    return found


def check_signature(key: Any, algorithm: int, signed_by: tuple[bytes, bytes], code: str) -> None:
    """Refuses with the code where the signature is not this key's; a key may be a JWK."""
    message, signature = signed_by
    try:
        if isinstance(key, dict):
            key = key_of(key)
        if isinstance(key, Ed25519PublicKey):
            require(algorithm == -8, code)
            key.verify(signature, message)
            return
        require(algorithm == -7, code)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        key.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except InvalidSignature:
        raise Refused(code) from None


def key_of(jwk: dict[str, str]) -> EllipticCurvePublicKey | Ed25519PublicKey:
    """A public key from a JWK."""
    x, y = (urlsafe_b64decode(jwk.get(each, "") + "==") for each in "xy")
    if jwk["kty"] == "OKP":
        return Ed25519PublicKey.from_public_bytes(x)
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), b"\x04" + x + y)
