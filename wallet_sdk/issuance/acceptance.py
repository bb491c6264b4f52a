"""From the holder's yes to credentials in the wallet: does what each state calls for, and saves the next one.

    accept_offer ──▶ state saved ──▶ message ──▶ what it came to ──▶ next state saved ──▶ …

The state that a message belongs to is saved before the message goes out, and a credential goes into the wallet in the
same write as the state that says so. A wallet that was killed goes on with `resume_issuance`: a message whose answer
was lost is sent again with the same keys, so that the issuer can only give the same credential again.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from vc_core.clock import Clock
from vc_core.crypto.keys import P256Signer
from vc_core.errors import (
    FetchError,
    InvalidRequest,
    ProtocolError,
    Rejection,
    SabaiError,
    ServiceRefused,
    WalletDamaged,
)
from vc_core.http import HttpClient
from vc_core.protocols.oauth.token import (
    PreAuthorizedCodeGrant,
    TokenRequest,
    create_token_request,
    parse_token_response,
)
from vc_core.protocols.openid4vci.credential import (
    IssuedCredentials,
    create_credential_request,
    parse_credential_response,
)
from vc_core.protocols.openid4vci.nonce import parse_nonce_response
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt
from vc_core.trust import TrustSource
from wallet_sdk.content import CredentialCopy, CredentialSource, HeldCredential
from wallet_sdk.issuance.answers import is_final, success
from wallet_sdk.issuance.offers import DescribedOffer, OfferedCredential, offered_credential
from wallet_sdk.issuance.received import check_trust_age, verify_received
from wallet_sdk.issuance.saved import KIND, create_saved, parse_saved
from wallet_sdk.issuance.states import Access, IssuanceSession, Step, WantedCredential
from wallet_sdk.issuance.transitions import (
    AskForCredential,
    AskForToken,
    CredentialAction,
    CredentialReceived,
    CredentialRefused,
    CredentialStored,
    Event,
    Judge,
    KeysMade,
    MakeKeys,
    TokenReceived,
    TokenRefused,
    advance,
    next_action,
)
from wallet_sdk.wallet import Wallet


@dataclass(frozen=True)
class RefusedCredential:
    """A credential that was not stored, and the error that says why; a `Rejection` where it came and was bad."""

    offered: OfferedCredential
    error: SabaiError


@dataclass(frozen=True)
class Issuance:
    """What became of an accepted offer.

    `stored` is in the wallet now, `refused` will not come. `waiting` may still come: `resume_issuance` asks again for
    it; its error says what went wrong so far.
    """

    stored: tuple[HeldCredential, ...]
    refused: tuple[RefusedCredential, ...]
    waiting: tuple[RefusedCredential, ...] = ()


async def accept_offer(
    wallet: Wallet,
    http: HttpClient,
    described: DescribedOffer,
    *,
    tx_code: str | None,
    trust: TrustSource,
    clock: Clock,
) -> Issuance:
    """Fetches each credential with a key of its own, verifies it, and stores it at once if it is good.

    Raises `ServiceRefused`, `ProtocolError` or `FetchError` where the issuer gives no access at all, and before it is
    asked anything `InvalidRequest` without the transaction code that the offer needs, `Rejection` `STALE_TRUST`. What
    goes wrong with one credential is in the result.
    """
    if described.tx_code is None:
        tx_code = None
    elif not tx_code:
        raise InvalidRequest("This offer needs the transaction code that the issuing office gave with it.")
    check_trust_age(trust, now=clock())
    session = _create_session(described, tx_code=tx_code, now=clock())
    wallet.save_session(create_saved(session))
    return await _Run(wallet, http, trust, clock, session).to_the_end()


async def resume_issuance(
    wallet: Wallet, http: HttpClient, session_id: str, *, trust: TrustSource, clock: Clock
) -> Issuance:
    """Goes on with an issuance that was interrupted, or that the issuer could not finish. Raises as `accept_offer`.

    `session_id` is one of `pending_issuances`.
    """
    check_trust_age(trust, now=clock())
    found = next(each for each in pending_issuances(wallet) if each.id == session_id)
    return await _Run(wallet, http, trust, clock, found).to_the_end()


def pending_issuances(wallet: Wallet) -> tuple[IssuanceSession, ...]:
    """What is under way, the oldest first. Raises `WalletDamaged` where another version of the program wrote it."""
    return tuple(parse_saved(each) for each in wallet.sessions(KIND))


def _create_session(described: DescribedOffer, *, tx_code: str | None, now: int) -> IssuanceSession:
    ids = [each.credential_configuration_id for each in described.credentials]
    every = described.issuer["credential_configurations_supported"]
    accepted = {each: every[each] for each in ids}
    return IssuanceSession(
        id=uuid.uuid4().hex,
        started_at=now,
        issuer={
            **described.issuer,
            "credential_configurations_supported": accepted,
        },
        server=described.server,
        step=Step.TOKEN,
        credentials=tuple(WantedCredential(each) for each in ids),
        grant=create_token_request(TokenRequest(PreAuthorizedCodeGrant(described.pre_authorized_code, tx_code))),
    )


class _Run:
    """One attempt to bring an issuance to its end; `_errors` says, by a credential's place, why it was left."""

    def __init__(
        self, wallet: Wallet, http: HttpClient, trust: TrustSource, clock: Clock, session: IssuanceSession
    ) -> None:
        self._wallet = wallet
        self._http = http
        self._trust = trust
        self._clock = clock
        self._session = session
        self._metadata = session.issuer_metadata()
        self._stored: list[HeldCredential] = []
        self._errors: dict[int, SabaiError] = {}

    async def to_the_end(self) -> Issuance:
        """As far as it goes now."""
        while (action := next_action(self._session, leaving=self._errors.keys())) is not None:
            if isinstance(action, AskForToken):
                await self._ask_for_token()
            else:
                await self._serve_credential(action)
        return self._result()

    async def _ask_for_token(self) -> None:
        endpoint = self._session.server_metadata().token_endpoint
        try:
            answer = success(await self._http.post_form(endpoint, self._session.grant))
            token = parse_token_response(answer.json_object())
        except ServiceRefused as error:
            if is_final(error):
                self._advance(TokenRefused())
            raise
        expires_at = None if token.expires_in is None else self._clock() + token.expires_in
        self._advance(TokenReceived(Access(token.access_token, expires_at)))

    async def _serve_credential(self, action: CredentialAction) -> None:
        """Does what one credential needs; what goes wrong with it leaves the others."""
        index = action.index
        try:
            match action:
                case MakeKeys():
                    self._advance(KeysMade(index, (P256Signer.generate().to_bytes(),)))
                case AskForCredential():
                    self._advance(CredentialReceived(index, await self._request(self._session.credentials[index])))
                case Judge():
                    self._judge(index)
        except (FetchError, ProtocolError) as error:
            self._errors[index] = error
        except (ServiceRefused, Rejection) as error:
            self._errors[index] = error
            if isinstance(error, Rejection) or is_final(error):
                code = error.refusal if isinstance(error, ServiceRefused) else str(error.code)
                self._advance(CredentialRefused(index, code, error.message))

    async def _request(self, wanted: WantedCredential) -> tuple[str, ...]:
        """One nonce, one proof, one credential request (sections 7 and 8)."""
        if self._metadata.nonce_endpoint is None:
            raise ProtocolError("server_error", "The issuer asks for no fresh proof of the wallet's key.")
        answer = success(await self._http.post_form(self._metadata.nonce_endpoint, {}))
        nonce = parse_nonce_response(answer.json_object())
        (signer,) = wanted.signers()
        issuer = self._session.credential_issuer
        proof_jwt = create_proof_jwt(signer, audience=issuer, nonce=nonce, issued_at=self._clock())
        request = create_credential_request(wanted.credential_configuration_id, proofs=[proof_jwt])
        token = self._session.access_token
        answer = success(await self._http.post_json(self._metadata.credential_endpoint, request, token=token))
        response = parse_credential_response(answer.json_object())
        if not isinstance(response, IssuedCredentials) or len(response.credentials) != 1:
            raise ProtocolError("server_error", "The answer does not hold exactly one credential.")
        return response.credentials

    def _judge(self, index: int) -> None:
        """Verifies every copy and stores them; raises `Rejection` where one of them is bad."""
        wanted = self._session.credentials[index]
        offered = self._offered(wanted)
        (signer,), (credential,) = wanted.signers(), wanted.received
        verified = verify_received(credential, offered=offered, signer=signer, trust=self._trust, now=self._clock())
        copy = CredentialCopy(credential, signer.to_bytes(), verified.issued_at, verified.expires_at)
        held = HeldCredential(
            id=uuid.uuid4().hex,
            format=offered.format,
            vct=verified.vct,
            copies=(copy,),
            issuer=verified.issuer,
            issuer_name=self._trust.name(verified.issuer),
            claims=dict(verified.claims),
            source=CredentialSource(self._session.credential_issuer, wanted.credential_configuration_id),
        )
        after = advance(self._session, CredentialStored(index))
        self._stored.append(self._wallet.add_credential(held, session=create_saved(after)))
        self._session = after

    def _offered(self, wanted: WantedCredential) -> OfferedCredential:
        offered = offered_credential(self._metadata, wanted.credential_configuration_id)
        if offered is None:
            raise WalletDamaged("An issuance under way is for a credential that this version can't hold.")
        return offered

    def _advance(self, event: Event) -> None:
        self._session = advance(self._session, event)
        self._wallet.save_session(create_saved(self._session))

    def _result(self) -> Issuance:
        refused: list[RefusedCredential] = []
        waiting: list[RefusedCredential] = []
        for index, wanted in enumerate(self._session.credentials):
            if (error := self._errors.get(index)) is not None:
                (waiting if wanted.refusal is None else refused).append(RefusedCredential(self._offered(wanted), error))
        if self._session.step is Step.ENDED:
            self._wallet.delete_session(self._session.id)
        return Issuance(tuple(self._stored), tuple(refused), tuple(waiting))
