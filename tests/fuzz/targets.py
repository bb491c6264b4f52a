"""What is fuzzed: each target feeds bytes to one parser and lets through only what must never happen.

A parser returns or raises its own error; anything else that escapes is a finding. Where two directions exist, what was
read and written again must be the same. The first byte of an input says how it is built, so that the fuzzer also gets
behind encodings, lengths, digests and signatures, which it would hardly ever guess:

    T…  the text itself, in UTF-8
    B…  bytes, encoded as the text has them
    P…  parts, put together as a good sender would; each target says how
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping

from tests.fuzz.heavy import HEAVY
from tests.fuzz.issuance_target import ISSUANCE
from tests.fuzz.presentation_targets import DCQL, REQUEST
from tests.fuzz.sender_target import SENDER
from tests.fuzz.target import Target, as_text, finish, mutants_of
from tests.fuzz.w3c_targets import DOCUMENT, VC_JWT
from tests.fuzz.x5c_target import X5C
from tests.support import qr_forge
from tests.support.verification import HOLDER, ISSUER, ISSUER_METHOD, NOW, STATUS, issue_coverage, present
from vc_core.crypto.keys import KeyFormatError, SignatureInvalid
from vc_core.did.document import parse_multikey
from vc_core.did.ethr import DidError, parse_did_ethr
from vc_core.did.jwk import JwkDids, create_did_jwk
from vc_core.did.key import KeyDids, create_did_key
from vc_core.did.multibase import MAX_LENGTH, MultibaseError, multibase_decode, multibase_encode
from vc_core.did.resolution import ResolutionFailed
from vc_core.did.resolver import DidResolver
from vc_core.did.web import did_web_url
from vc_core.did.web_document import parse_web_document
from vc_core.encoding import (
    EncodingError,
    base64url_decode,
    base64url_encode,
    compact_json,
    parse_json,
    parse_json_strictly,
)
from vc_core.errors import Rejection
from vc_core.formats.base45 import Base45Error, base45_decode, base45_encode
from vc_core.formats.presentation import parse_credential, parse_presentation
from vc_core.formats.qr_pass import PREFIX
from vc_core.formats.status_list import StatusList, create_status_list_token, parse_status_list_token

_PART = b"\n"
_SIGNATURE = base64url_encode(bytes(64))


# -- Text encodings ---------------------------------------------------------------------------------------------------


def _base45(data: bytes) -> None:
    if data[:1] == b"B":
        assert base45_decode(base45_encode(data[1:])) == data[1:]
        return
    text = as_text(data[1:])
    try:
        decoded = base45_decode(text)
    except Base45Error:
        return
    assert base45_encode(decoded) == text


def _base45_seeds() -> list[bytes]:
    return [
        b"BAB",
        b"BHello!!",
        b"B\xff\xff\xff",
        b"TQED8WEX0",
        b"TGGW",
        b"T::",
        b"TZZZ",
        b"T bb8",
        b"T" + "é".encode(),
    ]


def _multibase(data: bytes) -> None:
    if data[:1] == b"B":
        text = multibase_encode(data[1:])
        if len(text) <= MAX_LENGTH:
            assert multibase_decode(text) == data[1:]
    else:
        text = as_text(data[1:])
    try:
        decoded = multibase_decode(text)
    except MultibaseError:
        return
    assert multibase_encode(decoded) == text
    try:
        parse_multikey(decoded)
    except KeyFormatError:
        return


def _multibase_seeds() -> list[bytes]:
    key = ISSUER.public_key.to_multikey()
    return [b"B" + key, b"T" + multibase_encode(key).encode(), b"B\0\0\1", b"Tz11", b"Tz" + b"1" * 200, b"Tu_w", b"T"]


def _json(data: bytes) -> None:
    """The bytes, and the same as text, in which a byte that is no UTF-8 is a lone surrogate."""
    for source in (data, as_text(data)):
        try:
            value = parse_json(source)
        except EncodingError:
            continue
        assert parse_json(compact_json(value)) == value
        assert parse_json_strictly(source) == value


def _json_seeds() -> list[bytes]:
    return [
        b'{"a":[1,-2.5e3,true,null,"x"]}', b'{"a":1,"a":2}', b"NaN", b"1e999", b'"\\ud800"', b"[" * 40 + b"]" * 40,
        '{"ชื่อ":"มานี"}'.encode(), b" [] ", b"\xef\xbb\xbf{}", b"123456789012345678901234567890",
    ]  # fmt: skip


# -- DIDs -------------------------------------------------------------------------------------------------------------

_RESOLVER = DidResolver({"key": KeyDids(), "jwk": JwkDids()})
_WEB_DID = "did:web:hospital.example"


def _did(data: bytes) -> None:
    """`B…`: the bytes in a did:key; `J…`: the JWK in a did:jwk; `W…`: the document of a did:web; else a DID."""
    mode, body = data[:1], data[1:]
    if mode == b"W":
        try:
            parse_web_document(_WEB_DID, body).to_json()
        except ResolutionFailed:
            return
        return
    if mode == b"B":
        did = "did:key:" + multibase_encode(body[:100])
    else:
        did = "did:jwk:" + base64url_encode(body) if mode == b"J" else as_text(body)
    resolution = finish(_RESOLVER.resolve(did))
    resolution.to_json()
    resolution.to_json(keywords=True)
    if resolution.document is not None:
        assert resolution.document.id == did
    _parse_addresses(did)


def _parse_addresses(did: str) -> None:
    try:
        assert did_web_url(did).startswith("https://")
    except ResolutionFailed:
        pass
    try:
        assert str(parse_did_ethr(did)) == did
    except DidError:
        pass


def _did_seeds() -> list[bytes]:
    jwk = ISSUER.public_key.to_jwk()
    method = {
        "id": "#key",
        "type": "JsonWebKey2020",
        "controller": _WEB_DID,
        "publicKeyJwk": jwk,
    }
    multikey = {
        "id": f"{_WEB_DID}#k", "type": "Multikey", "controller": _WEB_DID,
        "publicKeyMultibase": multibase_encode(ISSUER.public_key.to_multikey()),
    }  # fmt: skip
    document = {"id": _WEB_DID, "verificationMethod": [method, multikey], "authentication": ["#key", multikey]}
    dids = [
        create_did_key(ISSUER.public_key), create_did_jwk(ISSUER.public_key), ISSUER_METHOD.partition("#")[0],
        _WEB_DID + "%3A8443:unit:7", "did:web:127.0.0.1", "did:key:z6Mk", "did:jwk:e30", "did:x:y", "did:",
    ]  # fmt: skip
    return [
        *(b"T" + did.encode() for did in dids),
        b"B" + ISSUER.public_key.to_multikey(),
        b"J" + compact_json(jwk),
        b"J" + compact_json(jwk | {"use": "enc"}),
        b"W" + compact_json(document),
    ]


# -- Credentials ------------------------------------------------------------------------------------------------------


def _check_presentation(text: str) -> None:
    """As a desk and a wallet take it: both parsers, and the signature of whatever they read."""
    for parse in (parse_presentation, parse_credential):
        try:
            parsed = parse(text)
        except Rejection:
            continue
        try:
            parsed.signed.verify(HOLDER.public_key)
        except SignatureInvalid:
            continue


def _sd_jwt(data: bytes) -> None:
    """`P…`, a line each: issuer's header, payload, disclosures, the proof's header and payload, all JSON.

    `%0` to `%9` stand for the digests of the disclosures before, `%h` for `sd_hash`.
    """
    mode, body = data[:1], data[1:]
    parts = body.split(_PART)
    if mode != b"P" or len(parts) < 4:
        return _check_presentation(as_text(body))
    header, payload, *disclosed, kb_header, kb_payload = parts
    disclosures: list[str] = []
    names: dict[bytes, bytes] = {}
    for number, part in enumerate(disclosed):
        disclosures.append(base64url_encode(_filled(part, names)))
        names[b"%%%d" % number] = _digest(disclosures[-1])
    presented = "~".join([_jws(header, _filled(payload, names)), *disclosures, ""])
    names[b"%h"] = _digest(presented)
    return _check_presentation(presented + _jws(kb_header, _filled(kb_payload, names)))


def _filled(part: bytes, names: Mapping[bytes, bytes]) -> bytes:
    for name, meaning in names.items():
        part = part.replace(name, meaning)
    return part


def _digest(text: str) -> bytes:
    return base64url_encode(hashlib.sha256(text.encode("ascii")).digest()).encode("ascii")


def _jws(header: bytes, payload: bytes) -> str:
    return f"{base64url_encode(header)}.{base64url_encode(payload)}.{_SIGNATURE}"


def _sd_jwt_seeds() -> list[bytes]:
    issued = issue_coverage()
    presented = present(issued, disclose=("name", "birth_year"))
    issuer_jwt, *disclosures, kb_jwt = presented.split("~")
    jwts = [base64url_decode(segment) for jwt in (issuer_jwt, kb_jwt) for segment in jwt.split(".")[:2]]
    contents = [base64url_decode(each) for each in disclosures]
    for number, each in enumerate(disclosures):
        jwts[1] = jwts[1].replace(_digest(each), b"%%%d" % number)
    jwts[3] = jwts[3].replace(_digest(presented.rpartition("~")[0] + "~"), b"%h")
    nested = jwts[1].replace(b'"%1"', b'"%2",{"...":"%3"}')
    deep = [b'["s","a",1]', b'["s","name",{"_sd":["%0"]}]', b'["s",{"x":[{"...":"%0"}]}]', b'["s",[]]']
    return [
        *mutants_of("sd-jwt"),
        b"T" + issued.encode(),
        b"P" + _PART.join([*jwts[:2], *contents, *jwts[2:]]),
        b"P" + _PART.join([jwts[0], nested, *deep, *jwts[2:]]),
        b"T" + issuer_jwt.encode() + b"~" + b"WyJzIiwiYSIsMV0~" * 200,
    ]


_CUT = b"\x00/\x00"


def _qr_pass(data: bytes) -> None:
    """`B…`: the bytes of a presentation; `P…`, with NUL, slash, NUL between: header and payload of pass and proof."""
    mode, body = data[:1], data[1:]
    if mode == b"P" and body.count(_CUT) == 3:
        header, payload, proof_header, proof_payload = body.split(_CUT)
        qr_pass = qr_forge.encode([header, {}, payload, bytes(64)])
        proof = [proof_header.replace(b"%p", qr_pass), {}, proof_payload, bytes(64)]
        body = b"\xd2" + qr_forge.encode(proof)
        _check_presentation(base64url_encode(qr_pass))
    _check_presentation(PREFIX + base45_encode(body) if mode in (b"B", b"P") else as_text(body))


def _qr_pass_seeds() -> list[bytes]:
    good = qr_forge.forge_bytes()
    qr_pass = qr_forge.pass_in(good)
    proof, inner = qr_forge.decode(good[1:]), qr_forge.decode(qr_pass)
    header = proof[0].replace(qr_pass, b"%p")
    with_audience = qr_forge.encode({3: "did:example:desk", 6: qr_forge.PRESENTED_AT, 10: b"nonce"})
    return [
        *mutants_of("qr-pass"),
        b"T" + base64url_encode(qr_pass).encode(),
        b"B" + good,
        b"P" + _CUT.join([inner[0], inner[2], header, proof[2]]),
        b"P" + _CUT.join([inner[0], inner[2], header, with_audience]),
        b"T" + PREFIX.encode() + b"0" * 1196,
    ]


def _status_token(data: bytes) -> None:
    """`P…`, a line each: header, payload, list; `%l` in the payload stands for the list, compressed, `%r` as it is.

    Signed with the issuer's key, so that what comes after the signature is reached.
    """
    mode, body = data[:1], data[1:]
    parts = body.split(_PART, 2)
    text = as_text(body)
    if mode == b"P" and len(parts) == 3:
        header, payload, entries = parts
        names = {b"%l": base64url_encode(zlib.compress(entries)), b"%r": base64url_encode(entries)}
        payload = _filled(payload, {name: meaning.encode("ascii") for name, meaning in names.items()})
        signing_input = f"{base64url_encode(header)}.{base64url_encode(payload)}"
        text = f"{signing_input}.{base64url_encode(ISSUER.sign(signing_input.encode('ascii')))}"
    try:
        verified = parse_status_list_token(text).verify(ISSUER.public_key, expected_uri=STATUS.uri, now=NOW)
        for index in (0, STATUS.index, 2**40):
            verified.status(index)
    except Rejection:
        return


def _status_token_seeds() -> list[bytes]:
    entries = StatusList(2, 2048)
    token = create_status_list_token(
        entries, uri=STATUS.uri, verification_method=ISSUER_METHOD, signer=ISSUER,
        issued_at=NOW, expires_at=NOW + 600, time_to_live=60,
    )  # fmt: skip
    header, payload = (base64url_decode(segment) for segment in token.split(".")[:2])
    lst = base64url_encode(entries.compress()).encode("ascii")
    return [
        *mutants_of("status-list-token"),
        *(b"P" + _PART.join([header, payload.replace(lst, b"%l"), bits]) for bits in (bytes(512), b"\x1b" * 4, b"")),
        b"P" + _PART.join([header, payload.replace(lst, b"%r"), entries.compress()]),
        b"P" + _PART.join([header, payload.replace(lst, b"%r"), zlib.compress(bytes(2**21))]),
    ]


TARGETS: Mapping[str, Target] = {
    "base45": Target(_base45, _base45_seeds, 8_000),
    "dcql": DCQL,
    "document": DOCUMENT,
    "issuance": ISSUANCE,
    "did": Target(_did, _did_seeds, 66_000),
    "json": Target(_json, _json_seeds, 66_000),
    "multibase": Target(_multibase, _multibase_seeds, 1_000),
    "qr_pass": Target(_qr_pass, _qr_pass_seeds, 8_100),
    "request": REQUEST,
    "sender": SENDER,
    "sd_jwt": Target(_sd_jwt, _sd_jwt_seeds, 66_000),
    "status_token": Target(_status_token, _status_token_seeds, 66_000),
    "vc_jwt": VC_JWT,
    "x5c": X5C,
}


def starting_inputs(parser: str) -> list[bytes]:
    """What a run begins with, besides the inputs kept from earlier runs."""
    return [*TARGETS[parser].seeds(), *HEAVY.get(parser, ())]
