"""Client identifiers (OpenID4VP 1.0 section 5.9): the prefix says what a verifier's name is worth, and how it is shown.

| prefix | the name is | it is shown by |
|---|---|---|
| `decentralized_identifier` | a DID | a signature by one of the DID's keys |
| `x509_san_dns` | a host name in a certificate | a signature by the certificate's key, and a chain to an anchor |
| `x509_hash` | the SHA-256 of a certificate | as above |
| `redirect_uri` | where the answer goes | nothing: such a request is not signed |

The full identifier, prefix and all, is the audience of what the holder presents.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vc_core.encoding import base64url_encode
from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_url

MAX_CLIENT_ID = 2048
_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,300}\Z")
_HASH = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_HOST = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")


class ClientIdPrefix(StrEnum):
    """The client identifier prefixes that we know."""

    REDIRECT_URI = "redirect_uri"
    DECENTRALIZED_IDENTIFIER = "decentralized_identifier"
    X509_SAN_DNS = "x509_san_dns"
    X509_HASH = "x509_hash"

    @property
    def is_signed(self) -> bool:
        """Whether requests under such a name must be signed; those of the others can't be."""
        return self is not ClientIdPrefix.REDIRECT_URI


@dataclass(frozen=True)
class ClientId:
    """A client identifier taken apart; `str()` puts it together again."""

    prefix: ClientIdPrefix
    name: str

    def __str__(self) -> str:
        return f"{self.prefix}:{self.name}"


def parse_client_id(value: Any) -> ClientId:
    """The `client_id` of a request. Raises `ProtocolError` `invalid_request`, also for a client without a prefix."""
    if not isinstance(value, str) or len(value) > MAX_CLIENT_ID:
        raise ProtocolError("invalid_request", "client_id is missing or too long.")
    text, colon, name = value.partition(":")
    try:
        prefix = ClientIdPrefix(text)
    except ValueError as cause:
        raise ProtocolError("invalid_request", "The client_id has a prefix that is not known here.") from cause
    if not colon or not _CHECKS[prefix](name):
        raise ProtocolError("invalid_request", "The client_id is not of the form that its prefix asks for.")
    return ClientId(prefix, name)


def certificate_hash(certificate: bytes) -> str:
    """The name of who holds this certificate (DER), under `x509_hash`."""
    return base64url_encode(hashlib.sha256(certificate).digest())


def _is_address(name: str) -> bool:
    return check_url(name, code="invalid_request") == name


_CHECKS: dict[ClientIdPrefix, Callable[[str], bool]] = {
    ClientIdPrefix.REDIRECT_URI: _is_address,
    ClientIdPrefix.DECENTRALIZED_IDENTIFIER: lambda name: _DID.match(name) is not None,
    ClientIdPrefix.X509_SAN_DNS: lambda name: _HOST.match(name) is not None,
    ClientIdPrefix.X509_HASH: lambda name: _HASH.match(name) is not None,
}
