"""A patient's browser at the authorization page, and the wallet that sent it there, request by request."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from issuer.settings import WalletClientSettings
from tests.issuer.wallet import ISSUER, OFFICER
from vc_core.protocols.oauth.authorization import (
    AuthorizationRequest,
    ReturnAddress,
    create_authorization_request,
    parse_authorization_response,
)
from vc_core.protocols.oauth.pkce import create_code_challenge
from vc_core.protocols.oauth.pushed_authorization import create_pushed_reference
from vc_core.protocols.oauth.token import AuthorizationCodeGrant, TokenRequest, create_token_request

BACK = "https://wallet.test/back"
CLIENT = WalletClientSettings(client_id="wallet", name="Test wallet", redirect_uris=(BACK, "http://127.0.0.1/back"))
VERIFIER = "v" * 43
STATE = "state-1"
PERSON = {"identifier": "0-0123-45678-90-9", "day": "4", "month": "3", "year": "2535"}
"""A1 of the roster, with hyphens in the number and the year of the Buddhist era."""


def request_fields(*scopes: str, details: tuple[str, ...] | None = None, **changes: str) -> dict[str, str]:
    """The fields of an authorization request; changes that are empty take a field away."""
    address = ReturnAddress("wallet", BACK, STATE)
    request = AuthorizationRequest(address, create_code_challenge(VERIFIER), scopes, details)
    return {name: value for name, value in (create_authorization_request(request) | changes).items() if value}


class PatientsBrowser:
    """The browser, which keeps cookies and follows no redirect by itself."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = ""

    async def push(self, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The wallet's pushed request."""
        return await self.client.post("/par", data=dict(fields), headers=headers)

    async def open(self, fields: Mapping[str, str]) -> httpx.Response:
        """The authorization endpoint, and the page that it leads to."""
        answer = await self.client.get("/authorize", params=dict(fields))
        if answer.headers.get("location") != "/authorize/page":
            return answer
        return self._seen(await self.client.get("/authorize/page"))

    async def open_pushed(self, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The same by way of a pushed request."""
        pushed = await self.push(fields, headers)
        assert pushed.status_code == 201, pushed.text
        return await self.open(create_pushed_reference(fields["client_id"], pushed.json()["request_uri"]))

    async def submit(self, action: str, fields: Mapping[str, str], **headers: str) -> httpx.Response:
        """A form of the page that is shown."""
        found = re.search('name="form_token" value="([^"]+)"', self.page)
        token = {"form_token": html.unescape(found[1])} if found else {}
        answer = await self.client.post(f"/authorize/{action}", data=token | dict(fields), headers=headers)
        return self._seen(answer)

    async def sign_in(self, code: str, person: Mapping[str, str] = PERSON) -> httpx.Response:
        """The patient says who they are; the consent page where the code was right."""
        answer = await self.submit("sign-in", {**person, "code": code})
        if answer.status_code != 303:
            return answer
        return self._seen(await self.client.get(answer.headers["location"]))

    async def decide(self, decision: str = "allow") -> str:
        """The patient's decision; where the browser goes with it."""
        answer = await self.submit("decision", {"decision": decision})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def office_code(self, person_id: str) -> str:
        """A one-time code that an officer makes."""
        answer = await self.client.post(f"/people/{person_id}/sign-in-codes", headers=OFFICER)
        assert answer.status_code == 201
        return str(answer.json()["code"])

    async def authorized(
        self,
        person_id: str,
        fields: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        *,
        pushed: bool = True,
    ) -> str:
        """An authorization code, all the way; `headers` are those of the pushed request."""
        await (self.open_pushed(fields, headers) if pushed else self.open(fields))
        shown = await self.sign_in(await self.office_code(person_id))
        assert shown.status_code == 200, shown.text
        return code_in(await self.decide())

    async def token(self, code: str, headers: Mapping[str, str] | None = None, **changes: Any) -> httpx.Response:
        """The wallet's token request."""
        members = {"code": code, "redirect_uri": BACK, "code_verifier": VERIFIER} | changes
        details = members.pop("details", None)
        client_id = members.pop("client_id", "wallet")
        request = TokenRequest(AuthorizationCodeGrant(**members), client_id, details)
        return await self.client.post("/token", data=create_token_request(request), headers=headers)

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page = answer.text
        return answer


def code_in(location: str) -> str:
    """The code that the browser brings back to the wallet."""
    return parse_authorization_response(location, expected_state=STATE, expected_issuer=ISSUER)


def returned(answer: httpx.Response) -> dict[str, str]:
    """What the browser is sent back to the wallet with."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(BACK + "?")
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))
