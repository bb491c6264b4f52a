"""Bitstring Status Lists as credentials: both ways of securing them, and rows L2, L4, L5 and L6."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.verification import ISSUER_DID, NOW
from vc_core.crypto.keys import Ed25519Signer, P256Signer, Signer
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.bitstring_status_list import MINIMUM_ENTRIES, BitstringStatusList
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose, StatusReference
from vc_core.formats.status_bits import MAX_BYTES
from vc_core.formats.status_list import Status
from vc_core.formats.status_list_credential import (
    VerifiedBitstringStatusList,
    create_status_list_credential,
    parse_status_list_credential,
    sign_status_list_document,
    sign_status_list_jwt,
)

URI = "https://office.example/status/1/revocation"
METHOD = ISSUER_DID + "#delegate-2"
KEY = Ed25519Signer.generate()
STRANGER = Ed25519Signer.generate()
REVOKED, HOLDING, LAST = (
    BitstringStatusReference(URI, index, StatusPurpose.REVOCATION) for index in (7, 8, MINIMUM_ENTRIES - 1)
)

Sign = Callable[..., str]


def _as_jwt(document: dict[str, Any], *, method: str = METHOD, signer: Signer = KEY) -> str:
    return sign_status_list_jwt(document, verification_method=method, signer=signer)


def _as_document(document: dict[str, Any], *, method: str = METHOD, signer: Signer = KEY) -> str:
    signed = sign_status_list_document(document, verification_method=method, signer=signer, issued_at=NOW - 10)
    return compact_json(signed).decode("utf-8")


BOTH = pytest.mark.parametrize("sign", [_as_jwt, _as_document], ids=["vc+jwt", "Data Integrity"])


def _document(purpose: StatusPurpose = StatusPurpose.REVOCATION, **changes: Any) -> dict[str, Any]:
    """A list in which entry 7 is set; `changes` replace members, those of the subject under `subject`."""
    document = create_status_list_credential(
        BitstringStatusList.from_entries(1, MINIMUM_ENTRIES, [(7, 1)]),
        uri=URI,
        issuer=ISSUER_DID,
        purpose=purpose,
        issued_at=NOW - 10,
        expires_at=NOW + 3600,
        time_to_live=600,
    )
    subject = {**document["credentialSubject"], **changes.pop("subject", {})}
    merged = {**document, "credentialSubject": subject, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def _verify(text: str, *, signer: Signer = KEY, now: int = NOW, uri: str = URI) -> VerifiedBitstringStatusList:
    return parse_status_list_credential(text).verify(signer.public_key, expected_uri=uri, now=now)


@BOTH
def test_a_list_is_read_as_it_was_published(sign: Sign) -> None:
    unverified = parse_status_list_credential(sign(_document()))
    assert (unverified.verification_method, unverified.issuer) == (METHOD, ISSUER_DID)
    verified = _verify(sign(_document()))
    assert (verified.issued_at, verified.expires_at, verified.time_to_live) == (NOW - 10, NOW + 3600, 600)
    assert [verified.status_of(each) for each in (REVOKED, HOLDING, LAST)] == [
        Status.INVALID,
        Status.VALID,
        Status.VALID,
    ]


@pytest.mark.parametrize(
    ("purpose", "status"),
    [
        (StatusPurpose.REVOCATION, Status.INVALID),
        (StatusPurpose.SUSPENSION, Status.SUSPENDED),
        (StatusPurpose.MESSAGE, Status.VALID),
        (StatusPurpose.REFRESH, Status.VALID),
    ],
)
def test_what_a_set_entry_means_depends_on_the_purpose(purpose: StatusPurpose, status: Status) -> None:
    verified = _verify(_as_jwt(_document(purpose)))
    reference = BitstringStatusReference(URI, 7, purpose)
    assert (verified.value(reference), verified.status_of(reference)) == (1, status)


def test_a_list_may_have_several_purposes_and_entries_of_several_bits() -> None:
    bits = BitstringStatusList.from_entries(2, 2 * MINIMUM_ENTRIES, [(7, 2)])
    subject = {"statusPurpose": ["message", "revocation"], "encodedList": bits.encode()}
    verified = _verify(_as_jwt(_document(subject=subject)))
    assert verified.value(BitstringStatusReference(URI, 7, StatusPurpose.MESSAGE, 2)) == 2
    assert verified.status_of(BitstringStatusReference(URI, 14, StatusPurpose.REVOCATION)) is Status.INVALID
    with pytest.raises(Rejection):
        verified.value(BitstringStatusReference(URI, 7, StatusPurpose.SUSPENSION))


def test_a_list_too_short_for_its_entries_is_refused() -> None:
    verified = _verify(_as_jwt(_document()))
    with pytest.raises(Rejection):  # 65,536 entries of two bits
        verified.value(BitstringStatusReference(URI, 7, StatusPurpose.REVOCATION, 2))


@pytest.mark.parametrize(
    "reference",
    [
        BitstringStatusReference(URI, MINIMUM_ENTRIES, StatusPurpose.REVOCATION),
        BitstringStatusReference(URI, 10**11, StatusPurpose.REVOCATION),
        BitstringStatusReference(URI, 7, StatusPurpose.SUSPENSION),
        StatusReference(URI, 7),
    ],
)
def test_what_the_list_does_not_say_is_unavailable(reference: BitstringStatusReference | StatusReference) -> None:
    with pytest.raises(Rejection) as refusal:
        _verify(_as_jwt(_document())).status_of(reference)
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


def _packed(array: bytes) -> str:
    return "u" + base64url_encode(gzip.compress(array))


FAULTS: Mapping[str, dict[str, Any]] = {
    "of another address": {"id": URI + "/2"},
    "of no address": {"id": None},
    "of another type": {"type": ["VerifiableCredential"]},
    "whose subject is a list": {"credentialSubject": [{"id": "urn:x:1"}, {"id": "urn:x:2"}]},
    "without a beginning": {"validFrom": None},
    "dated in 2099": {"validFrom": "2099-01-01T00:00:00Z", "validUntil": "2099-01-02T00:00:00Z"},
    "that has expired": {"validUntil": "2026-09-21T14:13:20Z"},
    "of another issuer": {"issuer": "did:ethr:0x539:0x3333333333333333333333333333333333333333"},
    "that is bare base64url": {"subject": {"encodedList": _packed(bytes(16384))[1:]}},
    "in another base": {"subject": {"encodedList": "z" + _packed(bytes(16384))[1:]}},
    "that is not compressed": {"subject": {"encodedList": "u" + base64url_encode(bytes(16384))}},
    "that is a bomb": {"subject": {"encodedList": _packed(bytes(MAX_BYTES + 1))}},
    "with a time to live of text": {"subject": {"ttl": "600"}},
    "with a time to live below nothing": {"subject": {"ttl": -1}},
}


@BOTH
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_list_with_a_fault_is_unavailable(sign: Sign, fault: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as refusal:
        _verify(sign(_document(**fault)))
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


def test_a_list_whose_subject_is_of_another_type_is_unavailable() -> None:
    with pytest.raises(Rejection) as refusal:
        _verify(_as_jwt(_document(subject={"type": "BitstringStatusListEntry"})))
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


@BOTH
def test_a_list_that_another_key_signed_is_unavailable(sign: Sign) -> None:
    good = sign(_document())
    changed = good[: len(good) // 2] + ("B" if good[len(good) // 2] == "A" else "A") + good[len(good) // 2 + 1 :]
    p256 = P256Signer.from_bytes(bytes([7]) * 32)
    for text, key in ((sign(_document()), STRANGER), (sign(_document(), signer=STRANGER), KEY), (changed, KEY)):
        with pytest.raises(Rejection) as refusal:
            _verify(text, signer=key)
        assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE
    with pytest.raises(Rejection):
        _verify(sign(_document()), signer=p256)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[]",
        "a.b.c",
        "a" * 300_000,
        "{" * 300_000,
        compact_json(_document()).decode("ascii"),
        _as_jwt(_document()).rpartition(".")[0] + ".",
        _as_jwt({**_document(), "proof": {}}),
        _as_jwt(_document(), method="https://office.example/keys/1"),
    ],
)
def test_what_is_no_secured_list_is_unavailable(text: str) -> None:
    with pytest.raises(Rejection) as refusal:
        _verify(text)
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


@BOTH
@pytest.mark.parametrize(("ttl", "seconds"), [(0, 1), (999, 1), (60_000, 60), (10**15, 86_400), (None, 300)])
def test_the_time_to_live_is_bounded(sign: Sign, ttl: int | None, seconds: int) -> None:
    document = _document(subject={} if ttl is None else {"ttl": ttl})
    if ttl is None:
        del document["credentialSubject"]["ttl"]
    assert _verify(sign(document)).time_to_live == seconds


_MEMBERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(max_size=200) | st.dictionaries(st.sampled_from([*_document(), "proof"]), _MEMBERS).map(str))
def test_any_text_is_a_list_or_unavailable(text: str) -> None:
    with pytest.raises(Rejection) as refusal:
        _verify(text)
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


@given(st.sampled_from([*_document()]), _MEMBERS, st.sampled_from([*_document()["credentialSubject"]]), _MEMBERS)
def test_a_signed_list_with_any_member_is_read_or_unavailable(name: str, value: Any, part: str, inner: Any) -> None:
    document = {**_document(), name: value}
    if isinstance(document["credentialSubject"], dict):
        document["credentialSubject"] = {**document["credentialSubject"], part: inner}
    try:
        verified = _verify(_as_jwt(document))
    except Rejection as refusal:
        assert refusal.code is ReasonCode.STATUS_UNAVAILABLE  # noqa: PT017 - either outcome is good
    else:
        assert verified.entries.size >= 8
