"""Requests for credentials: made for a desk, handed to a wallet, answered once.

Two sides come here, and each has a secret of its own: the desk's program by a request's id, the wallet by its handle
(`secrets.py`). What may happen in which state is in `states.py`, and decided by one conditional UPDATE.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from vc_core.clock import Clock
from vc_core.credential_types.definition import CredentialType
from vc_core.crypto.jwe import EncryptionKey
from vc_core.errors import Conflict, Forbidden, InvalidRequest, NotAccredited, NotFound, ProtocolError, Rejection
from vc_core.formats.credential import CredentialFormat
from vc_core.protocols.addresses import check_url
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix
from vc_core.protocols.openid4vp.digital_credentials import create_signed_request, create_unsigned_request
from vc_core.protocols.openid4vp.request import (
    AuthorizationRequest,
    RequestByReference,
    create_authorization_request_link,
)
from vc_core.protocols.openid4vp.request_object import RequestUriPost, sign_request_object
from vc_core.protocols.openid4vp.transaction_data import TransactionData, create_transaction_data
from vc_core.trust import TrustSource
from vc_core.verifier_trust import check_may_ask
from vc_core.web.database import Database
from vc_core.web.settings import ProtocolProfile
from verifier.requests.composition import AskedRequest
from verifier.requests.haip import ask_for_certified, check_haip
from verifier.requests.keys import RequestKeys
from verifier.requests.models import PresentationRequest, SignedTransaction
from verifier.requests.policies import FORMATS, POLICIES, DeskPolicy, plan_query
from verifier.requests.repository import RequestRepository
from verifier.requests.schemas import CreatedRequest, CreateRequest, RequestAnswer
from verifier.requests.secrets import KeySeal, create_secret, handle_of, hash_of
from verifier.requests.states import Event, State, sources, state_at
from verifier.requests.wallet_metadata import check_wallet
from verifier.settings import VerifierSettings

LIFETIME_SECONDS = 300
"""How long a request may be answered: a patient finds their phone, unlocks it and reads what is asked."""
KEEP_SECONDS = 12 * 3600
"""How long a request and its result are kept: a desk's shift."""
PORTRAIT_SECONDS = 300
"""How long a desk may take to come for a portrait that was shown to it."""
PORTRAIT_AGAIN_SECONDS = 30
"""How long it is told again after the first time, whose answer may be lost: the page waits 20 seconds for one."""
KEEP_SIGNED_SECONDS = 5 * 366 * 24 * 3600
"""How long proofs that a holder signed are kept: as long as a hospital must keep the records that they belong to."""


