"""What a wallet's file holds, as values that don't change, and their JSON. Nothing of it is ever written in the clear.

What is read here was authenticated by the store, so a form that doesn't fit means another version, not an attack.
Version 1 had one copy of each credential, and no sessions and grants; it is still read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from vc_core.crypto.keys import P256Signer
from vc_core.encoding import base64url_decode, base64url_encode, compact_json, parse_json_object
from vc_core.errors import NoSuchCredential, WalletDamaged
from vc_core.formats.credential import CredentialFormat
from vc_core.ledger.snapshot import RegistrySnapshot, parse_registry_snapshot

_VERSION = 2
_FEW_COPIES = 1


@dataclass(frozen=True)
class CredentialCopy:
    """One copy of a credential: the same claims as its sisters, with a key, salts and a status of its own.

    `credential` is the text as issued: an SD-JWT VC, JSON-LD, a JWT, or a QR pass in base64url. `holder_key` is the
    32-byte private scalar. `used_at` is when it was first shown, None where nobody has seen it. Times are in seconds
    since 1970.
    """

    credential: str = field(repr=False)
    holder_key: bytes = field(repr=False)
    issued_at: int
    expires_at: int
    used_at: int | None = None

    def signer(self) -> P256Signer:
        """The key that this copy is bound to."""
        return P256Signer.from_bytes(self.holder_key)


@dataclass(frozen=True)
class CredentialSource:
    """Where a credential came from, to ask there for more copies and to tell of its end.

    `grant_id` names the `Grant` by which the issuer lets the wallet come back; `notification_id` is the issuer's name
    for what it issued (OpenID4VCI 1.0 section 11).
    """

    credential_issuer: str
    credential_configuration_id: str
    credential_identifier: str | None = None
    grant_id: str | None = None
    notification_id: str | None = None


@dataclass(frozen=True)
class IssuerWords:
    """What the issuer's metadata calls a type that the wallet does not know: texts of a stranger, made inert to show.

    `name` by locale, `claims` by the claim's name and then by locale; "" is the locale of a text without one.
    """

    name: Mapping[str, str]
    claims: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class HeldCredential:
    """A credential that was verified before it came in here, in one or more copies.

    A credential of several copies is for using each copy once, so that two desks can't tell that they saw the same
    holder; `Wallet.use_copy` takes the next and marks it. A credential of one copy is used again and again.
    `issuer_name` is the name in the registry when the credential was issued; `in_registry` False: the issuer is none
    that the registry knows, and the holder agreed to that. `words` are the issuer's own for a type that the wallet does
    not know, None for the types of `CREDENTIAL_TYPES`.
    """

    id: str
    format: CredentialFormat
    vct: str
    copies: tuple[CredentialCopy, ...] = field(repr=False)
    issuer: str
    issuer_name: str
    claims: Mapping[str, Any] = field(repr=False)
    source: CredentialSource | None = None
    in_registry: bool = True
    words: IssuerWords | None = None

    @property
    def issued_at(self) -> int:
        """When the newest copy was issued."""
        return max(each.issued_at for each in self.copies)

    @property
    def expires_at(self) -> int:
        """When the last copy expires."""
        return max(each.expires_at for each in self.copies)

    @property
    def credential(self) -> str:
        """The text of the copy that would be shown next."""
        return self._next.credential

    @property
    def holder_key(self) -> bytes:
        """The private key of the copy that would be shown next."""
        return self._next.holder_key

    def signer(self) -> P256Signer:
        """The key of the copy that would be shown next."""
        return self._next.signer()

    def copy_to_show(self, *, now: int) -> CredentialCopy:
        """The copy to show at that time: one that nobody has seen, else the one seen longest ago.

        Raises `NoSuchCredential` where all have expired.
        """
        valid = [each for each in self.copies if now < each.expires_at]
        if not valid:
            raise NoSuchCredential("This credential has expired; ask the issuing office for a new one.")
        return min(valid, key=_turn)

    def unused_copies(self, *, now: int) -> int:
        """How many copies nobody has seen that have not expired."""
        return sum(each.used_at is None and now < each.expires_at for each in self.copies)

    def runs_low(self, *, now: int) -> bool:
        """Whether it is one of several copies and so few are unused that more are to be fetched."""
        return len(self.copies) > 1 and self.unused_copies(now=now) <= _FEW_COPIES

    @property
    def _next(self) -> CredentialCopy:
        return min(self.copies, key=_turn)


def _turn(copy: CredentialCopy) -> tuple[int, int]:
    """Copies in the order of their use: unseen ones first and the youngest of these, then those seen longest ago."""
    return (-1, -copy.expires_at) if copy.used_at is None else (copy.used_at, 0)


@dataclass(frozen=True)
class Grant:
    """An issuer's leave to come back for more copies: a refresh token, and the key of the wallet that got it.

    `client_key` is a 32-byte private scalar; `client_id` the name under which the wallet asked, None where it had none,
    `attested` whether by its provider's attestation of that key.
    """

    id: str
    authorization_server: str
    client_id: str | None
    refresh_token: str = field(repr=False)
    client_key: bytes = field(repr=False)
    attested: bool = False


@dataclass(frozen=True)
class Session:
    """Something under way that goes on after a crash: `state` is JSON that the package of that `kind` reads."""

    id: str
    kind: str
    state: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Device:
    """This wallet as the provider knows it; the token opens the inbox. `language` is one of `LANGUAGES`."""

    device_id: str
    device_token: str = field(repr=False)
    language: str


@dataclass(frozen=True)
class WalletContent:
    """All of a wallet. `provider` is the wallet provider's URL, `registry` the newest that it told us."""

    provider: str
    credentials: tuple[HeldCredential, ...] = ()
    grants: tuple[Grant, ...] = ()
    sessions: tuple[Session, ...] = ()
    registry: RegistrySnapshot | None = None
    device: Device | None = None

    def for_backup(self) -> WalletContent:
        """What another phone may take over: not the device's registration, nor what is under way."""
        return replace(self, sessions=(), device=None)


