"""A wallet that begins without an offer: the issuer's page, copies with keys of their own, and more of them later."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.issuer.authorization.browser import PatientsBrowser
from tests.support.people import CHEAP, PASSPHRASE, import_roster, person_id
from tests.support.town import BACKEND, ISSUER, Town
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from wallet_sdk.issuance import accept_offer, describe_issuer, finish_authorization, pending_issuances
from wallet_sdk.presentation import create_qr
from wallet_sdk.registry import refresh_registry
from wallet_sdk.renewal import top_up_all
from wallet_sdk.wallet import Wallet

PICKED = ("InsuranceCoverage_dc+sd-jwt", "InsuranceCoverage_qr_pass")
PERSON = {"identifier": "0012345678901", "day": "14", "month": "3", "year": "1994"}


async def _at_the_page(town: Town, address: str, person: str) -> str:
    """The patient signs in with a code of the office and agrees; where the browser is sent then."""
    code = (await town.officer_post(f"/people/{person}/sign-in-codes", {}, expected=201))["code"]
    async with httpx.AsyncClient(transport=town.transport, base_url=ISSUER) as client:
        browser = PatientsBrowser(client)
        await browser.open(dict(parse_qsl(urlsplit(address).query)))
        shown = await browser.sign_in(str(code), PERSON)
        assert shown.status_code == 200, shown.text
        return await browser.decide()


async def test_from_the_issuers_page_to_a_desk_and_back_for_more(town: Town) -> None:
    await import_roster(town)
    person = await person_id(town, "MU-1")
    wallet = Wallet.create(town.folder / "wallet-page", PASSPHRASE, provider=BACKEND, cost=CHEAP)
    trust = await refresh_registry(wallet, town.http, now=town.clock())
    described = (await describe_issuer(town.http, ISSUER, trust=trust, now=town.clock())).only(PICKED)
    begun = await accept_offer(
        wallet, town.http, described, redirect_uri="http://127.0.0.1:4711/callback", trust=trust, clock=town.clock
    )
    assert begun.address is not None
    returned_to = await _at_the_page(town, begun.address, person)
    done = await finish_authorization(wallet, town.http, begun.session_id, returned_to, trust=trust, clock=town.clock)
    assert (done.refused, done.waiting) == ((), ())
    copies = {each.format: len(each.copies) for each in done.stored}
    assert set(copies.values()) == {5}
    assert pending_issuances(wallet) == ()

    qr = create_qr(wallet, INSURANCE_COVERAGE, now=town.clock())
    assert (await town.check(qr.text))["code"] == "OK"

    held = done.stored[0]
    while not wallet.credential(held.id).runs_low(now=town.clock()):
        wallet.use_copy(held.id, now=town.clock())
    topped = await top_up_all(wallet, town.http, trust=trust, clock=town.clock)
    assert topped.refused == ()
    assert held.id in [each.id for each in topped.stored]
    assert wallet.credential(held.id).unused_copies(now=town.clock()) >= 5
