"""Signing in by a health ID from the patient's wallet: OpenID4VP during issuance.

    page ── link with nonce, state ──▶ wallet ── vp_token (direct_post) ──▶ issuer ── redirect_uri ──▶ page

Only a health ID that this issuer gave out signs in, and only in the browser that asked: the wallet is sent back with a
code that nobody else learns, and the browser must have the cookie of the request. So a link that somebody passes on to
a victim signs in neither of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.models import AuthorizationRequestRow, SignInPresentation
from issuer.authorization.request_repository import AuthorizationRequestRepository
from issuer.issuance.models import Issuance, Offer
from issuer.issuance.secrets import create_secret, hash_of
from issuer.roster.models import Person
from issuer.status.forms import token_reference
from vc_core.clock import Clock
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.dcql_candidates import read_presented
from vc_core.errors import ProtocolError, ReasonCode, Rejection
from vc_core.formats.credential import CredentialFormat, CredentialStatus
from vc_core.formats.status_list import Status
from vc_core.protocols.dcql.answer import verify_answer
from vc_core.protocols.dcql.query import ClaimsQuery, CredentialQuery, DcqlQuery
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix
from vc_core.protocols.openid4vp.client_metadata import ClientMetadata
from vc_core.protocols.openid4vp.request import (
    AuthorizationRequest,
    ResponseMode,
    create_authorization_request_link,
)
from vc_core.protocols.openid4vp.response import AuthorizationResponse, UnverifiedResponse
from vc_core.status import KnownStatus
from vc_core.trust import TrustSource
from vc_core.verification import Policy, verify_presentation
from vc_core.web.database import Database

PRESENTATION_LIFETIME = 5 * 60
"""Seconds from the link to the return of the browser."""
RESPONSE_PATH, RETURN_PATH = "/authorize/presentation", "/authorize/presented"
_QUERY_ID = "health_id"
_QUERY = DcqlQuery(
    (
        CredentialQuery(
            _QUERY_ID,
            CredentialFormat.SD_JWT.value,
            vct_values=(HEALTH_ID.vct,),
            claims=(ClaimsQuery(("health_id",)),),
        ),
    )
)
_FORMATS = {CredentialFormat.SD_JWT.value: {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}}


@dataclass(frozen=True)
class _OwnStatuses:
    """The status of our own credentials, from the rows that our lists are made of (`StatusSource`)."""

    database: Database
    public_url: str

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """See `StatusSource.status`."""
        list_id = reference.uri.rpartition("/")[2]
        if reference != token_reference(self.public_url, list_id, reference.index):
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "The credential's status is not one of ours.")
        query = select(Issuance.status).where(
            col(Issuance.list_id) == list_id, col(Issuance.status_index) == reference.index
        )
        async with self.database.transaction() as session:
            found = (await session.exec(query)).first()
        if found is None:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "The credential's status is not one of ours.")
        return KnownStatus(Status(found), now)


class _AnsweredOnce:
    """That a request is answered once is its row's to say (`ReplayGuard`)."""

    async def remember(self, digest: bytes, *, until: int) -> None:
        """See `ReplayGuard.remember`."""


