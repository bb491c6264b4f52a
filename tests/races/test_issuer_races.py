"""What may happen once, asked for by fifty clients at once, at two processes of an issuer that share a database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from issuer.audit.proof import BlindedHead
from tests.issuer.authorization.browser import PatientsBrowser, request_fields
from tests.issuer.wallet import COVERAGE, ISSUER, OFFICER, PRE_AUTHORIZED
from tests.races.conftest import TwoIssuers
from tests.support.passkeys import SecurityKey
from vc_core.crypto.keys import P256Signer
from vc_core.protocols.oauth.dpop import create_dpop_proof

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLIENTS = 50
PERSON = "A1"
OF_PERSON = "SELECT count(*) FROM issuances WHERE holder_thumbprint = :key"


async def at_once(ask: Callable[[int], Awaitable[httpx.Response]], count: int = CLIENTS) -> Counter[tuple[int, str]]:
    """How often each answer was given: its status, and its error."""
    answers = await asyncio.gather(*(ask(number) for number in range(count)))
    return Counter((answer.status_code, answer.json().get("error", "")) for answer in answers)


async def test_a_pre_authorized_code_is_redeemed_once(issuers: TwoIssuers) -> None:
    """I1."""
    code, tx_code = await issuers.wallet().offered(issuers.people[PERSON])
    answers = await at_once(lambda number: issuers.wallet(number).token(code, tx_code))
    assert answers == {(200, ""): 1, (400, "invalid_grant"): CLIENTS - 1}


async def test_an_authorization_code_is_redeemed_once(issuers: TwoIssuers) -> None:
    """And the tokens of the one that got them end, since the code was seen twice (RFC 6749 section 4.1.2)."""
    browsers = [PatientsBrowser(client) for client in issuers.clients]
    code = await browsers[0].authorized(issuers.people[PERSON], request_fields(COVERAGE))
    tokens: list[str] = []

    async def ask(number: int) -> httpx.Response:
        answer = await browsers[number % 2].token(code)
        tokens.extend([answer.json()["access_token"]] if answer.status_code == 200 else [])
        return answer

    assert await at_once(ask) == {(200, ""): 1, (400, "invalid_grant"): CLIENTS - 1}
    assert (await issuers.wallet().credential(tokens[0])).json()["error"] == "invalid_token"


async def test_wrong_transaction_codes_are_all_counted(issuers: TwoIssuers) -> None:
    """I2: of fifty guesses five are heard, and then nothing opens the offer any more."""
    code, tx_code = await issuers.wallet().offered(issuers.people[PERSON])
    wrong = f"{(int(tx_code) + 1) % 1_000_000:06}"
    answers = await at_once(lambda number: issuers.wallet(number).token(code, wrong))
    assert answers == {(400, "invalid_grant"): CLIENTS}
    assert (await issuers.wallet().token(code, tx_code)).json()["error"] == "invalid_grant"


async def test_a_nonce_is_used_once(issuers: TwoIssuers) -> None:
    """I5: one proof, shown fifty times."""
    wallet = issuers.wallet()
    token, proof = await wallet.authorized(issuers.people[PERSON]), await wallet.proof()

    async def ask(number: int) -> httpx.Response:
        return await issuers.wallet(number).credential(token, COVERAGE, proof=proof)

    assert await at_once(ask) == {(200, ""): 1, (400, "invalid_nonce"): CLIENTS - 1}
    assert await issuers.count(OF_PERSON, key=wallet.key.public_key.thumbprint()) == 1


async def test_a_refresh_token_is_used_once(issuers: TwoIssuers) -> None:
    """And since one of the fifty may be a thief, what the one got is worth nothing any more (RFC 9700)."""
    wallet = issuers.wallet()
    given = (await wallet.token(*await wallet.offered(issuers.people[PERSON]))).json()
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    tokens: list[str] = []

    async def ask(number: int) -> httpx.Response:
        answer = await issuers.wallet(number).client.post("/token", data=form)
        tokens.extend([answer.json()["access_token"]] if answer.status_code == 200 else [])
        return answer

    assert await at_once(ask) == {(200, ""): 1, (400, "invalid_grant"): CLIENTS - 1}
    for token in (given["access_token"], *tokens):
        assert (await wallet.credential(token)).json()["error"] == "invalid_token"


async def test_an_approved_transaction_is_collected_once(issuers: TwoIssuers) -> None:
    wallet, client = issuers.wallet(), issuers.clients[1]
    order = {
        "person_id": issuers.people[PERSON],
        "credential_configuration_ids": [COVERAGE],
        "tx_code_delivery": "in_person",
        "needs_approval": True,
    }
    made = (await client.post("/offers", json=order, headers=OFFICER)).json()
    offer = (await client.get(made["credential_offer_uri"])).json()
    code = offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"]
    token = (await wallet.token(code, made["tx_code"])).json()["access_token"]
    waiting = await wallet.credential(token)
    assert waiting.status_code == 202, waiting.text
    body = {"transaction_id": waiting.json()["transaction_id"]}
    approved = await client.post(f"/credential-sets/{body['transaction_id']}/approve", headers=OFFICER)
    assert approved.status_code == 204, approved.text

    async def ask(number: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return await issuers.wallet(number).client.post("/deferred_credential", json=body, headers=headers)

    assert await at_once(ask) == {(200, ""): 1, (400, "invalid_transaction_id"): CLIENTS - 1}
    assert await issuers.count(OF_PERSON, key=wallet.key.public_key.thumbprint()) == 1


async def test_of_fifty_keys_the_first_gets_the_credential(issuers: TwoIssuers) -> None:
    """A stolen token brings nothing to a second key, however close the race."""
    wallet = issuers.wallet()
    token = await wallet.authorized(issuers.people[PERSON])
    before = await issuers.count("SELECT count(*) FROM issuances")
    wallets = [issuers.wallet(number) for number in range(CLIENTS)]
    proofs = [await each.proof() for each in wallets]

    async def ask(number: int) -> httpx.Response:
        return await wallets[number].credential(token, COVERAGE, proof=proofs[number])

    assert await at_once(ask) == {(200, ""): 1, (400, "credential_request_denied"): CLIENTS - 1}
    assert await issuers.count("SELECT count(*) FROM issuances") == before + 1


async def test_a_token_brings_one_credential_to_a_key_however_often_it_is_asked_for(issuers: TwoIssuers) -> None:
    """A wallet that lost the answer asks again: the same entry of the status list, and no second credential."""
    wallet = issuers.wallet()
    token = await wallet.authorized(issuers.people[PERSON])
    proofs = [await wallet.proof() for _ in range(CLIENTS)]

    async def ask(number: int) -> httpx.Response:
        return await issuers.wallet(number).credential(token, COVERAGE, proof=proofs[number])

    assert await at_once(ask) == {(200, ""): CLIENTS}
    assert await issuers.count(OF_PERSON, key=wallet.key.public_key.thumbprint()) == 1


async def test_a_dpop_proof_counts_once(issuers: TwoIssuers) -> None:
    """I8: one process's nonce is good at the other, and one proof sent fifty times is heard once."""
    key, form, now = (
        P256Signer.generate(),
        {"grant_type": "refresh_token", "refresh_token": "x"},
        issuers.wallet().clock(),
    )
    request: dict[str, Any] = {"method": "POST", "url": ISSUER + "/token", "issued_at": now}
    headers = {"DPoP": create_dpop_proof(key, jti="first", **request)}
    asked = await issuers.clients[0].post("/token", data=form, headers=headers)
    assert asked.json()["error"] == "use_dpop_nonce"
    headers = {"DPoP": create_dpop_proof(key, jti="second", nonce=asked.headers["dpop-nonce"], **request)}

    async def ask(number: int) -> httpx.Response:
        return await issuers.clients[number % 2].post("/token", data=form, headers=headers)

    assert await at_once(ask) == {(400, "invalid_grant"): 1, (400, "invalid_dpop_proof"): CLIENTS - 1}


