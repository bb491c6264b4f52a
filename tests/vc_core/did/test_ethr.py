"""did:ethr: what the events of an identity make of its DID."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.crypto.keys import Ed25519Signer, P256Signer, PublicKey
from vc_core.did.ethr import MAX_EVENTS, DidError, DidHistory, create_did, did_document, parse_did_ethr
from vc_core.ledger.events import KEY_ATTRIBUTE, AttributeChanged, DelegateChanged, OwnerChanged, Position
from vc_core.ledger.registry_state import IdentityEvent

ADDRESS = bytes.fromhex("f3beac30c498d9e26865f34fcaa57dbb935b0d74")
IDENTITY = "0x" + ADDRESS.hex()
DID = create_did(1337, ADDRESS)
OTHER = "0x" + "ab" * 20
NOBODY = "0x" + "00" * 20
P256 = P256Signer.generate().public_key
ED25519 = Ed25519Signer.generate().public_key
LONG = 10_000


class Life:
    """The events of one identity, one a second unless said otherwise."""

    def __init__(self) -> None:
        self.events: list[IdentityEvent] = []
        self._numbers = count()

    def _at(self, timestamp: int) -> Position:
        return Position(next(self._numbers), timestamp, 0)

    def key(self, at: int, key: PublicKey, valid_to: int = LONG, name: str = KEY_ATTRIBUTE) -> Life:
        self.events.append(AttributeChanged(self._at(at), IDENTITY, name, key.to_multikey().hex(), valid_to))
        return self

    def attribute(self, at: int, name: str, value: str, valid_to: int = LONG) -> Life:
        self.events.append(AttributeChanged(self._at(at), IDENTITY, name, value, valid_to))
        return self

    def delegate(self, at: int, delegate_type: str, valid_to: int = LONG) -> Life:
        self.events.append(DelegateChanged(self._at(at), IDENTITY, delegate_type, OTHER, valid_to))
        return self

    def owner(self, at: int, owner: str) -> Life:
        self.events.append(OwnerChanged(self._at(at), IDENTITY, owner))
        return self

    def fragments(self, at: int) -> list[str]:
        document = did_document(DID, self.events, at)
        return [method.id.partition("#")[2] for method in document.verification_methods]

    def history(self) -> DidHistory:
        history = DidHistory(DID)
        history.extend(self.events)
        return history


def test_dids() -> None:
    assert DID == f"did:ethr:0x539:{IDENTITY}"
    assert parse_did_ethr(DID).chain_id == 1337
    assert parse_did_ethr(DID).address == IDENTITY
    assert str(parse_did_ethr(DID)) == DID


@given(st.integers(1, 2**64 - 1), st.binary(min_size=20, max_size=20))
def test_any_did_there_and_back(chain_id: int, address: bytes) -> None:
    parsed = parse_did_ethr(create_did(chain_id, address))

    assert (parsed.chain_id, bytes.fromhex(parsed.address[2:])) == (chain_id, address)


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:web:example.org",
        f"did:ethr:{IDENTITY}",
        f"did:ethr:mainnet:{IDENTITY}",
        f"did:ethr:1337:{IDENTITY}",
        f"did:ethr:0x0539:{IDENTITY}",
        f"did:ethr:0x0:{IDENTITY}",
        f"did:ethr:0x539:{IDENTITY.upper()}",
        f"did:ethr:0x539:{IDENTITY}\n",
        f"did:ethr:0x539:{IDENTITY}#controller",
        f"did:ethr:0x539:{IDENTITY}?versionId=1",
        f"did:ethr:0x539:{IDENTITY[:-1]}",
        f"did:ethr:0x539:{IDENTITY}0",
        f" did:ethr:0x539:{IDENTITY}",
        "did:ethr:0x" + "1" * 17 + f":{IDENTITY}",
    ],
)
def test_other_spellings_are_not_ours(did: str) -> None:
    with pytest.raises(DidError):
        parse_did_ethr(did)


def test_the_default_document() -> None:
    document = did_document(DID, [], 0).to_json()

    assert document["verificationMethod"] == [
        {
            "id": f"{DID}#controller",
            "type": "EcdsaSecp256k1RecoveryMethod2020",
            "controller": DID,
            "blockchainAccountId": f"eip155:1337:{IDENTITY}",
        }
    ]
    assert document["authentication"] == document["assertionMethod"] == [f"{DID}#controller"]


def test_keys_of_both_kinds() -> None:
    document = did_document(DID, Life().key(1, P256).key(2, ED25519).events, 3).to_json()

    assert [method["id"] for method in document["verificationMethod"]] == [
        f"{DID}#controller",
        f"{DID}#delegate-1",
        f"{DID}#delegate-2",
    ]
    assert document["verificationMethod"][1]["publicKeyMultibase"].startswith("zDn")
    assert document["verificationMethod"][2]["publicKeyMultibase"].startswith("z6Mk")
    assert document["assertionMethod"] == [f"{DID}#controller", f"{DID}#delegate-1", f"{DID}#delegate-2"]
    assert document["authentication"] == [f"{DID}#controller"]


def test_a_key_for_authentication_is_in_both_relationships() -> None:
    document = did_document(DID, Life().key(1, P256, name="did/pub/Multikey/sigAuth").events, 1)

    assert document.authentication == document.assertion_method == (f"{DID}#controller", f"{DID}#delegate-1")


def test_delegates() -> None:
    document = did_document(DID, Life().delegate(1, "veriKey").delegate(2, "sigAuth").events, 3).to_json()

    assert [method["type"] for method in document["verificationMethod"]] == ["EcdsaSecp256k1RecoveryMethod2020"] * 3
    assert document["verificationMethod"][1]["blockchainAccountId"] == f"eip155:1337:{OTHER}"
    assert document["authentication"] == [f"{DID}#controller", f"{DID}#delegate-2"]


def test_a_key_id_does_not_move_when_an_earlier_key_is_revoked_or_expires() -> None:
    life = Life().key(1, P256, valid_to=50).key(2, ED25519).delegate(3, "veriKey", valid_to=10)
    third = P256Signer.generate().public_key
    assert life.fragments(3) == ["controller", "delegate-1", "delegate-2", "delegate-3"]

    assert life.fragments(11) == ["controller", "delegate-1", "delegate-2"]
    life.key(12, P256, valid_to=0)
    assert life.fragments(12) == ["controller", "delegate-2"]
    life.key(13, third)
    assert life.fragments(13) == ["controller", "delegate-2", "delegate-5"]  # the revocation was the fourth
    assert life.history().method_key("delegate-2", at=13) == ED25519
    assert life.history().method_key("delegate-5", at=13) == third
    for unknown in ("delegate-0", "delegate-02", "delegate-6", "delegate-1234567890", "delegate-" + "2" * 60_000):
        assert life.history().method_key(unknown, at=13) is None


def test_what_is_counted() -> None:
    life = (
        Life()
        .attribute(1, "sabai/name", "41")
        .attribute(1, "did/svc/Desk", "41")
        .attribute(1, "did/pub/Secp256k1/veriKey", "02" + "11" * 32)
        .attribute(1, KEY_ATTRIBUTE, "ffff")
        .attribute(1, "did/pub/Multikey/enc", P256.to_multikey().hex())
        .delegate(1, "enc")
        .owner(1, OTHER)
        .key(1, P256)
    )

    assert life.fragments(1) == ["controller", "delegate-5"]


def test_valid_up_to_and_including_the_last_second() -> None:
    life = Life().key(10, P256, valid_to=20)

    assert [life.fragments(at) for at in (9, 10, 20, 21)] == [
        ["controller"],
        ["controller", "delegate-1"],
        ["controller", "delegate-1"],
        ["controller"],
    ]


def test_a_prolonged_key_has_its_newest_number_and_keeps_the_older_for_look_ups() -> None:
    life = Life().key(1, P256, valid_to=20).key(15, P256, valid_to=100)

    assert life.fragments(10) == ["controller", "delegate-1"]
    assert life.fragments(50) == ["controller", "delegate-2"]
    assert life.history().method_key("delegate-1", at=50) == P256
    assert life.history().method_key("delegate-2", at=50) == P256


def test_a_revoked_key_is_gone_under_all_its_numbers() -> None:
    history = Life().key(1, P256).key(2, P256).key(3, P256, valid_to=0).history()

    for number in (1, 2, 3):
        assert history.method_key(f"delegate-{number}", at=3) is None
        assert history.method_key(f"delegate-{number}", at=2) == P256


@pytest.mark.parametrize(
    "fragment",
    ["", "controller", "delegate-0", "delegate-01", "delegate-2", "delegate--1", "delegate-", "delegate-1 ",
     "Delegate-1", "delegate-¹", "delegate-" + "9" * 400, "delegate-1.0"],
)  # fmt: skip
def test_fragments_that_name_no_key(fragment: str) -> None:
    assert Life().key(1, P256).history().method_key(fragment, at=5) is None


def test_a_delegate_is_no_key_of_ours() -> None:
    assert Life().delegate(1, "veriKey").history().method_key("delegate-1", at=5) is None


def test_the_controller_is_who_owns_it() -> None:
    life = Life().key(1, P256).owner(10, OTHER)

    before, after = (did_document(DID, life.events, at).verification_methods[0] for at in (9, 10))

    assert before.blockchain_account_id == f"eip155:1337:{IDENTITY}"
    assert after.blockchain_account_id == f"eip155:1337:{OTHER}"
    assert life.fragments(10) == ["controller", "delegate-1"]


def test_a_deactivated_did_has_an_empty_document() -> None:
    life = Life().key(1, P256).owner(10, NOBODY)

    assert not did_document(DID, life.events, 9).deactivated
    document = did_document(DID, life.events, 10)
    assert document.deactivated
    assert document.verification_methods == ()
    assert document.assertion_method == document.authentication == ()
    assert life.history().owner(at=10) is None


def test_a_life_of_too_many_events_is_as_good_as_deactivated() -> None:
    # E8: what a document costs is bounded, and leaving events out could leave out a revocation.
    life = Life().key(1, P256)
    for _ in range(MAX_EVENTS - 1):
        life.attribute(2, "did/svc/Other", "00")
    history = life.history()
    assert history.method_key("delegate-1", at=5) == P256
    assert life.fragments(5) == ["controller", "delegate-1"]

    life.key(3, ED25519)
    history.extend(life.events[history.event_count :])

    assert (history.owner(at=5), history.method_key("delegate-1", at=5)) == (None, None)
    assert history.event_count == MAX_EVENTS + 1
    assert did_document(DID, life.events, 5).deactivated


STEPS = st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 3)), max_size=25)


@given(STEPS, st.integers(0, 60))
def test_one_more_event_at_a_time_gives_the_same_document(steps: list[tuple[int, bool, int]], at: int) -> None:
    keys = [P256, ED25519, PublicKey(ED25519.algorithm, bytes(32))]
    life, now, history = Life(), 0, DidHistory(DID)
    for key, is_set, seconds in steps:
        now += seconds
        life.key(now, keys[key], valid_to=now + 10 if is_set else 0)
        history.extend(life.events[-1:])

    assert history.document(at=at) == did_document(DID, life.events, at)
    assert history.event_count == len(steps)


@given(STEPS, st.integers(0, 60))
def test_the_document_against_the_methods_own_procedure(steps: list[tuple[int, bool, int]], at: int) -> None:
    """Walks the events as the method specification tells a resolver to, with a table of what is valid."""
    keys = [P256, ED25519, PublicKey(ED25519.algorithm, bytes(32))]
    life, now = Life(), 0
    for key, is_set, seconds in steps:
        now += seconds
        life.key(now, keys[key], valid_to=now + 10 if is_set else 0)
    table: dict[str, int] = {}
    for number, event in enumerate(life.events, 1):
        assert isinstance(event, AttributeChanged)
        if event.at.block_timestamp > at:
            continue
        table.pop(event.value, None)
        if event.valid_to >= at:
            table[event.value] = number

    assert life.fragments(at) == ["controller", *(f"delegate-{number}" for number in sorted(table.values()))]
