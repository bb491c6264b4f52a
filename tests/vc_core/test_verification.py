"""The numbered procedure: each reason by one fault, and in which order two faults are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import pytest

from tests.support.verification import (
    ACCREDITED_FROM,
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    ISSUER_DID,
    NONCE,
    NOW,
    OTHER_DID,
    POLICY,
    STATUS,
    STRANGER,
    FakeReplays,
    FakeStatuses,
    FakeTrust,
    issue_coverage,
    issue_qr_pass,
    present,
    verify,
)
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import StatusReference
from vc_core.formats.qr_pass import create_qr_presentation
from vc_core.formats.status_list import Status
from vc_core.verification import Policy, VerifiedCredential


@dataclass
class Desk:
    """Everything that a verification depends on, good at first; each of `FAULTS` spoils one thing."""

    issue: dict[str, Any] = field(default_factory=dict)
    show: dict[str, Any] = field(default_factory=dict)
    policy: Policy = POLICY
    trust: FakeTrust = field(default_factory=FakeTrust)
    statuses: FakeStatuses = field(default_factory=FakeStatuses)
    replays: FakeReplays = field(default_factory=FakeReplays)
    alter: Callable[[str], str] = lambda text: text

    async def verify(self) -> ReasonCode:
        """The reason of the verdict."""
        presented = self.alter(present(issue_coverage(**self.issue), **self.show))
        try:
            await verify(
                presented, policy=self.policy, trust=self.trust, statuses=self.statuses, replays=self.replays, now=NOW
            )
        except Rejection as rejection:
            return rejection.code
        return ReasonCode.OK


Spoil: TypeAlias = Callable[[Desk], None]


def _policy(**changes: Any) -> Spoil:
    def spoil(desk: Desk) -> None:
        desk.policy = replace(desk.policy, **changes)

    return spoil


def _issue(**changes: Any) -> Spoil:
    return lambda desk: desk.issue.update(changes)


def _show(**changes: Any) -> Spoil:
    return lambda desk: desk.show.update(changes)


def _alter(alter: Callable[[str], str]) -> Spoil:
    def spoil(desk: Desk) -> None:
        desk.alter = alter

    return spoil


def _accredited(valid_from: int, valid_until: int) -> Spoil:
    def spoil(desk: Desk) -> None:
        desk.trust.accreditations[ISSUER_DID, INSURANCE_COVERAGE.vct] = (valid_from, valid_until)

    return spoil


def _synced_at(moment: int) -> Spoil:
    def spoil(desk: Desk) -> None:
        desk.trust.synced_at = moment

    return spoil


def _status(value: int) -> Spoil:
    return lambda desk: desk.statuses.entries.set(STATUS.index, value)


def _status_as_of(moment: int) -> Spoil:
    def spoil(desk: Desk) -> None:
        desk.statuses.as_of = moment

    return spoil


def _seen_before(desk: Desk) -> None:
    class Remembering(FakeReplays):
        async def remember(self, digest: bytes, *, until: int) -> None:
            self.seen[digest] = until
            await super().remember(digest, until=until)

    desk.replays = Remembering()


_OLD = 24 * 3600 + 1

# In the order of the procedure: (step, reason, what is wrong, how).
FAULTS: list[tuple[int, ReasonCode, str, Spoil]] = [
    (1, ReasonCode.NOT_A_CREDENTIAL, "a web address", _alter(lambda _: "https://example.com/")),
    (1, ReasonCode.TOO_LARGE, "64 KiB and one", _alter(lambda text: text + " " * 65537)),
    (
        1,
        ReasonCode.MALFORMED,
        "a character of the payload missing",
        _alter(lambda text: text.replace(".eyJ", ".eJ", 1)),
    ),
    (1, ReasonCode.NOT_A_CREDENTIAL, "a type not asked for", _policy(accepted_types=frozenset({HEALTH_ID.vct}))),
    (2, ReasonCode.STALE_TRUST, "registry not seen for over a day", _synced_at(NOW - _OLD)),
    (2, ReasonCode.STALE_TRUST, "registry never seen", _synced_at(0)),
    (3, ReasonCode.UNKNOWN_ISSUER, "a DID not in the registry", _issue(verification_method=OTHER_DID + "#delegate-1")),
    (3, ReasonCode.BAD_SIGNATURE, "no such key of the DID", _issue(verification_method=ISSUER_DID + "#delegate-2")),
    (4, ReasonCode.UNTRUSTED_ISSUER, "signed before it was accredited", _issue(issued_at=ACCREDITED_FROM - 1)),
    (4, ReasonCode.UNTRUSTED_ISSUER, "no longer accredited", _accredited(ACCREDITED_FROM, NOW)),
    (5, ReasonCode.BAD_SIGNATURE, "signed by another key", _issue(signer=STRANGER)),
    (6, ReasonCode.NOT_YET_VALID, "issued in the future", _issue(issued_at=NOW + 31)),
    (6, ReasonCode.EXPIRED_CREDENTIAL, "expired this second", _issue(expires_at=NOW)),
    (7, ReasonCode.REVOKED, "revoked", _status(Status.INVALID)),
    (7, ReasonCode.SUSPENDED, "suspended", _status(Status.SUSPENDED)),
    (7, ReasonCode.STATUS_UNAVAILABLE, "a status nobody knows", _status(3)),
    (7, ReasonCode.STATUS_UNAVAILABLE, "an index past the end", _issue(status=StatusReference(STATUS.uri, 2048))),
    (7, ReasonCode.STATUS_UNAVAILABLE, "a list over a day old", _status_as_of(NOW - _OLD)),
    (8, ReasonCode.HOLDER_KEY, "shown by another key", _show(holder=STRANGER)),
    (8, ReasonCode.WRONG_AUDIENCE, "made for another desk", _show(audience=OTHER_DID)),
    (8, ReasonCode.WRONG_AUDIENCE, "made for a desk of a longer name", _show(audience=AUDIENCE + "0")),
    (8, ReasonCode.WRONG_AUDIENCE, "another nonce", _show(nonce=NONCE + "A")),
    (8, ReasonCode.CLOCK_SKEW, "shown in 31 seconds", _show(presented_at=NOW + 31)),
    (8, ReasonCode.CLOCK_SKEW, "shown in a year", _show(presented_at=NOW + 365 * 86400)),
    (8, ReasonCode.EXPIRED_PRESENTATION, "shown 60 seconds ago", _show(presented_at=NOW - 60)),
    (8, ReasonCode.EXPIRED_PRESENTATION, "shown a year ago", _show(presented_at=NOW - 365 * 86400)),
    (9, ReasonCode.REPLAYED, "shown before", _seen_before),
    (10, ReasonCode.NOT_COVERED, "coverage ended", _issue(covered_until="2026-09-20")),
    (10, ReasonCode.COVERED_ELSEWHERE, "not this hospital", _policy(hospital_code="10670")),
]
_NAMES = [f"{step} {code}: {fault}" for step, code, fault, _ in FAULTS]


@pytest.mark.parametrize(("code", "spoil"), [(code, spoil) for _, code, _, spoil in FAULTS], ids=_NAMES)
async def test_each_fault_has_its_reason(code: ReasonCode, spoil: Spoil) -> None:
    desk = Desk()
    spoil(desk)
    assert await desk.verify() is code


OF_PRINTED_CARDS = {ReasonCode.PIN_NEEDED, ReasonCode.WRONG_PIN, ReasonCode.PIN_LOCKED}
"""See `formats/test_printed_card.py` and the desk's own tests."""


