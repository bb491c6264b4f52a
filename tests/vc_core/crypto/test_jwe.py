"""JWE: RFC 7518's vector, another implementation both ways, and what must be refused (row J8 and others)."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto import jwe as peer_jwe
from jwcrypto import jwk as peer_jwk

from vc_core.crypto.jwe import (
    CONTENT_ENCRYPTION,
    MAX_JWE_LENGTH,
    MAX_PLAINTEXT,
    EncryptionKey,
    JweError,
    decrypt_jwe,
    encrypt_jwe,
    parse_recipient,
)
from vc_core.crypto.keys import Ed25519Signer, P384Signer
from vc_core.encoding import base64url_decode, base64url_encode, compact_json

VECTOR = json.loads((Path(__file__).parents[2] / "vectors" / "jwe" / "rfc7518-appendix-c.json").read_text("utf-8"))
KEY = EncryptionKey.from_bytes(base64url_decode(VECTOR["bob"]["d"]))
KEYS = {KEY.kid: KEY}
MESSAGE = b'{"vp_token":{}}'


def header_of(text: str) -> dict[str, Any]:
    """The protected header."""
    return dict(json.loads(base64url_decode(text.partition(".")[0])))


def sealed(header: dict[str, Any], plaintext: bytes = MESSAGE) -> str:
    """A JWE with this header over the vector's key agreement, where the content key is the one of the RFC."""
    protected = base64url_encode(compact_json(header))
    key = AESGCM(base64url_decode(VECTOR["derived_key"]))
    sealed = key.encrypt(bytes(12), plaintext, protected.encode("ascii"))
    return (
        f"{protected}..{base64url_encode(bytes(12))}.{base64url_encode(sealed[:-16])}.{base64url_encode(sealed[-16:])}"
    )


def good_header(**changes: Any) -> dict[str, Any]:
    """The vector's header to our key, with some members changed; those that are None are left out."""
    members = {**VECTOR["header"], "kid": KEY.kid} | changes
    return {name: value for name, value in members.items() if value is not None}


def test_the_vector_of_the_rfc() -> None:
    assert KEY.public_key.to_jwk() == {name: VECTOR["bob"][name] for name in ("kty", "crv", "x", "y")}
    assert decrypt_jwe(sealed(good_header()), keys=KEYS) == MESSAGE


@pytest.mark.parametrize("enc", CONTENT_ENCRYPTION)
@pytest.mark.parametrize("compress", [False, True])
def test_there_and_back(enc: str, compress: bool) -> None:
    text = encrypt_jwe(MESSAGE * 50, recipient=KEY.to_jwk(), enc=enc, apu=b"wallet", apv=b"nonce", compress=compress)
    assert header_of(text)["kid"] == KEY.kid
    assert header_of(text).get("zip") == ("DEF" if compress else None)
    assert decrypt_jwe(text, keys=KEYS) == MESSAGE * 50
    assert decrypt_jwe(text.encode("ascii"), keys=KEYS, algorithms=[enc]) == MESSAGE * 50


def test_each_message_has_a_key_of_its_own() -> None:
    one, other = [encrypt_jwe(MESSAGE, recipient=KEY.to_jwk(), enc="A128GCM") for _ in range(2)]
    assert header_of(one)["epk"] != header_of(other)["epk"]
    assert "d" not in header_of(one)["epk"]


@pytest.mark.parametrize("enc", CONTENT_ENCRYPTION)
def test_another_implementation_reads_and_writes_the_same(enc: str) -> None:
    ours = peer_jwk.JWK(**KEY.public_key.to_jwk(), d=base64url_encode(KEY.to_bytes()))
    reading = peer_jwe.JWE(algs=["ECDH-ES", enc])
    reading.deserialize(encrypt_jwe(MESSAGE, recipient=KEY.to_jwk(), enc=enc, apu=b"a", apv=b"b"), ours)
    assert reading.payload == MESSAGE
    for extra in ({}, {"apu": "YQ", "apv": "Yg"}, {"zip": "DEF"}, {"cty": "json", "iat": 1}):
        header = {"alg": "ECDH-ES", "enc": enc, "kid": KEY.kid} | extra
        written = peer_jwe.JWE(MESSAGE, json.dumps(header), recipient=peer_jwk.JWK(**KEY.public_key.to_jwk()))
        assert decrypt_jwe(written.serialize(compact=True), keys=KEYS) == MESSAGE


def test_keys_go_to_bytes_and_back() -> None:
    key = EncryptionKey.generate()
    assert EncryptionKey.from_bytes(key.to_bytes()).to_jwk() == key.to_jwk()
    assert key.to_jwk().keys() == {"kty", "crv", "x", "y", "use", "alg", "kid"}
    with pytest.raises(ValueError, match="private"):
        EncryptionKey.from_bytes(bytes(32))


