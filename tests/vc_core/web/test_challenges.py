"""Challenges: known again without being remembered, for one purpose and five minutes."""

from __future__ import annotations

import os

import pytest

from tests.conftest import NOW
from vc_core.errors import Unauthenticated
from vc_core.web.challenges import LIFETIME_SECONDS, Challenges

SECRET = b"a secret of the tests"


def test_a_challenge_is_known_again_by_every_process() -> None:
    challenge = Challenges(SECRET, os.urandom).create("sign in", now=NOW)
    known = Challenges(SECRET, os.urandom).verify(challenge, "sign in", now=NOW + LIFETIME_SECONDS - 1)
    assert known.challenge == challenge
    assert known.expires_at >= NOW + LIFETIME_SECONDS


def test_two_of_the_same_second_differ() -> None:
    challenges = Challenges(SECRET, os.urandom)
    made = [challenges.create("sign in", now=NOW) for _ in range(2)]
    assert made[0] != made[1]
    assert len({challenges.verify(each, "sign in", now=NOW).digest for each in made}) == 2


@pytest.mark.parametrize("seconds", [LIFETIME_SECONDS, -31, 365 * 86400, -365 * 86400])
def test_it_ends_and_does_not_come_from_the_future(seconds: int) -> None:
    challenges = Challenges(SECRET, os.urandom)
    challenge = challenges.create("sign in", now=NOW)
    with pytest.raises(Unauthenticated):
        challenges.verify(challenge, "sign in", now=NOW + seconds)


def test_others_are_refused() -> None:
    challenges = Challenges(SECRET, os.urandom)
    good = challenges.create("sign in", now=NOW)
    changed = [good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :] for place in range(len(good))]
    foreign = Challenges(b"another secret", os.urandom).create("sign in", now=NOW)
    another_purpose = challenges.create("register", now=NOW)
    for challenge in (*changed, foreign, another_purpose, b"", good[:-1], good + b"\0", bytes(16), bytes(40)):
        with pytest.raises(Unauthenticated):
            challenges.verify(challenge, "sign in", now=NOW)