def test_every_reason_is_reached() -> None:
    assert {code for _, code, _, _ in FAULTS} == set(ReasonCode) - {ReasonCode.OK} - OF_PRINTED_CARDS


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=_NAMES)
async def test_of_two_faults_the_earlier_step_speaks(number: int) -> None:
    step, code, _, spoil = FAULTS[number]
    for later_step, _, later_fault, spoil_too in FAULTS[number + 1 :]:
        if later_step > step:
            desk = Desk()
            spoil_too(desk)
            spoil(desk)  # last, since where both set the same field the earlier step's fault is to hold
            assert await desk.verify() is code, later_fault


@pytest.mark.parametrize(("step", "spoil"), [(step, spoil) for step, _, _, spoil in FAULTS], ids=_NAMES)
async def test_nothing_is_fetched_before_the_issuer_is_trusted_nor_remembered_before_the_holder_is(
    step: int, spoil: Spoil
) -> None:
    desk = Desk()
    spoil(desk)
    await desk.verify()
    assert desk.statuses.asked == (1 if step >= 7 else 0)
    assert len(desk.replays.seen) == (1 if step >= 9 else 0)


async def test_good_presentation_gives_what_was_disclosed_and_how_old_the_status_is() -> None:
    verified = await verify(
        present(issue_coverage(), disclose=["name", "birth_year"]), statuses=FakeStatuses(as_of=NOW - 24 * 3600)
    )
    assert verified.presented_at == NOW
    assert verified.status_as_of == NOW - 24 * 3600
    assert verified.credential == VerifiedCredential(
        vct=INSURANCE_COVERAGE.vct,
        issuer=ISSUER_DID,
        issued_at=NOW - 1000,
        expires_at=NOW + 1000,
        status=(STATUS,),
        holder_key=HOLDER.public_key,
        claims={name: value for name, value in COVERAGE_CLAIMS.items() if name != "name_latin"},
    )