class PresentationSignIn:
    """Requests for a health ID, their answers, and browsers that come back; `issuer` is the DID of our health IDs."""

    def __init__(
        self,
        database: Database,
        trust: TrustSource,
        issuer: str | None,
        public_url: str,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._trust = trust
        self._issuer = issuer
        self._public_url = public_url
        self._clock = clock
        self._randomness = randomness
        self._client_id = ClientId(ClientIdPrefix.REDIRECT_URI, public_url + RESPONSE_PATH)

    @property
    def is_offered(self) -> bool:
        """Whether this issuer gives out health IDs at all."""
        return self._issuer is not None

    async def begin(self, row: AuthorizationRequestRow) -> str:
        """A link that opens the patient's wallet, for one answer."""
        state, nonce = create_secret(self._randomness), create_secret(self._randomness)
        async with self._database.transaction() as session:
            session.add(
                SignInPresentation(
                    state_hash=hash_of(state),
                    request_id=row.id,
                    nonce=nonce,
                    expires_at=self._clock() + PRESENTATION_LIFETIME,
                )
            )
        request = AuthorizationRequest(
            self._client_id,
            ResponseMode.DIRECT_POST,
            nonce,
            _QUERY,
            ClientMetadata(_FORMATS),
            response_uri=self._public_url + RESPONSE_PATH,
            state=state,
        )
        return create_authorization_request_link(request)

    async def answer(self, response: UnverifiedResponse) -> str:
        """Takes a wallet's answer in; returns where the browser goes on.

        Raises `ProtocolError` `invalid_request`, the same whatever is wrong with it: neither the wallet nor whoever
        sits at it learns who is in the roster.
        """
        state_hash = hash_of(getattr(response, "state", None) or "")
        code, now = create_secret(self._randomness), self._clock()
        async with self._database.transaction() as session:
            asked = await session.get(SignInPresentation, state_hash)
        if asked is None or not isinstance(response, AuthorizationResponse):
            raise _refused()
        try:
            health_id = await self._verify(response, asked.nonce, now)
        except Rejection as cause:
            raise _refused() from cause
        async with self._database.transaction() as session:
            person = (await session.exec(select(Person).where(col(Person.health_id) == health_id))).first()
            if person is None or not await _record(session, state_hash, person.id, hash_of(code), now):
                raise _refused()
        return f"{self._public_url}{RETURN_PATH}?response_code={code}"

    async def finish(self, row: AuthorizationRequestRow, session_secret: str, response_code: str) -> None:
        """The browser of that request is back. Raises `ProtocolError` `invalid_request` for another browser or code."""
        async with self._database.transaction() as session:
            taken = (
                delete(SignInPresentation)
                .where(
                    col(SignInPresentation.response_code_hash) == hash_of(response_code),
                    col(SignInPresentation.request_id) == row.id,
                    col(SignInPresentation.expires_at) > self._clock(),
                )
                .returning(col(SignInPresentation.person_id))
            )
            person_id = (await session.exec(taken)).scalars().first()
            offer = None if row.offer_id is None else await session.get(Offer, row.offer_id)
            if person_id is None or (offer is not None and offer.person_id != person_id):
                raise _refused()
            await AuthorizationRequestRepository(session).set_person(hash_of(session_secret), person_id)

    async def forget_expired(self) -> None:
        """Forgets what nobody answered in time."""
        async with self._database.transaction() as session:
            await session.exec(delete(SignInPresentation).where(col(SignInPresentation.expires_at) <= self._clock()))

    async def _verify(self, response: AuthorizationResponse, nonce: str, now: int) -> str:
        """The health number in a health ID of ours that its holder presents now. Raises `Rejection`."""
        verify_answer(
            _QUERY, {name: [read_presented(text) for text in texts] for name, texts in response.vp_token.items()}
        )
        (presented,) = response.vp_token[_QUERY_ID]
        verified = await verify_presentation(
            presented,
            policy=Policy(frozenset({HEALTH_ID.vct}), frozenset({str(self._client_id)}), expected_nonce=nonce),
            trust=self._trust,
            statuses=_OwnStatuses(self._database, self._public_url),
            replays=_AnsweredOnce(),
            now=now,
        )
        if verified.credential.issuer != self._issuer:
            raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "The health ID is another issuer's.")
        return str(verified.credential.claims.get("health_id"))


async def _record(session: AsyncSession, state_hash: str, person_id: str, code_hash: str, now: int) -> bool:
    """Who answered a request, once; False where it was answered before, or is over."""
    statement = (
        update(SignInPresentation)
        .where(
            col(SignInPresentation.state_hash) == state_hash,
            col(SignInPresentation.person_id).is_(None),
            col(SignInPresentation.expires_at) > now,
        )
        .values(person_id=person_id, response_code_hash=code_hash)
    )
    recorded = await session.exec(statement.execution_options(synchronize_session=False))
    return recorded.rowcount == 1


def _refused() -> ProtocolError:
    return ProtocolError("invalid_request", "This does not answer a request of ours.")
