"""All the verifier's tables in one metadata, for Alembic and for the mirrored registry."""

from __future__ import annotations

from vc_core.web.registry import registry_tables
from verifier.bundles.models import BundledStatusList, ImportedBundle
from verifier.checks.models import CheckRecord, SeenPresentation
from verifier.models import VerifierTable

TABLES = (BundledStatusList, CheckRecord, ImportedBundle, SeenPresentation)
METADATA = VerifierTable.metadata
REGISTRY_TABLES = registry_tables(METADATA)
