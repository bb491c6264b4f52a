"""The sample organisations of the embedded profile, and who may do what.

Their keys are made once and kept in files that only this user reads. Registering them can be cut short at any point and
taken up again: what the registry has already is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from issuer.keys_file import load_issuing_keys_file, save_issuing_keys_file
from issuer.settings import IssuingKeySettings
from vc_core.clock import Clock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.appointment_ticket import APPOINTMENT_TICKET
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.visit_receipt import VISIT_RECEIPT
from vc_core.crypto.keys import Ed25519Signer, P256Signer, PublicKey, Signer, load_signer, signer_to_pem
from vc_core.did.ethr import create_did, did_document
from vc_core.files import write_durably
from vc_core.ledger.events import AttributeChanged, Role, credential_type_id, subject_id
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror
from vc_core.ledger.protocol import Ledger
from vc_core.ledger.registry import RegistryWriter, deploy_registries
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.snapshot import RegistryAddresses
from vc_core.ledger.transactions import LedgerKey
from vc_core.wallet_providers import WALLET_ATTESTATION

YEAR = 365 * 86_400
KEY_VALIDITY = 10 * YEAR
ACCREDITATION_VALIDITY = 5 * YEAR


@dataclass(frozen=True)
class Profile:
    """What a sample organisation is: `issues` and `verifies` name credential types by `vct`.

    One that `signs_anything` does so by the VC API, with keys of both kinds, and is accredited for nothing. One that
    `provides_wallets` signs what it vouches for with its P-256 key.
    """

    slug: str
    name: str
    issues: frozenset[str] = frozenset()
    verifies: frozenset[str] = frozenset()
    hospital_code: str | None = None
    signs_anything: bool = False
    provides_wallets: bool = False


_OF_PAYERS = frozenset({INSURANCE_COVERAGE.vct})
_OF_HOSPITALS = frozenset({APPOINTMENT_TICKET.vct, VISIT_RECEIPT.vct})

ISSUING_OFFICE = Profile(
    "issuing-office", "Sample Health ID Office", issues=frozenset(CREDENTIAL_TYPES) - _OF_PAYERS - _OF_HOSPITALS
)
PAYER = Profile("payer", "Sample Health Insurance Fund", issues=_OF_PAYERS)
HOSPITAL_A = Profile(
    "hospital-a",
    "Sample Riverside Hospital",
    issues=_OF_HOSPITALS,
    verifies=frozenset(CREDENTIAL_TYPES),
    hospital_code="10661",
)
HOSPITAL_B = Profile(
    "hospital-b", "Sample Border Hospital", verifies=frozenset(CREDENTIAL_TYPES), hospital_code="11472"
)
GENERAL_ISSUER = Profile("general-issuer", "Sample General Issuer", signs_anything=True)
WALLET_PROVIDER = Profile("wallet-provider", "Sample Wallet Provider", provides_wallets=True)
PROFILES = (ISSUING_OFFICE, PAYER, HOSPITAL_A, HOSPITAL_B, GENERAL_ISSUER, WALLET_PROVIDER)


@dataclass(frozen=True)
class Organisation:
    """A sample organisation with its keys and DID."""

    profile: Profile
    folder: Path
    ledger_key: LedgerKey
    credential_key: Signer
    status_key: Signer
    did: str
    eddsa_key: Signer | None = None
    requests_key: Signer | None = None

    @property
    def keys(self) -> tuple[Signer, ...]:
        """The keys that the registry has of it."""
        keys = (self.credential_key, self.status_key, self.eddsa_key, self.requests_key)
        return tuple(key for key in keys if key is not None)

    @property
    def requests_key_path(self) -> Path:
        """The PEM file of the P-256 key that signs requests for credentials, of a hospital."""
        return self.folder / "requests.pem"

    @property
    def eddsa_key_path(self) -> Path:
        """The PEM file of the Ed25519 key that signs credentials, of who signs anything."""
        return self.folder / "credentials-ed25519.pem"

    @property
    def credential_key_path(self) -> Path:
        """The PEM file of the P-256 key that signs credentials."""
        return self.folder / "credentials.pem"

    @property
    def status_key_path(self) -> Path:
        """The PEM file of the Ed25519 key that signs status lists."""
        return self.folder / "status.pem"


@dataclass(frozen=True)
class Registered:
    """The sample organisations as the registry has them; `methods` gives the DID URL of a key."""

    chain_id: int
    addresses: RegistryAddresses
    organisations: dict[str, Organisation]
    methods: dict[PublicKey, str]


def load_organisations(keys: Path, chain_id: int, profiles: tuple[Profile, ...] = PROFILES) -> dict[str, Organisation]:
    """The organisations by slug, with their keys from the folder `keys`; keys that are not there yet are made."""
    return {profile.slug: _load_organisation(keys / profile.slug, chain_id, profile) for profile in profiles}


def issuing_organisations(organisations: Mapping[str, Organisation]) -> dict[str, Organisation]:
    """Who issues each credential type, by the type's name: the first of the organisations (by slug) that may."""
    issuers: dict[str, Organisation] = {}
    for vct, credential_type in CREDENTIAL_TYPES.items():
        for organisation in organisations.values():
            if vct in organisation.profile.issues:
                issuers.setdefault(credential_type.name, organisation)
    return issuers


