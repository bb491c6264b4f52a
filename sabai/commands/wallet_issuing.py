"""Taking credentials on a command line: what is asked before each step, and what is said of how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from sabai.commands.wallet_browser import PASTED_REDIRECT_URI, BrowserReturn
from sabai.commands.wallet_terminal import Surroundings, error_sentence, issuer_text, title
from vc_core.certificate_trust import AnchoredTrust, TrustAnchor
from vc_core.errors import InvalidRequest, SabaiError
from vc_core.http import HttpClient
from vc_core.protocols.openid4vci.offer import CredentialOfferUri, TxCode
from vc_core.trust import TrustSource
from vc_core.trust_anchors import load_trust_anchors
from wallet_sdk.issuance import (
    DescribedOffer,
    Issuance,
    OfferedCredential,
    accept_offer,
    describe_issuer,
    describe_offer,
    fetch_offer,
    finish_authorization,
    offer_host,
    pending_issuances,
    read_offer,
    resume_issuance,
)
from wallet_sdk.issuance.run import session_credential
from wallet_sdk.issuance.states import IssuanceSession, Progress, Step
from wallet_sdk.messages import format_time
from wallet_sdk.plain_text import plain_text
from wallet_sdk.registry import load_trust
from wallet_sdk.wallet import Wallet


@dataclass(frozen=True)
class Issuing:
    """A wallet, and how its holder wants to be asked.

    `yes` answers every question, `paste` opens no port here, `any_issuer` also keeps what unknown issuers sign.
    `anchors` are authorities whose certificates name issuers, beside the registry.
    """

    wallet: Wallet
    http: HttpClient
    around: Surroundings
    yes: bool = False
    paste: bool = False
    any_issuer: bool = False
    tx_code: str | None = None
    anchors: tuple[TrustAnchor, ...] = ()

    async def accept(self, link: str) -> Issuance:
        """Walks an offer through, asking before it is fetched and before it is taken."""
        offer = read_offer(link)
        if isinstance(offer, CredentialOfferUri):
            self._ask(f"The offer is kept at {plain_text(offer_host(offer))}. Fetch it?")
        typer.echo(f"Asking {plain_text(offer_host(offer))} …")
        fetched, trust = await fetch_offer(self.http, offer), await self._trust()
        described = await describe_offer(self.http, fetched, trust=trust, now=self.around.clock())
        echo_offer(described)
        self._ask("Take this into the wallet?")
        return await self._take(described, trust)

    async def get(self, issuer: str, ids: Sequence[str]) -> Issuance:
        """Lets the holder pick from what an issuer has; `ids` are picked already."""
        trust = await self._trust()
        described = await describe_issuer(self.http, issuer, trust=trust, now=self.around.clock())
        echo_offer(described)
        if not ids:
            ids = _picked(described, str(typer.prompt("Which of them (their numbers, with commas between)")))
        described = described.only(ids)
        self._ask(f"Open the page of {plain_text(described.issuer_host)} in a browser to ask for this?")
        return await self._take(described, trust)

    async def resume(self, session: IssuanceSession) -> Issuance:
        """Goes on with an issuance; through the browser once more where it waits for that."""
        trust = await self._trust()
        if session.step not in (Step.AUTHORIZATION, Step.BROWSER):
            return await resume_issuance(self.wallet, self.http, session.id, trust=trust, clock=self.around.clock)
        async with BrowserReturn.listen() as back:
            begun = await resume_issuance(
                self.wallet,
                self.http,
                session.id,
                redirect_uri=self._address(back),
                trust=trust,
                clock=self.around.clock,
            )
            return await self._through_browser(begun, back, trust)

    async def _take(self, described: DescribedOffer, trust: TrustSource) -> Issuance:
        tx_code = self.tx_code
        if described.tx_code is not None and tx_code is None:
            tx_code = str(typer.prompt(_tx_code_question(described.tx_code)))
        clock = self.around.clock
        if self.any_issuer:
            self._ask(
                "If the registry does not know the issuer, nobody vouches for it. Keep what it signs all the same?"
            )
        typer.echo(f"Fetching from {plain_text(described.issuer_host)} …")
        if not described.needs_browser:
            return await accept_offer(
                self.wallet,
                self.http,
                described,
                tx_code=tx_code,
                any_issuer=self.any_issuer,
                trust=trust,
                clock=clock,
            )
        async with BrowserReturn.listen() as back:
            begun = await accept_offer(
                self.wallet,
                self.http,
                described,
                redirect_uri=self._address(back),
                any_issuer=self.any_issuer,
                trust=trust,
                clock=clock,
            )
            return await self._through_browser(begun, back, trust)

    async def _through_browser(self, begun: Issuance, back: BrowserReturn, trust: TrustSource) -> Issuance:
        """Sends the holder to the issuer's page, and goes on when they are back."""
        session = next(each for each in pending_issuances(self.wallet) if each.id == begun.session_id)
        if begun.address is None or session.authorization is None:
            return begun
        typer.echo(f"Sign in at the issuer's page: {plain_text(begun.address, limit=len(begun.address))}")
        if self.paste:
            returned_to = str(typer.prompt("The address that the browser ended at")).strip()
        else:
            self.around.browse(begun.address)
            typer.echo("Waiting for the browser to come back; Ctrl-C stops, `sabai wallet resume` goes on …")
            returned_to = await back.wait(expected_state=session.authorization.state)
        return await finish_authorization(
            self.wallet, self.http, begun.session_id, returned_to, trust=trust, clock=self.around.clock
        )

    def _address(self, back: BrowserReturn) -> str:
        return PASTED_REDIRECT_URI if self.paste else back.redirect_uri

    async def _trust(self) -> TrustSource:
        return AnchoredTrust(await load_trust(self.wallet, self.http, now=self.around.clock()), self.anchors)

    def _ask(self, question: str) -> None:
        if not self.yes:
            typer.confirm(question, abort=True)


