"""The wallet's pages at `/`, and what they ask: `GET /issuers` and `/verifiers` of the registry, `/known-issuers`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from backend.settings import KnownIssuer
from backend.wallet_pages.schemas import IssuerAnswer, KnownIssuerAnswer, KnownIssuersAnswer, VerifierAnswer
from vc_core.clock import Clock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.errors import NotFound, Rejection
from vc_core.ledger.events import Role
from vc_core.trust import TrustSource, require_issuer

BUILT = Path(__file__).parent / "built"
_NO_SUCH_ISSUER: dict[int | str, dict[str, Any]] = {
    404: {"description": "`not_found`: the registry has no such key, or does not let it issue this type, or any."}
}

_NO_SUCH_VERIFIER: dict[int | str, dict[str, Any]] = {
    404: {"description": "`not_found`: the registry has no such key."}
}


def wallet_pages_router(trust: TrustSource, known_issuers: Sequence[KnownIssuer], clock: Clock) -> APIRouter:
    """What the pages ask; the pages themselves are mounted behind all other routes."""
    router = APIRouter(tags=["wallet pages"])
    known = KnownIssuersAnswer(issuers=[KnownIssuerAnswer(**each.model_dump()) for each in known_issuers])

    @router.get("/known-issuers", summary="The issuers that cards can be had from without an offer")
    async def issuers_known(response: Response) -> KnownIssuersAnswer:
        response.headers["Cache-Control"] = "no-cache"
        return known

    @router.get("/issuers", summary="The issuer of a key, if the registry lets it issue", responses=_NO_SUCH_ISSUER)
    async def issuer(
        verification_method: Annotated[str, Query(max_length=300, description="The key as a DID URL.")],
        response: Response,
        vct: Annotated[
            str | None, Query(max_length=200, description="The credential type; left out: any that we know.")
        ] = None,
    ) -> IssuerAnswer:
        response.headers["Cache-Control"] = "no-store"
        now, did = clock(), verification_method.partition("#")[0]
        try:
            key = trust.verification_key(verification_method, at=now)
            require_issuer(trust, did, CREDENTIAL_TYPES if vct is None else [vct], at=now)
        except Rejection as cause:
            raise NotFound("The registry does not let this key issue such credentials.") from cause
        return IssuerAnswer(did=did, name=trust.name(did), public_key_jwk=key.to_jwk())

    @router.get("/verifiers", summary="The verifier of a key, and what it may ask for", responses=_NO_SUCH_VERIFIER)
    async def verifier(
        verification_method: Annotated[str, Query(max_length=300, description="The key as a DID URL.")],
        response: Response,
    ) -> VerifierAnswer:
        response.headers["Cache-Control"] = "no-store"
        now, did = clock(), verification_method.partition("#")[0]
        try:
            key = trust.verification_key(verification_method, at=now)
        except Rejection as cause:
            raise NotFound("The registry has no such key.") from cause
        return VerifierAnswer(
            did=did, name=trust.name(did), public_key_jwk=key.to_jwk(), may_ask=_may_ask(trust, did, now=now)
        )

    return router


def _may_ask(trust: TrustSource, did: str, *, now: int) -> dict[str, list[str]]:
    """The claims that an organisation may ask for, by credential type."""
    found = {}
    for vct, credential_type in CREDENTIAL_TYPES.items():
        try:
            accreditation = trust.accreditation(did, Role.VERIFY, vct, at=now)
        except Rejection:
            continue
        names = [claim.name for claim in credential_type.claims]
        found[vct] = sorted(accreditation.claims_allowed(names))
    return found