def create_content_bytes(content: WalletContent) -> bytes:
    """The content as JSON, for an encrypted file only."""
    return compact_json(
        {
            "version": _VERSION,
            "provider": content.provider,
            "credentials": [_credential_json(each) for each in content.credentials],
            "grants": [{**asdict(each), "client_key": base64url_encode(each.client_key)} for each in content.grants],
            "sessions": [asdict(each) for each in content.sessions],
            "registry": content.registry and content.registry.to_json(),
            "device": content.device and asdict(content.device),
        }
    )


def parse_content(data: bytes) -> WalletContent:
    """The reverse of `create_content_bytes`, also of version 1. Raises `WalletDamaged` where it is of no such version.

    What version 1 kept of requests under way is left out: without their tokens they can't go on.
    """
    try:
        value = parse_json_object(data)
        if value["version"] == 1:
            value |= {"grants": [], "sessions": []}
            value["credentials"] = [_of_version_1(each) for each in value["credentials"]]
        elif value["version"] != _VERSION:
            raise WalletDamaged("This wallet was not written by this version of the program.")
        return WalletContent(
            provider=value["provider"],
            credentials=tuple(_parse_credential(each) for each in value["credentials"]),
            grants=tuple(
                Grant(**{**each, "client_key": base64url_decode(each["client_key"])}) for each in value["grants"]
            ),
            sessions=tuple(Session(**each) for each in value["sessions"]),
            registry=value["registry"] and parse_registry_snapshot(value["registry"]),
            device=value["device"] and Device(**value["device"]),
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise WalletDamaged("This wallet was not written by this version of the program.") from cause


def _of_version_1(value: dict[str, Any]) -> dict[str, Any]:
    """A credential with its only copy's members beside its own, as version 2 has it."""
    inside = ("credential", "holder_key", "issued_at", "expires_at")
    outside = {name: each for name, each in value.items() if name not in inside}
    return outside | {"copies": [{name: value[name] for name in inside}]}


def _credential_json(held: HeldCredential) -> dict[str, Any]:
    copies = [{**asdict(each), "holder_key": base64url_encode(each.holder_key)} for each in held.copies]
    return {**asdict(replace(held, copies=())), "copies": copies}


def _parse_credential(value: dict[str, Any]) -> HeldCredential:
    copies = tuple(
        CredentialCopy(**{**each, "holder_key": base64url_decode(each["holder_key"])}) for each in value["copies"]
    )
    source, words = value.get("source"), value.get("words")
    return HeldCredential(
        **{
            **value,
            "format": CredentialFormat(value["format"]),
            "copies": copies,
            "source": source and CredentialSource(**source),
            "words": words and IssuerWords(**words),
        }
    )
