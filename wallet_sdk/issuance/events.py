"""What happens in an issuance, and what is to be done in it: the words of the table in `transitions`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wallet_sdk.issuance.states import Access


@dataclass(frozen=True)
class AuthorizationReady:
    """The address to send the holder's browser to is known."""

    address: str


@dataclass(frozen=True)
class AuthorizationRepeated:
    """The holder did not come back, and is to be sent again; `redirect_uri` is a new way back, if there is one."""

    redirect_uri: str | None = None


@dataclass(frozen=True)
class CodeReceived:
    """The holder came back from the authorization server with a code."""

    code: str = field(repr=False)


@dataclass(frozen=True)
class TokenReceived:
    """The authorization server gave access.

    `identifiers` are, by configuration, how the credentials of the grant are named; None where they are not.
    """

    access: Access
    identifiers: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class AccessEnded:
    """The access token has expired, and there is a refresh token for a new one."""


@dataclass(frozen=True)
class AccessRefused:
    """The authorization server, or the holder there, said no, and would say so again."""


SessionEvent = AuthorizationReady | AuthorizationRepeated | CodeReceived | TokenReceived | AccessEnded | AccessRefused


@dataclass(frozen=True)
class KeysMade:
    """The keys for one credential are made: to be saved before their proofs go out."""

    index: int
    holder_keys: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class CredentialReceived:
    """The issuer answered with a credential, in one copy or more."""

    index: int
    credentials: tuple[str, ...] = field(repr=False)
    notification_id: str | None = None


@dataclass(frozen=True)
class CredentialDeferred:
    """The issuer will have the credential later; `ask_from` in seconds since 1970."""

    index: int
    transaction_id: str
    ask_from: int


@dataclass(frozen=True)
class CredentialRefused:
    """There will be no such credential: the issuer said no, or what came must not be kept; `code` is stable."""

    index: int
    code: str
    message: str


@dataclass(frozen=True)
class CredentialStored:
    """The credential was good, and is in the wallet."""

    index: int


@dataclass(frozen=True)
class IssuerNotified:
    """The issuer knows what became of the credential, or does not want to."""

    index: int


CredentialEvent = (
    KeysMade | CredentialReceived | CredentialDeferred | CredentialRefused | CredentialStored | IssuerNotified
)
Event = SessionEvent | CredentialEvent


@dataclass(frozen=True)
class PrepareAuthorization:
    """Tell the authorization server what the holder will be sent for, if it wants to know that beforehand."""


@dataclass(frozen=True)
class AskForToken:
    """Send the token request."""


@dataclass(frozen=True)
class MakeKeys:
    """Make the keys for the credential at that place, and save them."""

    index: int


@dataclass(frozen=True)
class AskForCredential:
    """Send the credential request for the credential at that place, with a fresh nonce."""

    index: int


@dataclass(frozen=True)
class AskAgain:
    """Ask whether the credential at that place, which was put off, is there now."""

    index: int


@dataclass(frozen=True)
class Judge:
    """Verify what came for the credential at that place; store it if it is good."""

    index: int


@dataclass(frozen=True)
class NotifyIssuer:
    """Tell the issuer what became of the credential at that place."""

    index: int


CredentialAction = MakeKeys | AskForCredential | AskAgain | Judge | NotifyIssuer
Action = PrepareAuthorization | AskForToken | CredentialAction
