"""Trust: which organisation may issue or ask for which credential type, by which key, and how old that knowledge is.

The verification procedure asks a `TrustSource`; services and wallets use `RegistryTrust`, over the mirrored registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vc_core.crypto.keys import PublicKey
from vc_core.ledger.events import Role


@dataclass(frozen=True)
class Accreditation:
    """That `did` may do `role` with the type `vct` from `valid_from` until before `valid_until`, seconds since 1970."""

    did: str
    role: Role
    vct: str
    valid_from: int
    valid_until: int


class TrustSource(Protocol):
    """What is known of the registry, without I/O."""

    @property
    def synced_at(self) -> int:
        """When this knowledge was last known to be the chain's newest, in seconds since 1970; 0 for never."""

    def verification_key(self, verification_method: str, *, at: int) -> PublicKey:
        """The key that `<did>#<fragment>` names, if it was valid at that time.

        Raises `Rejection` with `UNKNOWN_ISSUER` where the registry has no such DID, `BAD_SIGNATURE` where the DID
        has no such key, or had none valid then.
        """

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        """The accreditation in force at that time. Raises `Rejection` with `UNTRUSTED_ISSUER` where there is none."""

    def name(self, did: str) -> str:
        """The organisation's display name as it registered it; the DID itself where it registered none."""
