"""What the wallet of `test_sessions.py` has in hand: codes, tokens and transactions, and the messages that it sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vc_core.crypto.keys import P256Signer


@dataclass(eq=False)
class Once:
    """Something that may lead to success once, until its time is over: a code, a nonce, a refresh token."""

    text: str
    expires_at: int
    used: bool = False


@dataclass(eq=False)
class Offer:
    """An offer as the wallet got it; `wrong` counts the wrong transaction codes that were sent."""

    code: Once
    tx_code: str
    configurations: tuple[str, ...]
    needs_approval: bool = False
    wrong: int = 0
    family: Family = field(default_factory=lambda: Family())


@dataclass(eq=False)
class Family:
    """All tokens that one offer led to; a refresh token that comes a second time ends them all."""

    ended: bool = False


@dataclass(eq=False)
class Token:
    """An access token and the refresh token that came with it; `keys` are those that got each configuration."""

    offer: Offer
    text: str
    expires_at: int
    refresh: Once
    keys: dict[str, P256Signer] = field(default_factory=dict)


@dataclass(eq=False)
class Redemption:
    """A token request with a pre-authorized code."""

    offer: Offer
    tx_code: str


@dataclass(eq=False)
class Renewal:
    """A token request with a refresh token."""

    token: Token


@dataclass(eq=False)
class Request:
    """A credential request, its proof made."""

    token: Token
    configuration: str
    nonce: Once
    key: P256Signer
    proof: str


@dataclass(eq=False)
class Transaction:
    """What an officer has to approve; `approved` None until one has decided.

    `fetched`: a credential request that came again brought it, which uses the transaction up too.
    """

    id: str
    family: Family
    configuration: str
    approved: bool | None = None
    collected: bool = False
    fetched: bool = False


@dataclass(eq=False)
class Collection:
    """A request for what had to be approved."""

    token: Token
    transaction: Transaction


Message = Redemption | Renewal | Request | Collection
ERRORS_OF: Mapping[type[Message], set[tuple[int, str]]] = {
    Redemption: {(400, "invalid_grant")},
    Renewal: {(400, "invalid_grant")},
    Request: {
        (400, "invalid_nonce"),
        (400, "invalid_proof"),
        (400, "credential_request_denied"),
        (401, "invalid_token"),
        (403, "insufficient_scope"),
    },
    Collection: {(400, "invalid_transaction_id"), (400, "credential_request_denied"), (401, "invalid_token")},
}
"""What may be answered to each, other than success."""
