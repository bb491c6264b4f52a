"""Keys of ledger accounts, and the transactions they sign.

There are two kinds, both with the chain id in the signature: the legacy one (EIP-155), which every chain takes, and the
one with a base fee and a tip (EIP-1559), for chains whose blocks name a base fee. Gas is free on the chains that
organisations of a consortium run themselves.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import rlp
from eth_keys.datatypes import PrivateKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

from vc_core.errors import TransactionFailed

_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@dataclass(frozen=True)
class Transaction:
    """What a key signs: `to` is a 20-byte address, empty to deploy a contract; `gas` is the most that it may use."""

    nonce: int
    to: bytes
    data: bytes
    gas: int


@dataclass(frozen=True)
class Fee:
    """What a transaction offers for a unit of gas, in wei: `per_gas` at most, `tip` of it to the block's maker.

    Without a `tip` the transaction is of the legacy kind, and `per_gas` is its gas price.
    """

    per_gas: int
    tip: int | None = None


NO_FEE = Fee(0)
_FEE_MARKET_TYPE = b"\x02"  # EIP-2718's number of EIP-1559's transactions


class LedgerKey:
    """A secp256k1 private key: an organisation's account on the ledger, and with it its DID."""

    def __init__(self, private_key: bytes) -> None:
        """`private_key`: 32 bytes. Raises `ValueError` where it is no private key of secp256k1."""
        if len(private_key) != 32 or not 0 < int.from_bytes(private_key, "big") < _CURVE_ORDER:
            raise ValueError("not a private key of secp256k1")
        self._key = PrivateKey(private_key)

    @classmethod
    def generate(cls, randomness: Callable[[int], bytes] = secrets.token_bytes) -> LedgerKey:
        """A fresh key. `randomness` gives that many random bytes."""
        while True:
            try:
                return cls(randomness(32))
            except ValueError:  # one chance in 2^128: not a scalar of the curve
                continue

    def to_bytes(self) -> bytes:
        """The 32 bytes of the private key: for a key file only."""
        return self._key.to_bytes()

    @property
    def address(self) -> bytes:
        """The 20-byte address of the account."""
        return self._key.public_key.to_canonical_address()

    def sign_digest(self, digest: bytes) -> tuple[int, bytes, bytes]:
        """The recoverable signature of a 32-byte digest: v (27 or 28), r and s (32 bytes each)."""
        signature = self._key.sign_msg_hash(digest)
        return signature.v + 27, signature.r.to_bytes(32, "big"), signature.s.to_bytes(32, "big")

    def sign_transaction(self, transaction: Transaction, *, chain_id: int, fee: Fee = NO_FEE) -> bytes:
        """The signed transaction as it goes over the wire, of the kind that `fee` says."""
        nonce, gas, to, data = transaction.nonce, transaction.gas, transaction.to, transaction.data
        if fee.tip is None:
            fields = [nonce, fee.per_gas, gas, to, 0, data]
            signature = self._key.sign_msg_hash(keccak(rlp.encode([*fields, chain_id, 0, 0])))
            return bytes(rlp.encode([*fields, signature.v + 35 + 2 * chain_id, signature.r, signature.s]))
        unsigned = [chain_id, nonce, fee.tip, fee.per_gas, gas, to, 0, data, []]
        signature = self._key.sign_msg_hash(keccak(_FEE_MARKET_TYPE + rlp.encode(unsigned)))
        return _FEE_MARKET_TYPE + bytes(rlp.encode([*unsigned, signature.v, signature.r, signature.s]))


@dataclass(frozen=True)
class SignedTransaction:
    """A transaction as it came over the wire: who signed it (20 bytes), for which chain, and its hash (32 bytes)."""

    transaction: Transaction
    sender: bytes
    chain_id: int
    hash: bytes


def parse_signed_transaction(raw: bytes) -> SignedTransaction:
    """A transaction of one of the two kinds. Raises `TransactionFailed` where it is none, or is for no chain."""
    try:
        if raw[:1] == _FEE_MARKET_TYPE:
            return _parse_fee_market(raw)
        return _parse_legacy(raw)
    except (RLPException, BadSignature, ValidationError, ValueError, TypeError) as cause:
        raise TransactionFailed("not a signed transaction") from cause


def _parse_legacy(raw: bytes) -> SignedTransaction:
    nonce, price, gas, to, value, data, v, r, s = rlp.decode(raw)
    y_parity, chain_id = (_number(v) - 35) % 2, (_number(v) - 35) // 2
    if chain_id <= 0:
        raise TransactionFailed("the transaction is not signed for this chain")
    digest = keccak(rlp.encode([nonce, price, gas, to, value, data, chain_id, 0, 0]))
    return _signed(raw, digest, (y_parity, r, s), chain_id, Transaction(_number(nonce), to, data, _number(gas)))


def _parse_fee_market(raw: bytes) -> SignedTransaction:
    fields = rlp.decode(raw[1:])
    chain_id, nonce, _tip, _fee, gas, to, _value, data, _access, y_parity, r, s = fields
    digest = keccak(_FEE_MARKET_TYPE + rlp.encode(fields[:9]))
    transaction = Transaction(_number(nonce), to, data, _number(gas))
    return _signed(raw, digest, (_number(y_parity), r, s), _number(chain_id), transaction)


def _signed(
    raw: bytes, digest: bytes, signature: tuple[int, bytes, bytes], chain_id: int, transaction: Transaction
) -> SignedTransaction:
    if len(transaction.to) not in (0, 20):
        raise TransactionFailed("not a signed transaction")
    y_parity, r, s = signature
    public_key = Signature(vrs=(y_parity, _number(r), _number(s))).recover_public_key_from_msg_hash(digest)
    return SignedTransaction(transaction, public_key.to_canonical_address(), chain_id, keccak(raw))


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def contract_address(sender: bytes, nonce: int) -> bytes:
    """The 20-byte address of the contract that the sender's transaction of this nonce deploys."""
    return keccak(rlp.encode([sender, nonce]))[12:]
