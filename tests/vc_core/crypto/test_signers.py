"""What every back end of `Signer` must do: one suite for all. A deployer's own goes into `REFERENCES` too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.softhsm import SoftHsm
from tests.support.stand_in_kms import install_entry_point
from vc_core.crypto.cose import parse_sign1, sign_sign1
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.crypto.key_references import open_signer
from vc_core.crypto.keys import Algorithm, Ed25519Signer, P256Signer, SignatureInvalid, Signer, signer_to_pem
from vc_core.crypto.pkcs11 import create_pkcs11_key


@dataclass(frozen=True)
class Place:
    """Where a back end may put what it needs."""

    folder: Path
    request: pytest.FixtureRequest

    def pem(self, signer: P256Signer | Ed25519Signer, name: str = "key") -> Path:
        """The signer as a key file."""
        path = self.folder / f"{name}.pem"
        path.write_bytes(signer_to_pem(signer))
        return path


def in_a_token(place: Place, algorithm: Algorithm) -> str:
    hsm: SoftHsm = place.request.getfixturevalue("softhsm")
    create_pkcs11_key(hsm.uri("key"), algorithm)
    return hsm.uri("key")


def in_a_key_service(place: Place) -> str:
    install_entry_point(place.folder / "site")
    place.request.getfixturevalue("monkeypatch").syspath_prepend(place.folder / "site")
    return f"standin:{place.pem(P256Signer.generate()).parent}#key"


REFERENCES: Mapping[str, Callable[[Place], str]] = {
    "file-ES256": lambda place: str(place.pem(P256Signer.generate())),
    "file-EdDSA": lambda place: str(place.pem(Ed25519Signer.generate())),
    "pkcs11-ES256": lambda place: in_a_token(place, Algorithm.ES256),
    "pkcs11-EdDSA": lambda place: in_a_token(place, Algorithm.EDDSA),
    "kms-ES256": in_a_key_service,
}
"""By back end and algorithm: makes a key and returns its reference."""


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.hsm] if name.startswith("pkcs11") else [], id=name) for name in REFERENCES
    ]
)
def reference(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The reference of a fresh key, once of each back end."""
    return REFERENCES[request.param](Place(tmp_path, request))


@pytest.fixture
def signer(reference: str) -> Signer:
    """That key's signer."""
    return open_signer(reference)


@pytest.mark.parametrize("length", [0, 1, 32, 4096, 1_000_000])
def test_signs_messages_of_any_length(signer: Signer, length: int) -> None:
    message = b"m" * length
    signature = signer.sign(message)
    assert len(signature) == 64
    signer.public_key.verify(signature, message)


def test_a_signature_is_for_one_message(signer: Signer) -> None:
    signature = signer.sign(b"one")
    with pytest.raises(SignatureInvalid):
        signer.public_key.verify(signature, b"another")


def test_the_key_is_the_same_however_often_it_is_opened(reference: str, signer: Signer) -> None:
    again = open_signer(reference)
    assert again.public_key == signer.public_key
    signer.public_key.verify(again.sign(b"message"), b"message")


def test_signs_from_several_threads_at_once(signer: Signer) -> None:
    messages = [b"message %d" % number for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        signatures = list(threads.map(signer.sign, messages))
    for message, signature in zip(messages, signatures, strict=True):
        signer.public_key.verify(signature, message)


def test_signs_jose_and_cose(signer: Signer) -> None:
    jws = parse_jws(sign_jws({"typ": "test", "kid": "k"}, {"a": 1}, signer), typ="test")
    assert jws.verify(signer.public_key) == {"a": 1}
    sign1 = parse_sign1(sign_sign1({}, b"payload", signer, tagged=True), tagged=True)
    signer.public_key.verify(sign1.signature, sign1.message)


def test_shows_nothing_of_the_private_key(signer: Signer) -> None:
    shown = repr(signer) + str(signer)
    secret = signer.to_bytes().hex() if isinstance(signer, P256Signer | Ed25519Signer) else "PIN"
    assert secret not in shown
