"""The SQL of trust bundles."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from vc_core.errors import TrustBundleRefused
from vc_core.status import SignedStatusList
from vc_core.trust_bundle.verification import SeenBundle, VerifiedTrustBundle
from verifier.bundles.models import BundledStatusList, ImportedBundle


class BundleRepository:
    """Reads and writes in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def load_newest(self, signer: str) -> SeenBundle | None:
        """The newest bundle of a signer that was imported; None before the first."""
        row = await self._session.get(ImportedBundle, signer)
        return None if row is None else SeenBundle(row.sequence, row.digest, row.head_number)

    async def save_newest(self, bundle: VerifiedTrustBundle, *, now: int) -> None:
        """Takes note of a bundle. Raises `TrustBundleRefused` where a newer one was imported meanwhile."""
        row = await self._session.get(ImportedBundle, bundle.signer)
        seen = bundle.as_seen()
        if row is not None and row.sequence > seen.sequence:
            raise TrustBundleRefused("The trust bundle is older than one that this desk imported before.")
        values = {**asdict(seen), "issued_at": bundle.issued_at, "imported_at": now}
        if row is None:
            row = ImportedBundle(signer=bundle.signer, **values)
        self._session.add(row.sqlmodel_update(values))

    async def load_lists(self) -> Sequence[BundledStatusList]:
        """The status lists that came in bundles, the newest of each."""
        return (await self._session.exec(select(BundledStatusList))).all()

    async def save_lists(self, lists: Sequence[SignedStatusList], *, now: int) -> None:
        """Keeps lists in the place of earlier ones, and forgets what has expired."""
        table = BundledStatusList
        await (await self._session.connection()).execute(delete(table).where(col(table.expires_at) <= now))
        for each in lists:
            place = hashlib.sha256(f"{each.issuer}\n{each.uri}".encode()).digest()
            row = await self._session.get(table, place)
            if row is None:
                row = table(place=place, uri=each.uri, token="", issued_at=-1, expires_at=0)
            if each.list.issued_at > row.issued_at:
                row.token, row.issued_at, row.expires_at = each.token, each.list.issued_at, each.list.expires_at
                self._session.add(row)
