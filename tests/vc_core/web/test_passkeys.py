"""Passkeys: those of a browser, those of the specification, and what a wrong answer can look like."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.passkeys import USER_PRESENT, SecurityKey
from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.errors import Conflict, InvalidRequest, SabaiError, Unauthenticated
from vc_core.web.passkeys import (
    RegisteredPasskey,
    RelyingParty,
    VerifiedPasskey,
    create_authentication_options,
    create_registration_options,
    create_relying_party,
    parse_challenge,
    parse_credential_id,
    verify_assertion,
    verify_registration,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "passkeys"
CHROMIUM = json.loads((VECTORS / "chromium.json").read_text())
W3C = json.loads((VECTORS / "w3c.json").read_text())
BROWSER = create_relying_party("http://127.0.0.1:8479", name="Riverside Hospital")
EXAMPLE = create_relying_party("https://example.org", name="Example")
HOSPITAL = create_relying_party("https://desk.hospital.example", name="Riverside Hospital")
USER_ID, CHALLENGE = b"\x07" * 16, b"\x08" * 40


def registered(passkey: VerifiedPasskey, user_id: bytes, sign_count: int = 0) -> RegisteredPasskey:
    """A passkey as a service keeps it."""
    return RegisteredPasskey(passkey.credential_id, passkey.public_key, sign_count or passkey.sign_count, user_id)


def create_key() -> tuple[SecurityKey, RegisteredPasskey]:
    """A security key that was just registered at the hospital."""
    key = SecurityKey(HOSPITAL.origins[0], b"a key of the tests")
    options = create_registration_options(HOSPITAL, user_id=USER_ID, user_name="Somsri", challenge=CHALLENGE)
    passkey = verify_registration(key.create(options), party=HOSPITAL, expected_challenge=CHALLENGE)
    return key, registered(passkey, USER_ID)


ASKED = create_authentication_options(HOSPITAL, challenge=CHALLENGE)


def test_a_browsers_passkey_signs_in_again_and_again() -> None:
    made = CHROMIUM["registration"]
    passkey = verify_registration(made["response"], party=BROWSER, expected_challenge=bytes.fromhex(made["challenge"]))
    assert parse_credential_id(made["response"]) == passkey.credential_id
    kept = registered(passkey, bytes.fromhex(CHROMIUM["user_id"]))
    for used in CHROMIUM["assertions"]:
        challenge = bytes.fromhex(used["challenge"])
        assert parse_challenge(used["response"]) == challenge
        assertion = verify_assertion(used["response"], party=BROWSER, expected_challenge=challenge, passkey=kept)
        assert assertion.credential_id == kept.credential_id
        assert assertion.sign_count > kept.sign_count
        kept = registered(passkey, kept.user_id, assertion.sign_count)


def test_a_copied_key_that_fell_behind_is_refused() -> None:
    made, [_, used] = CHROMIUM["registration"], CHROMIUM["assertions"]
    passkey = verify_registration(made["response"], party=BROWSER, expected_challenge=bytes.fromhex(made["challenge"]))
    kept = registered(passkey, bytes.fromhex(CHROMIUM["user_id"]), 3)
    with pytest.raises(Unauthenticated):
        verify_assertion(
            used["response"], party=BROWSER, expected_challenge=bytes.fromhex(used["challenge"]), passkey=kept
        )


def test_the_specifications_own_vectors() -> None:
    verified, not_verified = W3C["registrations"]
    passkey = verify_registration(
        verified["response"], party=EXAMPLE, expected_challenge=bytes.fromhex(verified["challenge"])
    )
    with pytest.raises(InvalidRequest):
        verify_registration(
            not_verified["response"], party=EXAMPLE, expected_challenge=bytes.fromhex(not_verified["challenge"])
        )
    with pytest.raises(Unauthenticated):
        verify_assertion(
            W3C["assertion"]["response"],
            party=EXAMPLE,
            expected_challenge=bytes.fromhex(W3C["assertion"]["challenge"]),
            passkey=registered(passkey, b"\0"),
        )


def test_the_options_ask_for_a_discoverable_passkey_and_its_owner() -> None:
    options = create_registration_options(
        HOSPITAL, user_id=USER_ID, user_name="สมศรี", challenge=CHALLENGE, registered=[b"one"]
    )
    assert options["rp"] == {"id": "desk.hospital.example", "name": "Riverside Hospital"}
    assert options["user"]["name"] == "สมศรี"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert [each["id"] for each in options["excludeCredentials"]] == [base64url_encode(b"one")]
    assert (ASKED["rpId"], ASKED["userVerification"], ASKED["allowCredentials"]) == (HOSPITAL.id, "required", [])
    assert base64url_decode(ASKED["challenge"]) == CHALLENGE


@pytest.mark.parametrize(
    ("public_url", "origins"),
    [
        ("http://127.0.0.1:8002", ("http://127.0.0.1:8002", "http://localhost:8002")),
        ("https://[::1]:8002", ("https://[::1]:8002", "https://localhost:8002")),
        ("http://localhost:8002", ("http://localhost:8002",)),
    ],
)
def test_on_the_loopback_interface_the_name_is_localhost(public_url: str, origins: tuple[str, ...]) -> None:
    assert create_relying_party(public_url, name="x") == RelyingParty("localhost", "x", origins)


@pytest.mark.parametrize("public_url", ["https://192.168.1.5:8002", "https://[fd00::1]", "https://0.0.0.0"])
def test_an_address_without_a_name_has_no_passkeys(public_url: str) -> None:
    with pytest.raises(Conflict):
        create_relying_party(public_url, name="x")


def test_good_answers_of_a_security_key() -> None:
    key, passkey = create_key()
    assertion = verify_assertion(key.get(ASKED), party=HOSPITAL, expected_challenge=CHALLENGE, passkey=passkey)
    assert assertion.sign_count == 1


WRONG: dict[str, dict[str, Any]] = {
    "not verified": {"flags": USER_PRESENT},
    "nobody there": {"flags": 0x04},
    "another page": {"origin": "https://desk.hospital.example.evil.test"},
    "by http": {"origin": "http://desk.hospital.example"},
    "another port": {"origin": "https://desk.hospital.example:8443"},
    "in a frame": {"crossOrigin": True},
    "another challenge": {"challenge": base64url_encode(b"\x09" * 40)},
    "no challenge": {"challenge": None},
}


@pytest.mark.parametrize("changes", [*WRONG.values(), {"type": "webauthn.create"}], ids=[*WRONG, "the other ceremony"])
def test_wrong_assertions_are_refused(changes: dict[str, Any]) -> None:
    key, passkey = create_key()
    with pytest.raises(Unauthenticated):
        verify_assertion(key.get(ASKED, **changes), party=HOSPITAL, expected_challenge=CHALLENGE, passkey=passkey)


@pytest.mark.parametrize("changes", [*WRONG.values(), {"type": "webauthn.get"}], ids=[*WRONG, "the other ceremony"])
def test_wrong_registrations_are_refused(changes: dict[str, Any]) -> None:
    key = SecurityKey(HOSPITAL.origins[0], b"a key of the tests")
    options = create_registration_options(HOSPITAL, user_id=USER_ID, user_name="Somsri", challenge=CHALLENGE)
    with pytest.raises(InvalidRequest):
        verify_registration(key.create(options, **changes), party=HOSPITAL, expected_challenge=CHALLENGE)


def test_another_host_another_key_and_another_person_are_refused() -> None:
    key, passkey = create_key()
    other_key, _ = create_key()
    of_somebody_else = RegisteredPasskey(passkey.credential_id, passkey.public_key, 0, b"somebody else")
    for answer, kept in (
        (key.get({**ASKED, "rpId": "evil.test"}), passkey),
        (other_key.get(ASKED), passkey),
        (key.get(ASKED), of_somebody_else),
    ):
        with pytest.raises(Unauthenticated):
            verify_assertion(answer, party=HOSPITAL, expected_challenge=CHALLENGE, passkey=kept)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = ["id", "rawId", "type", "response"]
RESPONSE_MEMBERS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_a_stranger_sends_is_refused_with_an_error_of_ours(data: st.DataObject) -> None:
    made, used = CHROMIUM["registration"], CHROMIUM["assertions"][0]
    passkey = registered(VerifiedPasskey(b"x", b"\xa0", 0), b"x")
    for vector in (made, used):
        answer = copy.deepcopy(vector["response"])
        if data.draw(st.booleans()):
            answer[data.draw(st.sampled_from(MEMBERS))] = data.draw(JUNK)
        else:
            answer["response"][data.draw(st.sampled_from(RESPONSE_MEMBERS))] = data.draw(
                JUNK | st.binary(max_size=60).map(base64url_encode)
            )
        challenge = bytes.fromhex(vector["challenge"])
        for work in (
            lambda answer=answer, challenge=challenge: verify_assertion(
                answer, party=BROWSER, expected_challenge=challenge, passkey=passkey
            ),
            lambda answer=answer, challenge=challenge: verify_registration(
                answer, party=BROWSER, expected_challenge=challenge
            ),
            lambda answer=answer: parse_challenge(answer),
            lambda answer=answer: parse_credential_id(answer),
        ):
            try:
                work()
            except SabaiError as error:
                assert isinstance(error, InvalidRequest | Unauthenticated)  # noqa: PT017 - most of them may also pass
