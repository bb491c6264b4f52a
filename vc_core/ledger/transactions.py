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
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

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


def contract_address(sender: bytes, nonce: int) -> bytes:
    """The 20-byte address of the contract that the sender's transaction of this nonce deploys."""
    return keccak(rlp.encode([sender, nonce]))[12:]