@pytest.mark.parametrize("seconds", [-59, 0, 30])
async def test_presentation_is_fresh_for_a_minute_and_may_be_half_a_minute_early(seconds: int) -> None:
    verified = await verify(present(issue_coverage(), presented_at=NOW + seconds))
    assert verified.presented_at == NOW + seconds


async def test_presentation_is_remembered_for_as_long_as_it_is_fresh() -> None:
    replays = FakeReplays()
    await verify(present(issue_coverage(), presented_at=NOW + 30), replays=replays)
    assert list(replays.seen.values()) == [NOW + 90]


async def test_second_showing_is_refused_whoever_signs_it_anew() -> None:
    replays, issued = FakeReplays(), issue_coverage()
    await verify(present(issued), replays=replays)
    with pytest.raises(Rejection) as refusal:
        await verify(present(issued), replays=replays)  # ES256 signs with fresh randomness: other text, same digest
    assert refusal.value.code is ReasonCode.REPLAYED


async def test_credential_may_be_issued_by_a_clock_that_is_half_a_minute_ahead() -> None:
    trust = FakeTrust()
    assert await verify(present(issue_coverage(issued_at=NOW + 30)), trust=trust)


async def test_without_a_hospital_the_coverage_question_is_not_asked() -> None:
    policy = replace(POLICY, hospital_code=None)
    assert await verify(present(issue_coverage(scheme="8407")), policy=policy)


async def test_qr_pass_goes_the_same_way() -> None:
    qr_pass = issue_qr_pass()
    policy = replace(POLICY, expected_nonce=None)
    shown = create_qr_presentation(qr_pass, holder=HOLDER, presented_at=NOW)
    verified = await verify(f" {shown}\n", policy=policy)
    assert verified.credential.claims["name_latin"] == "Manee Jaidee"
    with pytest.raises(Rejection) as refusal:
        await verify(create_qr_presentation(qr_pass, holder=STRANGER, presented_at=NOW), policy=policy)
    assert refusal.value.code is ReasonCode.HOLDER_KEY


async def test_the_holder_agrees_to_what_the_desk_asked_and_to_nothing_else() -> None:
    hashes = ("A" * 43, "B" * 43)
    asking = replace(POLICY, transaction_data_hashes=frozenset(hashes))
    agreeing = present(issue_coverage(), transaction_data_hashes=hashes)
    assert (await verify(agreeing, policy=asking)).credential.vct == INSURANCE_COVERAGE.vct
    for shown, policy in (
        (agreeing, POLICY),
        (present(issue_coverage()), asking),
        (present(issue_coverage(), transaction_data_hashes=hashes[:1]), asking),
        (present(issue_coverage(), transaction_data_hashes=(*hashes, "C" * 43)), asking),
    ):
        with pytest.raises(Rejection) as refused:
            await verify(shown, policy=policy)
        assert refused.value.code is ReasonCode.WRONG_AUDIENCE


async def test_presentation_without_a_nonce_does_not_answer_a_desk_that_asked() -> None:
    with pytest.raises(Rejection) as refusal:
        await verify(create_qr_presentation(issue_qr_pass(), holder=HOLDER, presented_at=NOW))
    assert refusal.value.code is ReasonCode.WRONG_AUDIENCE
