"""DID documents as JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.crypto.keys import PublicKey
from vc_core.did.document import DidDocument, VerificationMethod, base58btc_encode

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        # The three vectors of draft-msporny-base58-03 section 5.
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
        (b"\0", "1"),
    ],
)
def test_base58(data: bytes, text: str) -> None:
    assert base58btc_encode(data) == text


@given(st.binary(max_size=40))
def test_base58_says_all_of_any_bytes(data: bytes) -> None:
    text, number = base58btc_encode(data), 0
    for letter in text:
        number = number * 58 + BASE58.index(letter)
    zeros = len(text) - len(text.lstrip("1"))

    assert bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big") == data


def test_a_multikey_as_did_key_writes_it() -> None:
    # The first Ed25519 example of the did:key method.
    multibase = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    key = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"})

    method = VerificationMethod("did:example:1#key", public_key=key)

    assert method.to_json() == {
        "id": "did:example:1#key",
        "type": "Multikey",
        "controller": "did:example:1",
        "publicKeyMultibase": multibase,
    }


def test_an_empty_document() -> None:
    document = DidDocument("did:example:1", deactivated=True).to_json()

    assert document.pop("@context")[0] == "https://www.w3.org/ns/did/v1"
    assert document == {"id": "did:example:1", "verificationMethod": [], "authentication": [], "assertionMethod": []}
