"""A presentation's state as JSON for the wallet's encrypted file, and back."""

from __future__ import annotations

from dataclasses import asdict

from vc_core.errors import WalletDamaged
from wallet_sdk.content import Session
from wallet_sdk.openid4vp.states import Outgoing, PresentationSession, Step

KIND = "presentation"
"""What such a session is called in the wallet's file."""


def create_saved(session: PresentationSession) -> Session:
    """The state, to be kept in the wallet."""
    state = asdict(session)
    return Session(state.pop("id"), KIND, state)


def parse_saved(saved: Session) -> PresentationSession:
    """The reverse of `create_saved`. Raises `WalletDamaged` where another version of the program wrote it."""
    try:
        members = dict(saved.state)
        outgoing = members["outgoing"]
        return PresentationSession(
            **members | {"id": saved.id, "step": Step(members["step"]), "outgoing": outgoing and Outgoing(**outgoing)}
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise WalletDamaged("A presentation under way was not written by this version of the program.") from cause
