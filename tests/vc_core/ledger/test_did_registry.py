"""The DidRegistry: ERC-1056's behaviour, and the attacks that its reference implementation lets through."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.chain import CHAIN_ID, Chain
from vc_core.errors import TransactionFailed
from vc_core.ledger.events import AttributeChanged, DelegateChanged, OwnerChanged
from vc_core.ledger.transactions import LedgerKey

NAME = b"did/pub/Multikey/veriKey".ljust(32, b"\0")
KEY = b"\x80\x24" + b"\x02" + b"\x11" * 32
VERI_KEY = b"veriKey".ljust(32, b"\0")
NOBODY = bytes(20)

ACTIONS: dict[str, list[tuple[str, str]]] = {
    "changeOwner": [("newOwner", "address")],
    "addDelegate": [("delegateType", "bytes32"), ("delegate", "address"), ("validity", "uint256")],
    "revokeDelegate": [("delegateType", "bytes32"), ("delegate", "address")],
    "setAttribute": [("name", "bytes32"), ("value", "bytes"), ("validity", "uint256")],
    "revokeAttribute": [("name", "bytes32"), ("value", "bytes")],
}
"""The functions, with what they take after the identity."""

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "changeOwner": (b"\x22" * 20,),
    "addDelegate": (VERI_KEY, b"\x22" * 20, 60),
    "revokeDelegate": (VERI_KEY, b"\x22" * 20),
    "setAttribute": (NAME, KEY, 60),
    "revokeAttribute": (NAME, KEY),
}


def sign(
    signer: LedgerKey,
    function: str,
    identity: bytes,
    arguments: tuple[Any, ...],
    *,
    contract: bytes,
    nonce: int = 0,
    chain_id: int = CHAIN_ID,
) -> tuple[int, bytes, bytes]:
    """The owner's EIP-712 signature for a `…Signed` function, made by another library than the contract's compiler."""
    members = [("identity", "address"), *ACTIONS[function], ("nonce", "uint256")]
    name = function[0].upper() + function[1:]
    domain = {"name": "DidRegistry", "version": "1", "chainId": chain_id, "verifyingContract": contract}
    message = dict(zip([member for member, _ in members], [identity, *arguments, nonce], strict=True))
    types = {name: [{"name": member, "type": kind} for member, kind in members]}
    return signer.sign_digest(_hash_eip191_message(encode_typed_data(domain, types, message)))


async def write_signed(
    chain: Chain, sender: LedgerKey, function: str, identity: bytes, signature: tuple[int, bytes, bytes], *rest: Any
) -> None:
    await chain.write(sender, f"{function}Signed", identity, *signature, *(rest or ARGUMENTS[function]))


async def test_an_identity_owns_itself_until_it_says_otherwise(
    chain: Chain, owner: LedgerKey, stranger: LedgerKey
) -> None:
    assert await chain.read("identityOwner", owner.address) == "0x" + owner.address.hex()
    assert await chain.read("owners", owner.address) == "0x" + "00" * 20

    receipt = await chain.write(owner, "changeOwner", owner.address, stranger.address)

    assert await chain.read("identityOwner", owner.address) == "0x" + stranger.address.hex()
    assert await chain.read("owners", owner.address) == "0x" + stranger.address.hex()
    assert await chain.read("changed", owner.address) == receipt.block_number


async def test_its_events_chain_back(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    first = await chain.write(owner, "addDelegate", owner.address, VERI_KEY, stranger.address, 60)
    await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)
    await chain.write(owner, "changeOwner", owner.address, stranger.address)
    logs = await chain.ledger.logs([chain.addresses.did_registry], from_block=0, to_block=10**6)

    decoded = [chain.did_registry.decode_event(log) for log in logs]
    previous = [members["previousChange"] for _, members in filter(None, decoded)]

    assert previous == [0, first.block_number, first.block_number + 1]
    assert [type(event) for event in await chain.events()] == [DelegateChanged, AttributeChanged, OwnerChanged]


async def test_delegates(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    asked = ("validDelegate", owner.address, VERI_KEY, stranger.address)
    assert not await chain.read(*asked)

    await chain.write(owner, "addDelegate", owner.address, VERI_KEY, stranger.address, 60)
    assert await chain.read(*asked)
    assert not await chain.read("validDelegate", owner.address, b"sigAuth".ljust(32, b"\0"), stranger.address)

    await chain.write(owner, "revokeDelegate", owner.address, VERI_KEY, stranger.address)
    assert not await chain.read(*asked)
    revocation = (await chain.events())[-1]
    assert isinstance(revocation, DelegateChanged)
    assert revocation.valid_to == 0


async def test_a_revoked_delegate_stays_gone_however_often_others_are_added(
    chain: Chain, owner: LedgerKey, stranger: LedgerKey
) -> None:
    # E5, at one second on the clock.
    await chain.write(owner, "addDelegate", owner.address, VERI_KEY, stranger.address, 60)
    await chain.write(owner, "revokeDelegate", owner.address, VERI_KEY, stranger.address)
    await chain.write(owner, "addDelegate", owner.address, VERI_KEY, owner.address, 60)

    assert not await chain.read("validDelegate", owner.address, VERI_KEY, stranger.address)


@pytest.mark.parametrize("function", ACTIONS)
async def test_only_the_owner_writes(chain: Chain, owner: LedgerKey, stranger: LedgerKey, function: str) -> None:
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.write(stranger, function, owner.address, *ARGUMENTS[function])
    await chain.write(owner, function, owner.address, *ARGUMENTS[function])


@pytest.mark.parametrize("function", ACTIONS)
async def test_e1_deactivation_is_final(chain: Chain, owner: LedgerKey, function: str) -> None:
    before = sign(owner, function, owner.address, ARGUMENTS[function], contract=chain.addresses.did_registry)
    await chain.write(owner, "changeOwner", owner.address, NOBODY)

    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.write(owner, function, owner.address, *ARGUMENTS[function])
    with pytest.raises(TransactionFailed, match="bad_signature"):
        await write_signed(chain, LedgerKey.generate(), function, owner.address, before)
    assert await chain.read("identityOwner", owner.address) == "0x" + "00" * 20


async def test_e1_no_delegate_of_a_deactivated_identity_is_valid(
    chain: Chain, owner: LedgerKey, stranger: LedgerKey
) -> None:
    await chain.write(owner, "addDelegate", owner.address, VERI_KEY, stranger.address, 10**6)
    await chain.write(owner, "changeOwner", owner.address, NOBODY)

    assert not await chain.read("validDelegate", owner.address, VERI_KEY, stranger.address)


async def test_e2_a_rotated_out_key_never_comes_back(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    await chain.write(owner, "changeOwner", owner.address, stranger.address)
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.write(owner, "changeOwner", owner.address, owner.address)

    await chain.write(stranger, "changeOwner", owner.address, NOBODY)

    for former in (owner, stranger):
        with pytest.raises(TransactionFailed, match="bad_actor"):
            await chain.write(former, "changeOwner", owner.address, former.address)
        signature = sign(former, "changeOwner", owner.address, (former.address,), contract=chain.addresses.did_registry)
        with pytest.raises(TransactionFailed, match="bad_signature"):
            await write_signed(chain, former, "changeOwner", owner.address, signature, former.address)


@pytest.mark.parametrize("function", ACTIONS)
@pytest.mark.parametrize("v", [0, 26, 27, 28, 255])
async def test_e3_nobody_takes_the_identity_0(chain: Chain, stranger: LedgerKey, function: str, v: int) -> None:
    # A signature that is none recovers to 0x0, which must not pass for the owner of 0x0.
    for r_and_s in (bytes(32), b"\xff" * 32):
        with pytest.raises(TransactionFailed, match="bad_signature"):
            await write_signed(chain, stranger, function, NOBODY, (v, r_and_s, r_and_s))
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.write(stranger, function, NOBODY, *ARGUMENTS[function])
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.read(function, NOBODY, *ARGUMENTS[function])  # a call from 0x0, which nobody can sign for


@pytest.mark.parametrize("function", ACTIONS)
async def test_anyone_may_send_what_the_owner_signed_once(
    chain: Chain, owner: LedgerKey, stranger: LedgerKey, function: str
) -> None:
    signature = sign(owner, function, owner.address, ARGUMENTS[function], contract=chain.addresses.did_registry)

    await write_signed(chain, stranger, function, owner.address, signature)

    assert await chain.read("nonce", owner.address) == 1
    assert await chain.read("changed", owner.address) == (await chain.ledger.head()).number
    with pytest.raises(TransactionFailed, match="bad_signature"):
        await write_signed(chain, stranger, function, owner.address, signature)


@pytest.mark.parametrize("function", ACTIONS)
async def test_e4_a_signature_is_for_one_chain_one_contract_one_identity(
    chain: Chain, owner: LedgerKey, stranger: LedgerKey, function: str
) -> None:
    here = chain.addresses.did_registry
    elsewhere = [
        sign(owner, function, owner.address, ARGUMENTS[function], contract=here, chain_id=96),
        sign(owner, function, owner.address, ARGUMENTS[function], contract=chain.addresses.trust_registry),
        sign(owner, function, stranger.address, ARGUMENTS[function], contract=here),
        sign(owner, function, owner.address, ARGUMENTS[function], contract=here, nonce=1),
        sign(stranger, function, owner.address, ARGUMENTS[function], contract=here),
    ]

    for signature in elsewhere:
        with pytest.raises(TransactionFailed, match="bad_signature"):
            await write_signed(chain, stranger, function, owner.address, signature)
    assert await chain.read("changed", owner.address) == 0


@pytest.mark.parametrize("function", ACTIONS)
async def test_e4_a_signature_is_for_these_arguments(
    chain: Chain, owner: LedgerKey, stranger: LedgerKey, function: str
) -> None:
    signature = sign(owner, function, owner.address, ARGUMENTS[function], contract=chain.addresses.did_registry)

    for index, (_, kind) in enumerate(ACTIONS[function]):
        changed = list(ARGUMENTS[function])
        changed[index] = {"address": b"\x33" * 20, "bytes32": b"\x33" * 32, "bytes": b"\x33", "uint256": 61}[kind]
        with pytest.raises(TransactionFailed, match="bad_signature"):
            await write_signed(chain, stranger, function, owner.address, signature, *changed)


async def test_the_interface_is_that_of_erc_1056(chain: Chain) -> None:
    # The selectors that every did:ethr client has built in.
    selectors = {
        "identityOwner": "8733d4e8",
        "changeOwner": "f00d4b5d",
        "changeOwnerSigned": "240cf1fa",
        "validDelegate": "622b2a3c",
        "addDelegate": "a7068d66",
        "addDelegateSigned": "9c2c1b2b",
        "revokeDelegate": "80b29f7c",
        "revokeDelegateSigned": "93072684",
        "setAttribute": "7ad4b0a4",
        "setAttributeSigned": "123b5e98",
        "revokeAttribute": "00c023da",
        "revokeAttributeSigned": "e476af5c",
        "changed": "f96d0f9f",
        "nonce": "70ae92d2",
        "owners": "022914a7",
        "delegates": "0d44625b",
    }

    functions = chain.did_registry._functions

    assert {name: signature.hash[:4].hex() for name, signature in functions.items()} == selectors


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from(["hand over", "deactivate", "set"]),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=8,
    )
)
async def test_the_contract_enforces_what_its_events_say(chain: Chain, steps: list[tuple[int, str, int]]) -> None:
    keys = [LedgerKey.generate() for _ in range(3)]
    identity = keys[0].address
    owner: bytes | None = identity
    for actor, action, target in steps:
        arguments: tuple[Any, ...] = (NAME, KEY, 60)
        if action != "set":
            arguments = (keys[target].address if action == "hand over" else NOBODY,)
        function = "setAttribute" if action == "set" else "changeOwner"
        if keys[actor].address == owner:
            await chain.write(keys[actor], function, identity, *arguments)
            told = (await chain.events())[-1]
            if isinstance(told, OwnerChanged):
                owner = None if told.owner == "0x" + "00" * 20 else bytes.fromhex(told.owner[2:])
        else:
            with pytest.raises(TransactionFailed, match="bad_actor"):
                await chain.write(keys[actor], function, identity, *arguments)
    assert await chain.read("identityOwner", identity) == "0x" + (owner or NOBODY).hex()
