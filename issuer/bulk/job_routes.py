"""`/jobs`: what the office does for many people at once, and how far it is; `/people/…/renew`: for one person."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.bulk.job_schemas import (
    FailureAnswer,
    FailuresAnswer,
    JobAnswer,
    JobsAnswer,
    PersonRenewal,
    PlannedAnswer,
    RenewalOrder,
    StatusJobOrder,
    job_answer,
)
from issuer.bulk.job_service import ACTION_OF, JobService
from issuer.bulk.models import JobKind
from issuer.bulk.planning import Scope
from issuer.proposals.schemas import ProposalAnswer, ReasonedRequest, proposal_answer
from issuer.proposals.service import ActionOrder, ProposalService
from issuer.status.entitlements import ENDING_REASONS
from vc_core.errors import InvalidRequest, NotFound
from vc_core.web.json_body import StrictJsonRoute

_ID = re.compile(r"[0-9a-f]{32}\Z")
_DAY = 86_400
_MOVED: dict[int | str, dict[str, Any]] = OFFICER_ERRORS | {409: {"description": "conflict: it is not in that state"}}


def create_router(service: JobService, proposals: ProposalService, office: OfficeAccess) -> APIRouter:
    """The routes of jobs."""
    router = APIRouter(route_class=StrictJsonRoute, tags=["jobs"])
    _add_planning(router, service, office)
    _add_following(router, service, office)
    _add_steps(router, service, proposals, office)
    return router


def _add_planning(router: APIRouter, service: JobService, office: OfficeAccess) -> None:
    @router.post(
        "/jobs/renewals", summary="Plan a renewal of what ends soon", responses=_MOVED, response_model_exclude_none=True
    )
    async def plan_renewal(order: RenewalOrder, by: Principal = Depends(office.officer)) -> PlannedAnswer:
        scope, ending_within = Scope(scheme=order.scheme), order.ending_within_days * _DAY
        planned = await service.plan_renewal(order.credential_type, scope, by, ending_within=ending_within)
        return PlannedAnswer(job=job_answer(planned.progress) if planned.progress else None)

    @router.post(
        "/jobs/status-changes",
        summary="Plan a change of many people's statuses",
        responses=OFFICER_ERRORS,
        response_model_exclude_none=True,
    )
    async def plan_status_change(order: StatusJobOrder, by: Principal = Depends(office.officer)) -> PlannedAnswer:
        planned = await service.plan_status_change(
            JobKind(order.kind), order.credential_type, by, numbers=order.numbers, scheme=order.scheme
        )
        job = job_answer(planned.progress) if planned.progress else None
        return PlannedAnswer(job=job, not_found=list(planned.not_found))

    @router.post("/people/{person_id}/renew", summary="Renew a person's credentials of one type", responses=_MOVED)
    async def renew(person_id: str, order: PersonRenewal, by: Principal = Depends(office.officer)) -> JobAnswer:
        return job_answer(await service.renew_person(order.credential_type, person_id, by))


def _add_following(router: APIRouter, service: JobService, office: OfficeAccess) -> None:
    @router.get("/jobs", summary="The newest jobs", dependencies=[Depends(office.reader)], responses=OFFICER_ERRORS)
    async def list_jobs() -> JobsAnswer:
        return JobsAnswer(jobs=[job_answer(each) for each in await service.jobs()])

    @router.get(
        "/jobs/{job_id}", summary="How far a job is", dependencies=[Depends(office.reader)], responses=OFFICER_ERRORS
    )
    async def show_job(job_id: str) -> JobAnswer:
        return job_answer(await service.job(parse_job_id(job_id)))

    @router.get(
        "/jobs/{job_id}/failures",
        summary="For whom it could not be done, the first thousand",
        dependencies=[Depends(office.reader)],
        responses=OFFICER_ERRORS,
    )
    async def failures(job_id: str) -> FailuresAnswer:
        failed = await service.failures(parse_job_id(job_id))
        return FailuresAnswer(failures=[FailureAnswer(**vars(each)) for each in failed])


def _add_steps(router: APIRouter, service: JobService, proposals: ProposalService, office: OfficeAccess) -> None:
    @router.post("/jobs/{job_id}/start", summary="Begin a renewal, or go on with a paused job", responses=_MOVED)
    async def start(job_id: str, by: Principal = Depends(office.officer)) -> JobAnswer:
        return job_answer(await service.start(parse_job_id(job_id), by))

    @router.post(
        "/jobs/{job_id}/begin",
        summary="Begin a planned change of statuses, for a reason",
        response_model=JobAnswer,
        responses=_MOVED
        | {202: {"model": ProposalAnswer, "description": "It takes four eyes, and waits for an approver"}},
    )
    async def begin(
        job_id: str, request: ReasonedRequest, by: Principal = Depends(office.officer)
    ) -> JobAnswer | JSONResponse:
        job = (await service.job(parse_job_id(job_id))).job
        action = ACTION_OF.get(JobKind(job.kind))
        if action is None:
            raise InvalidRequest("A renewal is started, and takes no reason.")
        detail = f"{job.credential_type}, {job.total}"
        parameters: dict[str, Any] = {"credential_type": job.credential_type, "people": job.total}
        if job.kind == JobKind.REVOKE and request.reason in ENDING_REASONS:
            parameters["ends_entitlement"] = True
        order = ActionOrder(action, job.id, parameters, detail, request.reason, request.note)
        proposal = await proposals.propose(by, order)
        if proposal.changed is None:
            waiting = proposal_answer(proposal, proposals.state_of(proposal))
            return JSONResponse(waiting.model_dump(mode="json"), 202)
        return job_answer(await service.job(job.id))

    @router.post("/jobs/{job_id}/pause", summary="Stop a job for the time being", responses=_MOVED)
    async def pause(job_id: str, by: Principal = Depends(office.officer)) -> JobAnswer:
        return job_answer(await service.pause(parse_job_id(job_id), by))

    @router.post(
        "/jobs/{job_id}/cancel",
        summary="End a job that does not run",
        description="One that has begun under four eyes is ended by an approver, others by an officer.",
        responses=_MOVED,
    )
    async def cancel(job_id: str, by: Principal = Depends(office.officer_or_approver)) -> JobAnswer:
        return job_answer(await service.cancel(parse_job_id(job_id), by))


def parse_job_id(text: str) -> str:
    """A job's id in an address. Raises `NotFound` where it can be none."""
    if not _ID.match(text):
        raise NotFound("There is no such job.")
    return text
