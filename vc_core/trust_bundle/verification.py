"""When to take over a trust bundle: the numbered procedure from a file's parts to what a desk may import.

A bundle is believed because of who signed it, so the signer is pinned when a desk is set up. What the desk knows
already is never given up for it: a bundle may only add to that. So even who holds the signer's key can't take back what
a desk has seen, a killed key or a revoked accreditation say; keeping news from it is possible, and shows in the age.
"""

from __future__ import annotations

from dataclasses import dataclass

from vc_core.crypto.keys import PublicKey
from vc_core.errors import ReasonCode, Rejection, TrustBundleRefused, WrongChain
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot
from vc_core.trust import RegistryTrust
from vc_core.trust_bundle.anchoring import VerifiedAnchor, verify_anchor
from vc_core.trust_bundle.contents import BundleContents, StatusListCopy
from vc_core.trust_bundle.envelope import UnverifiedTrustBundle

CLOCK_TOLERANCE = 300
"""Seconds by which the signer's clock may be ahead of the desk's: nobody sets an offline desk's clock."""


@dataclass(frozen=True)
class BundlePin:
    """Whose bundles of which registry a desk takes: decided when it is set up.

    `first_key` is the signer's key for as long as the desk knows nothing of the signer from the registry.
    """

    signer: str
    chain_id: int
    addresses: RegistryAddresses
    first_key: PublicKey | None = None


@dataclass(frozen=True)
class SeenBundle:
    """The newest bundle of the pinned signer that a desk imported."""

    sequence: int
    digest: bytes
    head_number: int


@dataclass(frozen=True)
class VerifiedTrustBundle:
    """A bundle that a desk may import. `new_events`: how many the desk did not have; times in seconds since 1970."""

    signer: str
    sequence: int
    issued_at: int
    digest: bytes
    snapshot: RegistrySnapshot
    status_lists: tuple[StatusListCopy, ...]
    anchor: VerifiedAnchor | None
    new_events: int

    def as_seen(self) -> SeenBundle:
        """What a desk remembers of it."""
        return SeenBundle(self.sequence, self.digest, self.snapshot.head.number)


def verify_trust_bundle(
    bundle: UnverifiedTrustBundle,
    *,
    pin: BundlePin,
    known: RegistrySnapshot | None,
    newest_seen: SeenBundle | None,
    now: int,
) -> VerifiedTrustBundle:
    """The bundle, if the desk may import it; raises `TrustBundleRefused` with the reason otherwise.

    `known` is what the desk knows of the registry, None before the first time.

    1. Is the signer the pinned one, with a key that the desk knows to be the signer's now?
    2. Is the signature that key's? Only then is anything unpacked.
    3. Is it of the pinned chain and contracts, and dated no later than now?
    4. Is it no older than one imported before?
    5. Does it tell again all that the desk knows?
    6. Is it consistent in itself: in order, and the signer's key good by what the bundle itself tells?
    7. If it comes with a proof, does that lead from its registry to an anchored root?
    """
    # 1.
    if bundle.signer != pin.signer:
        raise TrustBundleRefused("The trust bundle is signed by another organisation than this desk was told to trust.")
    key = _signer_key(bundle, pin, known, now)

    # 2.
    contents = bundle.verify(key)

    # 3.
    snapshot = contents.snapshot
    if (snapshot.chain_id, snapshot.addresses) != (pin.chain_id, pin.addresses):
        raise TrustBundleRefused("The trust bundle is of another chain or of other contracts.")
    if contents.issued_at > now + CLOCK_TOLERANCE or snapshot.synced_at > contents.issued_at + CLOCK_TOLERANCE:
        raise TrustBundleRefused("The trust bundle is dated in the future: one of the two clocks is wrong.")

    # 4.
    _check_not_older(bundle, contents, newest_seen)

    # 5.
    new_events = len(snapshot.events) if known is None else _count_news(known, snapshot)

    # 6.
    state = _consistent_state(snapshot)
    _check_signer_inside(bundle, snapshot, state, key, now)

    # 7.
    anchor = None if contents.anchor is None else verify_anchor(snapshot, contents.anchor, state)

    return VerifiedTrustBundle(
        bundle.signer,
        contents.sequence,
        contents.issued_at,
        bundle.digest,
        snapshot,
        contents.status_lists,
        anchor,
        new_events,
    )


def _signer_key(bundle: UnverifiedTrustBundle, pin: BundlePin, known: RegistrySnapshot | None, now: int) -> PublicKey:
    """Step 1: from the registry as soon as the desk knows the signer there, so that a pinned key can be rotated."""
    if known is not None:
        try:
            return _trust(known, known.state()).verification_key(bundle.verification_method, at=now)
        except Rejection as cause:
            if cause.code is not ReasonCode.UNKNOWN_ISSUER:
                raise TrustBundleRefused("The trust bundle is signed by a key that is not the signer's now.") from cause
    if pin.first_key is None:
        raise TrustBundleRefused("This desk knows no key of the signer; the first import needs the signer's key.")
    return pin.first_key


def _check_not_older(bundle: UnverifiedTrustBundle, contents: BundleContents, seen: SeenBundle | None) -> None:
    """Step 4. The same bundle again is no harm."""
    if seen is None or bundle.digest == seen.digest:
        return
    if contents.sequence < seen.sequence or contents.snapshot.head.number < seen.head_number:
        raise TrustBundleRefused("The trust bundle is older than one that this desk imported before.")
    if contents.sequence == seen.sequence:
        raise TrustBundleRefused("The trust bundle has the number of another one that this desk imported before.")


def _count_news(known: RegistrySnapshot, told: RegistrySnapshot) -> int:
    """Step 5."""
    try:
        return len(known.check_told_again(told))
    except WrongChain as cause:
        raise TrustBundleRefused("The trust bundle tells another history than this desk knows.") from cause


def _consistent_state(snapshot: RegistrySnapshot) -> RegistryState:
    if snapshot.events and snapshot.events[-1].at.block_number > snapshot.head.number:
        raise TrustBundleRefused("The trust bundle has events that are later than its own head.")
    try:
        return snapshot.state()
    except ValueError as cause:
        raise TrustBundleRefused("The trust bundle has events that are out of order.") from cause


def _check_signer_inside(
    bundle: UnverifiedTrustBundle, snapshot: RegistrySnapshot, state: RegistryState, key: PublicKey, now: int
) -> None:
    """Step 6: whoever signs with a key that was killed or revoked by then is not the signer."""
    try:
        told = _trust(snapshot, state).verification_key(bundle.verification_method, at=now)
    except Rejection as cause:
        raise TrustBundleRefused(
            "The trust bundle itself says that its signer has no such key, or no longer."
        ) from cause
    if told != key:
        raise TrustBundleRefused("The trust bundle itself says that its signer has another key.")


def _trust(snapshot: RegistrySnapshot, state: RegistryState) -> RegistryTrust:
    return RegistryTrust(state, chain_id=snapshot.chain_id, synced_at=snapshot.synced_at)
