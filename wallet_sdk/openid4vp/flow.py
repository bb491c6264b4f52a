"""The steps of a presentation, each of which leaves its state in the wallet's file before anything goes out.

Numbered as in docs/wallet.md:

2. `begin`: a link is taken up, or a presentation under way is gone on with.
4. `fetch`: the request comes, from the host that the holder agreed to.
5. `ask`: who asks, and what would be shown; nothing goes out.
7. `give_consent`: the answer is made, and the copies that it uses are marked, in one write.
8. `send`: that answer goes out, as often as it takes, and never another.
   `decline`, `tell`: the verifier learns that nothing comes, and why; `drop`: nobody does.

Each goes by the state in the file, whatever state it is called with: a button pressed twice does nothing the second
time but raise `Conflict`. What waits for the network looks at that state again afterwards: the holder may have gone on
meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from secrets import token_urlsafe

from cryptography.x509 import Certificate

from vc_core.errors import Conflict, FetchBlocked, FetchError, ProtocolError, ServiceRefused
from vc_core.http import HttpClient, HttpResponse
from vc_core.protocols.oauth.errors import parse_error_response
from vc_core.protocols.openid4vp.encrypted_response import encrypt_response
from vc_core.protocols.openid4vp.request import AuthorizationRequest, RequestByReference
from vc_core.protocols.openid4vp.response import (
    WALLET_ERRORS,
    AuthorizationErrorResponse,
    AuthorizationResponse,
    create_response_form,
    parse_response_answer,
)
from vc_core.trust import TrustSource
from vc_core.verifier_trust import VerifiedRequest
from wallet_sdk.content import CredentialCopy, HeldCredential
from wallet_sdk.openid4vp.choice import (
    Choice,
    assign_transactions,
    check_choice,
    default_choice,
    find_answers,
)
from wallet_sdk.openid4vp.consent import Consent, create_consent
from wallet_sdk.openid4vp.request import (
    ReadRequest,
    fetch_request_object,
    read_request,
    request_digest,
    verify_destination,
    verify_request,
)
from wallet_sdk.openid4vp.saved import KIND, create_saved, parse_saved
from wallet_sdk.openid4vp.states import BEFORE_CONSENT, ENDED, Outgoing, PresentationSession, Step
from wallet_sdk.openid4vp.transitions import (
    Answered,
    ConsentAsked,
    Consented,
    Declined,
    Event,
    Failed,
    Fetched,
    GoneOn,
    Told,
    Verified,
    advance,
)
from wallet_sdk.openid4vp.vp_token import answer_digest, create_vp_token
from wallet_sdk.wallet import Wallet

REMEMBERED_SECONDS = 24 * 3600
"""How long a presentation that came to its end is remembered, so that its request is not answered twice."""
_MOST_UNANSWERED = 50
RETRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same response may be sent again."""


def under_way(wallet: Wallet) -> tuple[PresentationSession, ...]:
    """The presentations that have not come to their end, the oldest first."""
    sessions = (parse_saved(each) for each in wallet.sessions(KIND))
    return tuple(each for each in sessions if each.step not in ENDED)


def load(wallet: Wallet, session_id: str) -> PresentationSession:
    """The state of a presentation as it was saved last. Raises `Conflict` where it is over and forgotten."""
    for each in map(parse_saved, wallet.sessions(KIND)):
        if each.id == session_id:
            return each
    raise Conflict("This presentation is over.")


def begin(wallet: Wallet, link: str, *, now: int, new_nonce: Callable[[], str] = token_urlsafe) -> PresentationSession:
    """A link is taken up; where it is under way, that presentation goes on. Nothing is fetched.

    Raises `ProtocolError` where it is no request for credentials.
    """
    request = read_request(link)
    for known in under_way(wallet):
        if known.link == link.strip():
            return known
    _forget_old(wallet, now)
    posts = isinstance(request, RequestByReference) and request.request_uri_method == "post"
    session = PresentationSession(
        uuid.uuid4().hex, Step.RECEIVED, link.strip(), now, wallet_nonce=new_nonce() if posts else None
    )
    wallet.save_session(create_saved(session))
    return session


async def fetch(wallet: Wallet, http: HttpClient, session: PresentationSession) -> PresentationSession:
    """The request is fetched, once the holder agreed to ask that host; one that is here already stays as it is.

    Raises `ServiceRefused` (the presentation has failed then), `FetchError` (it may be tried again), and `Conflict`
    where the holder said no meanwhile, or another call fetched it: what came now is left.
    """
    session = load(wallet, session.id)
    if session.step is not Step.RECEIVED:
        return session
    request = read_request(session.link)
    if not isinstance(request, RequestByReference):
        return _go_on(wallet, session, Fetched(None))
    try:
        fetched = await fetch_request_object(http, request, wallet_nonce=session.wallet_nonce or "")
    except ServiceRefused as error:
        _go_on(wallet, _unchanged(wallet, session), Failed(error.refusal))
        raise
    return _go_on(wallet, _unchanged(wallet, session), Fetched(fetched))