def _load_organisation(folder: Path, chain_id: int, profile: Profile) -> Organisation:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ledger_key = load_ledger_key(folder / "ledger.key")
    credential_key = _load_or_make(folder / "credentials.pem", P256Signer.generate)
    status_key = _load_or_make(folder / "status.pem", Ed25519Signer.generate)
    eddsa_key = None
    if profile.signs_anything:
        eddsa_key = _load_or_make(folder / "credentials-ed25519.pem", Ed25519Signer.generate)
    requests_key = None
    if profile.hospital_code is not None:
        requests_key = _load_or_make(folder / "requests.pem", P256Signer.generate)
    did = create_did(chain_id, ledger_key.address)
    return Organisation(profile, folder, ledger_key, credential_key, status_key, did, eddsa_key, requests_key)


def _load_or_make(path: Path, generate: Callable[[], P256Signer | Ed25519Signer]) -> Signer:
    if not path.exists():
        write_durably(path, signer_to_pem(generate()))
    return load_signer(path.read_bytes())


def load_ledger_key(path: Path) -> LedgerKey:
    """The ledger key in this file (64 hex digits), made if it is not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        write_durably(path, LedgerKey.generate().to_bytes().hex().encode("ascii"))
    return LedgerKey(bytes.fromhex(path.read_text("ascii")))


async def register_organisations(
    ledger: Ledger, governor: LedgerKey, organisations: dict[str, Organisation], clock: Clock
) -> Registered:
    """Brings the registry to where every organisation has its name, keys and accreditations; returns what it has."""
    addresses = await deploy_registries(ledger, governor)
    mirror = RegistryMirror(ledger, addresses, MemoryMirrorStore(), clock)
    await mirror.start()
    await mirror.advance()
    writer = RegistryWriter(ledger, addresses)
    for organisation in organisations.values():
        await _publish(organisation, mirror.state, writer)
        await _accredit(organisation, governor, mirror.state, writer, clock())
    await mirror.advance()
    methods: dict[PublicKey, str] = {}
    for organisation in organisations.values():
        document = did_document(organisation.did, mirror.state.identity_events(_identity(organisation)), clock())
        methods |= {method.public_key: method.id for method in document.verification_methods if method.public_key}
    return Registered(ledger.chain_id, addresses, organisations, methods)


def complete_issuing_keys_file(
    path: Path, issuing: Mapping[str, Organisation], methods: Mapping[PublicKey, str]
) -> None:
    """Adds to the issuer's file of keys what is missing: for each type by name, its organisation's keys.

    What is there stays: a key may have been rotated since, and then a new type of the same organisation gets that one.
    """
    kept = load_issuing_keys_file(path) if path.exists() else ()
    entries = {each.credential_type: each for each in kept}
    for name, organisation in issuing.items():
        if name not in entries:
            entries[name] = _issuing_keys(name, organisation, tuple(entries.values()), methods)
    if tuple(entries.values()) != kept:
        save_issuing_keys_file(path, tuple(entries.values()))


def _issuing_keys(
    name: str, organisation: Organisation, there: Sequence[IssuingKeySettings], methods: Mapping[PublicKey, str]
) -> IssuingKeySettings:
    for each in there:
        if each.verification_method.startswith(organisation.did + "#"):
            return each.model_copy(update={"credential_type": name})
    return IssuingKeySettings(
        credential_type=name,
        verification_method=methods[organisation.credential_key.public_key],
        key=f"{organisation.profile.slug}/{organisation.credential_key_path.name}",
        status_verification_method=methods[organisation.status_key.public_key],
        status_key=f"{organisation.profile.slug}/{organisation.status_key_path.name}",
    )


def _identity(organisation: Organisation) -> str:
    return "0x" + organisation.ledger_key.address.hex()


async def _publish(organisation: Organisation, state: RegistryState, writer: RegistryWriter) -> None:
    """Publishes what was never published; a key that was revoked since stays revoked."""
    values = {
        event.value for event in state.identity_events(_identity(organisation)) if isinstance(event, AttributeChanged)
    }
    for key in (signer.public_key for signer in organisation.keys):
        if key.to_multikey().hex() not in values:
            await writer.publish_key(organisation.ledger_key, key, valid_seconds=KEY_VALIDITY)
    if organisation.profile.name.encode("utf-8").hex() not in values:
        await writer.publish_name(organisation.ledger_key, organisation.profile.name)


async def _accredit(
    organisation: Organisation, governor: LedgerKey, state: RegistryState, writer: RegistryWriter, now: int
) -> None:
    """Accredits for what there was never an entry; one that was withdrawn since stays withdrawn."""
    profile, subject = organisation.profile, subject_id(organisation.did).hex()
    wanted = [(Role.ISSUE, vct) for vct in sorted(profile.issues)]
    wanted += [(Role.VERIFY, vct) for vct in sorted(profile.verifies)]
    wanted += [(Role.PROVIDE_WALLETS, WALLET_ATTESTATION)] if profile.provides_wallets else []
    for role, vct in wanted:
        if state.accreditation(subject, role, credential_type_id(vct).hex(), at=now) is None:
            until = now + ACCREDITATION_VALIDITY
            await writer.set_accreditation(governor, organisation.did, role, vct, valid_from=now, valid_until=until)