async def test_a_renewal_that_races_with_a_thief_s_ends_with_the_family(issuers: TwoIssuers) -> None:
    """The old refresh token and the new one, at the same moment: whatever was given out is worth nothing then."""
    wallet = issuers.wallet()
    for _ in range(10):
        given = (await wallet.token(*await wallet.offered(issuers.people[PERSON]))).json()
        renewed = (await _renew(issuers, 0, given["refresh_token"])).json()
        texts = [given["refresh_token"], renewed["refresh_token"]]
        answers = await asyncio.gather(*(_renew(issuers, number, texts[number % 2]) for number in range(4)))
        tokens = [each.json()["access_token"] for each in answers if each.status_code == 200]
        for token in (*tokens, renewed["access_token"]):
            assert (await wallet.credential(token)).json()["error"] == "invalid_token"


async def test_a_revocation_that_races_with_wallets_leaves_nothing_valid(issuers: TwoIssuers) -> None:
    """A wallet renews its token and fetches, in two ways at once, while an officer revokes."""
    wallet, person = issuers.wallet(), issuers.people[PERSON]
    revocation = {"credential_type": "InsuranceCoverage", "status": "revoked", "reason": "wrong_data"}
    for _ in range(10):
        given = (await wallet.token(*await wallet.offered(person))).json()
        assert (await wallet.credential(given["access_token"])).status_code == 200
        renewed = (await _renew(issuers, 0, given["refresh_token"])).json()
        proofs = [await wallet.proof() for _ in range(2)]

        async def renew_and_fetch(text: str = renewed["refresh_token"], proof: str = proofs[0]) -> int:
            answer = await _renew(issuers, 1, text)
            if answer.status_code != 200:
                return answer.status_code
            return (await wallet.credential(answer.json()["access_token"], proof=proof)).status_code

        revoked, fetched, *_ = await asyncio.gather(
            issuers.clients[1].post(f"/people/{person}/status", json=revocation, headers=OFFICER),
            wallet.credential(renewed["access_token"], proof=proofs[1]),
            renew_and_fetch(),
        )
        assert revoked.status_code == 200, revoked.text
        assert fetched.status_code in (200, 401), fetched.text
        key = wallet.key.public_key.thumbprint()
        assert await issuers.count(OF_PERSON + " AND status = 0", key=key) == 0


