"""Answering a desk's challenge: neither side has a network, and a bystander's photograph reveals nothing.

Who asks is told by the registry as the wallet last had it. A desk that this does not name is "unknown", whatever its
code says of itself; it is answered with the health ID only, whose pass has the fewest claims, or not at all: what more
a QR pass says, coverage or permit, can't be withheld from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.cose_encrypt import IV_LENGTH
from vc_core.crypto.jwe import EncryptionKey
from vc_core.encoding import base64url_decode
from vc_core.errors import InvalidRequest, Rejection
from vc_core.formats.desk_challenge import DeskChallenge, create_answer, parse_challenge
from vc_core.verifier_trust import Verifier, check_may_ask, verify_challenge
from wallet_sdk.content import CredentialCopy
from wallet_sdk.presentation import QrCode
from wallet_sdk.registry import kept_trust
from wallet_sdk.wallet import Wallet


@dataclass(frozen=True)
class DeskQuestion:
    """A desk's challenge and who asks. `permitted`: the registry lets this desk see what the pass would show."""

    challenge: DeskChallenge
    verifier: Verifier
    permitted: bool


def read_question(wallet: Wallet, text: str, credential_type: CredentialType, *, now: int) -> DeskQuestion:
    """What the desk's code asks, if a pass of this type may answer it. It asks no network.

    Raises `InvalidRequest` where the code is none, is over or was changed, or the desk is unknown and the type another
    than the health ID.
    """
    unverified, trust = parse_challenge(text), kept_trust(wallet)
    verifier = verify_challenge(unverified, trust=trust, now=now)
    if trust is None or verifier.did is None:
        if credential_type is not HEALTH_ID:
            raise InvalidRequest("This desk is unknown: it can be shown your health ID only, or nothing.")
        return DeskQuestion(unverified.challenge, verifier, permitted=False)
    shown = [claim.name for claim in credential_type.qr_claims().values()]
    try:
        check_may_ask(trust, verifier.did, {credential_type.vct: shown}, at=now)
    except Rejection:
        return DeskQuestion(unverified.challenge, verifier, permitted=False)
    return DeskQuestion(unverified.challenge, verifier, permitted=True)


def answer_question(
    question: DeskQuestion, copy: CredentialCopy, *, now: int, randomness: Callable[[int], bytes]
) -> QrCode:
    """The QR code that answers, of this copy of a QR pass (as `begin_showing` gives it); for after the consent."""
    answer = create_answer(
        base64url_decode(copy.credential),
        question.challenge,
        holder=copy.signer(),
        presented_at=now,
        ephemeral=EncryptionKey.generate(),
        initialization_vector=randomness(IV_LENGTH),
    )
    return QrCode(answer, question.challenge.expires_at)
