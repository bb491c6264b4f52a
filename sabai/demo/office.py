"""The officer's and the hospital's part of the demo, over the services' own HTTP APIs."""

from __future__ import annotations

from typing import Any

from sabai.services import RunningServices
from vc_core.errors import SabaiError
from vc_core.http import HttpResponse

CONFIGURATIONS = (
    "HealthId_dc+sd-jwt",
    "HealthId_qr_pass",
    "InsuranceCoverage_dc+sd-jwt",
    "InsuranceCoverage_qr_pass",
)


async def find_person(services: RunningServices, person_ref: str) -> dict[str, Any]:
    """The person with this reference of the office."""
    after = ""
    while True:
        url = f"{services.urls['issuer']}/people?limit=100" + (f"&after={after}" if after else "")
        page = _expect(await services.http.get(url, token=services.tokens["officer"]), 200)
        for person in page["people"]:
            if person["person_ref"] == person_ref:
                return dict(person)
        if not page["next"]:
            raise SabaiError("The sample roster has no such person.")
        after = page["next"]


async def make_offer(services: RunningServices, person_id: str, configurations: tuple[str, ...]) -> dict[str, Any]:
    """An offer for this person, with the code that the officer tells them in person."""
    body = {
        "person_id": person_id,
        "credential_configuration_ids": list(configurations),
        "tx_code_delivery": "in_person",
    }
    url = services.urls["issuer"] + "/offers"
    return _expect(await services.http.post_json(url, body, token=services.tokens["officer"]), 201)


async def set_status(services: RunningServices, person_id: str, status: str) -> None:
    """Suspends or revokes this person's insurance coverage."""
    _expect(await _change_status(services, person_id, status, "lost_or_stolen"), 200)


async def end_suspension(services: RunningServices, person_id: str) -> None:
    """Restores this person's insurance coverage, if a demo that was interrupted has left it suspended."""
    answer = await _change_status(services, person_id, "valid", "resolved")
    if answer.status not in (404, 409):  # nothing was issued yet, or all of it is revoked
        _expect(answer, 200)


async def _change_status(services: RunningServices, person_id: str, status: str, reason: str) -> HttpResponse:
    url = f"{services.urls['issuer']}/people/{person_id}/status"
    body = {"credential_type": "InsuranceCoverage", "status": status, "reason": reason}
    return await services.http.post_json(url, body, token=services.tokens["officer"])


async def check(services: RunningServices, qr: str) -> dict[str, Any]:
    """What the desk of the hospital says to this text."""
    return _expect(await services.http.post_json(services.urls["verifier"] + "/checks", {"qr": qr}), 200)


async def check_image(services: RunningServices, picture: bytes) -> dict[str, Any]:
    """What the desk says to a photograph (PNG)."""
    url = services.urls["verifier"] + "/checks/image"
    return _expect(await services.http.post_file(url, "image", picture, content_type="image/png"), 200)


async def confirm_appointment(services: RunningServices, body: dict[str, Any]) -> None:
    """The hospital books an appointment and confirms it."""
    url, token = services.urls["backend"] + "/appointments", services.tokens["desk"]
    booked = _expect(await services.http.post_json(url, body, token=token), 201)
    confirm = f"{url}/{booked['appointment_id']}/confirm"
    _expect(await services.http.post_json(confirm, {}, token=token), 200)


async def approve_claim(services: RunningServices, body: dict[str, Any]) -> None:
    """The hospital submits a claim, and the payer approves it."""
    url = services.urls["backend"] + "/claims"
    claim = _expect(await services.http.post_json(url, body, token=services.tokens["desk"]), 201)
    approve = f"{url}/{claim['claim_id']}/approve"
    _expect(await services.http.post_json(approve, {}, token=services.tokens["officer"]), 200)


def _expect(answer: HttpResponse, status: int) -> dict[str, Any]:
    if answer.status != status:
        raise SabaiError(f"A service answered {answer.status} where {status} was expected.")
    return answer.json_object()
