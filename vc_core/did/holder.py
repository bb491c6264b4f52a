"""Holders' DIDs: those that are a key, did:key and did:jwk, so that whoever sees one needs nobody to look it up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.crypto.keys import KeyFormatError, PublicKey
from vc_core.did.document import ShownKey
from vc_core.did.jwk import create_did_jwk, parse_did_jwk
from vc_core.did.key import create_did_key, parse_did_key
from vc_core.did.resolution import ResolutionFailed

HOLDER_DID_METHODS = ("did:key", "did:jwk")
_MAX_DID = 1500
_CREATE: Mapping[str, Callable[[ShownKey], str]] = {"did:key": create_did_key, "did:jwk": create_did_jwk}


@dataclass(frozen=True)
class HolderKey:
    """A holder's key, and the DID by which they name it, None where they show the bare key."""

    key: PublicKey
    did: str | None


def create_holder_did(key: PublicKey, did_method: str) -> str:
    """The DID of a key by one of `HOLDER_DID_METHODS`."""
    return _CREATE[did_method](key)


def create_holder_method(key: PublicKey, did_method: str) -> str:
    """The DID URL of the key."""
    return holder_method(create_holder_did(key, did_method))


def holder_method(did: str) -> str:
    """The DID URL of the one key that such a DID has."""
    return f"{did}#0" if did.startswith("did:jwk:") else f"{did}#{did.removeprefix('did:key:')}"


def parse_holder_did(value: Any) -> HolderKey:
    """The key that a DID is. Raises `KeyFormatError` for other DIDs, keys that don't sign, and other values."""
    if not isinstance(value, str) or len(value) > _MAX_DID:
        raise KeyFormatError("not a holder's DID")
    try:
        if value.startswith("did:jwk:"):
            key, use = parse_did_jwk(value)
        elif value.startswith("did:key:"):
            key, use = parse_did_key(value), None
        else:
            raise KeyFormatError("a DID that is no key")
    except ResolutionFailed as cause:
        raise KeyFormatError("a DID without a key") from cause
    if use == "enc" or not isinstance(key, PublicKey):
        raise KeyFormatError("a DID whose key does not sign")
    return HolderKey(key, value)


def parse_holder_method(value: Any) -> HolderKey:
    """As `parse_holder_did`, for the DID URL of its one key."""
    did, _, _ = value.partition("#") if isinstance(value, str) else ("", "", "")
    if value != holder_method(did):
        raise KeyFormatError("not the key of a holder's DID")
    return parse_holder_did(did)
