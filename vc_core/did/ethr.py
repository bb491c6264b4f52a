"""did:ethr on our registry: what an identity's events make of its DID.

A DID names an account, `did:ethr:0x<chain id>:0x<address>`. The registry holds no document: the method derives one from
the events of the identity, in their order. Every delegate and every public-key attribute, set or revoked, counts one
up, and a key's fragment is `#delegate-N` with the number of the event that set it. So a fragment never moves: not when
an earlier key is revoked, not when one expires.

Setting the same key again, to prolong it, gives it a new number, and a document shows the newest one only. Credentials
that name the older number are still good, since it is the same key: `DidHistory.method_key` takes every number that
the key ever had, and asks whether the key is valid.

Anybody can write as many events as they pay for about their own identity, so a life is capped at `MAX_EVENTS`. A longer
one is as good as deactivated: leaving events out instead could leave out a revocation.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from vc_core.crypto.keys import KeyFormatError, PublicKey
from vc_core.did.document import DidDocument, VerificationMethod
from vc_core.ledger.events import AttributeChanged, DelegateChanged, OwnerChanged
from vc_core.ledger.registry_state import IdentityEvent

_DID = re.compile(r"did:ethr:0x([1-9a-f][0-9a-f]{0,15}):(0x[0-9a-f]{40})\Z")
_KEY_ATTRIBUTE = re.compile(r"did/pub/(\w+)/(\w+)(?:/\w+)?\Z", re.ASCII)
_NOBODY = "0x" + "0" * 40
_VERIFICATION_KEY = "veriKey"
_AUTHENTICATION_KEY = "sigAuth"
_USES = (_VERIFICATION_KEY, _AUTHENTICATION_KEY)


MAX_EVENTS = 10_000
"""Of one identity; an organisation that sets a key a week needs two centuries for them."""


class DidError(ValueError):
    """The text is not a DID of this method."""


@dataclass(frozen=True)
class EthrDid:
    """A did:ethr taken apart: `address` is 0x + 40 lower-case hex digits, as in the registry's events."""

    chain_id: int
    address: str

    def __str__(self) -> str:
        return f"did:ethr:0x{self.chain_id:x}:{self.address}"


def create_did(chain_id: int, address: bytes) -> str:
    """The DID of a 20-byte account address on a chain."""
    return str(EthrDid(chain_id, "0x" + address.hex()))


def parse_did_ethr(did: str) -> EthrDid:
    """A DID in the one spelling that we use: chain id in hex, all lower case. Raises `DidError`."""
    match = _DID.match(did)
    if match is None:
        raise DidError("not a did:ethr of the form that we use")
    return EthrDid(int(match[1], 16), match[2])


@dataclass
class _Method:
    """A delegate or key through its life; in parallel, when it changed, until when it was valid then, its number."""

    use: str
    public_key: PublicKey | None
    account: str | None
    times: list[int] = field(default_factory=list)
    valid_to: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def number_at(self, at: int) -> int | None:
        """Its number, where it was valid at that time: up to and including the second `valid_to`."""
        count = bisect_right(self.times, at)
        return self.numbers[count - 1] if count and self.valid_to[count - 1] >= at else None

    def valid_until(self, at: int) -> int:
        """The last second that it is valid, as of that time."""
        return self.valid_to[bisect_right(self.times, at) - 1]