async def test_a_proposal_is_carried_out_once_and_one_chain_has_all_lines(issuers: TwoIssuers) -> None:
    """Two approvers press the button, many times, at both processes; the one who proposed it too."""
    wallet, person = issuers.wallet(), issuers.people[PERSON]
    await wallet.credential(await wallet.authorized(person))
    before = await issuers.count("SELECT count(*) FROM audit_log")
    anong, boun, chan = [await _hired(issuers, name) for name in ("Anong", "Boun", "Chan")]
    suspension = {"credential_type": "InsuranceCoverage", "status": "suspended", "reason": "suspected_fraud"}
    proposed = await issuers.clients[0].post(f"/people/{person}/status", json=suspension, headers=anong)
    assert proposed.status_code == 202, proposed.text
    approved = "SELECT count(*) FROM audit_log WHERE outcome = 'approved'"
    approved_before = await issuers.count(approved)
    path = f"/proposals/{proposed.json()['id']}/approve"

    async def ask(number: int) -> httpx.Response:
        return await issuers.clients[number % 2].post(path, headers=(boun, chan, anong)[number % 3])

    answers = await asyncio.gather(*(ask(number) for number in range(30)))
    assert Counter(answer.status_code for answer in answers)[200] == 1
    assert {answer.status_code for answer in answers[2::3]} <= {403, 409}
    assert await issuers.count(approved) == approved_before + 1
    checked = (await issuers.clients[1].get("/audit/verification", headers=OFFICER)).json()
    assert (checked["intact"], checked["broken_at"]) == (True, None)
    assert checked["entries"] > before + 30


async def test_an_invitation_and_a_passkey_s_answer_count_once(issuers: TwoIssuers) -> None:
    invited = await _invited(issuers, "Dara")
    keys = [SecurityKey(ISSUER, bytes([number + 100]) * 16) for number in range(10)]
    opened = (await issuers.clients[0].post("/officers/invitations/open", json=invited)).json()["options"]

    async def accept(number: int) -> httpx.Response:
        body = {**invited, "credential": keys[number].create(opened)}
        return await issuers.clients[number % 2].post("/officers/invitations/accept", json=body)

    accepted = [answer.status_code for answer in await asyncio.gather(*map(accept, range(len(keys))))]
    assert Counter(accepted) == {201: 1, 404: len(keys) - 1}
    key = keys[accepted.index(201)]
    options = (await issuers.clients[1].post("/officers/sign-in/options")).json()["options"]
    answer = {"credential": key.get(options)}

    async def sign_in(number: int) -> httpx.Response:
        return await issuers.clients[number % 2].post("/officers/sign-in", json=answer)

    signed_in = await asyncio.gather(*map(sign_in, range(10)))
    assert Counter(each.status_code for each in signed_in) == {200: 1, 401: 9}


async def test_one_head_of_the_audit_log_is_to_be_anchored_while_lines_are_added(issuers: TwoIssuers) -> None:
    """And its hash is that of the line that it names, whatever was written meanwhile."""

    async def ask(number: int) -> httpx.Response:
        client = issuers.clients[number % 2]
        if number % 4 > 1:
            return await client.post(f"/people/{issuers.people[PERSON]}/sign-in-codes", headers=OFFICER)
        return await client.post("/audit/batches", headers=OFFICER)

    answers = await asyncio.gather(*map(ask, range(CLIENTS)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    roots = {answer.json()["root"] for answer in answers if "root" in answer.json()}
    assert len(roots) == 1
    [head] = (await issuers.clients[0].get("/audit/heads", headers=OFFICER)).json()["heads"]
    assert BlindedHead(head["number"], head["hash"], head["blind"]).root == roots.pop()
    page = {"before": head["number"] + 1, "limit": 1}
    [line] = (await issuers.clients[1].get("/audit", params=page, headers=OFFICER)).json()["entries"]
    assert (line["number"], line["hash"]) == (head["number"], head["hash"])


async def _invited(issuers: TwoIssuers, name: str) -> dict[str, str]:
    order = {"name": name, "roles": ["officer", "approver"]}
    invitation = (await issuers.clients[0].post("/officers", json=order, headers=OFFICER)).json()
    return {"code": invitation["link"].partition("#invitation=")[2]}


async def _hired(issuers: TwoIssuers, name: str) -> dict[str, str]:
    """A new officer's cookie."""
    code, client = await _invited(issuers, name), issuers.clients[1]
    key = SecurityKey(ISSUER, name.encode().ljust(16))
    opened = await client.post("/officers/invitations/open", json=code)
    credential = key.create(opened.json()["options"])
    accepted = await client.post("/officers/invitations/accept", json={**code, "credential": credential})
    assert accepted.status_code == 201, accepted.text
    client.cookies.clear()
    return {"Cookie": accepted.headers["set-cookie"].partition(";")[0]}


async def _renew(issuers: TwoIssuers, number: int, refresh_token: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return await issuers.wallet(number).client.post("/token", data=form)
