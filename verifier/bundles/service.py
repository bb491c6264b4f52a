"""Importing trust bundles: verified, then taken over into the mirrored registry and the status lists at hand.

What was taken is kept in the database in an order that bears a crash at any point: first the registry, then the status
lists, then the note of the bundle. A bundle that is imported once more changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from vc_core.clock import Clock
from vc_core.errors import Rejection, SabaiError, TrustBundleRefused, WrongChain
from vc_core.status import SignedStatusList, StatusLists
from vc_core.trust_bundle.envelope import MAX_BUNDLE_BYTES, parse_trust_bundle
from vc_core.trust_bundle.verification import SeenBundle, VerifiedTrustBundle, verify_trust_bundle
from vc_core.web.database import Database
from vc_core.web.registry import MirroredRegistry
from verifier.bundles.repository import BundleRepository
from verifier.bundles.schemas import AnchorAnswer, ImportAnswer
from verifier.settings import VerifierSettings
from verifier.statuses.prefetch import StatusPrefetch

BUNDLE_SUFFIX = ".bundle"
"""Files of a folder that end otherwise are not looked at."""
_log = logging.getLogger(__name__)


class BundleService:
    """Imports bundles, by request and from the place that the settings name."""

    def __init__(
        self,
        *,
        settings: VerifierSettings,
        registry: MirroredRegistry,
        statuses: StatusLists,
        prefetch: StatusPrefetch,
        database: Database,
        clock: Clock,
    ) -> None:
        self._pin = settings.bundle_pin()
        self._place = settings.trust_bundle
        self._registry = registry
        self._statuses = statuses
        self._prefetch = prefetch
        self._database = database
        self._clock = clock
        self._importing = asyncio.Lock()
        self._following = asyncio.Lock()
        self._newest: SeenBundle | None = None
        self._looked_at: set[tuple[Path, int, int]] = set()

    async def follow(self) -> None:
        """Takes up what another process of this service imported, and bundles that are newly in their place.

        To be called at start, and now and then. What is refused is logged, and not looked at again until it changes.
        """
        async with self._following:
            await self._take_up_kept()
            for path, modified, size in _files(self._place):
                if (path, modified, size) not in self._looked_at:
                    self._looked_at.add((path, modified, size))
                    await self._try_file(path)

    async def import_bundle(self, data: bytes) -> ImportAnswer:
        """Takes over a bundle. Raises `TrustBundleRefused`, and then nothing of it was taken."""
        if self._pin is None:
            raise TrustBundleRefused("This desk was not told whose trust bundles to take.")
        async with self._importing:
            now, pin = self._clock(), self._pin
            bundle = parse_trust_bundle(data)
            async with self._database.transaction() as session:
                newest = await BundleRepository(session).load_newest(pin.signer)
            known = self._registry.known()
            # Thousands of events take seconds; the desk goes on checking meanwhile.
            verified = await asyncio.to_thread(
                verify_trust_bundle, bundle, pin=pin, known=known, newest_seen=newest, now=now
            )
            try:
                await self._registry.take_up(verified.snapshot)
            except WrongChain as cause:  # the ledger told something else while the bundle was read
                raise TrustBundleRefused("The trust bundle tells another history than this desk knows.") from cause
            taken, refused = await self._take_lists([(each.uri, each.token) for each in verified.status_lists])
            await self._save(verified, now)
            self._newest = verified.as_seen()
            return self._answer(verified, taken=len(taken), refused=refused, now=now)

    async def _save(self, verified: VerifiedTrustBundle, now: int) -> None:
        async def save(session: AsyncSession) -> None:
            await BundleRepository(session).save_newest(verified, now=now)

        await self._database.transact(save)

    async def _take_up_kept(self) -> None:
        if self._pin is None:
            return
        async with self._database.transaction() as session:
            newest = await BundleRepository(session).load_newest(self._pin.signer)
        if newest != self._newest:
            await self._registry.reload()
            await self._prefetch.take_up_kept()
            self._newest = newest

    async def _take_lists(self, lists: list[tuple[str, str]]) -> tuple[list[SignedStatusList], int]:
        """Those that are newer than the ones at hand, and how many could not be believed."""
        taken, refused = [], 0
        for uri, token in lists:
            try:
                signed = await self._statuses.take(uri, token, trust=self._registry.trust, now=self._clock())
            except Rejection:
                refused += 1
                continue
            if signed is not None:
                taken.append(signed)
            await asyncio.sleep(0)
        return taken, refused

    async def _try_file(self, path: Path) -> None:
        try:
            await self.import_bundle(await asyncio.to_thread(_read, path))
        except SabaiError as refused:
            _log.warning("a trust bundle was not imported", extra={"file": path.name, "error": refused.message})
        except OSError as cause:
            _log.warning("a trust bundle can't be read", extra={"file": path.name, "error": type(cause).__name__})

    def _answer(self, verified: VerifiedTrustBundle, *, taken: int, refused: int, now: int) -> ImportAnswer:
        anchor, snapshot = verified.anchor, verified.snapshot
        return ImportAnswer(
            signer=verified.signer,
            sequence=verified.sequence,
            issued_at=verified.issued_at,
            block_number=snapshot.head.number,
            synced_at=snapshot.synced_at,
            age_seconds=max(0, now - self._registry.trust.synced_at),
            new_events=verified.new_events,
            status_lists_taken=taken,
            status_lists_not_newer=len(verified.status_lists) - taken - refused,
            status_lists_refused=refused,
            anchor=None
            if anchor is None
            else AnchorAnswer(
                chain_id=anchor.chain_id,
                index=anchor.index,
                block_number=anchor.head.number,
                event_count=anchor.event_count,
                in_registry=anchor.in_registry,
            ),
        )


def _files(place: Path | None) -> Iterator[tuple[Path, int, int]]:
    """The bundle files at a place, a file or a folder, with time of change and size; none where nothing is there."""
    if place is None:
        return
    for path in sorted(place.glob("*" + BUNDLE_SUFFIX)) if place.is_dir() else [place]:
        try:
            found = path.stat()
        except OSError:
            continue
        yield path, found.st_mtime_ns, found.st_size


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BUNDLE_BYTES + 1)
