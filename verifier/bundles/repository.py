"""The SQL of trust bundles."""

from __future__ import annotations

from dataclasses import asdict

from sqlmodel.ext.asyncio.session import AsyncSession

from vc_core.errors import TrustBundleRefused
from vc_core.trust_bundle.verification import SeenBundle, VerifiedTrustBundle
from verifier.bundles.models import ImportedBundle


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
