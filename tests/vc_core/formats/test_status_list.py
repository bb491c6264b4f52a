"""Status lists: the specification's vectors, their bounds, and tokens there and back."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.certificates import certify, certify_issuer, chain_of
from tests.support.verification import ISSUER, ISSUER_DID, ISSUER_METHOD, NOW
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.crypto.x509 import CertificateChain
from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.status_bits import MAX_BYTES
from vc_core.formats.status_list import (
    TYP,
    Status,
    StatusList,
    VerifiedStatusList,
    create_status_list_token,
    parse_status_list_token,
)

URI = "https://office.example/status/1"
VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "status-list" / "encoding.json").read_text("utf-8"))


def _vector_name(vector: dict[str, Any]) -> str:
    return f"section {vector['section']}, {vector['bits']} bits"


@pytest.mark.parametrize("vector", VECTORS, ids=_vector_name)
def test_vector_is_read(vector: dict[str, Any]) -> None:
    inflated = StatusList.inflate(vector["bits"], base64url_decode(vector["lst"]))
    assert inflated.size == vector["size"]
    found = {str(index): inflated.get(index) for index in range(inflated.size) if inflated.get(index)}
    assert found == vector["statuses"]


@pytest.mark.parametrize("vector", VECTORS, ids=_vector_name)
def test_vector_is_written(vector: dict[str, Any]) -> None:
    written = StatusList(vector["bits"], vector["size"])
    for index, value in vector["statuses"].items():
        written.set(int(index), value)
    # The specification's vectors are of zlib's level 9; ours is lower, and inflates to the same.
    assert base64url_encode(zlib.compress(written.to_bytes(), level=9)) == vector["lst"]
    entries = [(int(index), value) for index, value in vector["statuses"].items()]
    packed = StatusList.from_entries(vector["bits"], vector["size"], entries)
    assert zlib.decompress(packed.compress()) == written.to_bytes()


def _some_values(bits: int) -> st.SearchStrategy[tuple[int, list[int]]]:
    return st.tuples(st.just(bits), st.lists(st.integers(0, 2**bits - 1), min_size=1, max_size=100))


@settings(deadline=None)
@given(st.sampled_from([1, 2, 4, 8]).flatmap(_some_values))
def test_what_is_set_comes_back(case: tuple[int, list[int]]) -> None:
    bits, values = case
    status_list = StatusList(bits, len(values))
    for index, value in enumerate(values):
        status_list.set(index, 2**bits - 1)
        status_list.set(index, value)
    assert [status_list.get(index) for index in range(len(values))] == values
    inflated = StatusList.inflate(bits, status_list.compress())
    assert [inflated.get(index) for index in range(len(values))] == values


@pytest.mark.parametrize("index", [-1, 8, 10**30])
def test_there_is_nothing_outside_the_list(index: int) -> None:
    status_list = StatusList(2, 8)
    with pytest.raises(IndexError):
        status_list.get(index)
    with pytest.raises(IndexError):
        status_list.set(index, 1)


@pytest.mark.parametrize("value", [-1, 4])
def test_value_must_fit_the_bits(value: int) -> None:
    with pytest.raises(ValueError, match="bits"):
        StatusList(2, 8).set(0, value)


@pytest.mark.parametrize(("bits", "size"), [(3, 8), (0, 8), (2, 0), (2, -1), (8, MAX_BYTES + 1)])
def test_list_must_be_of_a_size_that_is_read(bits: int, size: int) -> None:
    with pytest.raises(ValueError, match="status"):
        StatusList(bits, size)


def test_largest_list_is_read() -> None:
    largest = StatusList(1, 8 * MAX_BYTES)
    largest.set(largest.size - 1, 1)
    inflated = StatusList.inflate(1, largest.compress())
    assert (inflated.size, inflated.get(largest.size - 1)) == (largest.size, 1)


def _token(status_list: StatusList, **changes: int) -> str:
    times = {"issued_at": NOW - 10, "expires_at": NOW + 3600, "time_to_live": 600} | changes
    return create_status_list_token(
        status_list,
        uri=URI,
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        issued_at=times["issued_at"],
        expires_at=times["expires_at"],
        time_to_live=times["time_to_live"],
    )


def _verify(text: str) -> VerifiedStatusList:
    return parse_status_list_token(text).verify(ISSUER.public_key, expected_uri=URI, now=NOW)


def test_token_there_and_back() -> None:
    status_list = StatusList(2, 100)
    status_list.set(7, Status.INVALID)
    status_list.set(8, Status.SUSPENDED)
    text = _token(status_list)
    unverified = parse_status_list_token(text)
    assert (unverified.verification_method, unverified.issuer) == (ISSUER_METHOD, ISSUER_DID)
    verified = _verify(text)
    assert [verified.status(index) for index in (6, 7, 8)] == [Status.VALID, Status.INVALID, Status.SUSPENDED]
    assert (verified.issued_at, verified.expires_at, verified.time_to_live) == (NOW - 10, NOW + 3600, 600)


def test_token_has_the_members_of_the_specification() -> None:
    jws = parse_jws(_token(StatusList(1, 8)), typ="statuslist+jwt")
    assert jws.header == {"alg": "ES256", "typ": "statuslist+jwt", "kid": ISSUER_METHOD}
    assert jws.payload == {
        "sub": URI,
        "iat": NOW - 10,
        "exp": NOW + 3600,
        "ttl": 600,
        "status_list": {"bits": 1, "lst": base64url_encode(StatusList(1, 8).compress())},
    }


@pytest.mark.parametrize("index", [-1, 100, 10**30])
def test_outside_the_list_nobody_knows(index: int) -> None:
    verified = _verify(_token(StatusList(2, 100)))
    with pytest.raises(Rejection) as refusal:
        verified.status(index)
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


@pytest.mark.parametrize(("bits", "value"), [(2, 3), (4, 11), (8, 255)])
def test_of_a_status_that_we_do_not_use_nobody_knows_what_it_means(bits: int, value: int) -> None:
    status_list = StatusList(bits, 100)
    status_list.set(5, value)
    with pytest.raises(Rejection) as refusal:
        _verify(_token(status_list)).status(5)
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


@pytest.mark.parametrize(("ttl", "kept"), [(0, 1), (1, 1), (86400, 86400), (86401, 86400), (10**12, 86400)])
def test_time_to_live_is_brought_within_bounds(ttl: int, kept: int) -> None:
    assert _verify(_token(StatusList(2, 8), time_to_live=ttl)).time_to_live == kept


def test_list_without_time_to_live_is_kept_for_an_hour() -> None:
    jws = parse_jws(_token(StatusList(2, 8)), typ="statuslist+jwt")
    payload = {name: value for name, value in jws.payload.items() if name != "ttl"}
    assert _verify(sign_jws(jws.header, payload, ISSUER)).time_to_live == 3600


def test_issuer_may_be_half_a_minute_ahead() -> None:
    assert _verify(_token(StatusList(2, 8), issued_at=NOW + 30)).issued_at == NOW + 30


@settings(deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="eyJ.ABCabc0123_-", max_size=200))
def test_any_text_is_refused_with_the_one_reason(text: str) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_status_list_token(text)
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_inflate_or_raise_value_error(data: bytes) -> None:
    try:
        StatusList.inflate(2, data)
    except ValueError:
        return


def test_token_may_name_its_key_by_certificates() -> None:
    chain = chain_of(certify_issuer(certify("Anchor")))
    made = create_status_list_token(
        StatusList(2, 16),
        uri=URI,
        verification_method=chain,
        signer=ISSUER,
        issued_at=NOW,
        expires_at=NOW + 1,
        time_to_live=1,
    )
    header, payload = (parse_jws(made, typ=TYP).header, parse_jws(made, typ=TYP).payload)
    assert "kid" not in header
    # Without `iss`, the certificates must be those of the host that publishes the list.
    unverified = parse_status_list_token(made)
    assert (unverified.issuer, unverified.verification_method) == (
        "https://office.example",
        CertificateChain("https://office.example", chain.certificates),
    )
    named = sign_jws(header, {**payload, "iss": "https://issuer.office.example"}, ISSUER)
    assert parse_status_list_token(named).issuer == "https://issuer.office.example"


@pytest.mark.parametrize(
    ("header", "payload"),
    [({"x5c": []}, {}), ({"x5c": ["MIIB"], "kid": ISSUER_METHOD}, {}), ({"x5c": ["MIIB"]}, {"iss": ISSUER_DID})]
    + [
        ({"x5c": ["MIIB"]}, {"sub": None}),
        ({"x5c": ["MIIB"]}, {"sub": "https://[x"}),
        ({"x5c": ["MIIB"], "jwk": {}}, {}),
    ],
)
def test_token_with_certificates_that_can_t_be_read_is_refused(header: dict[str, Any], payload: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_status_list_token(sign_jws({"typ": TYP, **header}, {"sub": URI, **payload}, ISSUER))
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE
