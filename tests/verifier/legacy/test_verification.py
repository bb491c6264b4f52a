"""Legacy credentials of others: what didkit says, and what counts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.support.clock import SetClock
from tests.support.legacy import (
    CHALLENGE,
    DOMAIN,
    LEGACY_HOLDER,
    legacy_credential_claims,
    legacy_document,
    legacy_jwt,
    legacy_presentation_claims,
    needs_didkit,
)
from tests.support.legacy_changes import UNSEEN
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.legacy.credential import parse_legacy_credential, parse_legacy_presentation
from verifier.legacy.process import DidkitProcess
from verifier.legacy.verification import verify_legacy_credential, verify_legacy_presentation


@pytest.fixture
async def didkit() -> AsyncIterator[DidkitProcess]:
    process = DidkitProcess(start_seconds=120, answer_seconds=60)
    yield process
    await process.stop()


async def _code(document: dict[str, Any] | str, didkit: DidkitProcess, now: int) -> ReasonCode:
    """The code that a credential ends with."""
    try:
        await verify_legacy_credential(parse_legacy_credential(document), didkit=didkit, now=now)
    except Rejection as refusal:
        return refusal.code
    return ReasonCode.OK


async def _presentation_code(document: dict[str, Any] | str, didkit: DidkitProcess, now: int) -> ReasonCode:
    try:
        await verify_legacy_presentation(
            parse_legacy_presentation(document),
            didkit=didkit,
            now=now,
            expected_challenge=CHALLENGE,
            expected_domain=DOMAIN,
        )
    except Rejection as refusal:
        return refusal.code
    return ReasonCode.OK


@needs_didkit
async def test_every_legacy_signature(didkit: DidkitProcess, clock: SetClock) -> None:
    for name in ("ed25519-2018", "ed25519-2020", "jws-2020", "jws-2020-p256", "vaccination", "credo"):
        assert await _code(legacy_document(name), didkit, clock.now) is ReasonCode.OK
    assert await _code(legacy_jwt(legacy_credential_claims()), didkit, clock.now) is ReasonCode.OK


@needs_didkit
async def test_what_was_changed(didkit: DidkitProcess, clock: SetClock) -> None:
    for name in ("ed25519-2018", "ed25519-2020", "jws-2020"):
        document = legacy_document(name)
        document["credentialSubject"]["givenName"] = "Mallory"
        assert await _code(document, didkit, clock.now) is ReasonCode.BAD_SIGNATURE
    forged = legacy_jwt(legacy_credential_claims())[:-8] + "AAAAAAAA"
    assert await _code(forged, didkit, clock.now) is ReasonCode.BAD_SIGNATURE


@needs_didkit
async def test_expired_early_and_revocable_ones(didkit: DidkitProcess, clock: SetClock) -> None:
    assert await _code(legacy_document("expired"), didkit, clock.now) is ReasonCode.EXPIRED_CREDENTIAL
    assert await _code(legacy_document("future"), didkit, clock.now) is ReasonCode.NOT_YET_VALID
    assert await _code(legacy_document("revocation-list"), didkit, clock.now) is ReasonCode.STATUS_UNAVAILABLE
    expired = legacy_jwt(legacy_credential_claims(exp=clock.now))
    assert await _code(expired, didkit, clock.now) is ReasonCode.EXPIRED_CREDENTIAL


@needs_didkit
async def test_what_didkit_says_of_them_alone(didkit: DidkitProcess) -> None:
    """The reason for our checks: if one of these lines fails, didkit has changed, and decision 5 with it."""
    for name in ("expired", "future", "revocation-list"):
        answer = await didkit.ask("credential", json.dumps(legacy_document(name)), {})
        assert answer == {"checks": ["proof"], "errors": []}
    answer = await didkit.ask("presentation", json.dumps(legacy_document("presentation-forged")), {})
    assert answer == {"checks": ["proof"], "errors": []}


@needs_didkit
@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN.keys())
async def test_didkit_does_not_see_the_change(didkit: DidkitProcess, change: Callable[[dict[str, Any]], None]) -> None:
    document = legacy_document("ed25519-2020")
    change(document)
    answer = await didkit.ask("credential", json.dumps(document), {"proofPurpose": "assertionMethod"})
    assert answer == {"checks": ["proof"], "errors": []}


@needs_didkit
async def test_presentations(didkit: DidkitProcess, clock: SetClock) -> None:
    assert await _presentation_code(legacy_document("presentation"), didkit, clock.now) is ReasonCode.OK
    forged = legacy_document("presentation-forged")
    assert await _presentation_code(forged, didkit, clock.now) is ReasonCode.BAD_SIGNATURE
    expired = legacy_document("presentation-expired")
    assert await _presentation_code(expired, didkit, clock.now) is ReasonCode.EXPIRED_CREDENTIAL


@needs_didkit
async def test_presentation_jwts(didkit: DidkitProcess, clock: SetClock) -> None:
    credential = legacy_jwt(legacy_credential_claims())
    good = legacy_jwt(legacy_presentation_claims([credential]), LEGACY_HOLDER)
    assert await _presentation_code(good, didkit, clock.now) is ReasonCode.OK
    forged = legacy_jwt(legacy_presentation_claims([credential[:-8] + "AAAAAAAA"]), LEGACY_HOLDER)
    assert await _presentation_code(forged, didkit, clock.now) is ReasonCode.BAD_SIGNATURE
    unsigned = good.rpartition(".")[0] + "." + credential.rpartition(".")[2]
    assert await _presentation_code(unsigned, didkit, clock.now) is ReasonCode.BAD_SIGNATURE


async def test_a_presentation_for_another_verifier(clock: SetClock) -> None:
    """Refused before its signature is looked at."""
    presentation = parse_legacy_presentation(
        legacy_jwt(legacy_presentation_claims([legacy_jwt(legacy_credential_claims())]), LEGACY_HOLDER)
    )
    for challenge, domain in (("another", DOMAIN), (CHALLENGE, "another"), (None, DOMAIN), (CHALLENGE, None)):
        with pytest.raises(Rejection) as refusal:
            await verify_legacy_presentation(
                presentation,
                didkit=_Willing(),
                now=clock.now,
                expected_challenge=challenge,
                expected_domain=domain,
            )
        assert refusal.value.code is ReasonCode.WRONG_AUDIENCE


@pytest.mark.parametrize(
    "answer",
    [{}, {"checks": [], "errors": []}, {"checks": ["JWS"], "errors": []}, {"checks": ["proof"], "errors": ["x"]}],
)
async def test_an_answer_must_name_the_check_that_was_made(clock: SetClock, answer: dict[str, Any]) -> None:
    code = await _code(legacy_document("ed25519-2020"), _Willing(answer), clock.now)
    assert code is ReasonCode.BAD_SIGNATURE


async def test_without_the_extra_it_says_so(clock: SetClock) -> None:
    with pytest.raises(Rejection, match="the extra didkit is not installed") as refusal:
        await verify_legacy_credential(
            parse_legacy_credential(legacy_document("ed25519-2020")), didkit=_Missing(), now=clock.now
        )
    assert refusal.value.code is ReasonCode.NOT_A_CREDENTIAL


class _Willing(DidkitProcess):
    """A process that gives the same answer to everything."""

    installed = True

    def __init__(self, answer: dict[str, Any] | None = None) -> None:
        super().__init__()
        self._fixed = answer or {"checks": ["JWS"], "errors": []}

    async def ask(self, kind: str, text: str, options: dict[str, str]) -> dict[str, Any]:
        return self._fixed


class _Missing(DidkitProcess):
    installed = False
