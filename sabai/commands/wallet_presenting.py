"""`sabai wallet present` on a terminal: a presentation walked through, with a question before each thing goes out.

What is asked and shown goes to standard error where standard output is for JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer
from cryptography.x509 import Certificate

from vc_core.clock import Clock
from vc_core.crypto.x509 import load_anchor
from vc_core.errors import InvalidRequest, ProtocolError
from vc_core.http import HttpClient
from vc_core.trust import TrustSource
from wallet_sdk.content import HeldCredential
from wallet_sdk.labels import claim_label, claim_text, type_label
from wallet_sdk.openid4vp import flow, wording
from wallet_sdk.openid4vp.choice import Choice, default_choice
from wallet_sdk.openid4vp.consent import Consent, CredentialConsent, SeenClaim
from wallet_sdk.openid4vp.request import read_request, request_host
from wallet_sdk.openid4vp.states import PresentationSession, Step
from wallet_sdk.plain_text import plain_text
from wallet_sdk.registry import load_trust
from wallet_sdk.wallet import Wallet

_FEW_COPIES = 1


@dataclass(frozen=True)
class Presented:
    """How a presentation ended, and what the holder had agreed to; None where nothing was shown."""

    session: PresentationSession
    consent: Consent | None


@dataclass(frozen=True)
class Presenting:
    """One presentation at a terminal.

    `yes` answers every question with the smallest answer; `wanted` are credentials that the holder named; `quiet` keeps
    standard output free for JSON; `browse` opens an address.
    """

    wallet: Wallet
    http: HttpClient
    clock: Clock
    anchors: tuple[Certificate, ...]
    wanted: tuple[str, ...]
    language: str
    yes: bool
    quiet: bool
    browse: Callable[[str], object]

    async def run(self, link: str | None) -> Presented:
        """From a link, or from where the oldest presentation under way stopped."""
        session = await self._fetched(self._begun(link))
        if session.step is Step.REFUSED:
            return Presented(session, None)
        consent = None
        if session.step not in (Step.CONSENTED, Step.SENT):
            trust = await load_trust(self.wallet, self.http, now=self.clock())
            session, consent = await self._asked(session, trust)
            if consent is None:
                return Presented(session, None)
        if session.step is Step.CONSENTED:
            session = await flow.send(self.wallet, self.http, session)
        return Presented(self._gone_on(session), consent)

    def _begun(self, link: str | None) -> PresentationSession:
        if link is not None:
            return flow.begin(self.wallet, link, now=self.clock())
        under_way = flow.under_way(self.wallet)
        if not under_way:
            raise InvalidRequest("No presentation is under way; give the link of a request.")
        return under_way[0]

    async def _fetched(self, session: PresentationSession) -> PresentationSession:
        host = request_host(read_request(session.link))
        if (
            session.step is Step.RECEIVED
            and host is not None
            and not self._agrees(f"The request is kept at {plain_text(host)}. Fetch it?")
        ):
            return flow.drop(self.wallet, session)
        return await flow.fetch(self.wallet, self.http, session)

    async def _asked(
        self, session: PresentationSession, trust: TrustSource
    ) -> tuple[PresentationSession, Consent | None]:
        """The consent, and the session with the answer that it led to; or the end of it."""
        judged: dict[str, Any] = {"trust": trust, "anchors": self.anchors}
        try:
            session, consent = flow.ask(self.wallet, session, **judged, now=self.clock())
            choice = self._chosen(consent)
            if choice != consent.choice:
                session, consent = flow.ask(self.wallet, session, **judged, choice=choice, now=self.clock())
        except ProtocolError:
            await self._tell_failure(session)
            raise
        self._show(consent)
        if not self._agrees("Show this?"):
            refused = flow.decline(self.wallet, session, **judged, now=self.clock())
            return await flow.tell(self.wallet, self.http, refused.id), None
        return flow.give_consent(self.wallet, session, consent.choice, **judged, now=self.clock()), consent

    async def _tell_failure(self, session: PresentationSession) -> None:
        failed = flow.load(self.wallet, session.id)
        if failed.outgoing is not None and self._agrees("Nothing can be shown. Tell who asked, by an error code?"):
            await flow.tell(self.wallet, self.http, session.id)

    def _chosen(self, consent: Consent) -> Choice:
        """The default choice, but for the credentials that the holder named and the optional ones that they want."""
        also: list[str] = []
        for option in consent.optional:
            labels = ", ".join(type_label(each, self.language) for each in self._first_of(consent, option))
            if not self.yes and typer.confirm(f"They can do without: {labels}. Show that too?", err=self.quiet):
                also += option
        return default_choice(consent.selection, wanted=self.wanted, also=also)

    def _first_of(self, consent: Consent, option: Collection[str]) -> list[HeldCredential]:
        """The credentials that would be shown for an option that is not chosen."""
        return [self.wallet.credential(consent.selection.matches[name][0].credential.id) for name in option]

    def _agrees(self, question: str) -> bool:
        return self.yes or typer.confirm(question, err=self.quiet)

    def _say(self, text: str) -> None:
        typer.echo(text, err=self.quiet)

    def _show(self, consent: Consent) -> None:
        self._say(wording.who_asks(consent.verifier, consent.response_host, self.language))
        for each in consent.credentials:
            self._show_credential(each)
        for option in consent.instead:
            others = self._first_of(consent, option)
            labels = ", ".join(f"{type_label(each, self.language)} ({each.format})" for each in others)
            self._say(f"  --credential {others[0].id[:8]}: {labels}")
        for transaction in consent.transactions:
            self._say(wording.transaction_words(transaction, self.language))
        if consent.asks_too_much:
            self._say(wording.sentence(wording.ASKS_TOO_MUCH, self.language))

    def _show_credential(self, shown: CredentialConsent) -> None:
        held = shown.credential
        self._say(f"  {type_label(held, self.language)} ({held.format}), {plain_text(held.issuer_name)}, {held.id[:8]}")
        for claim in shown.seen:
            label = claim_label(held, claim.name, self.language)
            value = claim_text(held, claim.name, claim.value, self.language)
            self._say(f"    {label}: {value}{self._remarks(claim)}")
        if shown.withheld:
            names = ", ".join(claim_label(held, name, self.language) for name in shown.withheld)
            self._say("    " + wording.sentence(wording.WITHHELD, self.language, claims=names))
        for other in shown.others:
            self._say(f"    --credential {other.id[:8]}: {plain_text(other.issuer_name)}")
        if shown.unused_copies is not None and shown.unused_copies <= _FEW_COPIES:
            self._say("    " + wording.sentence(wording.LAST_COPIES, self.language, count=shown.unused_copies))

    def _remarks(self, claim: SeenClaim) -> str:
        remarks = [] if claim.asked else [wording.sentence(wording.SEEN_ANYWAY, self.language)]
        remarks += [] if claim.permitted else [wording.sentence(wording.NOT_PERMITTED, self.language)]
        return f" ({'; '.join(remarks)})" if remarks else ""

    def _gone_on(self, session: PresentationSession) -> PresentationSession:
        """Where the verifier says that the holder is to go on: opened only if they want, and told in any case."""
        if session.redirect_uri is None:
            return session
        self._say(f"Go on at: {plain_text(session.redirect_uri, limit=2048)}")
        if not self.yes and typer.confirm("Open it?", err=self.quiet):
            self.browse(session.redirect_uri)
        return replace(flow.go_on(self.wallet, session), redirect_uri=session.redirect_uri)


def load_anchors(files: Sequence[Path]) -> tuple[Certificate, ...]:
    """The certificates in these PEM files, for verifiers named by certificates. Raises `InvalidRequest`, `OSError`."""
    try:
        return tuple(load_anchor(file.read_bytes()) for file in files)
    except ValueError as cause:
        raise InvalidRequest("A file given by --anchor holds no certificate of an authority.") from cause


def presented_json(presented: Presented) -> Mapping[str, Any]:
    """What `--json` prints: how it ended, for whom, and the names of what was shown; never a value."""
    session, consent = presented.session, presented.consent
    ended = {"state": str(session.step), "redirect_uri": session.redirect_uri}
    if consent is None:
        return ended
    verifier = consent.verifier
    return ended | {
        "verifier": {"client_id": verifier.client_id, "name": verifier.name, "did": verifier.did},
        "response_host": consent.response_host,
        "asks_too_much": consent.asks_too_much,
        "shown": [
            {
                "query": each.query_id,
                "credential": each.credential.id,
                "type": each.credential.vct,
                "format": str(each.credential.format),
                "claims": [claim.name for claim in each.seen],
                "withheld": list(each.withheld),
            }
            for each in consent.credentials
        ],
    }
