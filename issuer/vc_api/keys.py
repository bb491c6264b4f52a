"""The keys of the VC API. They are of a DID of their own, which is accredited for none of our credential types.

Whoever may call the VC API can have anything signed. If that were signed by a DID that a desk trusts with coverage, the
VC API would be a way around the office and its roster.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from issuer.keys import KeyOpener
from issuer.settings import IssuerSettings, VcApiSettings
from vc_core.crypto.keys import Algorithm, Signer
from vc_core.did.key import parse_did_key
from vc_core.did.resolution import ResolutionFailed
from vc_core.errors import InvalidRequest, SettingsError
from vc_core.trust import TrustSource


@dataclass(frozen=True)
class VcApiKey:
    """One key that signs credentials, and the DID URL by which others find it."""

    verification_method: str
    signer: Signer

    @property
    def did(self) -> str:
        """The DID that it signs for."""
        return self.verification_method.partition("#")[0]

    @property
    def algorithm(self) -> Algorithm:
        """What it signs with."""
        return self.signer.public_key.algorithm


@dataclass(frozen=True)
class VcApiKeys:
    """The keys that sign credentials, in order of preference, and the one that signs their status lists."""

    signing: tuple[VcApiKey, ...]
    status: VcApiKey

    @property
    def did(self) -> str:
        """The DID that issues where nobody asked for another, and whose status lists there are."""
        return self.status.did

    @property
    def status_verification_method(self) -> str:
        """The DID URL of the key that signs status lists."""
        return self.status.verification_method

    @property
    def status_signer(self) -> Signer:
        """The key that signs status lists."""
        return self.status.signer

    def choose(
        self, *, issuer: str | None, verification_method: str | None, algorithms: frozenset[Algorithm]
    ) -> VcApiKey:
        """The first key that fits. Raises `InvalidRequest` where none does; None stands for no wish.

        Without an issuer and a verification method it is a key of `did`.
        """
        wanted = issuer or (self.did if verification_method is None else None)
        of_issuer = [key for key in self.signing if wanted in (None, key.did)]
        if not of_issuer:
            raise InvalidRequest("This issuer signs in its own name only.")
        for key in of_issuer:
            if key.algorithm in algorithms and verification_method in (None, key.verification_method):
                return key
        raise InvalidRequest("This issuer has no such key for that way of signing.")


def load_vc_api_keys(settings: IssuerSettings, issuing_dids: Collection[str]) -> VcApiKeys | None:
    """The keys; None where the settings name none.

    Raises `SettingsError` for those that can't be opened, and for those of a DID that issues one of our types.
    """
    named: VcApiSettings | None = settings.vc_api
    if named is None:
        return None
    open_key = KeyOpener(settings.pkcs11_pin, Path())
    signing = tuple(
        VcApiKey(each.verification_method, open_key(each.key, frozenset(Algorithm), "a key of vc_api"))
        for each in named.keys
    )
    if any(key.did in issuing_dids for key in signing):
        raise SettingsError(["vc_api must not sign for a DID that issues a credential type"])
    status_signer = open_key(named.status_key, frozenset({Algorithm.EDDSA}), "the status key of vc_api")
    if status_signer.public_key in {key.signer.public_key for key in signing}:
        raise SettingsError(["the status key of vc_api signs credentials too: each role needs its own key"])
    return VcApiKeys(signing, VcApiKey(named.status_verification_method, status_signer))


def check_vc_api_keys(keys: VcApiKeys, trust: TrustSource, *, now: int) -> None:
    """Returns when each key is where its DID URL says: in the registry, or in the DID itself (did:key).

    Raises `Rejection` where the registry has none, `SettingsError` where another is there.
    """
    for key in (*keys.signing, keys.status):
        if key.did.startswith("did:key:"):
            known = _key_of(key.did)
        else:
            known = trust.verification_key(key.verification_method, at=now)
        if known != key.signer.public_key:
            raise SettingsError(["a key of vc_api is not the one that its DID URL names"])


def _key_of(did: str) -> object:
    try:
        return parse_did_key(did)
    except ResolutionFailed as cause:
        raise SettingsError(["vc_api names a did:key that there is not"]) from cause