def ask(
    wallet: Wallet,
    session: PresentationSession,
    *,
    trust: TrustSource,
    anchors: Sequence[Certificate] = (),
    choice: Choice | None = None,
    now: int,
) -> tuple[PresentationSession, Consent]:
    """Who asks, and what would be shown, by the holder's choice or the smallest that the verifier likes best.

    All is looked at anew each time: a request may have expired since. Raises `InvalidRequest` for a choice that is no
    answer, and `ProtocolError` where the request can't be answered: the presentation has failed then, and where the
    verifier is to learn why, `tell` tells it.
    """
    session = load(wallet, session.id)
    if session.step not in (Step.FETCHED, Step.VERIFIED, Step.CONSENT_ASKED):
        raise Conflict("There is no request to ask the holder about, or no longer.")
    verified = _verified(wallet, session, trust, anchors, now)
    request = verified.request
    _check_not_answered(wallet, session, request)
    if session.step is Step.FETCHED:
        session = _go_on(wallet, session, Verified(request_digest(request)))
    try:
        selection = find_answers(wallet.credentials, request, now=now)
        proposed = default_choice(selection)
        if not selection.possible or not proposed.credentials:
            raise ProtocolError("access_denied", "The wallet does not hold what is asked for.")
        chosen = choice or proposed
        transactions = assign_transactions(request, chosen)
    except ProtocolError as error:
        _go_on(wallet, session, Failed(error.code, _error(request, error.code)))
        raise
    credentials = {each.id: each for each in wallet.credentials}
    consent = create_consent(verified, selection, chosen, credentials, trust=trust, now=now)
    copies = _copies(wallet.credentials, chosen, now)
    shown = answer_digest(check_choice(selection, chosen), copies, transactions)
    return _go_on(wallet, session, ConsentAsked(shown)), consent


def give_consent(
    wallet: Wallet,
    session: PresentationSession,
    choice: Choice,
    *,
    trust: TrustSource,
    anchors: Sequence[Certificate] = (),
    now: int,
) -> PresentationSession:
    """The holder agreed to this choice: the answer is made, and saved together with the use of its copies.

    Raises `InvalidRequest` for a choice that is no answer, `ProtocolError` where the request has expired meanwhile, and
    `Conflict` where another answer would go out than `ask` showed last, by another choice or since the wallet has other
    credentials or copies by now: the holder is to be asked again.
    """
    session = load(wallet, session.id)
    if session.step is not Step.CONSENT_ASKED:
        raise Conflict("Consent is given to what was asked, and once.")
    request = _verified(wallet, session, trust, anchors, now).request
    _check_not_answered(wallet, session, request)
    selection = find_answers(wallet.credentials, request, now=now)
    chosen = check_choice(selection, choice)
    transactions = assign_transactions(request, choice)
    copies = _copies(wallet.credentials, choice, now)
    if answer_digest(chosen, copies, transactions) != session.shown_digest:
        raise Conflict("What would be shown is not what the holder was asked about; ask again.")
    vp_token = create_vp_token(chosen, copies, transactions, request=request, now=now)
    answer = _outgoing(request, AuthorizationResponse(vp_token, request.state))
    agreed = advance(session, Consented(answer))
    wallet.record_shown(copies, create_saved(agreed), now=now)
    return agreed


async def send(wallet: Wallet, http: HttpClient, session: PresentationSession) -> PresentationSession:
    """The answer goes out. Where no answer comes back, the very same may be sent again by calling this again.

    Raises `FetchError` then, and `ServiceRefused` where the verifier says no: the presentation has failed, unless the
    verifier only has no time. `FetchBlocked` ends it too: an inside address is never asked. Where another call came to
    the end of it meanwhile, that end stands and is returned.
    """
    session = load(wallet, session.id)
    if session.step is not Step.CONSENTED or session.outgoing is None:
        raise Conflict("There is nothing to send.")
    try:
        answer = await http.post_form(session.outgoing.response_uri, session.outgoing.fields)
    except FetchBlocked as error:
        if load(wallet, session.id).step is Step.CONSENTED:
            _go_on(wallet, session, Failed(error.code))
        raise
    session = load(wallet, session.id)
    if session.step is not Step.CONSENTED:
        return session
    if answer.status != 200:
        refusal = _refusal(answer)
        if answer.status not in RETRY_LATER:
            _go_on(wallet, session, Failed(refusal.refusal))
        raise refusal
    return _go_on(wallet, session, Answered(_redirect_uri(answer)))


def decline(
    wallet: Wallet, session: PresentationSession, *, trust: TrustSource, anchors: Sequence[Certificate] = (), now: int
) -> PresentationSession:
    """The holder said no. `tell` lets the verifier know, where it is known who that is (`access_denied`)."""
    session = _undecided(wallet, session)
    outgoing = None
    if session.step in (Step.VERIFIED, Step.CONSENT_ASKED):
        signed = verify_destination(_read(session), trust=trust, anchors=anchors, now=now)
        outgoing = None if signed is None else _error(signed, "access_denied")
    return _go_on(wallet, session, Declined(outgoing))


