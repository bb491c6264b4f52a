"""PKCE, with the example of RFC 7636 appendix B."""

from __future__ import annotations

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.pkce import (
    check_code_challenge,
    check_code_verifier,
    create_code_challenge,
    verify_code_verifier,
)

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_example_of_the_specification() -> None:
    assert create_code_challenge(VERIFIER) == CHALLENGE
    assert check_code_challenge(CHALLENGE, "S256") == CHALLENGE
    verify_code_verifier(check_code_verifier(VERIFIER), challenge=CHALLENGE)


@pytest.mark.parametrize(
    ("challenge", "method"),
    [(None, "S256"), ("", "S256"), (CHALLENGE, None), (CHALLENGE, "plain"), (CHALLENGE, "s256"), ("short", "S256")],
)
def test_no_challenge_and_plain_ones_are_refused(challenge: str | None, method: str | None) -> None:
    with pytest.raises(ProtocolError) as refused:
        check_code_challenge(challenge, method)
    assert refused.value.code == "invalid_request"


def test_another_verifier() -> None:
    with pytest.raises(ProtocolError) as refused:
        verify_code_verifier("x" * 43, challenge=CHALLENGE)
    assert refused.value.code == "invalid_grant"
    for text in ("x" * 42, "x" * 129, "ü" * 43, "x" * 43 + "\n"):
        with pytest.raises(ProtocolError) as refused:
            check_code_verifier(text)
        assert refused.value.code == "invalid_request"
