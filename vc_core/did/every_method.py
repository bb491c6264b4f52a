"""A resolver for every DID method that we know: did:ethr of our registry, did:key, did:jwk and did:web."""

from __future__ import annotations

from vc_core.clock import Clock
from vc_core.did.ethr_resolution import EthrDids, Identities
from vc_core.did.jwk import JwkDids
from vc_core.did.key import KeyDids
from vc_core.did.resolver import DidResolver
from vc_core.did.web import WebDids
from vc_core.http import HttpClient


def create_resolver(identities: Identities, *, http: HttpClient, clock: Clock) -> DidResolver:
    """`identities` gives what the registry has of organisations; `http` fetches documents of did:web."""
    return DidResolver(
        {
            "ethr": EthrDids(identities, clock),
            "key": KeyDids(),
            "jwk": JwkDids(),
            "web": WebDids(http, clock),
        }
    )
