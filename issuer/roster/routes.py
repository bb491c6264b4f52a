"""`/people`: the roster, for officers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.roster.models import Person
from issuer.roster.roster_file import MAX_REFERENCE
from issuer.roster.schemas import ImportReport, LineReason, PeoplePage, PersonAnswer
from issuer.roster.service import RosterService
from vc_core.errors import InvalidRequest


def create_router(service: RosterService, office: OfficeAccess) -> APIRouter:
    """The roster's routes."""
    router = APIRouter(tags=["roster"], responses=OFFICER_ERRORS)

    @router.post(
        "/people",
        summary="Import a roster file",
        description="The body is CSV in UTF-8. Good rows go in, bad ones are named by line and reason. "
        "With dry_run nothing goes in: the answer is what would become of it.",
        openapi_extra={"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}, "required": True}},
    )
    async def import_roster(
        request: Request, dry_run: bool = False, by: Principal = Depends(office.officer)
    ) -> ImportReport:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
            raise InvalidRequest("A roster is sent as text/csv.")
        result = await service.import_file(await request.body(), by, dry_run=dry_run)
        return ImportReport(
            imported=result.imported,
            updated=result.updated,
            unchanged=result.unchanged,
            problems=[LineReason.model_validate(note) for note in result.problems],
            warnings=[LineReason.model_validate(note) for note in result.warnings],
        )

    @router.get("/people", summary="List people, or search for them", dependencies=[Depends(office.reader)])
    async def list_people(
        after: Annotated[str, Query(max_length=MAX_REFERENCE, pattern=r"^[^\x00]*$")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        search: Annotated[
            str,
            Query(
                max_length=100,
                pattern=r"^[^\x00]*$",
                description="A part of the name, or the beginning of the reference, the health or the identity number.",
            ),
        ] = "",
    ) -> PeoplePage:
        people, following = await service.page(after=after, limit=limit, search=search.strip())
        return PeoplePage(people=[_answer(person) for person in people], next=following)

    @router.get("/people/{person_id}", summary="Show a person", dependencies=[Depends(office.reader)])
    async def show_person(person_id: str) -> PersonAnswer:
        return _answer(await service.person(person_id))

    return router


def _answer(person: Person) -> PersonAnswer:
    return PersonAnswer(person_id=person.id, **person.model_dump(exclude={"id", "created_at", "updated_at"}))
