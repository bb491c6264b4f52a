"""Access tokens and refresh tokens under attack, on both databases."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from sqlalchemy import update

from issuer.authorization.models import AccessToken
from issuer.authorization.tokens import REFRESH_TOKEN_LIFETIME, TOKEN_LIFETIME, TokenService
from issuer.settings import IssuerSettings
from tests.issuer.test_offers_and_tokens import column, refusal
from tests.issuer.wallet import COVERAGE, HEALTH_ID, Wallet
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.token import (
    PreAuthorizedCodeGrant,
    RefreshTokenGrant,
    TokenRequest,
    create_token_request,
    parse_token_response,
)
from vc_core.web.database import Database


async def redeem(wallet: Wallet, person_id: str, *details: str) -> httpx.Response:
    """A token response to an offer of two credentials."""
    code, tx_code = await wallet.offered(person_id, COVERAGE, HEALTH_ID)
    return await send(wallet, TokenRequest(PreAuthorizedCodeGrant(code, tx_code), None, details or None))


async def send(wallet: Wallet, request: TokenRequest) -> httpx.Response:
    """A token request."""
    return await wallet.client.post("/token", data=create_token_request(request))


async def refresh(wallet: Wallet, token: str | None, *details: str) -> httpx.Response:
    """A refresh token's use."""
    return await send(wallet, TokenRequest(RefreshTokenGrant(token or ""), None, details or None))


async def test_a_refresh_token_brings_the_same_credentials_anew_to_another_key(
    people: dict[str, str], wallet: Wallet, clock: SetClock
) -> None:
    first = parse_token_response((await redeem(wallet, people["A1"])).json())
    assert (await wallet.credential(first.access_token)).status_code == 200
    clock.advance(TOKEN_LIFETIME)
    answer = await refresh(wallet, first.refresh_token)
    assert answer.headers["cache-control"] == "no-store"
    second = parse_token_response(answer.json())
    wallet.key = P256Signer.generate()
    for configuration in (COVERAGE, HEALTH_ID):
        assert (await wallet.credential(second.access_token, configuration)).status_code == 200
    assert parse_token_response((await refresh(wallet, second.refresh_token)).json()).refresh_token is not None


async def test_a_refresh_token_used_twice_ends_all_that_came_from_its_code(
    people: dict[str, str], wallet: Wallet
) -> None:
    first = parse_token_response((await redeem(wallet, people["A1"])).json())
    second = parse_token_response((await refresh(wallet, first.refresh_token)).json())
    assert refusal(await refresh(wallet, first.refresh_token)) == (400, "invalid_grant")
    assert refusal(await refresh(wallet, second.refresh_token)) == (400, "invalid_grant")
    for token in (first.access_token, second.access_token):
        assert refusal(await wallet.credential(token)) == (401, "invalid_token")


async def test_of_many_at_once_with_one_refresh_token_at_most_one_gets_tokens(
    people: dict[str, str], wallet: Wallet
) -> None:
    first = parse_token_response((await redeem(wallet, people["A1"])).json())
    answers = await asyncio.gather(*(refresh(wallet, first.refresh_token) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9


async def test_refresh_tokens_that_will_not_do(people: dict[str, str], wallet: Wallet, clock: SetClock) -> None:
    first = parse_token_response((await redeem(wallet, people["A1"])).json())
    assert refusal(await refresh(wallet, first.access_token)) == (400, "invalid_grant")
    more = await refresh(wallet, first.refresh_token, COVERAGE, "Passport_ldp_vc")
    assert refusal(more) == (400, "invalid_authorization_details")
    clock.advance(REFRESH_TOKEN_LIFETIME)
    assert refusal(await refresh(wallet, first.refresh_token)) == (400, "invalid_grant")


async def test_a_token_for_less_than_the_offer_names_it_by_identifier(people: dict[str, str], wallet: Wallet) -> None:
    response = parse_token_response((await redeem(wallet, people["A1"], HEALTH_ID)).json())
    assert response.credential_identifiers is not None
    assert {name: len(each) for name, each in response.credential_identifiers.items()} == {HEALTH_ID: 1}
    assert refusal(await wallet.credential(response.access_token, HEALTH_ID)) == (400, "invalid_credential_request")
    again = parse_token_response((await refresh(wallet, response.refresh_token)).json())
    assert again.credential_identifiers is not None
    assert again.credential_identifiers.keys() == {HEALTH_ID}


async def test_a_token_for_more_than_the_offer_leaves_the_code_as_it_was(
    people: dict[str, str], wallet: Wallet
) -> None:
    code, tx_code = await wallet.offered(people["A1"], COVERAGE)
    more = TokenRequest(PreAuthorizedCodeGrant(code, tx_code), None, (COVERAGE, HEALTH_ID))
    assert refusal(await send(wallet, more)) == (400, "invalid_authorization_details")
    assert (await wallet.token(code, tx_code)).status_code == 200


async def test_tokens_and_their_keys(
    people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    """A token that is bound to a key is no bearer's, and the reverse."""
    token = await wallet.authorized(people["A1"])
    database = Database(settings.database_url)
    service = TokenService(database, clock, lambda count: bytes(count))
    try:
        assert (await service.authorize(token)).configuration_ids == [COVERAGE]
        with pytest.raises(ProtocolError, match="not valid"):
            await service.authorize(token, dpop_jkt="k" * 43)
        async with database.transaction() as session:
            await session.exec(update(AccessToken).values(dpop_jkt="k" * 43))
        assert (await service.authorize(token, dpop_jkt="k" * 43)).configuration_ids == [COVERAGE]
        for jkt in (None, "l" * 43):
            with pytest.raises(ProtocolError, match="not valid"):
                await service.authorize(token, dpop_jkt=jkt)
        assert refusal(await wallet.credential(token)) == (401, "invalid_token")
    finally:
        await database.close()


async def test_the_database_holds_no_token(people: dict[str, str], wallet: Wallet, settings: IssuerSettings) -> None:
    response = parse_token_response((await redeem(wallet, people["A1"])).json())
    kept = json.dumps(
        [await column(settings, f"SELECT * FROM {table}") for table in ("access_tokens", "refresh_tokens")]  # noqa: S608
    )
    assert response.access_token not in kept
    assert str(response.refresh_token) not in kept
