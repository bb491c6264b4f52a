"""Trust: which organisation may issue or ask for which credential type, by which key, and how old that knowledge is.

The verification procedure asks a `TrustSource`; services and wallets use `RegistryTrust`, over the mirrored registry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Protocol

from vc_core.crypto.keys import PublicKey
from vc_core.crypto.x509 import CertificateChain, KeyReference
from vc_core.did.ethr import DidError, DidHistory, parse_did_ethr
from vc_core.errors import ReasonCode, Rejection
from vc_core.ledger.events import (
    GOVERNANCE,
    NAME_ATTRIBUTE,
    NO_HASH,
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    MandateChanged,
    Role,
    allowed_claims_hash,
    credential_type_id,
    key_hash,
    subject_id,
)
from vc_core.ledger.registry_state import IdentityEvent, RegistryState

# Characters that would change how the text around a name is displayed: control characters and bidirectional marks.
_UNSAFE_IN_NAME = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MAX_NAME_LENGTH = 200

# A mandate's depth is at most 8 and falls from link to link; a longer chain was not made by our contract.
_MAX_CHAIN_LENGTH = 9

# 2^14 hashes are made within some tenths of a second; no type has as many claims.
_MAX_CLAIMS = 14


@dataclass(frozen=True)
class Accreditation:
    """That `did` may do `role` with the type `vct` from `valid_from` until before `valid_until`, seconds since 1970.

    `allowed_claims` is the `allowed_claims_hash` of the claims that it is limited to, None for all; `policy` the
    SHA-256 of the rules that it was given under, None for none. `accreditors` are the identities (0x + 40 lower-case
    hex digits) through which it comes from the governance, the nearest first; empty where the governance gave it.
    """

    did: str
    role: Role
    vct: str
    valid_from: int
    valid_until: int
    allowed_claims: bytes | None = None
    policy: bytes | None = None
    accreditors: tuple[str, ...] = ()

    def claims_allowed(self, names: Collection[str]) -> frozenset[str]:
        """Of the claims of a type, all by `names`, those that the accreditation is for.

        The registry has only the hash of their names: of the few claims that a type has, every choice is tried. None
        where no choice has that hash, as with names that the type does not have.
        """
        if self.allowed_claims is None:
            return frozenset(names)
        return _claims_of_hash(self.allowed_claims, tuple(sorted(set(names))))


class TrustSource(Protocol):
    """What is known of the registry, without I/O."""

    @property
    def synced_at(self) -> int:
        """When this knowledge was last known to be the chain's newest, in seconds since 1970; 0 for never."""

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        """The key that `<did>#<fragment>` names, or that certificates lead to, if it was valid at that time.

        Raises `Rejection` with `UNKNOWN_ISSUER` where the registry has no such DID, `BAD_SIGNATURE` where the DID
        has no such key, or had none valid then. A key that was killed is refused for every time: who has it can date
        a signature as they like. For certificates, see `vc_core.certificate_trust`.
        """

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        """The accreditation in force at that time. Raises `Rejection` with `UNTRUSTED_ISSUER` where there is none."""

    def name(self, did: str) -> str:
        """The organisation's display name as it registered it; the DID itself where it registered none."""


def require_issuer(trust: TrustSource, did: str, types: Iterable[str], *, at: int) -> None:
    """Raises `Rejection` with `UNTRUSTED_ISSUER` or `UNKNOWN_ISSUER` where it may issue none of these types (`vct`)."""
    refusal = Rejection(ReasonCode.UNTRUSTED_ISSUER, "The organisation is not accredited for this.")
    for vct in types:
        try:
            trust.accreditation(did, Role.ISSUE, vct, at=at)
        except Rejection as cause:
            refusal = cause
        else:
            return
    raise refusal