def load_anchors_file(path: Path | None) -> tuple[TrustAnchor, ...]:
    """The authorities in that file; none without one. Raises `InvalidRequest`, `OSError`."""
    if path is None:
        return ()
    try:
        return load_trust_anchors(path)
    except ValueError as cause:
        raise InvalidRequest("The file of authorities is not of its form.") from cause


def echo_offer(described: DescribedOffer) -> None:
    """What is on offer, numbered."""
    vouched = described.issuer_name and f"{plain_text(described.issuer_name)}, by the registry"
    typer.echo(f"{plain_text(described.issuer_host)} ({vouched or 'who that is, is not verified yet'}) offers:")
    for number, each in enumerate(described.credentials, 1):
        typer.echo(f"  {number:2}. {offered_title(each)}")
    for name in described.not_understood:
        typer.echo(f"      {plain_text(name)}: this wallet can't hold it")


def offered_title(offered: OfferedCredential) -> str:
    """The name of a credential's type, and its format."""
    words = "" if offered.credential_type is not None else ", in its issuer's words"
    return f"{offered.label} ({offered.format}{words})"


def echo_issuance(issuance: Issuance) -> bool:
    """Says how an issuance ended; whether all went well so far."""
    for held in issuance.stored:
        copies = f", {len(held.copies)} copies" if len(held.copies) > 1 else ""
        typer.echo(f"Stored: {title(held)}, from {issuer_text(held)}{copies}, id {held.id[:8]}.")
    for refused in issuance.refused:
        typer.echo(f"Not stored: {offered_title(refused.offered)}: {error_sentence(refused.error)}", err=True)
    for waiting in issuance.waiting:
        typer.echo(f"Not here yet: {offered_title(waiting.offered)}: {_why_waiting(waiting.error, waiting.ask_from)}")
    return not issuance.refused and all(each.error is None for each in issuance.waiting)


def _why_waiting(error: SabaiError | None, ask_from: int) -> str:
    if error is not None:
        return error_sentence(error) + " `sabai wallet resume` asks again."
    when = f" from {format_time(ask_from)} on" if ask_from else ""
    return f"the issuer gives it later; `sabai wallet resume` asks again{when}."


def pending_json(session: IssuanceSession) -> dict[str, Any]:
    """An issuance under way for `--json`, without a secret."""
    return {
        "id": session.id,
        "credential_issuer": session.credential_issuer,
        "started_at": session.started_at,
        "step": str(session.step),
        "credentials": [
            {
                "credential_configuration_id": each.credential_configuration_id,
                "progress": str(each.progress),
                "ask_from": each.ask_from or None,
            }
            for each in session.credentials
        ],
    }


def echo_pending(session: IssuanceSession) -> None:
    """An issuance under way, in a few lines."""
    typer.echo(f"{session.id[:8]}  {plain_text(session.credential_issuer)}, since {format_time(session.started_at)}")
    if session.step in (Step.AUTHORIZATION, Step.BROWSER):
        typer.echo("          waits for you at the issuer's page")
    for each in session.credentials:
        typer.echo(f"          {offered_title(session_credential(session, each))}: {_PROGRESS[each.progress]}")


_PROGRESS = {
    Progress.WANTED: "not asked for yet",
    Progress.ASKED: "asked for, no answer yet",
    Progress.DEFERRED: "the issuer gives it later",
    Progress.RECEIVED: "came, not checked yet",
    Progress.STORED: "stored",
    Progress.REFUSED: "not stored",
}


def _picked(described: DescribedOffer, numbers: str) -> list[str]:
    """The ids of the numbered credentials, with commas between; what is no such number stays as it is."""
    by_number = {str(n): each.credential_configuration_id for n, each in enumerate(described.credentials, 1)}
    return [by_number.get(number.strip(), number.strip()) for number in numbers.split(",")]


def _tx_code_question(tx_code: TxCode) -> str:
    length = f"{tx_code.length} " if tx_code.length else ""
    kind = "digits" if tx_code.input_mode == "numeric" else "characters"
    described = f" ({plain_text(tx_code.description)})" if tx_code.description else ""
    return f"Transaction code that the issuing office gave you, {length}{kind}{described}"
