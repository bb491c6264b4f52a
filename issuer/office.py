"""The office put together: who works there, what they may do, four eyes, and the record of what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from issuer.access import OfficeAccess, bearer_or_session
from issuer.audit import anchoring_routes
from issuer.audit import routes as audit_routes
from issuer.audit.anchoring import AuditAnchoring
from issuer.audit.service import AuditService
from issuer.audit.verification import AuditVerification
from issuer.officers import routes as officer_routes
from issuer.officers import sign_in_routes
from issuer.officers.service import OfficerChange, OfficerService, PasskeyAdmission
from issuer.officers.sign_in import OfficerSignIn
from issuer.proposals import routes as proposal_routes
from issuer.proposals.actions import OfficeAction, ReasonedAction
from issuer.proposals.service import ProposalService
from issuer.settings import IssuerSettings
from vc_core.clock import Clock
from vc_core.errors import Conflict
from vc_core.ledger.anchored_log import AnchoredLog
from vc_core.web.access import require_same_site
from vc_core.web.database import Database
from vc_core.web.sessions import SessionCookie

_COOKIE = "office_session"


@dataclass(frozen=True)
class Office:
    """The office's services; `access` is for the routes of others."""

    access: OfficeAccess
    audit: AuditService
    proposals: ProposalService
    sign_in: OfficerSignIn
    routers: Sequence[APIRouter]


def create_office(
    settings: IssuerSettings,
    database: Database,
    actions: Mapping[OfficeAction, ReasonedAction],
    audit_log: AnchoredLog,
    clock: Clock,
    randomness: Callable[[int], bytes],
) -> Office:
    """The office of an issuer with these settings. `actions` are those of other use cases that take a reason,
    `audit_log` is the log on the ledger for what was done.

    Challenges for passkeys are keyed with the officer's token.
    """
    audit = AuditService(database, clock)
    all_actions = {
        **actions,
        OfficeAction.ADMIT_OFFICER: PasskeyAdmission(),
        OfficeAction.CHANGE_OFFICER: OfficerChange(),
    }
    proposals = ProposalService(database, all_actions, settings.four_eyes_in_force(), clock)
    secret = settings.officer_token.get_secret_value().encode("utf-8")
    sign_in = OfficerSignIn(database, proposals, audit, settings.public_url, secret, clock, randomness)
    origins = _page_origins(sign_in, settings.public_url)
    cookie, same_site = SessionCookie(_COOKIE, settings.public_url), require_same_site(*origins)
    authenticate = bearer_or_session(settings.officer_token, cookie, sign_in.session, same_site)
    access = OfficeAccess(authenticate, audit, clock)
    takes_token = settings.profile == "embedded"
    routers = (
        sign_in_routes.create_router(sign_in, cookie, same_site, takes_token=takes_token),
        officer_routes.create_router(OfficerService(database, proposals, clock, randomness), origins[-1], access),
        proposal_routes.create_router(proposals, access),
        audit_routes.create_router(audit, AuditVerification(database, audit_log), access),
        anchoring_routes.create_router(AuditAnchoring(database, audit_log, randomness), access),
    )
    return Office(access, audit, proposals, sign_in, routers)


def _page_origins(sign_in: OfficerSignIn, public_url: str) -> tuple[str, ...]:
    """Where the office's page may be; the last is where passkeys work, if they do anywhere."""
    try:
        return sign_in.party().origins
    except Conflict:
        return (public_url,)