P384 = P384Signer.generate().public_key.to_jwk()
PRIVATE_EPK = {name: VECTOR["alice"][name] for name in ("kty", "crv", "x", "y", "d")}
OFF_CURVE = {**VECTOR["header"]["epk"], "y": base64url_encode(bytes(31) + b"\x01")}


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "none"},
        {"alg": "dir"},
        {"alg": "ECDH-ES+A128KW"},
        {"alg": "RSA1_5"},
        {"alg": "PBES2-HS256+A128KW", "p2s": "AAAA", "p2c": 10**9},
        {"alg": None},
        {"enc": "A192GCM"},
        {"enc": "A128CBC-HS256"},
        {"enc": ["A128GCM"]},
        {"enc": None},
        {"kid": None},
        {"kid": "another"},
        {"kid": ["a"]},
        {"kid": "x" * 600},
        {"epk": None},
        {"epk": "x"},
        {"epk": PRIVATE_EPK},
        {"epk": OFF_CURVE},
        {"epk": {**VECTOR["header"]["epk"], "x": base64url_encode(bytes(32)), "y": base64url_encode(bytes(32))}},
        {"epk": {**VECTOR["header"]["epk"], "crv": "P-384"}},
        {"epk": P384},
        {"epk": Ed25519Signer.generate().public_key.to_jwk()},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"jku": "https://attacker.test/keys"},
        {"jwk": VECTOR["header"]["epk"]},
        {"zip": "GZIP"},
        {"apu": 1},
        {"apu": ""},
        {"apv": "not base64url!"},
        {"apv": "Qm9j"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_headers_that_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(JweError):
        decrypt_jwe(sealed(good_header(**changes)), keys=KEYS)


def test_an_algorithm_that_was_not_expected() -> None:
    text = encrypt_jwe(MESSAGE, recipient=KEY.to_jwk(), enc="A256GCM")
    with pytest.raises(JweError):
        decrypt_jwe(text, keys=KEYS, algorithms=["A128GCM"])


def test_a_key_that_has_ended() -> None:
    text = encrypt_jwe(MESSAGE, recipient=EncryptionKey.generate().to_jwk(), enc="A256GCM")
    with pytest.raises(JweError, match="not ours"):
        decrypt_jwe(text, keys=KEYS)


def test_bombs_and_long_texts() -> None:
    bomb = zlib.compress(bytes(50_000_000))[2:-4]
    assert len(bomb) < 50_000
    with pytest.raises(JweError):
        decrypt_jwe(sealed(good_header(zip="DEF"), bomb), keys=KEYS)
    with pytest.raises(JweError, match="too long"):
        decrypt_jwe(sealed(good_header(zip="DEF"), zlib.compress(bytes(MAX_PLAINTEXT + 1))[2:-4]), keys=KEYS)
    with pytest.raises(JweError, match="too long"):
        decrypt_jwe("x" * (MAX_JWE_LENGTH + 1), keys=KEYS)
    with pytest.raises(JweError, match="too long"):
        encrypt_jwe(bytes(MAX_PLAINTEXT + 1), recipient=KEY.to_jwk(), enc="A128GCM")
    largest = encrypt_jwe(bytes(MAX_PLAINTEXT), recipient=KEY.to_jwk(), enc="A128GCM")
    assert decrypt_jwe(largest, keys=KEYS) == bytes(MAX_PLAINTEXT)


def test_what_inflates_to_nothing_readable() -> None:
    with pytest.raises(JweError):
        decrypt_jwe(sealed(good_header(zip="DEF"), b"\xff" * 20), keys=KEYS)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_changed_message_is_read(data: st.DataObject) -> None:
    """A character changed, taken out or put in anywhere; base64url that another reader would take as the same too."""
    text = encrypt_jwe(MESSAGE, recipient=KEY.to_jwk(), enc="A128GCM")
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from(["", "A", "B", "_", "-", "=", "+", ".", "é"]))
    changed = text[:at] + put + text[at + data.draw(st.integers(0, 1)) :]
    if changed == text:
        return
    with pytest.raises(JweError):
        decrypt_jwe(changed, keys=KEYS)


def test_cut_parts() -> None:
    parts = encrypt_jwe(MESSAGE, recipient=KEY.to_jwk(), enc="A128GCM").split(".")
    for number, shorter in ((1, "AAAA"), (2, ""), (2, parts[2][:8]), (3, ""), (4, ""), (4, parts[4][:16])):
        with pytest.raises(JweError):
            decrypt_jwe(".".join(shorter if at == number else part for at, part in enumerate(parts)), keys=KEYS)
    for text in ("", ".", "....", ".".join(parts[:4]), ".".join([*parts, ""])):
        with pytest.raises(JweError):
            decrypt_jwe(text, keys=KEYS)


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": None},
        {"alg": "ECDH-ES+A256KW"},
        {"use": "sig"},
        {"kid": ""},
        {"kid": 7},
        {"crv": "P-384"},
        {"d": VECTOR["bob"]["d"]},
        {"y": base64url_encode(bytes(31) + b"\x01")},
    ],
    ids=str,
)
def test_keys_that_nothing_is_encrypted_to(changes: dict[str, Any]) -> None:
    jwk = {name: value for name, value in (KEY.to_jwk() | changes).items() if value is not None}
    with pytest.raises(JweError):
        parse_recipient(jwk)
    with pytest.raises(JweError):
        encrypt_jwe(MESSAGE, recipient=jwk, enc="A128GCM")


def test_other_things_than_keys() -> None:
    values: list[Any] = [None, [], "x", {}, Ed25519Signer.generate().public_key.to_jwk()]
    for value in values:
        with pytest.raises(JweError):
            parse_recipient(value)
    with pytest.raises(JweError):
        encrypt_jwe(MESSAGE, recipient=KEY.to_jwk(), enc="A192GCM")


def test_a_recipient_without_an_id() -> None:
    jwk = {name: value for name, value in KEY.to_jwk().items() if name not in ("kid", "use")}
    assert parse_recipient(jwk).kid is None
    assert "kid" not in header_of(encrypt_jwe(MESSAGE, recipient=jwk, enc="A128GCM"))
