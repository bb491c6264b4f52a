"""Ledger keys and the transactions they sign, against published values."""

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from vc_core.errors import TransactionFailed
from vc_core.ledger.transactions import Fee, LedgerKey, Transaction, contract_address, parse_signed_transaction


def test_the_example_of_eip_155() -> None:
    # EIP-155's example has a gas price and a value; its key and its address are what can be checked here.
    key = LedgerKey(bytes.fromhex("46" * 32))

    assert key.address.hex() == "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"


def test_a_transaction_equals_the_one_another_library_signs() -> None:
    key = LedgerKey.generate()
    other = Account.from_key(key.to_bytes()).sign_transaction(
        {"nonce": 7, "gasPrice": 0, "gas": 90_000, "to": b"\x35" * 20, "value": 0, "data": b"\x01\x02", "chainId": 1337}
    )

    signed = key.sign_transaction(Transaction(7, b"\x35" * 20, b"\x01\x02", 90_000), chain_id=1337)

    assert signed == bytes(other.raw_transaction)


def test_a_transaction_with_a_tip_equals_the_one_another_library_signs() -> None:
    key = LedgerKey.generate()
    other = Account.from_key(key.to_bytes()).sign_transaction(
        {
            "type": 2, "nonce": 7, "maxFeePerGas": 30, "maxPriorityFeePerGas": 2, "gas": 90_000, "to": b"\x35" * 20,
            "value": 0, "data": b"\x01\x02", "chainId": 1337,
        }
    )  # fmt: skip

    signed = key.sign_transaction(Transaction(7, b"\x35" * 20, b"\x01\x02", 90_000), chain_id=1337, fee=Fee(30, 2))

    assert signed == bytes(other.raw_transaction)


@pytest.mark.parametrize("fee", [Fee(0), Fee(5), Fee(0, 0), Fee(30, 2)])
@pytest.mark.parametrize("to", [b"", b"\x35" * 20])
def test_a_signed_transaction_says_who_signed_it(fee: Fee, to: bytes) -> None:
    key, transaction = LedgerKey.generate(), Transaction(7, to, b"\x01\x02", 90_000)
    raw = key.sign_transaction(transaction, chain_id=25_925, fee=fee)

    parsed = parse_signed_transaction(raw)

    assert (parsed.transaction, parsed.sender, parsed.chain_id) == (transaction, key.address, 25_925)
    assert parsed.hash == keccak(raw)


@given(st.binary(max_size=200))
def test_anything_else_is_no_transaction(raw: bytes) -> None:
    with pytest.raises(TransactionFailed):
        parse_signed_transaction(raw)


def test_the_address_of_a_contract() -> None:
    # The worked example that Ethereum's documentation and its libraries' tests share.
    sender = bytes.fromhex("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0")

    assert contract_address(sender, 0).hex() == "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"
    assert contract_address(sender, 1).hex() == "343c43a37d37dff08ae8c4a11544c718abb4fcf8"


def test_a_key_survives_its_file() -> None:
    key = LedgerKey.generate()

    assert LedgerKey(key.to_bytes()).address == key.address


@pytest.mark.parametrize("private_key", [b"", b"\x01" * 31, b"\x01" * 33, bytes(32), b"\xff" * 32])
def test_what_is_no_private_key(private_key: bytes) -> None:
    with pytest.raises(ValueError, match="not a private key"):
        LedgerKey(private_key)


def test_generating_goes_on_until_the_bytes_are_a_key() -> None:
    offered = [b"\xff" * 32, bytes(32), b"\x07" * 32]

    assert LedgerKey.generate(lambda _: offered.pop(0)).to_bytes() == b"\x07" * 32
