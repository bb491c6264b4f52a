"""Keys in a token: their names, what is refused, and a token that goes away and comes back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, ObjectClass

from tests.support.softhsm import PIN, SoftHsm
from vc_core.crypto.keys import Algorithm, KeyFormatError
from vc_core.crypto.pkcs11 import create_pkcs11_key, load_pkcs11_signer, parse_key_uri
from vc_core.errors import SignerUnavailable

pytestmark = pytest.mark.hsm

P256 = bytes.fromhex("06082a8648ce3d030107")


def test_a_uri_taken_apart() -> None:
    uri = parse_key_uri(
        "pkcs11:token=The%20Office;object=credentials;id=%01%ff;serial=1f;type=private"
        "?module-path=/usr/lib/m.so&pin-source=file:///run/pin"
    )
    assert (uri.token, uri.object, uri.id, uri.serial) == ("The Office", "credentials", b"\x01\xff", "1f")
    assert (uri.module_path, uri.pin_source) == ("/usr/lib/m.so", Path("/run/pin"))
    assert parse_key_uri("pkcs11:token=t;id=%01?module-path=/m.so&pin-source=/run/pin").pin_source == Path("/run/pin")


@pytest.mark.parametrize(
    "text",
    [
        "file:/key.pem",
        "pkcs11:",
        "pkcs11:token=t?module-path=/m.so",
        "pkcs11:object=o?module-path=/m.so",
        "pkcs11:token=t;object=o",
        "pkcs11:token=t;token=t;object=o?module-path=/m.so",
        "pkcs11:token=;object=o?module-path=/m.so",
        "pkcs11:token=t;object=o;type=public?module-path=/m.so",
        "pkcs11:token=t;object=o;colour=red?module-path=/m.so",
        "pkcs11:token=t;object=o?module-path=/m.so&pin-value=1234",
        "pkcs11:token=t;object=o?module-path=/m.so&pin-source=pin",
        "pkcs11:token=t;object=o?module-path=/m.so&pin-source=https://pins.test",
        "pkcs11:token=t;object=" + "o" * 2_000 + "?module-path=/m.so",
    ],
)
def test_uris_that_are_refused(text: str) -> None:
    with pytest.raises(KeyFormatError):
        parse_key_uri(text)


def test_a_new_key_can_not_leave_the_token(softhsm: SoftHsm) -> None:
    create_pkcs11_key(softhsm.uri("key"), Algorithm.ES256)
    key = pkcs11.lib(str(softhsm.module)).get_token(token_label="issuer").open().get_key(ObjectClass.PRIVATE_KEY)
    assert (key[Attribute.SENSITIVE], key[Attribute.EXTRACTABLE], key[Attribute.NEVER_EXTRACTABLE]) == (
        True,
        False,
        True,
    )
    with pytest.raises(pkcs11.AttributeSensitive):
        key[Attribute.VALUE]


def test_a_key_is_never_overwritten(softhsm: SoftHsm) -> None:
    first = create_pkcs11_key(softhsm.uri("key"), Algorithm.ES256)
    with pytest.raises(KeyFormatError):
        create_pkcs11_key(softhsm.uri("key"), Algorithm.EDDSA)
    assert load_pkcs11_signer(softhsm.uri("key")).public_key == first.public_key


def test_a_key_that_could_be_exported_is_refused(softhsm: SoftHsm) -> None:
    token = pkcs11.lib(str(softhsm.module)).get_token(token_label="issuer")
    with token.open(rw=True, user_pin=PIN) as session:
        parameters = session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: P256}, local=True)
        parameters.generate_keypair(label="loose", store=True, private_template={Attribute.EXTRACTABLE: True})
    with pytest.raises(KeyFormatError, match="exported"):
        load_pkcs11_signer(softhsm.uri("loose"))


def test_a_key_of_another_kind_is_refused(softhsm: SoftHsm) -> None:
    token = pkcs11.lib(str(softhsm.module)).get_token(token_label="issuer")
    with token.open(rw=True, user_pin=PIN) as session:
        p384 = bytes.fromhex("06052b81040022")
        parameters = session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: p384}, local=True)
        parameters.generate_keypair(label="p384", store=True)
    with pytest.raises(KeyFormatError, match="neither"):
        load_pkcs11_signer(softhsm.uri("p384"))


def test_what_keeps_a_signer_from_opening(softhsm: SoftHsm, tmp_path: Path) -> None:
    create_pkcs11_key(softhsm.uri("key"), Algorithm.ES256)
    softhsm.restart()
    elsewhere = softhsm.uri("key").replace(str(softhsm.module), str(tmp_path / "none.so"))
    cases: list[tuple[type[Exception], Callable[[], object]]] = [
        (KeyFormatError, lambda: load_pkcs11_signer(softhsm.uri("other"))),
        (SignerUnavailable, lambda: load_pkcs11_signer(softhsm.uri("key", token="other"))),
        (SignerUnavailable, lambda: load_pkcs11_signer(elsewhere)),
    ]
    for expected, attempt in cases:
        with pytest.raises(expected):
            attempt()


def test_pins(softhsm: SoftHsm) -> None:
    create_pkcs11_key(softhsm.uri("key"), Algorithm.ES256)
    bare = softhsm.uri_without_pin("key")
    softhsm.restart()
    for pin in (None, "wrong"):
        with pytest.raises(SignerUnavailable, match="PIN") as refused:
            load_pkcs11_signer(bare, pin=pin)
        assert "wrong" not in str(refused.value)
    load_pkcs11_signer(bare, pin=PIN)
    softhsm.restart()
    softhsm.pin_file.unlink()
    with pytest.raises(SignerUnavailable, match="file"):
        load_pkcs11_signer(softhsm.uri("key"))


def test_signs_on_after_the_token_was_restarted(softhsm: SoftHsm) -> None:
    keys = [create_pkcs11_key(softhsm.uri(name), Algorithm.ES256) for name in ("one", "two")]
    softhsm.restart()
    for key in keys * 2:
        key.public_key.verify(key.sign(b"message"), b"message")


def test_signs_on_while_another_thread_restarts_the_token(softhsm: SoftHsm) -> None:
    """Each signer's recovery starts the module anew for all of them."""
    keys = [create_pkcs11_key(softhsm.uri(name), Algorithm.ES256) for name in ("one", "two")]

    def sign(number: int) -> None:
        key = keys[number % 2]
        if number % 10 == 0:
            with key._lock:
                softhsm.restart()
        key.public_key.verify(key.sign(b"message"), b"message")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(sign, range(100)))


