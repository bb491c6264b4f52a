"""Who signs attestations of wallets and of keys: a wallet provider, named by its key's DID URL or by certificates.

Which providers count is not decided here: the caller passes in a function from the name of a key to the key, which
raises `Rejection` for whoever is no trusted provider (`vc_core.wallet_providers` has the one that asks the registry).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from vc_core.crypto.jose import JwsError, UnverifiedJws, parse_jws
from vc_core.crypto.keys import Algorithm, PublicKey, SignatureInvalid
from vc_core.crypto.x509 import CertificateError, KeyReference, issuer_of, parse_x5c
from vc_core.errors import Rejection

ProviderKey: TypeAlias = Callable[[KeyReference], PublicKey]
"""From a key's name to the key, if it is a trusted provider's; raises `Rejection` otherwise."""

CLOCK_SKEW_SECONDS = 60
"""How far ahead of ours a provider's clock may be."""

_MAX_ATTESTATION = 32 * 1024
_ALGORITHMS = (str(Algorithm.ES256),)
_DID_URL = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,200}#[A-Za-z0-9._:%-]{1,100}\Z")


class NotAttested(ValueError):
    """The text is not a trusted provider's attestation; the message says why, and holds nothing of the text."""


class AttestationExpired(NotAttested):
    """It was a trusted provider's attestation."""


def verify_provider(text: str, *, typ: str, provider_key: ProviderKey, now: int) -> tuple[str, UnverifiedJws]:
    """The provider (a DID, or the URL that its certificates bear out), and the JWT that it signed by ES256.

    The key is named by `kid`, a DID URL, or by `x5c`, never both; `iss` has to be that key's owner. `iat`, `nbf` and
    `exp` hold at `now` (seconds since 1970), those of them that are there. Raises `NotAttested`, `AttestationExpired`
    where only `exp` does not hold.
    """
    if len(text) > _MAX_ATTESTATION:
        raise NotAttested("an attestation that is too long")
    try:
        jws = parse_jws(text, typ=typ, algorithms=_ALGORITHMS)
        reference = _reference(jws)
        jws.verify(provider_key(reference))
    except (JwsError, CertificateError, Rejection, SignatureInvalid) as cause:
        raise NotAttested("not signed by a wallet provider that is known here") from cause
    _check_times(jws, now)
    return issuer_of(reference), jws


def _reference(jws: UnverifiedJws) -> KeyReference:
    kid, issuer = jws.header.get("kid"), jws.payload.get("iss")
    if "x5c" in jws.header and kid is None:
        return parse_x5c(jws.header["x5c"], issuer=issuer)
    if "x5c" in jws.header or not isinstance(kid, str) or not _DID_URL.match(kid):
        raise NotAttested("the provider's key is named by a DID URL or by certificates")
    if issuer != issuer_of(kid):
        raise NotAttested("the provider is another than the owner of the key")
    return kid


def _check_times(jws: UnverifiedJws, now: int) -> None:
    times = {name: jws.payload[name] for name in ("iat", "nbf", "exp") if jws.payload.get(name) is not None}
    if not all(type(time) is int and 0 <= time < 2**40 for time in times.values()):
        raise NotAttested("a time is not a whole number of seconds")
    expires_at = times.pop("exp", None)
    if any(time > now + CLOCK_SKEW_SECONDS for time in times.values()):
        raise NotAttested("not valid yet")
    if expires_at is not None and expires_at <= now:
        raise AttestationExpired("not valid any more")
