"""Printed cards with one fault each. The PIN is said right: what a wrong one comes to is the desk's count to tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.mutants import world
from tests.mutants.family import Family, Mutant, named
from tests.support.desk_forge import CARD_EXPIRES_AT, PRINTED_AT, SALT, forge_card
from tests.support.qr_forge import PRESENTED_AT, REMOVE, as_text, forge_bytes, raw
from tests.support.verification import HOLDER, POLICY, STRANGER, verify
from vc_core.crypto.cose import to_cose_key
from vc_core.errors import ReasonCode
from vc_core.formats.credential import PrintedCard

POLICY_OF_CARDS = replace(POLICY, expected_nonce=None, printed_cards=True)
_GOOD = forge_card()
_HASH = bytes(16)

_MALFORMED: dict[str, tuple[str, Any, Any]] = {
    "card without exp": ("proof_payload", 4, REMOVE),
    "card with exp as text": ("proof_payload", 4, str(CARD_EXPIRES_AT)),
    "card with exp before it was printed": ("proof_payload", 4, PRINTED_AT - 1),
    "card that ends as it is printed": ("proof_payload", 4, PRINTED_AT),
    "card good for 180 days and a second": ("proof_payload", 4, CARD_EXPIRES_AT + 1),
    "card good for longer than its pass": ("pass_payload", 4, CARD_EXPIRES_AT - 1),
    "card without iat": ("proof_payload", 6, REMOVE),
    "card without PIN": ("proof_payload", -65539, REMOVE),
    "card with a PIN in the clear": ("proof_payload", -65539, "140326"),
    "card without salt": ("proof_payload", -65539, [_HASH]),
    "card with an empty salt": ("proof_payload", -65539, [b"", _HASH]),
    "card with a salt of 15 bytes": ("proof_payload", -65539, [SALT[1:], _HASH]),
    "card with a hash of 15 bytes": ("proof_payload", -65539, [SALT, _HASH[1:]]),
    "card with a hash of 32 bytes": ("proof_payload", -65539, [SALT, _HASH + _HASH]),
    "card that says its own rounds": ("proof_payload", -65539, [SALT, _HASH, 1]),
    "card with a map of its PIN": ("proof_payload", -65539, {0: SALT, 1: _HASH}),
    "card for one desk": ("proof_payload", 3, "did:example:desk"),
    "card that answers a challenge": ("proof_payload", 10, b"nonce-of-a-desk"),
    "card with an unknown claim": ("proof_payload", 40, 1),
    "card with the typ of a QR pass [J9]": ("proof_header", 16, 294),
    "card with the typ of a challenge [J9]": ("proof_header", 16, 65_001),
    "card without typ [J9]": ("proof_header", 16, REMOVE),
    "card with EdDSA [J3]": ("proof_header", 1, -8),
    "card with crit [J4]": ("proof_header", 2, [4]),
    "card with a key of its own [J5]": ("proof_header", -1, to_cose_key(HOLDER.public_key)),
    "card with an unprotected header": ("proof", 1, {4: b"kid"}),
    "card with exp twice [J10]": ("proof_payload", raw("04"), CARD_EXPIRES_AT),
}
_REFUSED: dict[str, tuple[str, Any, Any, ReasonCode]] = {
    "card signed by another key": ("signers", "proof", STRANGER, ReasonCode.HOLDER_KEY),
    "card with a signature of zeros": ("proof", 3, bytes(64), ReasonCode.HOLDER_KEY),
    "card of another holder's pass": ("cnf", 1, to_cose_key(STRANGER.public_key), ReasonCode.HOLDER_KEY),
    "card printed in 31 seconds": ("proof_payload", 6, PRESENTED_AT + 31, ReasonCode.CLOCK_SKEW),
    "card whose last second is over [V6]": ("proof_payload", 4, PRESENTED_AT, ReasonCode.EXPIRED_PRESENTATION),
    "card with a pass signed by its holder": ("signers", "pass", HOLDER, ReasonCode.BAD_SIGNATURE),
    "card with a pass that was revoked": ("credential", -1, world.REVOKED_INDEX, ReasonCode.REVOKED),
    "card with a pass that is suspended": ("credential", -1, world.SUSPENDED_INDEX, ReasonCode.SUSPENDED),
    "card of a coverage that has ended": ("credential", 10, 20_500, ReasonCode.NOT_COVERED),
    "card of a coverage elsewhere": ("credential", 6, "99999", ReasonCode.COVERED_ELSEWHERE),
}
_TEXTS = {
    "a card as a QR pass": ("SB1:" + _GOOD.removeprefix("SBP1:"), ReasonCode.MALFORMED),
    "a QR pass as a card": ("SBP1:" + as_text(forge_bytes()).removeprefix("SB1:"), ReasonCode.MALFORMED),
    "lower case": ("SBP1:" + _GOOD[5:].lower(), ReasonCode.MALFORMED),
    "the prefix alone": ("SBP1:", ReasonCode.MALFORMED),
    "a character too long": ("SBP1:" + "0" * 1_196, ReasonCode.TOO_LARGE),
    "a later version": ("SBP2:" + _GOOD[5:], ReasonCode.NOT_A_CREDENTIAL),
}


class RightPin:
    """The person says the right PIN."""

    async def check(self, card: PrintedCard, digest: bytes) -> None:
        """See `PinCheck`."""


async def check(text: str) -> object:
    """The whole procedure."""
    return await verify(text, policy=POLICY_OF_CARDS, trust=world.trust(), statuses=world.statuses(), pins=RightPin())


def printed_card_family() -> Family:
    """The printed card, through the whole procedure."""
    return Family(
        "printed-card",
        world.terms() | world.policy_terms(POLICY_OF_CARDS),
        _GOOD,
        [
            *(Mutant(*named(name), ReasonCode.MALFORMED, forge_card(*fault)) for name, fault in _MALFORMED.items()),
            *(Mutant(*named(name), code, forge_card(*fault)) for name, (*fault, code) in _REFUSED.items()),
            *(Mutant(*named(name), code, text) for name, (text, code) in _TEXTS.items()),
        ],
        check,
    )
