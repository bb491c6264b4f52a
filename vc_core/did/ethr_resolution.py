"""The method did:ethr for the resolver: documents of now, of a block (`versionId`), or of a time (`versionTime`).

A version is what a block's events made of a DID, and its id the number of that block. Asked for a block without an
event of the DID, the version is the one in force then, with keys valid at that block's time. So a version never
changes, while the newest document does as keys expire.

The method gives any address a default document. Here a DID that the registry has no event of is not found: what anybody
can make up is no organisation.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol

from vc_core.clock import Clock
from vc_core.did.document import DidDocument
from vc_core.did.ethr import DidError, DidHistory, did_document, parse_did_ethr
from vc_core.did.resolution import DidResolution, DocumentMetadata, ResolutionError, ResolutionFailed, ResolutionOptions
from vc_core.ledger.registry_state import IdentityEvent

_BLOCK_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,17})\Z")


class Identities(Protocol):
    """Where the events come from: a mirror, or the chain."""

    @property
    def chain_id(self) -> int:
        """The chain's id (EIP-155)."""

    @property
    def synced_at(self) -> int:
        """When what is known was last known to be the chain's newest, in seconds since 1970."""

    async def identity_events(self, identity: str) -> Sequence[IdentityEvent]:
        """The history of an identity (0x + 40 lower-case hex digits), oldest first. Raises `LedgerError`."""

    async def block_time(self, number: int) -> int | None:
        """When a block was made, in seconds since 1970; None where there is none yet. Raises `LedgerError`."""


class EthrDids:
    """The method did:ethr, for the DIDs of one registry."""

    def __init__(self, identities: Identities, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock
        self._histories: dict[str, tuple[IdentityEvent, DidHistory]] = {}

    async def resolve(self, did: str, options: ResolutionOptions) -> DidResolution:
        """See `DidMethod`; a `LedgerError` of the registry goes through."""
        try:
            parsed = parse_did_ethr(did)
        except DidError as cause:
            raise ResolutionFailed(
                ResolutionError.INVALID_DID,
                "A did:ethr is did:ethr:0x<chain id>:0x<address>, in lower case.",
            ) from cause
        if parsed.chain_id != self._identities.chain_id:
            raise _not_found("The registry is on another chain than the DID.")
        events = await self._identities.identity_events(parsed.address)
        if not events:
            raise _not_found("The registry has no such DID.")
        count, document = await self._version(did, events, options)
        if count == 0:
            raise _not_found("The DID has no version of then.")
        return DidResolution(document, _metadata(events, count), retrieved=self._identities.synced_at)

    async def _version(
        self, did: str, events: Sequence[IdentityEvent], options: ResolutionOptions
    ) -> tuple[int, DidDocument]:
        """Of how many events the version is, and its document."""
        if options.version_id is not None:
            return await self._at_block(did, events, options.version_id)
        history, now = self._history(did, events), self._clock()
        if options.version_time is None:
            return len(events), history.document(at=max(now, events[-1].at.block_timestamp))
        if options.version_time > now:
            raise ResolutionFailed(ResolutionError.INVALID_OPTIONS, "The option versionTime is in the future.")
        count = bisect_right(events, options.version_time, key=lambda event: event.at.block_timestamp)
        return count, history.document(at=options.version_time)

    async def _at_block(self, did: str, events: Sequence[IdentityEvent], version_id: str) -> tuple[int, DidDocument]:
        if not _BLOCK_NUMBER.match(version_id):
            raise ResolutionFailed(ResolutionError.INVALID_OPTIONS, "A version of a did:ethr is a block's number.")
        number = int(version_id)
        count = bisect_right(events, number, key=lambda event: event.at.block_number)
        if count and events[count - 1].at.block_number == number:
            at: int | None = events[count - 1].at.block_timestamp
        else:
            at = await self._identities.block_time(number)
        if at is None:
            raise _not_found("The registry was not read as far as that version.")
        return count, did_document(did, events[:count], at)

    def _history(self, did: str, events: Sequence[IdentityEvent]) -> DidHistory:
        """The DID's history up to its newest event, kept from one question to the next."""
        newest, history = self._histories.get(did, (None, DidHistory(did)))
        if newest is not None and (len(events) < history.event_count or events[history.event_count - 1] != newest):
            history = DidHistory(did)  # of another registry than before
        history.extend(events[history.event_count :])
        self._histories[did] = (events[-1], history)
        return history


def _metadata(events: Sequence[IdentityEvent], count: int) -> DocumentMetadata:
    """Of the version that the first `count` events make; at least one."""
    this, following = events[count - 1].at, events[count].at if count < len(events) else None
    return DocumentMetadata(
        version_id=str(this.block_number),
        updated=this.block_timestamp,
        next_version_id=None if following is None else str(following.block_number),
        next_update=None if following is None else following.block_timestamp,
    )


def _not_found(detail: str) -> ResolutionFailed:
    return ResolutionFailed(ResolutionError.NOT_FOUND, detail)
