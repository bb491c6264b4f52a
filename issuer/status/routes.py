"""`/status/…`: the published lists, for everyone; `/people/…/status`: changing a status, for officers."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.proposals.schemas import ProposalAnswer, proposal_answer
from issuer.proposals.service import ActionOrder, ProposalService
from issuer.status.forms import StatusListForm
from issuer.status.models import StatusPublication
from issuer.status.publication import PublicationService
from issuer.status.schemas import (
    IssuedCredential,
    IssuedCredentials,
    StatusAnswer,
    StatusChange,
    StatusListAggregation,
    StatusName,
)
from issuer.status.service import ACTIONS, StatusService
from vc_core.errors import NotFound
from vc_core.web.caching import has_copy
from vc_core.web.json_body import StrictJsonRoute

_LIST_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_VERSION = re.compile(r"[1-9][0-9]{0,8}\Z")
_FOR_EVER = "public, max-age=31536000, immutable"
_LISTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {form.media_type: {"schema": {"type": "string"}} for form in StatusListForm}},
    304: {"description": "The copy that If-None-Match names is the newest"},
    404: {"description": "not_found"},
}
ListId = Annotated[str, Path(description="The list.")]
FormName = Annotated[str, Path(description="; ".join(form for form in StatusListForm if form.purpose))]
Version = Annotated[str, Path(description="A version of the list, counted from 1.")]


def create_officer_router(service: StatusService, proposals: ProposalService, office: OfficeAccess) -> APIRouter:
    """The routes by which officers see and change statuses."""
    router = APIRouter(route_class=StrictJsonRoute, tags=["status"])

    @router.get(
        "/people/{person_id}/credentials",
        summary="What was issued to a person",
        dependencies=[Depends(office.reader)],
        responses=OFFICER_ERRORS,
    )
    async def issued(person_id: str) -> IssuedCredentials:
        return IssuedCredentials(
            credentials=[
                IssuedCredential(
                    credential_type=each.credential_type,
                    format=each.format,
                    status=StatusName.of(each.status),
                    issued_at=each.issued_at,
                    expires_at=each.expires_at,
                )
                for each in await service.issued(person_id)
            ],
            entitlement_ended=list(await service.ended_entitlements(person_id)),
        )

    @router.post(
        "/people/{person_id}/status",
        summary="Suspend, revoke or restore a person's credentials of one type",
        response_model=StatusAnswer,
        responses=OFFICER_ERRORS
        | {
            202: {"model": ProposalAnswer, "description": "It takes four eyes, and waits for an approver"},
            409: {"description": "conflict: they are revoked, and that is final; or the same is proposed already"},
        },
    )
    async def change_status(
        person_id: str, change: StatusChange, by: Principal = Depends(office.officer)
    ) -> StatusAnswer | JSONResponse:
        order = ActionOrder(
            ACTIONS[change.status.status],
            person_id,
            {"credential_type": change.credential_type} | change.ending(),
            change.credential_type,
            change.reason,
            change.note,
        )
        proposal = await proposals.propose(by, order)
        if proposal.changed is None:
            waiting = proposal_answer(proposal, proposals.state_of(proposal))
            return JSONResponse(waiting.model_dump(mode="json"), 202)
        return StatusAnswer(credential_type=change.credential_type, status=change.status, changed=proposal.changed)

    return router


def create_router(publications: PublicationService) -> APIRouter:
    """The routes of published lists. A version's address is the list's in that form, and the version's number."""
    router = APIRouter(tags=["status"])

    @router.get("/status", summary="The addresses of all status lists (Token Status List section 9)")
    async def aggregation() -> StatusListAggregation:
        uris = await publications.list_uris()
        return StatusListAggregation(
            status_lists=uris[StatusListForm.TOKEN],
            bitstring_status_lists=uris[StatusListForm.REVOCATION] + uris[StatusListForm.SUSPENSION],
            bitstring_status_list_jwts=uris[StatusListForm.REVOCATION_JWT] + uris[StatusListForm.SUSPENSION_JWT],
        )

    async def newest(list_id: str, form: StatusListForm, request: Request) -> Response:
        publication = await publications.current(list_id, form)
        headers = {
            "Cache-Control": f"max-age={publications.time_to_live}",
            "Content-Location": publications.version_uri(publication),
        }
        return _answer(publication, form, request, headers)

    async def version(list_id: str, form: StatusListForm, number: int, request: Request) -> Response:
        publication = await publications.version(list_id, form, number)
        return _answer(publication, form, request, {"Cache-Control": _FOR_EVER})

    @router.get("/status/{list_id}", summary="The newest token", response_class=Response, responses=_LISTS)
    async def token(list_id: ListId, request: Request) -> Response:
        return await newest(parse_list_id(list_id), StatusListForm.TOKEN, request)

    @router.get(
        "/status/{list_id}/{part}",
        summary="A version of the token, or the newest list in another form",
        response_class=Response,
        responses=_LISTS,
    )
    async def token_version_or_list(
        list_id: ListId, part: Annotated[str, Path(description="A version, or a form.")], request: Request
    ) -> Response:
        if part.isdecimal():
            return await version(parse_list_id(list_id), StatusListForm.TOKEN, parse_number(part), request)
        return await newest(parse_list_id(list_id), parse_form(part), request)

    @router.get(
        "/status/{list_id}/{form}/{number}",
        summary="A version of a list in another form",
        response_class=Response,
        responses=_LISTS,
    )
    async def list_version(list_id: ListId, form: FormName, number: Version, request: Request) -> Response:
        return await version(parse_list_id(list_id), parse_form(form), parse_number(number), request)

    return router


def _answer(
    publication: StatusPublication, form: StatusListForm, request: Request, headers: dict[str, str]
) -> Response:
    etag = f'"{publication.version}"'
    headers = {"ETag": etag, **headers}
    if has_copy(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(publication.signed, media_type=form.media_type, headers=headers)


def parse_list_id(text: str) -> str:
    """A list's id in an address. Raises `NotFound` where it can be none."""
    if not _LIST_ID.match(text):
        raise NotFound("There is no such status list.")
    return text


def parse_form(text: str) -> StatusListForm:
    """A form's name in an address, other than the token's. Raises `NotFound`."""
    if text not in list(StatusListForm) or text == StatusListForm.TOKEN:
        raise NotFound("There is no such form of a status list.")
    return StatusListForm(text)


def parse_number(text: str) -> int:
    """A version's number in an address. Raises `NotFound`."""
    if not _VERSION.match(text):
        raise NotFound("There is no such version of a status list.")
    return int(text)
