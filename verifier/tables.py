"""All the verifier's tables in one metadata, for Alembic and for the mirrored registry."""

from __future__ import annotations

from vc_core.web.registry import registry_tables
from verifier.bundles.models import ImportedBundle
from verifier.challenges.models import IssuedChallenge
from verifier.checks.models import CheckRecord, PinTry, SeenPresentation
from verifier.models import VerifierTable
from verifier.requests.models import PresentationRequest, SignedTransaction
from verifier.sightings.models import OwedSighting
from verifier.staff.models import (
    StaffEvent,
    StaffInvitation,
    StaffMember,
    StaffPasskey,
    StaffSession,
    StaffUsedChallenge,
)
from verifier.statuses.models import SeenStatusList
from verifier.today.models import FaceComparison

TABLES = (
    CheckRecord,
    FaceComparison,
    ImportedBundle,
    IssuedChallenge,
    OwedSighting,
    PinTry,
    PresentationRequest,
    SeenPresentation,
    SeenStatusList,
    SignedTransaction,
    StaffEvent,
    StaffInvitation,
    StaffMember,
    StaffPasskey,
    StaffSession,
    StaffUsedChallenge,
)
METADATA = VerifierTable.metadata
REGISTRY_TABLES = registry_tables(METADATA)
