"""Wallets' answers to requests: opened, examined, and kept together with the request's new state.

An answer that is not of the form that was asked for changes nothing but the audit log, and the wallet may try again
while the request lasts. One that is of the form ends the request, whatever the verdict: the nonce is used up.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from vc_core.clock import Clock
from vc_core.crypto.jwe import CONTENT_ENCRYPTION
from vc_core.errors import NotFound, ProtocolError, ReasonCode, Rejection
from vc_core.protocols.openid4vp.encrypted_response import decrypt_response
from vc_core.protocols.openid4vp.response import (
    AuthorizationErrorResponse,
    AuthorizationResponse,
    EncryptedResponse,
    ResponseAnswer,
    UnverifiedResponse,
    parse_authorization_response,
    parse_response_form,
)
from vc_core.web.database import Database
from verifier.checks.repository import AuditRecord, CheckRepository
from verifier.requests.answers import AnswerExaminer, ExaminedPresentation, combine, create_result
from verifier.requests.composition import AskedRequest
from verifier.requests.models import PresentationRequest, SignedTransaction
from verifier.requests.policies import asked_by_query_id
from verifier.requests.repository import RequestRepository
from verifier.requests.secrets import create_secret, handle_of, hash_of
from verifier.requests.service import PORTRAIT_SECONDS, RequestService
from verifier.requests.states import Event, State, sources, state_at
from verifier.sightings.repository import SightingRepository
from verifier.sightings.service import Owing


class _Refused(Exception):
    """An answer that changes nothing: what the wallet is told, and what the audit log."""

    def __init__(self, error: ProtocolError, code: ReasonCode) -> None:
        super().__init__(error.message)
        self.error = error
        self.code = code


class ResponseService:
    """Takes answers, from wallets and from the browser's API."""

    def __init__(
        self,
        requests: RequestService,
        examiner: AnswerExaminer,
        *,
        public_url: str,
        owing: Owing,
        database: Database,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        """`owing` says what the patient is told of a verdict."""
        self._requests = requests
        self._examiner = examiner
        self._public_url = public_url
        self._owing = owing
        self._database = database
        self._clock = clock
        self._randomness = randomness

    async def take_form(self, handle: str, fields: Sequence[tuple[str, str]]) -> ResponseAnswer:
        """A wallet's post to the response address. Raises `NotFound`, `ProtocolError`."""
        handle_hash = hash_of(handle)
        row = await self._database.write(lambda connection: RequestRepository(connection).load_by_handle(handle_hash))
        if row is None or AskedRequest.from_json(row.request).response_mode.is_dc_api:
            raise NotFound("There is no such request, or no longer.")
        return await self._take(row, lambda: parse_response_form(fields), state=handle)

    async def take_browser_answer(self, request_id: str, data: dict[str, Any]) -> None:
        """What the browser's API gave the page. Raises `NotFound`, `ProtocolError`."""
        row = await self._database.write(lambda connection: RequestRepository(connection).load(request_id))
        if row is None or not AskedRequest.from_json(row.request).response_mode.is_dc_api:
            raise NotFound("There is no such request, or no longer.")
        await self._take(row, lambda: parse_authorization_response(data), state=None)

    async def _take(
        self, row: PresentationRequest, parse: Callable[[], UnverifiedResponse], *, state: str | None
    ) -> ResponseAnswer:
        """The steps of an answer; what is refused leaves a line in the audit log and no other trace."""
        now = self._clock()
        try:
            self._check_open(row, now)
            response = self._open(row, parse)
            if state is not None and response.state != state:
                raise _refused("The answer does not give back the request's state.", ReasonCode.WRONG_AUDIENCE)
            if isinstance(response, AuthorizationErrorResponse):
                return await self._decline(row, response, now)
            return await self._conclude(row, response, now)
        except _Refused as refused:
            record = AuditRecord(now, "rejected", refused.code, None, None, staff_id=row.staff_id)
            await self._database.write(lambda connection: CheckRepository(connection).save_records([record]))
            raise refused.error from refused

    def _check_open(self, row: PresentationRequest, now: int) -> None:
        state = state_at(State(row.state), expires_at=row.expires_at, now=now)
        if state is State.EXPIRED:
            raise _refused("This request is over.", ReasonCode.EXPIRED_PRESENTATION)
        if state not in sources(Event.ANSWER):
            raise _refused("This request was answered before.", ReasonCode.REPLAYED)

    def _open(
        self, row: PresentationRequest, parse: Callable[[], UnverifiedResponse]
    ) -> AuthorizationResponse | AuthorizationErrorResponse:
        """The answer in the open: encrypted if and only if that was asked for; an error may come without."""
        encrypted = AskedRequest.from_json(row.request).response_mode.is_encrypted
        try:
            response = parse()
            if isinstance(response, EncryptedResponse):
                key = None if row.sealed_key is None else self._requests.seal.open(row.sealed_key)
                if key is None:
                    raise ProtocolError("invalid_request", "No encrypted answer can be opened here.")
                return decrypt_response(response, key=key, enc_values=CONTENT_ENCRYPTION)
        except ProtocolError as cause:
            raise _Refused(cause, ReasonCode.MALFORMED) from cause
        if encrypted and isinstance(response, AuthorizationResponse):
            raise _refused("The answer must be encrypted.", ReasonCode.MALFORMED)
        return response

    async def _decline(
        self, row: PresentationRequest, response: AuthorizationErrorResponse, now: int
    ) -> ResponseAnswer:
        moved = await self._database.write(
            lambda connection: RequestRepository(connection).move(
                row.id, Event.REFUSE, now=now, error=response.error, sealed_key=None
            )
        )
        if not moved:
            raise _refused("This request was answered before.", ReasonCode.REPLAYED)
        return ResponseAnswer()

    async def _conclude(self, row: PresentationRequest, response: AuthorizationResponse, now: int) -> ResponseAnswer:
        asked = AskedRequest.from_json(row.request)
        client_id = self._requests.client_id(asked.prefix, handle_of(row.id))
        try:
            presentations = await self._examiner.examine(
                response.vp_token,
                asked,
                asked_by_query_id(row.policy),
                audiences=asked.audiences(client_id),
                now=now,
            )
        except Rejection as cause:
            raise _Refused(ProtocolError("invalid_request", cause.message), cause.code) from cause
        code = create_secret(self._randomness) if asked.same_device else None
        seal = self._requests.seal.seal_portrait
        conclusion = _Conclusion(row.id, row.staff_id, asked, presentations, code, self._owing, seal, now)
        if not await self._database.write(conclusion.write):
            raise _refused("This request was answered before.", ReasonCode.REPLAYED)
        if code is None:
            return ResponseAnswer()
        return ResponseAnswer(f"{self._public_url}/openid4vp/{handle_of(row.id)}/return?response_code={code}")


@dataclass(frozen=True)
class _Conclusion:
    """All that an answer leaves behind, in one transaction: state, replay guard, audit lines, result, proofs, word."""

    request_id: str
    staff_id: str | None
    asked: AskedRequest
    presentations: Sequence[ExaminedPresentation]
    response_code: str | None
    owing: Owing
    seal: Callable[[str], bytes]
    now: int

    def write(self, connection: Connection) -> bool:
        """Whether this was the first answer; if not, nothing is written."""
        requests, checks = RequestRepository(connection), CheckRepository(connection)
        event, values = Event.ANSWER, {}
        if self.response_code is not None:
            event, values = Event.ANSWER_SAME_DEVICE, {"response_code_hash": hash_of(self.response_code)}
        if not requests.move(self.request_id, event, now=self.now, **values):
            return False
        new = checks.remember([each.examined.used for each in self.presentations if each.examined.used is not None])
        final = []
        for each in self.presentations:
            used = each.examined.used
            first = used is None or used.digest in new
            new.discard(b"" if used is None else used.digest)  # of two equal ones, one at most is the first
            final.append((each, each.examined if first else each.examined.as_replayed()))
        checks.save_records([replace(examined.record, staff_id=self.staff_id) for _, examined in final])
        verdicts = [(each.query_id, examined.verdict) for each, examined in final]
        result, whole = create_result(verdicts), combine([verdict for _, verdict in verdicts])
        owed = self.owing(whole, "request")
        SightingRepository(connection).add([] if owed is None else [owed])
        signed = self._signed() if result["verdict"]["verdict"] == "accepted" else []
        for row in signed:
            requests.save_signed(row)
        portrait = None if whole.person is None or whole.person.portrait is None else self.seal(whole.person.portrait)
        kept = {**result, "signed_transactions": [row.id for row in signed]}
        requests.save_result(self.request_id, kept, portrait, portrait_until=self.now + PORTRAIT_SECONDS)
        return True

    def _signed(self) -> list[SignedTransaction]:
        """What was signed, each with the presentation whose key binding signs it."""
        texts = {each.query_id: each.text for each in self.presentations}
        return [
            SignedTransaction(
                id=uuid.uuid4().hex,
                type=each.type,
                transaction_data=each.text,
                presentation=texts[each.credential_ids[0]],
                signed_at=self.now,
            )
            for each in self.asked.transaction_data
        ]


def _refused(message: str, code: ReasonCode) -> _Refused:
    return _Refused(ProtocolError("invalid_request", message), code)
