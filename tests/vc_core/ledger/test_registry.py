"""Writing to the registries and reading them back as events."""

import asyncio
import dataclasses

import pytest

from tests.support.chain import Chain
from vc_core.crypto.keys import Ed25519Signer, P256Signer, PublicKey
from vc_core.did.ethr import create_did
from vc_core.errors import LedgerError, TransactionFailed
from vc_core.ledger.events import (
    KEY_ATTRIBUTE,
    NAME_ATTRIBUTE,
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    OwnerChanged,
    Role,
    credential_type_id,
    subject_id,
)
from vc_core.ledger.registry import decode_log
from vc_core.ledger.transactions import LedgerKey

VCT = "urn:sabai:credential:HealthId:1"


async def test_keys_of_both_kinds(chain: Chain, owner: LedgerKey) -> None:
    keys = [P256Signer.generate().public_key, Ed25519Signer.generate().public_key]

    for key in keys:
        await chain.writer.publish_key(owner, key, valid_seconds=60)
    await chain.writer.revoke_key(owner, keys[0])

    events = [event for event in await chain.events() if isinstance(event, AttributeChanged)]
    assert [event.name for event in events] == [KEY_ATTRIBUTE] * 3
    assert [PublicKey.from_multikey(bytes.fromhex(event.value)) for event in events] == [*keys, keys[0]]
    assert [event.valid_to for event in events] == [chain.clock() + 60, chain.clock() + 60, 0]
    assert {event.identity for event in events} == {"0x" + owner.address.hex()}


async def test_a_name_in_any_script(chain: Chain, owner: LedgerKey) -> None:
    await chain.writer.publish_name(owner, "โรงพยาบาลแม่สอด")

    (event,) = await chain.events()
    assert isinstance(event, AttributeChanged)
    assert event.name == NAME_ATTRIBUTE
    assert bytes.fromhex(event.value).decode("utf-8") == "โรงพยาบาลแม่สอด"


@pytest.mark.parametrize("name", ["", "x" * 201])
async def test_a_name_of_no_use(chain: Chain, owner: LedgerKey, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        await chain.writer.publish_name(owner, name)


async def test_a_new_owner_writes_for_the_old_did(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    key = P256Signer.generate().public_key
    await chain.writer.change_owner(owner, stranger.address)

    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.writer.publish_key(owner, key, valid_seconds=60)
    await chain.writer.publish_key(stranger, key, valid_seconds=60, identity=owner.address)

    changed, published = await chain.events()
    assert isinstance(changed, OwnerChanged)
    assert isinstance(published, AttributeChanged)
    assert changed.owner == "0x" + stranger.address.hex()
    assert published.identity == changed.identity == "0x" + owner.address.hex()


async def test_accreditations(chain: Chain, owner: LedgerKey) -> None:
    did = create_did(chain.ledger.chain_id, owner.address)
    for state in AccreditationState:
        await chain.writer.set_accreditation(
            chain.governor, did, Role.VERIFY, VCT, valid_from=10, valid_until=20, state=state
        )

    events = [event for event in await chain.events() if isinstance(event, AccreditationChanged)]
    assert [event.state for event in events] == list(AccreditationState)
    assert {event.subject for event in events} == {subject_id(did).hex()}
    assert {event.credential_type for event in events} == {credential_type_id(VCT).hex()}
    assert {(event.role, event.valid_from, event.valid_until) for event in events} == {(Role.VERIFY, 10, 20)}


async def test_writing_many_things_at_once_with_one_key(chain: Chain, owner: LedgerKey) -> None:
    writer = chain.writer
    keys = [Ed25519Signer.generate().public_key for _ in range(10)]

    await asyncio.gather(*(writer.publish_key(owner, key, valid_seconds=60) for key in keys))

    assert len(await chain.events()) == 10


async def test_logs_of_other_contracts_are_not_events(chain: Chain, owner: LedgerKey) -> None:
    await chain.writer.publish_name(owner, "x")
    (log,) = await chain.ledger.logs([chain.addresses.did_registry], from_block=0, to_block=10**6)

    assert decode_log(dataclasses.replace(log, address=b"\x01" * 20), chain.addresses) is None
    assert decode_log(dataclasses.replace(log, address=chain.addresses.trust_registry), chain.addresses) is None
    assert decode_log(dataclasses.replace(log, topics=()), chain.addresses) is None


async def test_logs_cut_short_are_an_error(chain: Chain, owner: LedgerKey) -> None:
    await chain.writer.publish_name(owner, "x")
    (log,) = await chain.ledger.logs([chain.addresses.did_registry], from_block=0, to_block=10**6)

    for broken in (
        dataclasses.replace(log, data=log.data[:40]),
        dataclasses.replace(log, data=b""),
        dataclasses.replace(log, topics=log.topics[:1]),
        dataclasses.replace(log, topics=(*log.topics, bytes(32))),
    ):
        with pytest.raises(LedgerError):
            decode_log(broken, chain.addresses)


async def test_what_strangers_write_does_not_break_the_reading(chain: Chain, owner: LedgerKey) -> None:
    for name in (b"\xff\xfe".ljust(32, b"\0"), bytes(32), b"\0did/pub/Multikey/veriKey".ljust(32, b"\0")):
        await chain.write(owner, "setAttribute", owner.address, name, b"", 0)
    await chain.write(owner, "setAttribute", owner.address, bytes(32), b"", 2**255)

    events = [event for event in await chain.events() if isinstance(event, AttributeChanged)]
    assert [event.name for event in events] == ["\\xff\\xfe", "", "\0did/pub/Multikey/veriKey", ""]
    assert events[-1].valid_to == 2**53 - 1