def drop(wallet: Wallet, session: PresentationSession) -> PresentationSession:
    """The holder wants nothing of it, and nobody is told."""
    return _go_on(wallet, _undecided(wallet, session), Declined(None))


async def tell(wallet: Wallet, http: HttpClient, session_id: str) -> PresentationSession:
    """Tells the verifier why nothing comes, once; whether it hears makes no difference. Returns the state after."""
    session = load(wallet, session_id)
    if session.step not in ENDED or session.outgoing is None:
        return session
    outgoing = session.outgoing
    session = _go_on(wallet, session, Told())
    try:
        await http.post_form(outgoing.response_uri, outgoing.fields)
    except FetchError:
        pass  # there is nobody to tell of this either
    return session


def go_on(wallet: Wallet, session: PresentationSession) -> PresentationSession:
    """The holder went to `redirect_uri`, or won't."""
    session = load(wallet, session.id)
    return _go_on(wallet, session, GoneOn()) if session.step is Step.SENT else session


def _undecided(wallet: Wallet, session: PresentationSession) -> PresentationSession:
    session = load(wallet, session.id)
    if session.step not in BEFORE_CONSENT:
        raise Conflict("The holder has decided already.")
    return session


def _unchanged(wallet: Wallet, session: PresentationSession) -> PresentationSession:
    """The state in the file, after a wait. Raises `Conflict` where it went on meanwhile."""
    saved = load(wallet, session.id)
    if saved.step is not session.step:
        raise Conflict("This presentation went on meanwhile.")
    return saved


def _go_on(wallet: Wallet, session: PresentationSession, event: Event) -> PresentationSession:
    after = advance(session, event)
    wallet.save_session(create_saved(after))
    return after


def _verified(
    wallet: Wallet, session: PresentationSession, trust: TrustSource, anchors: Sequence[Certificate], now: int
) -> VerifiedRequest:
    """The request, judged now. One that is not what it should be is over.

    Only a verifier whose signature is good is told why: otherwise it may be anybody's address.
    """
    read = _read(session)
    try:
        return verify_request(read, trust=trust, anchors=anchors, now=now)
    except ProtocolError as error:
        signed = verify_destination(read, trust=trust, anchors=anchors, now=now)
        _go_on(wallet, session, Failed(error.code, None if signed is None else _error(signed, error.code)))
        raise


def _read(session: PresentationSession) -> ReadRequest:
    return ReadRequest(read_request(session.link), session.request, session.wallet_nonce)


def _check_not_answered(wallet: Wallet, session: PresentationSession, request: AuthorizationRequest) -> None:
    digest = request_digest(request)
    for known in map(parse_saved, wallet.sessions(KIND)):
        if known.answered and known.request_digest == digest:
            _go_on(wallet, session, Failed("invalid_request"))
            raise ProtocolError("invalid_request", "This request was answered already.")


def _copies(credentials: Sequence[HeldCredential], choice: Choice, now: int) -> Mapping[str, CredentialCopy]:
    return {each.id: each.copy_to_show(now=now) for each in credentials if each.id in choice.ids}


def _error(request: AuthorizationRequest, code: str) -> Outgoing:
    error = code if code in WALLET_ERRORS else "invalid_request"
    return _outgoing(request, AuthorizationErrorResponse(error, request.state))


def _outgoing(request: AuthorizationRequest, response: AuthorizationResponse | AuthorizationErrorResponse) -> Outgoing:
    encrypted = encrypt_response(response, request.client_metadata) if request.response_mode.is_encrypted else response
    return Outgoing(str(request.response_uri), create_response_form(encrypted))


def _redirect_uri(answer: HttpResponse) -> str | None:
    """Where the holder is to go on. What can't be read, or no browser should go to, is none: the answer is sent."""
    try:
        return parse_response_answer(answer.json_object()).redirect_uri
    except (FetchError, ProtocolError):
        return None


def _refusal(answer: HttpResponse) -> ServiceRefused:
    if 300 <= answer.status < 400:
        return ServiceRefused("server_error", "The verifier sends the answer elsewhere, which is not followed.")
    error = parse_error_response(answer.body)
    return ServiceRefused(error.code, "The verifier did not take the answer.")


def _forget_old(wallet: Wallet, now: int) -> None:
    """Forgets what is a day old, and of what was never answered all but the newest: links cost a stranger nothing."""
    sessions = [parse_saved(each) for each in wallet.sessions(KIND)]
    unanswered = [each for each in sessions if not each.answered]
    old = [each for each in sessions if now - each.started_at >= REMEMBERED_SECONDS]
    for session_id in {each.id for each in (*old, *unanswered[: -_MOST_UNANSWERED + 1])}:
        wallet.delete_session(session_id)
