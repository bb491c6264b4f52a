"""One attempt to bring an issuance to its end: does what each state calls for, and saves the next one.

    state saved ──▶ message ──▶ what it came to ──▶ next state saved ──▶ …

The state that a message belongs to is saved before the message goes out, and a credential goes into the wallet in the
same write as the state that says so. A wallet that was killed goes on where it was: a message whose answer was lost is
sent again with the same keys, so that the issuer can only give the same credential again.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from vc_core.clock import Clock
from vc_core.crypto.keys import P256Signer
from vc_core.errors import (
    FetchError,
    NoSuchCredential,
    ProtocolError,
    ReasonCode,
    Rejection,
    SabaiError,
    ServiceRefused,
    WalletDamaged,
)
from vc_core.http import HttpClient
from vc_core.protocols.openid4vci.credential import CredentialResponse, DeferredIssuance
from vc_core.trust import TrustSource
from wallet_sdk.attestation import HeldAttestation
from wallet_sdk.content import CredentialSource, Grant, HeldCredential, IssuerWords
from wallet_sdk.issuance.answers import EXPIRED_TOKEN, STALE_NONCE, is_final
from wallet_sdk.issuance.events import (
    AccessEnded,
    AccessRefused,
    AskAgain,
    AskForCredential,
    AskForToken,
    AuthorizationReady,
    CredentialAction,
    CredentialDeferred,
    CredentialReceived,
    CredentialRefused,
    CredentialStored,
    Event,
    IssuerNotified,
    Judge,
    KeysMade,
    MakeKeys,
    NotifyIssuer,
    PrepareAuthorization,
    SessionEvent,
)
from wallet_sdk.issuance.exchange import Exchange
from wallet_sdk.issuance.foreign import declare_issuer, read_words
from wallet_sdk.issuance.offers import OfferedCredential, offered_credential
from wallet_sdk.issuance.received import check_continues, parse_received, verify_copies
from wallet_sdk.issuance.saved import create_saved
from wallet_sdk.issuance.states import IssuanceSession, Progress, Step, WantedCredential
from wallet_sdk.issuance.transitions import advance, next_action
from wallet_sdk.wallet import Wallet

WANTED_COPIES = 5
"""How many copies of a credential to ask for, where the issuer gives several: for visits to as many desks."""


@dataclass(frozen=True)
class RefusedCredential:
    """A credential that was not stored, and the error that says why; a `Rejection` where it came and was bad."""

    offered: OfferedCredential
    error: SabaiError


@dataclass(frozen=True)
class WaitingCredential:
    """A credential that may still come: `error` is what went wrong so far, None where nothing did.

    `ask_from` is when to ask for it again, in seconds since 1970; 0 for at once.
    """

    offered: OfferedCredential
    error: SabaiError | None
    ask_from: int = 0


@dataclass(frozen=True)
class Issuance:
    """What became of an issuance: `stored` is in the wallet now, `refused` will not come, `waiting` may still come.

    `session_id` is for going on with it later. `address` is where the holder's browser is to go first, None where it
    need not go anywhere.
    """

    stored: tuple[HeldCredential, ...]
    refused: tuple[RefusedCredential, ...]
    waiting: tuple[WaitingCredential, ...] = ()
    session_id: str = ""
    address: str | None = None


class Run:
    """Brings one issuance as far as it goes now.

    By the places of credentials: `_errors` is what went wrong, `_leaving` are those to try again at another time, and
    `_repeated` those for which a request was sent a second time.
    """

    def __init__(
        self,
        wallet: Wallet,
        http: HttpClient,
        session: IssuanceSession,
        *,
        trust: TrustSource | None,
        clock: Clock,
        randomness: Callable[[int], bytes],
        attestation: HeldAttestation | None = None,
    ) -> None:
        """`trust` None: nothing is to be judged. `attestation`: one of the session's key that is at hand, if any."""
        self._wallet = wallet
        self._http = http
        self._trust = trust
        self._clock = clock
        self._exchange = Exchange(
            http, clock, session, provider=wallet.provider, attestation=attestation, randomness=randomness
        )
        self._session = session
        self._stored: list[HeldCredential] = []
        self._errors: dict[int, SabaiError] = {}
        self._leaving: set[int] = set()
        self._repeated: set[int] = set()

    async def to_the_end(self) -> Issuance:
        """Raises what keeps the whole issuance from going on; what goes wrong with one credential is in the result."""
        while (action := next_action(self._session, now=self._clock(), leaving=self._leaving)) is not None:
            match action:
                case PrepareAuthorization():
                    await self._get_access(self._prepare_authorization)
                case AskForToken():
                    await self._get_access(self._ask_for_token)
                case _:
                    await self._serve_credential(action)
        return self._result()

    async def _get_access(self, ask: Callable[[], Awaitable[SessionEvent]]) -> None:
        """One question to the authorization server; a refusal for good ends the issuance, and is raised."""
        try:
            event = await ask()
        except ServiceRefused as error:
            if is_final(error):
                self._advance(AccessRefused())
                self._wallet.delete_session(self._session.id)
            raise
        self._advance(event)

    async def _prepare_authorization(self) -> SessionEvent:
        return AuthorizationReady(await self._exchange.prepare_authorization(self._session))

    async def _ask_for_token(self) -> SessionEvent:
        return await self._exchange.request_token(self._session)

    async def _serve_credential(self, action: CredentialAction) -> None:
        """Does what one credential needs; what goes wrong with it leaves the others."""
        index = action.index
        try:
            await self._serve(action, self._session.credentials[index])
        except (FetchError, ProtocolError) as error:
            self._leave(index, error)
        except ServiceRefused as error:
            self._refused(action, error)
        except (NoSuchCredential, Rejection) as error:
            self._give_up(index, str(error.code), error)

    def _leave(self, index: int, error: SabaiError) -> None:
        self._errors[index] = error
        self._leaving.add(index)

    def _give_up(self, index: int, code: str, error: SabaiError) -> None:
        self._errors[index] = error
        self._advance(CredentialRefused(index, code, error.message))

    async def _serve(self, action: CredentialAction, wanted: WantedCredential) -> None:
        match action:
            case MakeKeys(index):
                self._advance(KeysMade(index, tuple(P256Signer.generate().to_bytes() for _ in range(self._copies()))))
            case AskForCredential(index):
                self._answered(index, await self._exchange.request_credential(self._session, wanted))
            case AskAgain(index):
                self._answered(index, await self._exchange.request_deferred(self._session, wanted))
            case Judge(index):
                await self._judge(index, wanted)
            case NotifyIssuer(index):
                if wanted.owed is not None:
                    await self._exchange.notify(self._session, wanted.owed)
                self._advance(IssuerNotified(index))

    def _answered(self, index: int, answer: CredentialResponse) -> None:
        if isinstance(answer, DeferredIssuance):
            self._advance(CredentialDeferred(index, answer.transaction_id, self._clock() + answer.interval))
        else:
            self._advance(CredentialReceived(index, answer.credentials, answer.notification_id))

    def _refused(self, action: CredentialAction, error: ServiceRefused) -> None:
        """The issuer said no: repeats once what only came too late, and leaves what may be answered later."""
        index, access = action.index, self._session.access
        first_time = index not in self._repeated
        if first_time and error.refusal == STALE_NONCE:
            self._repeated.add(index)
        elif first_time and error.refusal == EXPIRED_TOKEN and access is not None and access.refresh_token is not None:
            self._repeated.add(index)
            self._advance(AccessEnded())
        elif isinstance(action, NotifyIssuer) and is_final(error):
            self._advance(IssuerNotified(index))
        elif is_final(error):
            self._give_up(index, error.refusal, error)
        else:
            self._leave(index, error)

    def _copies(self) -> int:
        return min(WANTED_COPIES, self._exchange.metadata.batch_size)

    async def _judge(self, index: int, wanted: WantedCredential) -> None:
        """Verifies what came and stores it; raises `Rejection` where it must not be kept."""
        if self._trust is None:
            raise ValueError("a credential can't be judged without knowledge of the registry")
        try:
            self._store(index, wanted, self._trust, in_registry=True)
        except Rejection as rejection:
            if rejection.code is not ReasonCode.UNKNOWN_ISSUER or not self._session.any_issuer:
                raise
            claimed = parse_received(wanted.received[0], self._offered(wanted))
            declared = await declare_issuer(
                claimed.verification_method, claimed.issuer, registry=self._trust, http=self._http, clock=self._clock
            )
            self._store(index, wanted, declared, in_registry=False)

    def _store(self, index: int, wanted: WantedCredential, trust: TrustSource, *, in_registry: bool) -> None:
        offered = self._offered(wanted)
        verified, copies = verify_copies(
            wanted.received, offered=offered, signers=wanted.signers(), trust=trust, now=self._clock()
        )
        after = advance(self._session, CredentialStored(index))
        if self._session.tops_up is not None:
            check_continues(verified, offered.format, self._wallet.credential(self._session.tops_up))
            held = self._wallet.add_copies(
                self._session.tops_up, copies, claims=verified.claims, session=create_saved(after)
            )
        else:
            grant = self._grant(after)
            held = HeldCredential(
                id=uuid.uuid4().hex,
                format=offered.format,
                vct=verified.vct,
                copies=copies,
                issuer=verified.issuer,
                issuer_name=trust.name(verified.issuer),
                claims=dict(verified.claims),
                source=self._source(wanted, grant),
                in_registry=in_registry,
                words=self._words(wanted, offered),
            )
            held = self._wallet.add_credential(held, grant=grant, session=create_saved(after))
        self._stored.append(held)
        self._session = after

    def _source(self, wanted: WantedCredential, grant: Grant | None) -> CredentialSource:
        return CredentialSource(
            self._session.credential_issuer,
            wanted.credential_configuration_id,
            wanted.credential_identifier,
            None if grant is None else grant.id,
            wanted.notification_id,
        )

    def _words(self, wanted: WantedCredential, offered: OfferedCredential) -> IssuerWords | None:
        """The issuer's words for a type that we have none for."""
        if offered.credential_type is not None:
            return None
        return read_words(
            self._session.issuer["credential_configurations_supported"][wanted.credential_configuration_id]
        )

    def _grant(self, session: IssuanceSession) -> Grant | None:
        """The issuer's leave to come back, as it is now."""
        access = session.access
        if access is None or access.refresh_token is None:
            return None
        return Grant(
            session.grant_id or session.id,
            session.authorization_server,
            session.client_id,
            access.refresh_token,
            session.client_key,
            session.attested,
        )

    def _offered(self, wanted: WantedCredential) -> OfferedCredential:
        return session_credential(self._session, wanted)

    def _advance(self, event: Event) -> None:
        self._session = advance(self._session, event)
        grant = self._grant(self._session)
        known = grant is not None and self._wallet.grant(grant.id) is not None
        self._wallet.save_session(create_saved(self._session), grant=grant if known else None)

    def _result(self) -> Issuance:
        refused: list[RefusedCredential] = []
        waiting: list[WaitingCredential] = []
        for index, wanted in enumerate(self._session.credentials):
            error = self._errors.get(index)
            if wanted.progress is Progress.REFUSED and wanted.refusal is not None:
                refused.append(RefusedCredential(self._offered(wanted), error or ServiceRefused(*wanted.refusal)))
            elif wanted.progress is not Progress.STORED:
                waiting.append(WaitingCredential(self._offered(wanted), error, wanted.ask_from))
        if self._session.step is Step.ENDED:
            self._wallet.delete_session(self._session.id)
        begun = self._session.authorization
        address = None if begun is None else begun.address
        return Issuance(tuple(self._stored), tuple(refused), tuple(waiting), self._session.id, address)


def session_credential(session: IssuanceSession, wanted: WantedCredential) -> OfferedCredential:
    """What a credential of an issuance is. Raises `WalletDamaged` where this version of the program can't hold it."""
    offered = offered_credential(session.issuer_metadata(), wanted.credential_configuration_id)
    if offered is None:
        raise WalletDamaged("An issuance under way is for a credential that this version can't hold.")
    return offered
