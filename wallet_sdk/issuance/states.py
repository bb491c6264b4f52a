"""How far an issuance is, as values that don't change and that the wallet's file keeps.

Each of these is saved before the message goes out that it stands for, so that a wallet that was killed at any moment
knows which answers may be on their way. What would have to be the same when a message is repeated (the keys of a
request) is in the state, never made up on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from vc_core.crypto.keys import P256Signer
from vc_core.protocols.oauth.server_metadata import AuthorizationServerMetadata, parse_authorization_server_metadata
from vc_core.protocols.openid4vci.issuer_metadata import IssuerMetadata, parse_issuer_metadata


class Step(StrEnum):
    """What an issuance as a whole waits for."""

    TOKEN = "token"  # noqa: S105 - a step, not a password
    CREDENTIALS = "credentials"
    ENDED = "ended"


class Progress(StrEnum):
    """How far one credential of an issuance is."""

    WANTED = "wanted"
    """Nothing was asked yet."""
    ASKED = "asked"
    """Its keys are made, and the request for it may have gone out."""
    RECEIVED = "received"
    """It came; nobody has looked at it yet."""
    STORED = "stored"
    REFUSED = "refused"


@dataclass(frozen=True)
class WantedCredential:
    """One credential of an issuance.

    `holder_keys` are the private scalars that its copies are to be bound to, `received` the copies as they came, and
    `refusal` the stable code and the sentence that say why it is not in the wallet.
    """

    credential_configuration_id: str
    progress: Progress = Progress.WANTED
    holder_keys: tuple[bytes, ...] = field(default=(), repr=False)
    received: tuple[str, ...] = field(default=(), repr=False)
    refusal: tuple[str, str] | None = None

    def signers(self) -> tuple[P256Signer, ...]:
        """The keys to prove in a request."""
        return tuple(P256Signer.from_bytes(each) for each in self.holder_keys)


@dataclass(frozen=True)
class Access:
    """An access token, and until when it holds (seconds since 1970; None where the server did not say)."""

    token: str = field(repr=False)
    expires_at: int | None


@dataclass(frozen=True)
class IssuanceSession:
    """An issuance that the holder agreed to.

    `issuer` and `server` are the metadata documents of that moment, the issuer's with the accepted credentials only:
    what comes later goes where the holder agreed to, whatever the issuer's metadata says by then. `grant` are the form
    fields of the next token request, empty once it was answered.
    """

    id: str
    started_at: int
    issuer: Mapping[str, Any]
    server: Mapping[str, Any]
    step: Step
    credentials: tuple[WantedCredential, ...]
    grant: Mapping[str, str] = field(default_factory=dict, repr=False)
    access: Access | None = None

    @property
    def credential_issuer(self) -> str:
        """The issuer's identifier."""
        return str(self.issuer["credential_issuer"])

    @property
    def access_token(self) -> str:
        """The token; raises `ValueError` in a step before there is one."""
        if self.access is None:
            raise ValueError("there is no access token yet")
        return self.access.token

    def issuer_metadata(self) -> IssuerMetadata:
        """The issuer's metadata as the holder agreed to it."""
        return parse_issuer_metadata(self.issuer, expected_issuer=self.credential_issuer)

    def server_metadata(self) -> AuthorizationServerMetadata:
        """The authorization server's metadata of that moment."""
        return parse_authorization_server_metadata(self.server, expected_issuer=str(self.server["issuer"]))
