"""The issuing keys: for each credential type one key that signs credentials and one that signs its status lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from issuer.keys_file import in_folder, load_issuing_keys_file
from issuer.settings import IssuerSettings, IssuingKeySettings
from vc_core.credential_types import type_named
from vc_core.credential_types.definition import CredentialType
from vc_core.crypto.key_references import open_signer
from vc_core.crypto.keys import Algorithm, KeyFormatError, Signer
from vc_core.errors import Rejection, SettingsError, SignerUnavailable
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
    """The keys by the name of their credential type, from the settings or the file that they name.

    Raises `SettingsError` with every key that can't be used, in production also with those that serve two roles.
    """
    entries, folder = settings.issuing_keys, Path()
    if settings.issuing_keys_file is not None:
        entries, folder = load_issuing_keys_file(settings.issuing_keys_file), settings.issuing_keys_file.parent
    open_key = KeyOpener(settings.pkcs11_pin, folder)
    problems: list[str] = []
    keys = {}
    for each in entries:
        try:
            keys[each.credential_type] = _load(each, open_key)
        except SettingsError as cause:
            problems += cause.problems
    if settings.profile == "production":
        problems += role_problems(keys.values())
    if problems:
        raise SettingsError(problems)
    return keys


def require_registered(key: IssuingKey, trust: TrustSource, *, now: int) -> None:
    """As `check_registered`, for whoever is about to sign: what no desk would accept is not issued.

    Raises `SignerUnavailable`.
    """
    try:
        check_registered(key, trust, now=now)
    except (Rejection, SettingsError) as cause:
        raise SignerUnavailable("The registry does not let this issuer's key sign such credentials.") from cause


def role_problems(keys: Iterable[IssuingKey]) -> list[str]:
    """One sentence for each status key that signs credentials too: who takes the one would have the other."""
    held = tuple(keys)
    credential_keys = {key.signer.public_key for key in held}
    return [
        f"the status key for {key.credential_type.name} signs credentials too: each role needs its own key"
        for key in held
        if key.status_signer.public_key in credential_keys
    ]


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


def _load(settings: IssuingKeySettings, open_key: KeyOpener) -> IssuingKey:
    credential_type = type_named(settings.credential_type)
    if credential_type is None:
        raise SettingsError(["issuing_keys names a credential type that there is not"])
    return IssuingKey(
        credential_type,
        settings.verification_method,
        open_key(settings.key, frozenset({Algorithm.ES256}), f"the key for {credential_type.name}"),
        settings.status_verification_method,
        open_key(settings.status_key, frozenset({Algorithm.EDDSA}), f"the status key for {credential_type.name}"),
    )


class KeyOpener:
    """Opens each key once, however many types it signs: a token has few sessions."""

    def __init__(self, pin: SecretStr | None, folder: Path) -> None:
        self._folder = folder
        self._pin = None if pin is None else pin.get_secret_value()
        self._opened: dict[str, Signer] = {}

    def __call__(self, reference: str, algorithms: frozenset[Algorithm], name: str) -> Signer:
        """The signer of a key, which must be for one of the algorithms. `SettingsError` calls it `name`."""
        try:
            signer = self._opened.get(reference) or open_signer(in_folder(reference, self._folder), pin=self._pin)
        except (KeyFormatError, SignerUnavailable) as cause:
            raise SettingsError([f"{name} can't be opened: {cause}"]) from cause
        if signer.public_key.algorithm not in algorithms:
            raise SettingsError([f"{name} must be for {' or '.join(sorted(algorithms))}"])
        self._opened[reference] = signer
        return signer
