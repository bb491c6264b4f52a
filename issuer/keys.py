"""The issuing keys: for each credential type one key that signs credentials and one that signs its status lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from issuer.settings import IssuerSettings, IssuingKeySettings
from vc_core.credential_types import type_named
from vc_core.credential_types.definition import CredentialType
from vc_core.crypto.keys import Algorithm, KeyFormatError, Signer, load_signer
from vc_core.errors import SettingsError
from vc_core.ledger.events import Role
from vc_core.trust import TrustSource


@dataclass(frozen=True)
class IssuingKey:
    """The keys for one credential type, and the DID URLs by which the registry knows them."""

    credential_type: CredentialType
    verification_method: str
    signer: Signer
    status_verification_method: str
    status_signer: Signer

    @property
    def did(self) -> str:
        """The DID that issues this type."""
        return self.verification_method.partition("#")[0]


def load_issuing_keys(settings: IssuerSettings) -> Mapping[str, IssuingKey]:
    """The keys by the name of their credential type. Raises `SettingsError` with every key that can't be used."""
    problems: list[str] = []
    keys = {}
    for each in settings.issuing_keys:
        try:
            keys[each.credential_type] = _load(each)
        except SettingsError as cause:
            problems += cause.problems
    if problems:
        raise SettingsError(problems)
    return keys


def check_registered(key: IssuingKey, trust: TrustSource, *, now: int) -> None:
    """Returns when the registry has both keys under their names, and the DID may issue the type.

    Raises `Rejection` where it does not, `SettingsError` where it has other keys there.
    """
    for method, signer in (
        (key.verification_method, key.signer),
        (key.status_verification_method, key.status_signer),
    ):
        if trust.verification_key(method, at=now) != signer.public_key:
            raise SettingsError([f"a key for {key.credential_type.name} is not the one in the registry"])
    trust.accreditation(key.did, Role.ISSUE, key.credential_type.vct, at=now)


def _load(settings: IssuingKeySettings) -> IssuingKey:
    credential_type = type_named(settings.credential_type)
    if credential_type is None:
        raise SettingsError(["issuing_keys names a credential type that there is not"])
    return IssuingKey(
        credential_type,
        settings.verification_method,
        _load_signer(settings.key_path, Algorithm.ES256, f"the key for {credential_type.name}"),
        settings.status_verification_method,
        _load_signer(settings.status_key_path, Algorithm.EDDSA, f"the status key for {credential_type.name}"),
    )


def _load_signer(path: Path, algorithm: Algorithm, name: str) -> Signer:
    try:
        signer = load_signer(path.read_bytes())
    except (OSError, KeyFormatError) as cause:
        raise SettingsError([f"{name} can't be read"]) from cause
    if signer.public_key.algorithm is not algorithm:
        raise SettingsError([f"{name} must be for {algorithm}"])
    return signer