class DidHistory:
    """A DID's life by its events, for any number of questions about any time. It takes more events as they come."""

    def __init__(self, did: str) -> None:
        """`did`: as `parse_did_ethr` takes it; raises `DidError`."""
        parsed = parse_did_ethr(did)
        self.did = did
        self.event_count = 0
        self._chain_id = parsed.chain_id
        self._owner_times: list[int] = []
        self._owners = [parsed.address]
        self._methods: dict[tuple[str, ...], _Method] = {}
        self._by_number: list[_Method | None] = []

    def extend(self, events: Iterable[IdentityEvent]) -> None:
        """Adds the identity's next events, in the chain's order."""
        for event in events:
            self.event_count += 1
            if self.event_count > MAX_EVENTS:
                continue
            if isinstance(event, OwnerChanged):
                self._owner_times.append(event.at.block_timestamp)
                self._owners.append(event.owner)
            elif isinstance(event, DelegateChanged):
                self._add_delegate(event)
            elif event.name.startswith("did/pub/"):
                self._add_key(event)

    def owner(self, *, at: int) -> str | None:
        """The address that controlled the DID at that time; None where it was deactivated, or has too many events."""
        if self.event_count > MAX_EVENTS:
            return None
        owner = self._owners[bisect_right(self._owner_times, at)]
        return None if owner == _NOBODY else owner

    def method_key(self, fragment: str, *, at: int) -> PublicKey | None:
        """The key that a fragment such as `delegate-1` names; None where there is none or it was not valid then."""
        number = _delegate_number(fragment) if len(fragment) <= _LONGEST_FRAGMENT else None
        if number is None or number > len(self._by_number) or self.event_count > MAX_EVENTS:
            return None
        method = self._by_number[number - 1]
        if method is None or method.number_at(at) is None:
            return None
        return method.public_key

    def valid_until(self, fragment: str, *, at: int) -> int | None:
        """The last second that the key of a fragment is valid, as of that time; None where `method_key` has none."""
        if self.method_key(fragment, at=at) is None:
            return None
        method = self._by_number[int(fragment.removeprefix("delegate-")) - 1]
        return None if method is None else method.valid_until(at)

    def document(self, *, at: int) -> DidDocument:
        """The DID document as it was at that time (seconds since 1970)."""
        owner = self.owner(at=at)
        if owner is None:
            return DidDocument(self.did, deactivated=True)
        controller = VerificationMethod(f"{self.did}#controller", blockchain_account_id=self._account(owner))
        numbered = {number: method for method in self._methods.values() if (number := method.number_at(at)) is not None}
        methods, authentication = [controller], [controller.id]
        for number, method in sorted(numbered.items()):
            verification_method = self._verification_method(number, method)
            methods.append(verification_method)
            if method.use == _AUTHENTICATION_KEY:
                authentication.append(verification_method.id)
        assertion_method = tuple(method.id for method in methods)
        return DidDocument(self.did, tuple(methods), tuple(authentication), assertion_method)

    def _verification_method(self, number: int, method: _Method) -> VerificationMethod:
        account = None if method.account is None else self._account(method.account)
        return VerificationMethod(f"{self.did}#delegate-{number}", method.public_key, account)

    def _account(self, address: str) -> str:
        return f"eip155:{self._chain_id}:{address}"

    def _add_delegate(self, event: DelegateChanged) -> None:
        method = None
        if event.delegate_type in _USES:
            method = _Method(event.delegate_type, None, event.delegate)
        self._add(("delegate", event.delegate_type, event.delegate), method, event)

    def _add_key(self, event: AttributeChanged) -> None:
        name = _KEY_ATTRIBUTE.match(event.name)
        method = None
        if name is not None and name[1] == "Multikey" and name[2] in _USES:
            try:
                method = _Method(name[2], PublicKey.from_multikey(bytes.fromhex(event.value)), None)
            except (KeyFormatError, ValueError):  # a key of a kind that we don't use: counted, not shown
                method = None
        self._add(("key", event.name, event.value), method, event)

    def _add(self, key: tuple[str, ...], method: _Method | None, event: DelegateChanged | AttributeChanged) -> None:
        """Counts the event; `method` is what it is about, None where that is nothing for a document of ours."""
        if method is not None:
            method = self._methods.setdefault(key, method)
        self._by_number.append(method)
        if method is not None:
            method.times.append(event.at.block_timestamp)
            method.valid_to.append(event.valid_to)
            method.numbers.append(len(self._by_number))


_LONGEST_FRAGMENT = len("delegate-") + 9


@lru_cache(maxsize=1024)
def _delegate_number(fragment: str) -> int | None:
    number = fragment.removeprefix("delegate-")
    if number == fragment or not number.isascii() or not number.isdigit() or number[0] == "0":
        return None
    return int(number)


def did_document(did: str, events: Iterable[IdentityEvent], at: int) -> DidDocument:
    """The document that the method derives from an identity's events, as of a time (seconds since 1970).

    Without events that is the default document, which says nothing about trust: anybody can make up such a DID.
    Raises `DidError`.
    """
    history = DidHistory(did)
    history.extend(events)
    return history.document(at=at)
