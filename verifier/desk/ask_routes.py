"""`POST /ask` and `GET /ask/…`: the part of the desk's plain page that asks a phone. It works without JavaScript too.

The page shows the request's QR code and comes again every two seconds, until there is a verdict or the time is over.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from vc_core.credential_types.portrait import parse_portrait
from vc_core.errors import Conflict, InvalidRequest, NotAccredited, NotFound
from vc_core.protocols.openid4vp.request import ResponseMode
from verifier.access import refuse_cross_site, require_password, staff_of
from verifier.checks.schemas import Verdict
from verifier.desk.page import POLICY_LABELS, VerdictView, create_view, render_template
from verifier.desk.routes import PAGE_HEADERS, PLAIN_PATH, language_of, page_response
from verifier.desk.texts import TEXTS, Texts
from verifier.requests.qr import draw_qr_svg
from verifier.requests.schemas import CreateRequest, RequestAnswer
from verifier.requests.service import RequestService
from verifier.requests.states import State
from verifier.settings import VerifierSettings

_NOTICES = {
    State.CREATED: "ask_waiting",
    State.FETCHED: "ask_reading",
    State.RETURNING: "ask_reading",
    State.REFUSED: "ask_declined",
    State.EXPIRED: "ask_over",
}
_WAITING = (State.CREATED, State.FETCHED, State.RETURNING)


def ask_router(service: RequestService, settings: VerifierSettings) -> APIRouter:
    """The pages, for people; in production they need the desk's password."""
    router = APIRouter(prefix="/ask", include_in_schema=False, dependencies=[Depends(require_password(settings))])

    @router.post("", dependencies=[Depends(refuse_cross_site(settings))])
    async def ask(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=2) as form:
            policy = form.get("policy")
        try:
            wanted = CreateRequest(policy=policy, response_mode=ResponseMode.DIRECT_POST_JWT)
            created = await service.create(wanted, staff_id=staff_of(request))
        except (ValidationError, InvalidRequest):
            return RedirectResponse(PLAIN_PATH, 303, headers=PAGE_HEADERS)
        except NotAccredited:
            return _notice(request, "ask_not_accredited", 403)
        except Conflict:
            return _notice(request, "ask_no_key", 409)
        return RedirectResponse(f"/ask/{created.id}", 303, headers=PAGE_HEADERS)

    @router.get("/{request_id}")
    async def show(request_id: str, request: Request) -> Response:
        answer = await service.result(request_id)
        return page_response(_render(settings, language_of(request), answer))

    @router.get("/{request_id}/qr.svg")
    async def qr_svg(request_id: str) -> Response:
        picture = await asyncio.to_thread(draw_qr_svg, await service.link(request_id))
        return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})

    # From this service, so that the page's policy stays as it is; told for as long as the verdict tells it.
    @router.get("/{request_id}/portrait.jpg")
    async def portrait(request_id: str) -> Response:
        person = (await service.result(request_id)).person
        if person is None or person.portrait is None:
            raise NotFound("There is no photo, or no longer.")
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return Response(parse_portrait(person.portrait), media_type="image/jpeg", headers=headers)

    def _notice(request: Request, label: str, status: int) -> Response:
        language = language_of(request)
        html = render_template(
            "ask.html", language, settings, verdict=None, waiting=False, notice=TEXTS[language].labels[label]
        )
        return page_response(html, status)

    return router


def _render(settings: VerifierSettings, language: str, answer: RequestAnswer) -> str:
    texts = TEXTS[language]
    verdict = _verdict(answer)
    label = _NOTICES.get(answer.state)
    return render_template(
        "ask.html",
        language,
        settings,
        request_id=answer.id,
        policy=texts.labels[POLICY_LABELS[answer.policy]],
        verdict=None if verdict is None else _view(settings, texts, answer.id, verdict),
        waiting=answer.state in _WAITING,
        notice=None if label is None else texts.labels[label],
        card=None,
    )


def _view(settings: VerifierSettings, texts: Texts, request_id: str, verdict: Verdict) -> VerdictView:
    address = f"/ask/{request_id}/portrait.jpg"
    return create_view(verdict, texts, settings.hospital_code, portrait_address=address)


def _verdict(answer: RequestAnswer) -> Verdict | None:
    """The verdict on all that was presented, as a check has it; None while there is none."""
    if answer.verdict is None or answer.code is None or answer.ages is None:
        return None
    return Verdict(
        verdict=answer.verdict,
        code=answer.code,
        sentence=answer.sentence or "",
        checked_at=answer.checked_at or 0,
        ages=answer.ages,
        credential_type=answer.credential_type,
        issuer=answer.issuer,
        person=answer.person,
        coverage=answer.coverage,
        claims=answer.claims,
    )
