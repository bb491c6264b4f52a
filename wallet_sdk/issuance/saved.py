"""An issuance's state as JSON for the wallet's encrypted file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.errors import WalletDamaged
from vc_core.protocols.openid4vci.notification import Notification, NotificationEvent
from wallet_sdk.content import Session
from wallet_sdk.issuance.states import Access, Authorization, IssuanceSession, Progress, Step, WantedCredential

KIND = "issuance"
"""What such a session is called in the wallet's file."""


def create_saved(session: IssuanceSession) -> Session:
    """The state, to be kept in the wallet."""
    credentials = [
        {**asdict(each), "holder_keys": [base64url_encode(key) for key in each.holder_keys]}
        for each in session.credentials
    ]
    state = {
        **asdict(replace(session, credentials=())),
        "credentials": credentials,
        "client_key": base64url_encode(session.client_key),
    }
    return Session(state.pop("id"), KIND, state)


def parse_saved(saved: Session) -> IssuanceSession:
    """The reverse of `create_saved`. Raises `WalletDamaged` where another version of the program wrote it."""
    try:
        members = dict(saved.state)
        access, authorization = members["access"], members["authorization"]
        return IssuanceSession(
            **members
            | {
                "id": saved.id,
                "step": Step(members["step"]),
                "credentials": tuple(_parse_wanted(each) for each in members["credentials"]),
                "access": access and Access(**access),
                "authorization": authorization and Authorization(**authorization),
                "client_key": base64url_decode(members["client_key"]),
            }
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise WalletDamaged("An issuance under way was not written by this version of the program.") from cause


def _parse_wanted(value: Mapping[str, Any]) -> WantedCredential:
    refusal, owed = value["refusal"], value["owed"]
    return WantedCredential(
        **{
            **value,
            "progress": Progress(value["progress"]),
            "holder_keys": tuple(base64url_decode(key) for key in value["holder_keys"]),
            "received": tuple(value["received"]),
            "refusal": refusal and (refusal[0], refusal[1]),
            "owed": owed and Notification(**{**owed, "event": NotificationEvent(owed["event"])}),
        }
    )