def test_a_token_that_is_away_says_so_and_comes_back(softhsm: SoftHsm) -> None:
    key = create_pkcs11_key(softhsm.uri("key"), Algorithm.ES256)
    tokens, away = softhsm.folder / "tokens", softhsm.folder / "away"
    tokens.rename(away)
    for _ in range(2):
        with pytest.raises(SignerUnavailable):
            key.sign(b"message")
    away.rename(tokens)
    key.public_key.verify(key.sign(b"message"), b"message")


def test_another_key_under_the_same_name_is_noticed(softhsm: SoftHsm) -> None:
    key = create_pkcs11_key(softhsm.uri("key"), Algorithm.ES256)
    (softhsm.folder / "tokens").rename(softhsm.folder / "stolen")
    (softhsm.folder / "tokens").mkdir()
    softhsm.create_token("issuer")
    with pytest.raises(SignerUnavailable, match="no longer"):
        key.sign(b"message")
    create_pkcs11_key(softhsm.uri("key"), Algorithm.ES256)
    for _ in range(2):
        with pytest.raises(SignerUnavailable, match="another key"):
            key.sign(b"message")


def test_a_refused_pin_is_not_tried_again(softhsm: SoftHsm) -> None:
    key = create_pkcs11_key(softhsm.uri("key"), Algorithm.ES256)
    softhsm.pin_file.write_text("changed")
    softhsm.restart()
    with pytest.raises(SignerUnavailable, match="refuses the PIN"):
        key.sign(b"message")
    with pytest.raises(SignerUnavailable, match="refused the PIN before"):
        key.sign(b"message")


def test_without_the_extra_files_still_open() -> None:
    """A service whose keys are in files starts where python-pkcs11 is not installed."""
    hidden = "import sys; sys.modules['pkcs11'] = None; import vc_core.crypto.key_references as k\n"
    attempt = "try: k.open_signer('pkcs11:token=t;object=o?module-path=/m.so')\nexcept k.KeyFormatError as e: print(e)"
    ended = subprocess.run([sys.executable, "-c", hidden + attempt], capture_output=True, text=True, check=True)
    assert "sabai[hsm]" in ended.stdout
