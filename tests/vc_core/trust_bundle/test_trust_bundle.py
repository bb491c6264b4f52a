"""Trust bundles: what a desk takes over, and one fault each for which it refuses."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bundles import (
    ADDRESSES,
    AUTHORITY,
    AUTHORITY_DID,
    CHAIN_ID,
    EVENTS,
    METHOD,
    NOW,
    OTHER_DID,
    SECOND_KEY,
    SECOND_METHOD,
    THIEF,
    accreditation_event,
    block,
    bundle,
    key_event,
    kill_event,
    place,
    snapshot,
    verify,
)
from vc_core.crypto.cbor import decode_cbor, encode_cbor
from vc_core.crypto.cose import KID, TYP, sign_sign1
from vc_core.crypto.keys import Ed25519Signer
from vc_core.errors import TrustBundleRefused
from vc_core.ledger.events import (
    AccreditationChanged,
    AccreditationState,
    Anchored,
    AttributeChanged,
    DelegateChanged,
    GovernanceChanged,
    KeyKilled,
    LogOwnerChanged,
    MandateChanged,
    OwnerChanged,
    RegistryEvent,
    Role,
)
from vc_core.trust_bundle.contents import (
    EVENTS_PER_BLOCK,
    MAX_BLOCK_BYTES,
    MAX_BLOCKS,
    BundleContents,
    StatusListCopy,
    decode_contents,
    encode_contents,
)
from vc_core.trust_bundle.envelope import MAX_BUNDLE_BYTES, MEDIA_TYPE, create_trust_bundle, parse_trust_bundle
from vc_core.trust_bundle.events_cbor import EVENT_FORMS, event_to_array, parse_event_array

A, B, H = "0x" + "12" * 20, "0x" + "ab" * 20, "5c" * 32
ONE_OF_EACH: tuple[RegistryEvent, ...] = (
    OwnerChanged(place(1), A, B),
    DelegateChanged(place(2), A, "veriKey", B, 99),
    AttributeChanged(place(3), A, "sabai/name", "e0b8aa", 2**62),
    AttributeChanged(place(3, 1), A, "", "", 0),
    AccreditationChanged(place(4), H, Role.ISSUE, H, 5, 50, AccreditationState.SUSPENDED, B, H, "00" * 32),
    MandateChanged(place(5), A, Role.VERIFY, H, B, 5, 50, AccreditationState.ACTIVE, 3),
    KeyKilled(place(6), H, "dd" * 32),
    GovernanceChanged(place(7), A, 2, (A, B), 2),
    LogOwnerChanged(place(8), H, A),
    Anchored(place(9), H, 1, 2, H, "ee" * 32),
)


def refusal(file: bytes, **terms: Any) -> str:
    """The sentence with which a desk refuses the file."""
    with pytest.raises(TrustBundleRefused) as refused:
        verify(file, **terms)
    return refused.value.message


def test_there_and_back() -> None:
    told = snapshot(ONE_OF_EACH)
    lists = (StatusListCopy("https://office.example/status/1", "aa.bb.cc"),)
    contents = BundleContents(3, NOW, told, lists)
    assert decode_contents(encode_contents(contents)) == contents


def test_every_kind_of_event_and_every_member_has_a_form() -> None:
    assert set(EVENT_FORMS) == set(get_args(RegistryEvent)) == {type(event) for event in ONE_OF_EACH}
    for kind, (_, members) in EVENT_FORMS.items():
        assert ["at", *members] == list(kind.__dataclass_fields__)
    assert len({number for number, _ in EVENT_FORMS.values()}) == len(EVENT_FORMS)


def test_the_same_contents_have_one_payload() -> None:
    contents = BundleContents(3, NOW, snapshot(ONE_OF_EACH))
    assert encode_contents(contents) == encode_contents(contents)
    assert parse_trust_bundle(bundle()).digest == parse_trust_bundle(bundle()).digest


def test_a_fresh_desk_takes_it_over() -> None:
    verified = verify(bundle())
    assert verified.snapshot == snapshot()
    assert (verified.signer, verified.sequence, verified.issued_at) == (AUTHORITY_DID, 5, NOW)
    assert verified.new_events == len(EVENTS)
    assert verified.anchor is None


def test_many_blocks_of_events() -> None:
    events = [*EVENTS, *(accreditation_event(4, f"did:example:{n}", log_index=n) for n in range(2 * EVENTS_PER_BLOCK))]
    assert verify(bundle(snapshot(events))).snapshot.events == tuple(events)


def test_an_ed25519_signer() -> None:
    signer = Ed25519Signer(bytes([3]) * 32)
    told = snapshot([key_event(1, AUTHORITY_DID, signer.public_key)])
    assert verify(bundle(told, signer=signer), first_key=signer.public_key).snapshot == told


# 1. and 2. Who signed


def test_another_organisation_is_not_believed() -> None:
    file = bundle(verification_method=OTHER_DID + "#delegate-1", signer=THIEF)
    assert "another organisation" in refusal(file, known=snapshot())


def test_a_key_of_somebody_else_is_not_the_signers() -> None:
    assert "not signed by the key" in refusal(bundle(signer=THIEF))
    assert "not signed by the key" in refusal(bundle(signer=Ed25519Signer(bytes(32))))
    assert "not the signer's now" in refusal(
        bundle(verification_method=AUTHORITY_DID + "#delegate-9"), known=snapshot()
    )


def test_the_first_import_needs_the_key() -> None:
    assert "first import" in refusal(bundle(), first_key=None)
    assert verify(bundle(), first_key=None, known=snapshot()).new_events == 0


def test_the_pinned_key_counts_only_until_the_registry_says_which() -> None:
    """Otherwise a revoked key would be good for ever at a desk that was set up with it."""
    rotated = (*EVENTS, key_event(5, AUTHORITY_DID, SECOND_KEY.public_key))
    rotated += (key_event(6, AUTHORITY_DID, AUTHORITY.public_key, valid_to=0),)
    known = snapshot(rotated)
    assert "not the signer's now" in refusal(bundle(known), known=known)
    assert verify(bundle(known, verification_method=SECOND_METHOD, signer=SECOND_KEY), known=known).new_events == 0


def test_a_killed_key_signs_no_bundle() -> None:
    told = snapshot((*EVENTS, kill_event(5, AUTHORITY_DID, AUTHORITY.public_key)))
    assert "itself says that its signer has no such key" in refusal(bundle(told))
    assert "itself says that its signer has no such key" in refusal(bundle(told), known=snapshot(head=4))
    assert "not the signer's now" in refusal(bundle(told), known=told)


def test_a_bundle_whose_registry_names_another_key_for_the_signer() -> None:
    told = snapshot([key_event(1, AUTHORITY_DID, SECOND_KEY.public_key)])
    assert "another key" in refusal(bundle(told))


# 3. Which registry, and when


@pytest.mark.parametrize(
    "changed",
    [{"chain_id": CHAIN_ID + 1}, {"addresses": replace(ADDRESSES, trust_registry=b"\x09" * 20)}],
)
def test_another_registry(changed: dict[str, Any]) -> None:
    assert "another chain" in refusal(bundle(), **changed)
    assert "another chain" in refusal(bundle(replace(snapshot(), **changed)))


def test_a_date_in_the_future() -> None:
    assert "future" in refusal(bundle(issued_at=NOW + 301))
    assert "future" in refusal(bundle(snapshot(synced_at=NOW + 301)))
    assert verify(bundle(snapshot(synced_at=NOW + 300), issued_at=NOW + 300)).issued_at == NOW + 300


# 4. Rolled back


def test_one_imported_before_is_no_harm() -> None:
    seen = verify(bundle()).as_seen()
    assert verify(bundle(), known=snapshot(), seen=seen).new_events == 0


def test_older_than_one_imported_before() -> None:
    newest = verify(bundle(sequence=6)).as_seen()
    assert "older than one" in refusal(bundle(sequence=5), known=snapshot(), seen=newest)
    earlier = snapshot(EVENTS[:2], head=2)
    assert "older than one" in refusal(bundle(earlier, sequence=7), known=snapshot(), seen=newest)


def test_two_bundles_of_one_number() -> None:
    newest = verify(bundle(sequence=6)).as_seen()
    assert "the number of another" in refusal(bundle(snapshot(head=11), sequence=6), known=snapshot(), seen=newest)


def test_a_live_mirror_may_be_ahead_of_a_new_bundle() -> None:
    behind = snapshot(EVENTS[:2], head=2)
    assert verify(bundle(behind), known=snapshot()).new_events == 0


# 5. and 6. The history


def test_what_the_desk_knows_is_told_again_and_more() -> None:
    more = (*EVENTS, kill_event(11, OTHER_DID, THIEF.public_key))
    assert verify(bundle(snapshot(more, head=12)), known=snapshot()).new_events == 1


@pytest.mark.parametrize(
    "forked",
    [
        replace(snapshot(), head=block(10, fork=1)),
        snapshot(EVENTS[:2]),
        snapshot(EVENTS[:2], head=11),
        snapshot((*EVENTS[:2], accreditation_event(3, OTHER_DID)), head=11),
        snapshot((*EVENTS, accreditation_event(7, OTHER_DID)), head=11),
        snapshot(EVENTS[:1], head=2),
    ],
    ids=["other block", "one less", "one less later", "another", "slipped in", "prefix with a gap"],
)
def test_another_history_than_the_desk_knows(forked: Any) -> None:
    assert "another history" in refusal(bundle(forked), known=snapshot())


def test_events_out_of_order() -> None:
    assert "out of order" in refusal(bundle(snapshot((EVENTS[1], EVENTS[0]))))


def test_events_after_the_bundles_own_head() -> None:
    assert "later than its own head" in refusal(bundle(snapshot(head=2)))
    beyond = snapshot((*EVENTS, accreditation_event(11, OTHER_DID)), head=10)
    assert "later than its own head" in refusal(bundle(beyond), known=snapshot())


# The file


def test_each_byte_counts() -> None:
    """A flipped bit anywhere: header, payload, signature, and the lengths between them."""
    file = bundle()
    for at in range(len(file)):
        damaged = bytearray(file)
        damaged[at] ^= 1 << at % 8
        refusal(bytes(damaged))


def test_no_beginning_of_a_bundle_is_one_and_no_longer_one() -> None:
    file = bundle()
    for length in range(len(file)):
        refusal(file[:length])
    refusal(file + b"\x00")
    refusal(file + file)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(TrustBundleRefused):
        parse_trust_bundle(data)


@given(st.binary(max_size=200))
def test_any_bytes_after_a_good_beginning(data: bytes) -> None:
    with pytest.raises(TrustBundleRefused):
        parse_trust_bundle(bundle()[:60] + data)


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(TrustBundleRefused, match="larger"):
        parse_trust_bundle(bytes(MAX_BUNDLE_BYTES + 1))


def test_millions_of_tiny_parts_are_never_built() -> None:
    count = 4 * 1024 * 1024
    bomb = b"\xd2\x84\x43\xa1\x01\x26\xa0\x9a" + count.to_bytes(4, "big") + b"\x80" * count + b"\x58\x40" + bytes(64)
    with pytest.raises(TrustBundleRefused):
        parse_trust_bundle(bomb)


def _signed(payload: bytes, header: dict[int, Any] | None = None) -> bytes:
    return sign_sign1(header or {KID: METHOD.encode(), TYP: MEDIA_TYPE}, payload, AUTHORITY, tagged=True)


@pytest.mark.parametrize(
    "header",
    [
        {KID: METHOD.encode(), TYP: "application/cwt"},
        {KID: METHOD.encode()},
        {TYP: MEDIA_TYPE},
        {KID: b"\xff", TYP: MEDIA_TYPE},
        {KID: METHOD, TYP: MEDIA_TYPE},
        {KID: AUTHORITY_DID.encode(), TYP: MEDIA_TYPE},
        {KID: METHOD.encode(), TYP: MEDIA_TYPE, 77: 1},
        {KID: METHOD.encode(), TYP: MEDIA_TYPE, 77: bytes(600)},
    ],
)
def test_signed_as_something_else(header: dict[int, Any]) -> None:
    with pytest.raises(TrustBundleRefused):
        parse_trust_bundle(_signed(encode_contents(BundleContents(1, NOW, snapshot())), header))


def _payload(**changed: Any) -> dict[int, Any]:
    members = decode_cbor(encode_contents(BundleContents(1, NOW, snapshot())))
    assert isinstance(members, dict)
    return members | {int(key[1:]): value for key, value in changed.items()}


EVENT = event_to_array(EVENTS[0])
PAYLOAD_FAULTS: dict[str, dict[str, Any]] = {
    "version": {"_1": 2},
    "version is true": {"_1": True},
    "sequence negative": {"_2": -1},
    "sequence too large": {"_2": 2**63},
    "date is text": {"_3": "now"},
    "two contracts": {"_5": [bytes(20)] * 2},
    "short address": {"_5": [bytes(19)] * 3},
    "head without time": {"_6": [1, bytes(32)]},
    "short block hash": {"_6": [1, bytes(31), 1]},
    "events not a list": {"_8": b""},
    "events not packed": {"_8": [encode_cbor([EVENT])]},
    "block is text": {"_8": ["x"]},
    "empty block": {"_8": [zlib.compress(encode_cbor([]))]},
    "blocks not full": {"_8": [zlib.compress(encode_cbor([EVENT]))] * 2},
    "too many blocks": {"_8": [b""] * (MAX_BLOCKS + 1)},
    "too many in a block": {"_8": [zlib.compress(encode_cbor([[]] * (EVENTS_PER_BLOCK + 1)))]},
    "bomb": {"_8": [zlib.compress(bytes(100 * MAX_BLOCK_BYTES))]},
    "bytes after the stream": {"_8": [zlib.compress(encode_cbor([EVENT])) + b"x"]},
    "stream cut short": {"_8": [zlib.compress(encode_cbor([EVENT]))[:-1]]},
    "list without token": {"_9": [["https://a.example"]]},
    "token is bytes": {"_9": [["https://a.example", b"x"]]},
    "token not ASCII": {"_9": [["https://a.example", "ก"]]},
    "anchor of nothing": {"_10": []},
    "unknown member": {"_11": 1},
}


@pytest.mark.parametrize("changed", PAYLOAD_FAULTS.values(), ids=PAYLOAD_FAULTS)
def test_one_fault_in_what_was_signed(changed: dict[str, Any]) -> None:
    assert "documented form" in refusal(_signed(encode_cbor(_payload(**changed))))


def test_a_member_left_out() -> None:
    for key in range(1, 10):
        payload = _payload()
        del payload[key]
        assert "documented form" in refusal(_signed(encode_cbor(payload)))


@pytest.mark.parametrize(
    "array",
    [
        EVENT[:-1],
        [*EVENT, 0],
        [99, *EVENT[1:]],
        [True, *EVENT[1:]],
        [[], *EVENT[1:]],
        [3, -1, *EVENT[2:]],
        [3, "1", *EVENT[2:]],
        [*EVENT[:4], bytes(19), *EVENT[5:]],
        [*EVENT[:5], b"name", *EVENT[6:]],
        [*EVENT[:6], "value", *EVENT[7:]],
        [*EVENT[:7], 2**63],
        [7, 1, 1, 1, bytes(20), 1, bytes(20), 1],
        [6, 1, 1, 1, bytes(32), bytes(31)],
        [5, 1, 1, 1, bytes(20), 4, bytes(32), bytes(20), 1, 2, 1, 1],
        "event",
    ],
)
def test_one_fault_in_an_event(array: Any) -> None:
    with pytest.raises(ValueError, match=r"event|Role|governance"):
        parse_event_array(array)
    assert "documented form" in refusal(_signed(encode_cbor(_payload(_8=[zlib.compress(encode_cbor([array]))]))))


def test_a_signer_makes_nothing_that_no_desk_takes() -> None:
    too_long = BundleContents(1, NOW, snapshot(), (StatusListCopy("https://a.example", "x" * (2 * 1024 * 1024 + 1)),))
    with pytest.raises(ValueError, match="status list"):
        encode_contents(too_long)
    many = BundleContents(1, NOW, snapshot(), (StatusListCopy("https://a.example", "x"),) * 1001)
    with pytest.raises(ValueError, match="status lists"):
        encode_contents(many)
    tokens = tuple(StatusListCopy(f"https://a.example/{n}", "x" * 2_000_000) for n in range(9))
    with pytest.raises(ValueError, match="larger"):
        create_trust_bundle(BundleContents(1, NOW, snapshot(), tokens), verification_method=METHOD, signer=AUTHORITY)
    names = [AttributeChanged(place(1, n), A, "x", "00" * 2000, 1) for n in range(EVENTS_PER_BLOCK)]
    with pytest.raises(ValueError, match="larger"):
        encode_contents(BundleContents(1, NOW, snapshot(names)))
