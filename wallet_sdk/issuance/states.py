"""How far an issuance is, as values that don't change and that the wallet's file keeps.

Each of these is saved before the message goes out that it stands for, so that a wallet that was killed at any moment
knows which answers may be on their way. What has to be the same when a message is repeated (the keys of a request, the
verifier of an authorization) is in the state, never made up on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from vc_core.crypto.keys import P256Signer
from vc_core.protocols.oauth.server_metadata import AuthorizationServerMetadata, parse_authorization_server_metadata
from vc_core.protocols.openid4vci.issuer_metadata import IssuerMetadata, parse_issuer_metadata
from vc_core.protocols.openid4vci.notification import Notification


class Step(StrEnum):
    """What an issuance as a whole waits for."""

    AUTHORIZATION = "authorization"
    """The authorization server is to be told what the holder will be sent to it for."""
    BROWSER = "browser"
    """The holder is with the authorization server, in a browser."""
    TOKEN = "token"  # noqa: S105 - a step, not a password
    CREDENTIALS = "credentials"
    ENDED = "ended"


class Progress(StrEnum):
    """How far one credential of an issuance is."""

    WANTED = "wanted"
    """Nothing was asked yet."""
    ASKED = "asked"
    """Its keys are made, and the request for it may have gone out."""
    DEFERRED = "deferred"
    """The issuer will have it later."""
    RECEIVED = "received"
    """It came; nobody has looked at it yet."""
    STORED = "stored"
    REFUSED = "refused"


@dataclass(frozen=True)
class WantedCredential:
    """One credential of an issuance.

    `credential_identifier` is how the token's grant names it, None where it is asked for by its configuration.
    `holder_keys` are the private scalars that its copies are to be bound to, `received` the copies as they came.
    A deferred one has the issuer's `transaction_id` and the time from which to ask (seconds since 1970). `refusal` are
    the stable code and the sentence that say why it is not in the wallet. `owed` is what its issuer waits to hear.
    """

    credential_configuration_id: str
    credential_identifier: str | None = None
    progress: Progress = Progress.WANTED
    holder_keys: tuple[bytes, ...] = field(default=(), repr=False)
    received: tuple[str, ...] = field(default=(), repr=False)
    transaction_id: str | None = None
    ask_from: int = 0
    notification_id: str | None = None
    refusal: tuple[str, str] | None = None
    owed: Notification | None = None

    def signers(self) -> tuple[P256Signer, ...]:
        """The keys to prove in a request."""
        return tuple(P256Signer.from_bytes(each) for each in self.holder_keys)


@dataclass(frozen=True)
class Authorization:
    """What the wallet sends the holder to the authorization server with (RFC 6749 section 4.1, RFC 7636).

    `issuer_state` is from the offer. `address` is where the holder's browser is to go, once that is known.
    """

    redirect_uri: str
    state: str = field(repr=False)
    code_verifier: str = field(repr=False)
    issuer_state: str | None = field(default=None, repr=False)
    address: str | None = None


@dataclass(frozen=True)
class Access:
    """An access token; `dpop` whether it is bound to the session's key.

    `expires_at` in seconds since 1970, None where the server did not say.
    """

    token: str = field(repr=False)
    dpop: bool
    expires_at: int | None
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class IssuanceSession:
    """An issuance that the holder agreed to.

    `issuer` and `server` are the metadata documents of that moment, the issuer's with the accepted credentials only:
    what comes later goes where the holder agreed to, whatever the issuer's metadata says by then. `grant` are the form
    fields of the next token request, empty once it was answered. `client_key` is the private scalar of the key that is
    this wallet's to the authorization server: tokens are bound to it (DPoP), and the wallet provider attests it if
    `attested`; no other server sees it. `tops_up` is the id of the credential in the wallet that is to get more copies.
    `any_issuer`: the holder takes credentials of an issuer that the registry does not know.
    """

    id: str
    started_at: int
    issuer: Mapping[str, Any]
    server: Mapping[str, Any]
    step: Step
    credentials: tuple[WantedCredential, ...]
    client_key: bytes = field(repr=False)
    client_id: str | None = None
    attested: bool = False
    authorization: Authorization | None = None
    grant: Mapping[str, str] = field(default_factory=dict, repr=False)
    access: Access | None = None
    grant_id: str | None = None
    tops_up: str | None = None
    any_issuer: bool = False

    @property
    def credential_issuer(self) -> str:
        """The issuer's identifier."""
        return str(self.issuer["credential_issuer"])

    @property
    def authorization_server(self) -> str:
        """The authorization server's identifier."""
        return str(self.server["issuer"])

    def issuer_metadata(self) -> IssuerMetadata:
        """The issuer's metadata as the holder agreed to it."""
        return parse_issuer_metadata(self.issuer, expected_issuer=self.credential_issuer)

    def server_metadata(self) -> AuthorizationServerMetadata:
        """The authorization server's metadata of that moment."""
        return parse_authorization_server_metadata(self.server, expected_issuer=self.authorization_server)