class RequestService:
    """What a desk's program may do, and what a wallet gets of a request; answers are `responses.py`'s."""

    def __init__(
        self,
        *,
        settings: VerifierSettings,
        keys: RequestKeys,
        trust: TrustSource,
        database: Database,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        secret = settings.desk_token.get_secret_value().encode("utf-8") if settings.desk_token else randomness(32)
        self._public_url = settings.public_url
        self._did = settings.facility_did
        self._haip = settings.protocol_profile is ProtocolProfile.HAIP
        self._anchors = settings.certificate_anchors()
        self._keys = keys
        self._trust = trust
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self.seal = KeySeal(secret)

    async def create(self, wanted: CreateRequest, *, staff_id: str | None = None) -> CreatedRequest:
        """A new request; `staff_id` is the member who asks, for the audit log.

        Raises `InvalidRequest`, `Conflict`, and `NotAccredited` where the hospital may not ask it.
        """
        policy, now = POLICIES.get(wanted.policy), self._clock()
        if policy is None:
            raise InvalidRequest("There is no policy of this name.")
        asked = self._plan(wanted, policy, now)
        request_id = create_secret(self._randomness)
        key = EncryptionKey.generate() if asked.response_mode.is_encrypted else None
        row = PresentationRequest(
            id=request_id,
            handle_hash=hash_of(handle_of(request_id)),
            policy=policy.name,
            state=State.CREATED,
            request=asked.to_json(),
            sealed_key=None if key is None else self.seal.seal(key),
            created_at=now,
            expires_at=now + LIFETIME_SECONDS,
            staff_id=staff_id,
        )
        await self._database.write(lambda connection: RequestRepository(connection).save(row))
        return await self._created(row, asked, key)

    def _plan(self, wanted: CreateRequest, policy: DeskPolicy, now: int) -> AskedRequest:
        """What is asked, by what the registry lets this hospital ask today."""
        _check_combination(wanted)
        if self._haip:
            check_haip(wanted)
        prefix = None
        if wanted.signed:
            prefix = wanted.client_id_prefix or self._keys.default_prefix()
            if prefix.is_signed:
                self._keys.check(prefix, self._trust, now=now)

        def check_may_see(credential_type: CredentialType, claims: frozenset[str]) -> None:
            check_may_ask(self._trust, self._did, {credential_type.vct: claims}, at=now)

        # Only an SD-JWT's key binding signs transaction data, and HAIP has no other format of ours.
        formats = (CredentialFormat.SD_JWT,) if wanted.transaction_data or self._haip else FORMATS
        if wanted.transaction_data:  # what signs them is kept as it came
            policy = policy.without_portrait()
        try:
            query = plan_query(policy, formats, check_may_see)
        except Rejection as cause:
            raise NotAccredited("The registry does not let this hospital ask for this: nothing was asked.") from cause
        if self._haip:
            query = ask_for_certified(query, self._anchors)
        return AskedRequest(
            prefix=prefix,
            response_mode=wanted.response_mode,
            nonce=create_secret(self._randomness),
            query=query,
            transaction_data=_transactions(wanted, query.credentials[0].id),
            expected_origins=tuple(wanted.expected_origins) or (self._public_url,),
            request_uri_method=wanted.request_uri_method,
            same_device=wanted.same_device,
            return_to=wanted.return_to,
        )

    async def _created(
        self, row: PresentationRequest, asked: AskedRequest, key: EncryptionKey | None
    ) -> CreatedRequest:
        handle = handle_of(row.id)
        browser_request = None
        if asked.response_mode.is_dc_api:
            browser_request = await self._browser_request(row, asked, key)
        return CreatedRequest(
            id=row.id,
            expires_at=row.expires_at,
            authorization_request=None if browser_request is not None else self._link(asked, handle, key),
            digital_credentials_request=browser_request,
            start_url=f"{self._public_url}/openid4vp/{handle}/start" if asked.same_device else None,
        )

    async def result(self, request_id: str) -> RequestAnswer:
        """Where a request is, and its verdict once there is one. Raises `NotFound`."""
        row = await self._load(request_id)
        state = state_at(State(row.state), expires_at=row.expires_at, now=self._clock())
        answer: dict[str, Any] = {
            "id": row.id,
            "state": state,
            "policy": row.policy,
            "expires_at": row.expires_at,
            "error": row.error,
        }
        # Of what a browser that did not come back has shown, nobody is told: it may be someone else's.
        result = row.result if state is State.ANSWERED else None
        if result is None:
            return RequestAnswer(**answer)
        return RequestAnswer(
            **answer,
            **await self._with_portrait(row, result["verdict"]),
            presentations=result["presentations"],
            signed_transactions=result["signed_transactions"],
        )

    async def _with_portrait(self, row: PresentationRequest, verdict: dict[str, Any]) -> dict[str, Any]:
        """The verdict, with the portrait for as long as it is told; the first telling makes that short."""
        now = self._clock()
        if row.sealed_portrait is None or row.portrait_until is None or row.portrait_until <= now:
            return verdict
        until = now + PORTRAIT_AGAIN_SECONDS
        await self._database.write(lambda connection: RequestRepository(connection).keep_portrait(row.id, until=until))
        return verdict | {"person": verdict["person"] | {"portrait": self.seal.open_portrait(row.sealed_portrait)}}

    async def signed_transaction(self, signed_id: str) -> SignedTransaction:
        """What a holder signed. Raises `NotFound`."""
        found = await self._database.write(lambda connection: RequestRepository(connection).load_signed(signed_id))
        if found is None:
            raise NotFound("There is no such signed transaction.")
        return found

    async def link(self, request_id: str) -> str:
        """The link of a request that may still be answered. Raises `NotFound`, `Conflict`."""
        row = await self._load_open(request_id)
        asked = AskedRequest.from_json(row.request)
        if asked.response_mode.is_dc_api:
            raise Conflict("This request goes through the browser's API.")
        return self._link(asked, handle_of(row.id), self._open_key(row))

    async def browser_request(self, request_id: str) -> dict[str, Any]:
        """The request for the browser's API, while it may still be answered. Raises `NotFound`, `Conflict`."""
        row = await self._load_open(request_id)
        asked = AskedRequest.from_json(row.request)
        if not asked.response_mode.is_dc_api:
            raise Conflict("This request goes by a link, not through the browser's API.")
        return await self._browser_request(row, asked, self._open_key(row))

    async def request_object(self, handle: str, post: RequestUriPost) -> str:
        """The signed request for the wallet that has this handle, with its nonce if it sent one.

        Raises `NotFound`; `ProtocolError` `invalid_request` where the request is over, or not for such a wallet.
        """
        row = await self._load_by_handle(handle)
        now = self._clock()
        asked = AskedRequest.from_json(row.request)
        if asked.prefix is None or not asked.prefix.is_signed or asked.response_mode.is_dc_api:
            raise NotFound("There is no such request object.")
        check_wallet(post.wallet_metadata, asked)
        if State(row.state) is State.CREATED:
            await self._database.write(
                lambda connection: RequestRepository(connection).move(row.id, Event.FETCH, now=now)
            )
        if state_at(State(row.state), expires_at=row.expires_at, now=now) not in sources(Event.FETCH):
            raise ProtocolError("invalid_request", "This request is over.")
        request = self._compose(asked, handle, self._open_key(row))
        return await self._sign(request, asked.prefix, now, row.expires_at, wallet_nonce=post.wallet_nonce)

    async def start(self, handle: str, session: str | None) -> tuple[str, str | None]:
        """The link for a browser that begins on the same device, and its new session: None where it has it already.

        Raises `NotFound`, and `Forbidden` where another browser began before.
        """
        row = await self._load_by_handle(handle)
        asked, now = AskedRequest.from_json(row.request), self._clock()
        if not asked.same_device:
            raise NotFound("There is no such request.")
        link = self._link(asked, handle, self._open_key(row))
        if session is not None and row.session_hash == hash_of(session):
            return link, None
        new = create_secret(self._randomness)
        opened = await self._database.write(
            lambda connection: RequestRepository(connection).open_session(row.handle_hash, hash_of(new), now=now)
        )
        if not opened:
            raise Forbidden("This was begun in another browser, or is over.")
        return link, new

    async def finish(self, handle: str, session: str | None, response_code: str | None) -> str | None:
        """Where the browser that came back goes on, if anywhere. Raises `Forbidden` unless it is the one that began."""
        if session is None or response_code is None:
            raise Forbidden("This page is for the browser that began, as it comes back from the wallet.")
        ended = await self._database.write(
            lambda connection: RequestRepository(connection).end_session(
                hash_of(handle), hash_of(session), hash_of(response_code), now=self._clock()
            )
        )
        if not ended:
            raise Forbidden("This page is for the browser that began, as it comes back from the wallet.")
        row = await self._load_by_handle(handle)
        return AskedRequest.from_json(row.request).return_to

    async def forget_old(self) -> None:
        """Deletes requests of an earlier shift, proofs kept long enough, and portraits that are told no longer."""
        now = self._clock()
        await self._database.write(lambda connection: RequestRepository(connection).delete_portraits(now=now))
        await self._database.write(
            lambda connection: RequestRepository(connection).delete_old(
                created_before=now - KEEP_SECONDS, signed_before=now - KEEP_SIGNED_SECONDS
            )
        )

    def client_id(self, prefix: ClientIdPrefix | None, handle: str) -> ClientId | None:
        """Under which name a request was made; None for an unsigned one through the browser's API."""
        if prefix is None:
            return None
        if prefix is ClientIdPrefix.REDIRECT_URI:
            return ClientId(prefix, self._response_uri(handle))
        return self._keys.name(prefix).client_id

    def _response_uri(self, handle: str) -> str:
        return f"{self._public_url}/openid4vp/{handle}/response"

    def _compose(self, asked: AskedRequest, handle: str, key: EncryptionKey | None) -> AuthorizationRequest:
        client_id = self.client_id(asked.prefix, handle)
        return asked.compose(client_id, response_uri=self._response_uri(handle), state=handle, key=key)

    def _link(self, asked: AskedRequest, handle: str, key: EncryptionKey | None) -> str:
        request = self._compose(asked, handle, key)
        if request.client_id is None or not request.client_id.prefix.is_signed:
            return create_authorization_request_link(request)
        uri = f"{self._public_url}/openid4vp/{handle}/request"
        return create_authorization_request_link(RequestByReference(request.client_id, uri, asked.request_uri_method))

    async def _browser_request(
        self, row: PresentationRequest, asked: AskedRequest, key: EncryptionKey | None
    ) -> dict[str, Any]:
        request = self._compose(asked, handle_of(row.id), key)
        if asked.prefix is None:
            return create_unsigned_request(request)
        return create_signed_request(await self._sign(request, asked.prefix, self._clock(), row.expires_at))

    async def _sign(
        self,
        request: AuthorizationRequest,
        prefix: ClientIdPrefix,
        now: int,
        expires_at: int,
        *,
        wallet_nonce: str | None = None,
    ) -> str:
        signer, header = self._keys.signer, dict(self._keys.name(prefix).header)
        if signer is None:
            raise Conflict("This desk has no key for requests: its settings name none.")
        return await asyncio.to_thread(  # the key may be in a token or a service
            sign_request_object,
            request,
            header,
            signer,
            issued_at=now,
            expires_at=expires_at,
            wallet_nonce=wallet_nonce,
        )

    def _open_key(self, row: PresentationRequest) -> EncryptionKey | None:
        return None if row.sealed_key is None else self.seal.open(row.sealed_key)

    async def _load(self, request_id: str) -> PresentationRequest:
        row = await self._database.write(lambda connection: RequestRepository(connection).load(request_id))
        if row is None:
            raise NotFound("There is no such request, or no longer.")
        return row

    async def _load_open(self, request_id: str) -> PresentationRequest:
        row = await self._load(request_id)
        if state_at(State(row.state), expires_at=row.expires_at, now=self._clock()) not in sources(Event.ANSWER):
            raise Conflict("This request is over.")
        return row

    async def _load_by_handle(self, handle: str) -> PresentationRequest:
        handle_hash = hash_of(handle)
        row = await self._database.write(lambda connection: RequestRepository(connection).load_by_handle(handle_hash))
        if row is None:
            raise NotFound("There is no such request, or no longer.")
        return row


def _check_combination(wanted: CreateRequest) -> None:
    """Raises `InvalidRequest` where the members do not go together."""
    by_browser = wanted.response_mode.is_dc_api
    if by_browser and (wanted.same_device or wanted.client_id_prefix is ClientIdPrefix.REDIRECT_URI):
        raise InvalidRequest("The browser's API goes with neither same_device nor the prefix redirect_uri.")
    if not by_browser and (not wanted.signed or wanted.expected_origins):
        raise InvalidRequest("signed and expected_origins are for the browser's API.")
    if not wanted.signed and wanted.client_id_prefix is not None:
        raise InvalidRequest("A request that is not signed has no client_id_prefix.")
    if wanted.return_to is not None and not wanted.same_device:
        raise InvalidRequest("return_to goes with same_device.")
    try:
        for address in (wanted.return_to, *wanted.expected_origins):
            if address is not None:
                check_url(address, code="invalid_request")
    except ProtocolError as cause:
        raise InvalidRequest("return_to or an origin is not an https address.") from cause


def _transactions(wanted: CreateRequest, query_id: str) -> tuple[TransactionData, ...]:
    try:
        return tuple(create_transaction_data(each.type, [query_id], each.members) for each in wanted.transaction_data)
    except ProtocolError as cause:
        raise InvalidRequest("transaction_data is not of a type that there is, or not of its form.") from cause
