"""`/status/batches`: what is to be anchored, for officers; `/status/…/proof`: that it was, for everyone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.anchoring import BatchAnswer
from issuer.status.anchoring import AnchoringService
from issuer.status.forms import StatusListForm
from issuer.status.routes import FormName, ListId, Version, parse_form, parse_list_id, parse_number
from issuer.status.schemas import PublicationProof

_PROOFS: dict[int | str, dict[str, Any]] = {
    404: {"description": "not_found: there is no such version, or it is not on the ledger yet"}
}


def create_router(anchoring: AnchoringService, office: OfficeAccess) -> APIRouter:
    """The routes of batches and proofs. A proof's address is that of its version, and `/proof`."""
    router = APIRouter(tags=["status"])

    @router.post(
        "/status/batches",
        summary="The Merkle root of what was published, to be written to the ledger",
        responses=OFFICER_ERRORS,
    )
    async def open_batch(by: Principal = Depends(office.officer)) -> BatchAnswer:
        batch, waiting = await anchoring.open_batch(by)
        if batch is None:
            return BatchAnswer(log=anchoring.log.name)
        return BatchAnswer(
            log=anchoring.log.name, batch=batch.number, root=batch.root, size=batch.size, waiting=waiting
        )

    async def proof(list_id: str, form: StatusListForm, number: str) -> PublicationProof:
        proven = await anchoring.prove(parse_list_id(list_id), form, parse_number(number))
        return PublicationProof.model_validate(proven.to_json())

    @router.get(
        "/status/{list_id}/{number}/proof", summary="That a version of the token is on the ledger", responses=_PROOFS
    )
    async def token_proof(list_id: ListId, number: Version) -> PublicationProof:
        return await proof(list_id, StatusListForm.TOKEN, number)

    @router.get("/status/{list_id}/{form}/{number}/proof", summary="That a version is on the ledger", responses=_PROOFS)
    async def list_proof(list_id: ListId, form: FormName, number: Version) -> PublicationProof:
        return await proof(list_id, parse_form(form), number)

    return router
