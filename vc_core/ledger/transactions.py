"""Keys of ledger accounts, and the transactions they sign.

Transactions are of the legacy kind with the chain id in the signature (EIP-155): every chain that we run on takes
them, also those without EIP-1559. Gas is free on the chains that organisations of a consortium run themselves.
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

    def sign_transaction(self, transaction: Transaction, *, chain_id: int) -> bytes:
        """The signed transaction as it goes over the wire (EIP-155, legacy), with a gas price of 0."""
        fields = [transaction.nonce, 0, transaction.gas, transaction.to, 0, transaction.data]
        signature = self._key.sign_msg_hash(keccak(rlp.encode([*fields, chain_id, 0, 0])))
        v = signature.v + 35 + 2 * chain_id
        return bytes(rlp.encode([*fields, v, signature.r, signature.s]))


def contract_address(sender: bytes, nonce: int) -> bytes:
    """The 20-byte address of the contract that the sender's transaction of this nonce deploys."""
    return keccak(rlp.encode([sender, nonce]))[12:]
