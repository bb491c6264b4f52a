"""The issuing keys: for each credential type one key that signs credentials and one that signs its status lists.

Each has a name in the registry, a DID URL. A type whose keys have certificates too issues its SD-JWT VCs, and the
status lists of these, in the name of the issuer's https URL, for which the certificates vouch. All else is the DID's.
"""

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
from vc_core.crypto.keys import OUR_ALGORITHMS, Algorithm, KeyFormatError, PublicKey, Signer
from vc_core.crypto.x509 import CertificateError, KeyReference, OwnCertificates, issuer_of, load_own_certificates
from vc_core.errors import Rejection, SettingsError, SignerUnavailable
from vc_core.formats.credential import CredentialFormat
from vc_core.ledger.events import Role
from vc_core.trust import TrustSource
from vc_core.web.settings import ProtocolProfile

_MAX_CERTIFICATES_BYTES = 64 * 1024
_MAX_URL_LENGTH = 100
"""As long as the name of a status list's issuer may be."""


@dataclass(frozen=True)
class IssuingKey:
    """The keys for one credential type, the DID URLs by which the registry knows them, and their certificates."""

    credential_type: CredentialType
    verification_method: str
    signer: Signer
    status_verification_method: str
    status_signer: Signer
    certificates: OwnCertificates | None = None
    status_certificates: OwnCertificates | None = None

    @property
    def did(self) -> str:
        """The DID that issues this type."""
        return self.verification_method.partition("#")[0]

    def reference(self, credential_format: CredentialFormat) -> KeyReference:
        """How a credential in this format names the key that signed it."""
        if credential_format is CredentialFormat.SD_JWT and self.certificates is not None:
            return self.certificates.chain
        return self.verification_method

    def issuer(self, credential_format: CredentialFormat) -> str:
        """Who issues this type in this format, and its status lists: the DID, or the URL of the certificates."""
        return issuer_of(self.reference(credential_format))

    def status_keys(self) -> tuple[tuple[KeyReference, Signer], ...]:
        """How each kind of its status lists names the key that signs them, and that key."""
        by_certificates = () if self.status_certificates is None else (self.status_certificates.chain,)
        return tuple((each, self.status_signer) for each in (self.status_verification_method, *by_certificates))


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
            keys[each.credential_type] = _load(each, open_key, settings.public_url)
        except SettingsError as cause:
            problems += cause.problems
    if settings.protocol_profile is ProtocolProfile.HAIP:
        bare = [key.credential_type.name for key in keys.values() if key.certificates is None]
        problems += [f"protocol_profile haip needs certificates for {name}" for name in bare]
    if settings.profile == "production":
        problems += role_problems(keys.values())
    if problems:
        raise SettingsError(problems)
    return keys


def check_certificates(keys: Iterable[IssuingKey], *, now: int) -> None:
    """Returns when all certificates are in force. Raises `SettingsError`."""
    problems = [
        f"the certificates for {key.credential_type.name} have expired, or are not valid yet"
        for key in keys
        for held in (key.certificates, key.status_certificates)
        if held is not None and not held.valid_from <= now < held.valid_until
    ]
    if problems:
        raise SettingsError(list(dict.fromkeys(problems)))


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
    """Returns when the registry has both keys under their names, the DID may issue the type, and certificates hold.

    Raises `Rejection` where it does not, `SettingsError` where it has other keys there or a certificate has ended.
    """
    check_certificates([key], now=now)
    for method, signer in (
        (key.verification_method, key.signer),
        (key.status_verification_method, key.status_signer),
    ):
        if trust.verification_key(method, at=now) != signer.public_key:
            raise SettingsError([f"a key for {key.credential_type.name} is not the one in the registry"])
    trust.accreditation(key.did, Role.ISSUE, key.credential_type.vct, at=now)


def _load(settings: IssuingKeySettings, open_key: KeyOpener, public_url: str) -> IssuingKey:
    credential_type = type_named(settings.credential_type)
    if credential_type is None:
        raise SettingsError(["issuing_keys names a credential type that there is not"])
    name, status_name = f"the key for {credential_type.name}", f"the status key for {credential_type.name}"
    signer = open_key(settings.key, frozenset({Algorithm.ES256}), name)
    status_signer = open_key(settings.status_key, frozenset(OUR_ALGORITHMS), status_name)
    certify = CertificateLoader(open_key.folder, public_url)
    return IssuingKey(
        credential_type,
        settings.verification_method,
        signer,
        settings.status_verification_method,
        status_signer,
        certify(settings.certificates, signer.public_key, name),
        certify(settings.status_certificates, status_signer.public_key, status_name),
    )


@dataclass(frozen=True)
class CertificateLoader:
    """Reads the certificates of keys that sign in the name of `public_url`, from files in `folder`."""

    folder: Path
    public_url: str

    def __call__(self, path: str | None, key: PublicKey, name: str) -> OwnCertificates | None:
        """The certificates in a file, None for none. `SettingsError` calls the key `name`."""
        if path is None:
            return None
        try:
            with (self.folder / path).open("rb") as file:
                pem = file.read(_MAX_CERTIFICATES_BYTES)
            found = load_own_certificates(pem, issuer=self.public_url, key=key)
        except (OSError, CertificateError) as cause:
            reason = "the file can't be read" if isinstance(cause, OSError) else str(cause)
            raise SettingsError([f"the certificates of {name} can't be used: {reason}"]) from cause
        if len(self.public_url) > _MAX_URL_LENGTH:
            raise SettingsError([f"public_url may have {_MAX_URL_LENGTH} characters where keys have certificates"])
        return found


class KeyOpener:
    """Opens each key once, however many types it signs: a token has few sessions."""

    def __init__(self, pin: SecretStr | None, folder: Path) -> None:
        self.folder = folder
        self._pin = None if pin is None else pin.get_secret_value()
        self._opened: dict[str, Signer] = {}

    def __call__(self, reference: str, algorithms: frozenset[Algorithm], name: str) -> Signer:
        """The signer of a key, which must be for one of the algorithms. `SettingsError` calls it `name`."""
        try:
            signer = self._opened.get(reference) or open_signer(in_folder(reference, self.folder), pin=self._pin)
        except (KeyFormatError, SignerUnavailable) as cause:
            raise SettingsError([f"{name} can't be opened: {cause}"]) from cause
        if signer.public_key.algorithm not in algorithms:
            raise SettingsError([f"{name} must be for {' or '.join(sorted(algorithms))}"])
        self._opened[reference] = signer
        return signer
