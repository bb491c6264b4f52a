"""`/authorize`: the page where a patient says who they are and which wallet may have their credentials.

The browser carries the secret of its request in a cookie that other sites' pages can't make it send with a form, and
every form carries a token derived from it. All refusals are pages: the wallet is told only what is its own business.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from issuer.authorization.consent import ConsentService
from issuer.authorization.models import AuthorizationRequestRow
from issuer.authorization.presentations import RETURN_PATH, PresentationSignIn
from issuer.authorization.requests import SESSION_LIFETIME, AuthorizationRequestService, SentBack
from issuer.authorization.sign_in import Claimed, SignInService, TooManyAttempts, parse_claimed
from issuer.pages.rendering import headers, language_of, page, redirect_to_language
from issuer.pages.texts import TEXTS
from vc_core.encoding import base64url_encode
from vc_core.errors import ProtocolError
from vc_core.web.forms import parse_query, read_form

COOKIE = "authorization"
_HERE = "/authorize/page"
_LABEL = b"sabai authorization form"
_TYPED = ("identifier", "day", "month", "year")
_MAX_TYPED = 40

_Handler = Callable[["AuthorizationPage", Request], Awaitable[Response]]


@dataclass(frozen=True)
class _Begun:
    """The request that a browser is at, the secret of its cookie, and the fields of the form that it sent."""

    row: AuthorizationRequestRow
    secret: str
    fields: Mapping[str, str]

    @property
    def form_token(self) -> str:
        """What a form must carry to be of this page and this browser."""
        return base64url_encode(hmac.digest(self.secret.encode("utf-8"), _LABEL, "sha256"))

    def claimed(self) -> Claimed:
        """Who the form says that it is."""
        return parse_claimed(*(self.fields.get(name, "")[:_MAX_TYPED] for name in _TYPED))


def create_router(
    requests: AuthorizationRequestService,
    sign_in: SignInService,
    presentations: PresentationSignIn,
    consent: ConsentService,
    public_url: str,
) -> APIRouter:
    """The authorization endpoint and its page."""
    router = APIRouter(include_in_schema=False)
    shown = AuthorizationPage(requests, sign_in, presentations, consent, public_url)
    router.add_api_route("/authorize", shown.authorize, methods=["GET"])
    router.add_api_route(_HERE, shown.show, methods=["GET"])
    router.add_api_route("/authorize/code", shown.send_code, methods=["POST"])
    router.add_api_route("/authorize/sign-in", shown.sign_in, methods=["POST"])
    router.add_api_route("/authorize/present", shown.present, methods=["POST"])
    router.add_api_route(RETURN_PATH, shown.presented, methods=["GET"])
    router.add_api_route("/authorize/decision", shown.decide, methods=["POST"])
    return router


def _refusing(handler: _Handler) -> _Handler:
    """The handler with its refusals as pages."""

    @wraps(handler)
    async def answer(self: AuthorizationPage, request: Request) -> Response:
        try:
            return await handler(self, request)
        except ProtocolError as error:
            notice = "too_many" if isinstance(error, TooManyAttempts) else None
            language = language_of(request)
            return page("error.html", language, here=f"{_HERE}?", status=400, notice=notice, code=error.code)

    return answer


class AuthorizationPage:
    """What each address of the page does."""

    def __init__(
        self,
        requests: AuthorizationRequestService,
        sign_in: SignInService,
        presentations: PresentationSignIn,
        consent: ConsentService,
        public_url: str,
    ) -> None:
        self._requests = requests
        self._presentations = presentations
        self._sign_in = sign_in
        self._consent = consent
        self._public_url = public_url
        self._secure = public_url.startswith("https:")

    @_refusing
    async def authorize(self, request: Request) -> Response:
        """The authorization endpoint: takes the request in, and leads to an address without any of it."""
        query = request.url.query
        try:
            secret = await self._requests.open(parse_query(query) if query else [])
        except SentBack as back:
            return RedirectResponse(back.url, 303, headers=headers())
        answer = RedirectResponse(_HERE, 303, headers=headers())
        answer.set_cookie(
            COOKIE,
            secret,
            max_age=SESSION_LIFETIME,
            path="/authorize",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )
        return answer

    @_refusing
    async def show(self, request: Request) -> Response:
        """The page as far as the request is: who are you, or may the wallet have these."""
        chosen = request.query_params.get("language", "")
        if chosen in TEXTS:
            return redirect_to_language(_HERE, chosen, secure=self._secure)
        begun = await self._begun(request, {})
        if begun.row.person_id is None:
            return self._ask_who(request, begun, None, 200)
        language = language_of(request)
        return page(
            "consent.html",
            language,
            here=f"{_HERE}?",
            form_target=self._consent.form_target_of(begun.row),
            form_token=begun.form_token,
            **await self._consent.view(begun.row, language),
        )

    @_refusing
    async def send_code(self, request: Request) -> Response:
        """Has a code sent, or not; says the same."""
        begun = await self._submitted(request)
        await self._sign_in.send_code(begun.secret, begun.claimed(), TEXTS[language_of(request)]["sms"])
        return self._ask_who(request, begun, "code_sent", 200)

    @_refusing
    async def sign_in(self, request: Request) -> Response:
        """Leads on where the code is right, and asks again where it is not."""
        begun = await self._submitted(request)
        code = begun.fields.get("code", "")[:_MAX_TYPED]
        if not await self._sign_in.sign_in(begun.secret, begun.claimed(), code):
            return self._ask_who(request, begun, "not_recognised", 400)
        return RedirectResponse(_HERE, 303, headers=headers())

    @_refusing
    async def present(self, request: Request) -> Response:
        """Shows the link that opens the patient's wallet."""
        begun = await self._submitted(request)
        link = await self._presentations.begin(begun.row)
        return page("present.html", language_of(request), here=f"{_HERE}?", link=link)

    @_refusing
    async def presented(self, request: Request) -> Response:
        """Leads on where this browser's patient has shown their health ID."""
        begun = await self._begun(request, {})
        await self._presentations.finish(begun.row, begun.secret, request.query_params.get("response_code", ""))
        return RedirectResponse(_HERE, 303, headers=headers())

    @_refusing
    async def decide(self, request: Request) -> Response:
        """Sends the browser back to the wallet, with a code or with `access_denied`."""
        begun = await self._submitted(request)
        if begun.fields.get("decision") == "allow":
            url = await self._requests.allow(begun.secret, await self._consent.available(begun.row))
        else:
            url = await self._requests.deny(begun.secret)
        answer = RedirectResponse(url, 303, headers=headers(self._consent.form_target_of(begun.row)))
        answer.delete_cookie(COOKIE, path="/authorize", httponly=True, samesite="lax", secure=self._secure)
        return answer

    def _ask_who(self, request: Request, begun: _Begun, notice: str | None, status: int) -> Response:
        return page(
            "sign_in.html",
            language_of(request),
            here=f"{_HERE}?",
            status=status,
            form_target=self._consent.form_target_of(begun.row),
            form_token=begun.form_token,
            notice=notice,
            typed={name: begun.fields.get(name, "")[:_MAX_TYPED] for name in _TYPED},
            sends_sms=self._sign_in.sends_sms,
            takes_presentations=self._presentations.is_offered,
        )

    async def _begun(self, request: Request, fields: Mapping[str, str]) -> _Begun:
        """The request that this browser is at. Raises `ProtocolError` `invalid_request`."""
        secret = request.cookies.get(COOKIE, "")
        row = await self._requests.load(secret)
        if row is None:
            raise ProtocolError("invalid_request", "There is no request here, or no longer.")
        return _Begun(row, secret, fields)

    async def _submitted(self, request: Request) -> _Begun:
        """As `_begun`, with a form of ours. Raises `ProtocolError` `invalid_request` for any other."""
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if site not in (None, "same-origin") or origin not in (None, self._public_url):
            raise ProtocolError("invalid_request", "Forms of another site's page are not taken.")
        begun = await self._begun(request, dict(await read_form(request)))
        if not hmac.compare_digest(begun.fields.get("form_token", "").encode(), begun.form_token.encode()):
            raise ProtocolError("invalid_request", "The form is not of this page.")
        return begun