class RegistryTrust:
    """Trust by our registry on the ledger: a `TrustSource` over a `RegistryState`, which may go on growing.

    A DID is known here only if the registry has events of it: what anybody could make up is never trusted.
    """

    def __init__(self, state: RegistryState, *, chain_id: int, synced_at: int | Callable[[], int]) -> None:
        """`synced_at`: of a snapshot the number, of a live mirror a callable that tells its newest."""
        self._state = state
        self._chain_id = chain_id
        self._synced_at = synced_at
        self._histories: dict[str, tuple[str, DidHistory]] = {}
        # What follows from a question and the events, kept since it is asked with every credential. The events are
        # asked for anew each time: what was kept of a version counts for as long as that version is in force.
        self._key_names: dict[str, tuple[str, str]] = {}
        self._accreditations: dict[tuple[str, Role, str], tuple[AccreditationChanged, Accreditation]] = {}
        self._names: dict[str, tuple[int, str]] = {}

    @property
    def synced_at(self) -> int:
        """When the registry was last known to be the chain's newest, in seconds since 1970; 0 for never."""
        return self._synced_at if isinstance(self._synced_at, int) else self._synced_at()

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        """See `TrustSource`; also `UNTRUSTED_ISSUER` where the DID was deactivated by then.

        Nobody is known here by certificates: `UNKNOWN_ISSUER`.
        """
        if isinstance(verification_method, CertificateChain):
            raise Rejection(ReasonCode.UNKNOWN_ISSUER, "The issuer is not identified by our registry.")
        did, _, fragment = verification_method.partition("#")
        history = self._active_history(did, at)
        key = history.method_key(fragment, at=at)
        if key is None:
            raise Rejection(ReasonCode.BAD_SIGNATURE, "The issuer has no such key, or it is not valid.")
        names = self._key_names.get(verification_method)
        if names is None:  # a fragment names the same key for ever
            names = self._key_names[verification_method] = (subject_id(did).hex(), key_hash(key.to_multikey()).hex())
        if self._state.killed_key(*names) is not None:
            raise Rejection(ReasonCode.BAD_SIGNATURE, "The issuer's key was compromised; nothing it signed counts.")
        return key

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        """See `TrustSource`; also `UNKNOWN_ISSUER` where the registry has no such DID."""
        self._active_history(did, at)
        subject, type_id = _entry_names(did, vct)
        entry = self._state.accreditation(subject, role, type_id, at=at)
        if entry is None or entry.state is not AccreditationState.ACTIVE:
            raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "The organisation is not accredited for this.")
        if not _in_force(entry, at):
            raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "The organisation's accreditation is not in force.")
        accreditors = () if entry.grantor == GOVERNANCE else self._accreditors(entry, at)
        known = self._accreditations.get((did, role, vct))
        if known is not None and known[0] is entry and known[1].accreditors == accreditors:
            return known[1]
        accreditation = Accreditation(
            did,
            role,
            vct,
            entry.valid_from,
            entry.valid_until,
            allowed_claims=_parse_hash(entry.allowed_claims),
            policy=_parse_hash(entry.policy),
            accreditors=accreditors,
        )
        self._accreditations[did, role, vct] = (entry, accreditation)
        return accreditation

    def _accreditors(self, entry: AccreditationChanged, at: int) -> tuple[str, ...]:
        """The chain of mandates from an entry up to the governance, all in force at that time; the nearest first.

        Each mandate must be of greater depth than the one below it, so a circle ends at the first repetition.
        """
        chain: list[str] = []
        grantor, depth_below = entry.grantor, -1
        while grantor != GOVERNANCE:
            mandate = self._state.mandate(grantor, entry.role, entry.credential_type, at=at)
            broken = mandate is None or not _in_force(mandate, at) or mandate.depth <= depth_below
            if mandate is None or broken or len(chain) == _MAX_CHAIN_LENGTH:
                raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "Who accredited the organisation had no mandate to.")
            chain.append(grantor)
            grantor, depth_below = mandate.grantor, mandate.depth
        return tuple(chain)

    def name(self, did: str) -> str:
        """See `TrustSource`; also the DID itself where the name could disturb a display."""
        try:
            address, _ = self._history(did)
        except Rejection:
            return did
        events = self._state.identity_events(address)
        known = self._names.get(did)
        if known is None or known[0] != len(events):
            known = self._names[did] = (len(events), _display_name(events) or did)
        return known[1]

    def _active_history(self, did: str, at: int) -> DidHistory:
        _, history = self._history(did)
        if history.owner(at=at) is None:
            raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "The organisation's DID was deactivated.")
        return history

    def _history(self, did: str) -> tuple[str, DidHistory]:
        """The DID's history up to the newest event, kept from one question to the next. Raises `UNKNOWN_ISSUER`."""
        known = self._histories.get(did)
        if known is None:
            known = self._new_history(did)
        address, history = known
        events = self._state.identity_events(address)
        if len(events) > history.event_count:
            history.extend(events[history.event_count :])
        return known

    def _new_history(self, did: str) -> tuple[str, DidHistory]:
        try:
            parsed = parse_did_ethr(did)
        except DidError as cause:
            raise Rejection(ReasonCode.UNKNOWN_ISSUER, "The issuer is not identified by our registry.") from cause
        if parsed.chain_id != self._chain_id or not self._state.identity_events(parsed.address):
            raise Rejection(ReasonCode.UNKNOWN_ISSUER, "The issuer is not in the registry.")
        self._histories[did] = (parsed.address, DidHistory(did))
        return self._histories[did]


def _display_name(events: Sequence[IdentityEvent]) -> str | None:
    """The newest name that was not withdrawn; None where there is none, or it could disturb a display."""
    withdrawn = set()
    for event in reversed(events):
        if not isinstance(event, AttributeChanged) or event.name != NAME_ATTRIBUTE:
            continue
        if event.valid_to == 0:
            withdrawn.add(event.value)
        elif event.value not in withdrawn:
            name = bytes.fromhex(event.value).decode("utf-8", errors="replace").strip()
            return None if _UNSAFE_IN_NAME.search(name) or len(name) > _MAX_NAME_LENGTH else name
    return None


@lru_cache(maxsize=4096)
def _entry_names(did: str, vct: str) -> tuple[str, str]:
    """By what the registry names the organisation and the type, in hex digits."""
    return subject_id(did).hex(), credential_type_id(vct).hex()


@lru_cache(maxsize=256)
def _claims_of_hash(digest: bytes, names: tuple[str, ...]) -> frozenset[str]:
    """The choice of these names that has this `allowed_claims_hash`; empty where none has, or there are too many."""
    sizes = range(1, len(names) + 1) if len(names) <= _MAX_CLAIMS else range(0)
    chosen = (each for size in sizes for each in combinations(names, size) if allowed_claims_hash(each) == digest)
    return frozenset(next(chosen, ()))


def _in_force(granted: AccreditationChanged | MandateChanged, at: int) -> bool:
    return granted.state is AccreditationState.ACTIVE and granted.valid_from <= at < granted.valid_until


def _parse_hash(digits: str) -> bytes | None:
    return None if digits == NO_HASH else bytes.fromhex(digits)
