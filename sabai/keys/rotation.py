"""Replacing and retiring signing keys, so that nothing that was signed stops verifying before its time.

    created ──▶ registered ──▶ in use ──▶ replaced ──▶ retired
                                 │ (still registered: what it signed verifies)
                                 └──▶ killed, when it has leaked: nothing that it signed counts

The registry says which keys are valid, the issuer's file of keys which one signs, and the issuer's database what each
has signed. A rotation is told from these three alone: cut short anywhere, the same command goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from issuer.issuance.dependents import KeyDependents
from issuer.keys_file import in_folder, load_issuing_keys_file, save_issuing_keys_file
from issuer.settings import IssuingKeySettings
from sabai.keys.places import next_reference, open_key, open_or_create_key, shown
from sabai.registry.access import OpenRegistry
from sabai.registry.reading import NumberedKey, RegistryReading, read_registry
from sabai.registry.words import identity_of
from vc_core.crypto.key_references import file_of
from vc_core.crypto.keys import Algorithm, Ed25519Signer, P256Signer, PublicKey
from vc_core.errors import Conflict, InvalidRequest
from vc_core.ledger.transactions import LedgerKey

DAY = 86_400
CREDENTIALS, STATUS = "credentials", "status"
MARGIN = DAY
"""Seconds that a key is left valid after the last that it signed: an issuer may have been restarted late."""


@dataclass(frozen=True)
class KeyInUse:
    """A key that the issuer signs with: for one role, and for these credential types by name."""

    role: str
    verification_method: str
    reference: str
    credential_types: tuple[str, ...]

    @property
    def did(self) -> str:
        """Whose key it is."""
        return self.verification_method.partition("#")[0]


def keys_in_use(entries: Sequence[IssuingKeySettings]) -> list[KeyInUse]:
    """The keys in the file, each once."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for role, method, reference, name in _uses(entries):
        found.setdefault((role, method, reference), []).append(name)
    return [KeyInUse(*key, tuple(names)) for key, names in found.items()]


def _uses(entries: Sequence[IssuingKeySettings]) -> Iterator[tuple[str, str, str, str]]:
    for entry in entries:
        yield CREDENTIALS, entry.verification_method, entry.key, entry.credential_type
        yield STATUS, entry.status_verification_method, entry.status_key, entry.credential_type


async def publish(
    opened: OpenRegistry, owner: LedgerKey, did: str, public_key: PublicKey, *, valid_days: int
) -> str | None:
    """The DID URL by which the registry knows the key, registered now unless it is; None in a dry run.

    Raises `Conflict` where the key was revoked or killed before.
    """
    known = await _find(opened, did, public_key)
    if known is not None and known.state in ("revoked", "killed"):
        raise Conflict(f"This key was {known.state} before; a new one is needed.")
    if known is None or known.state != "valid":
        await opened.writer.publish_key(owner, public_key, valid_seconds=valid_days * DAY, identity=identity_of(did))
        known = None if opened.ledger.dry_run else await _find(opened, did, public_key)
    return None if known is None else known.name


async def _find(opened: OpenRegistry, did: str, public_key: PublicKey) -> RegisteredKey | None:
    reading = RegistryReading(await read_registry(opened), now=opened.clock())
    return next((each for each in registered_keys(reading, did) if each.public_key == public_key), None)


@dataclass(frozen=True)
class Rotated:
    """The key before and after. `new_method` is None in a dry run of a key that the registry does not have."""

    old: KeyInUse
    new_method: str | None
    new_reference: str


async def rotate(
    opened: OpenRegistry,
    owner: LedgerKey,
    issuing: Path,
    method: str,
    *,
    new: str | None,
    pin: str | None,
    valid_days: int,
) -> Rotated:
    """Puts a new key in the place of the one that `method` names, in the file `issuing`; the old one stays registered.

    In this order: the new key is made, registered, and only then named in the file. `new` is its reference, else the
    next in the series. Raises `Conflict` where the file does not name the key (any more), and as `open_key`.
    """
    entries = load_issuing_keys_file(issuing)
    old = next((each for each in keys_in_use(entries) if each.verification_method == method), None)
    if old is None:
        raise Conflict("The issuer signs with no such key, or no longer: `sabai keys list` shows those that it has.")
    algorithm = open_key(in_folder(old.reference, issuing.parent), pin).public_key.algorithm
    reference = new or next_reference(old.reference)
    place = in_folder(reference, issuing.parent)
    if opened.ledger.dry_run:
        await publish(opened, owner, old.did, _planned_key(place, algorithm, pin), valid_days=valid_days)
        return Rotated(old, None, reference)
    public_key = open_or_create_key(place, algorithm, pin)
    new_method = await publish(opened, owner, old.did, public_key, valid_days=valid_days)
    if new_method is None or new_method == method:
        raise InvalidRequest("The new key is the old one.")
    save_issuing_keys_file(issuing, [_replaced(each, old, new_method, reference) for each in entries])
    return Rotated(old, new_method, reference)


def _planned_key(reference: str, algorithm: Algorithm, pin: str | None) -> PublicKey:
    """The key that would be registered: the one that is there, or another that costs as much."""
    try:
        return open_key(reference, pin).public_key
    except InvalidRequest:
        generate = P256Signer.generate if algorithm is Algorithm.ES256 else Ed25519Signer.generate
        return generate().public_key


def _replaced(entry: IssuingKeySettings, old: KeyInUse, method: str, reference: str) -> IssuingKeySettings:
    change: dict[str, str] = {}
    if entry.verification_method == old.verification_method:
        change |= {"verification_method": method, "key": reference}
    if entry.status_verification_method == old.verification_method:
        change |= {"status_verification_method": method, "status_key": reference}
    return entry.model_copy(update=change)


@dataclass(frozen=True)
class RegisteredKey:
    """A signing key of a DID as the registry has it; `state` as of `RegistryReading.key_state`."""

    did: str
    numbered: NumberedKey
    public_key: PublicKey
    state: str

    @property
    def names(self) -> frozenset[str]:
        """The DID URLs that name or named it."""
        return frozenset(f"{self.did}#{fragment}" for fragment in self.numbered.fragments)

    @property
    def name(self) -> str:
        """The newest of them."""
        return f"{self.did}#{self.numbered.fragment}"


def registered_keys(reading: RegistryReading, did: str) -> list[RegisteredKey]:
    """The signing keys that a DID has or had."""
    return [RegisteredKey(did, each, each.key, reading.key_state(did, each)) for each in reading.keys(did) if each.key]


def registered_key(reading: RegistryReading, method: str) -> RegisteredKey:
    """The key that a DID URL names. Raises `InvalidRequest` where there is none."""
    for each in registered_keys(reading, method.partition("#")[0]):
        if method in each.names:
            return each
    raise InvalidRequest("The DID has no such key; `sabai keys list` shows those that it has.")


async def retire(
    opened: OpenRegistry,
    owner: LedgerKey,
    entries: Sequence[IssuingKeySettings],
    key: RegisteredKey,
    dependents: KeyDependents,
    *,
    at_once: bool,
) -> int | None:
    """Ends a replaced key: a day after the end of the last that it signed, or now where `at_once` is said.

    Returns until when it is valid, None where it was revoked. Raises `Conflict` where the issuer signs with it, or it
    is not valid.
    """
    if any(each.verification_method in key.names for each in keys_in_use(entries)):
        raise Conflict("The issuer signs with this key: rotate it first.")
    if key.state != "valid":
        raise Conflict(f"The key is {key.state} already.")
    if at_once:
        await opened.writer.revoke_key(owner, key.public_key, identity=identity_of(key.did))
        return None
    now = opened.clock()
    end = min(max(dependents.until, now) + MARGIN, key.numbered.valid_to)
    if end < key.numbered.valid_to:
        await opened.writer.publish_key(owner, key.public_key, valid_seconds=end - now, identity=identity_of(key.did))
    return end


def describe_next_steps(rotated: Rotated) -> str:
    """What a person has to do after a rotation."""
    old_file = file_of(rotated.old.reference)
    what = "Destroy the old private key" if old_file is None else f"Destroy {shown(rotated.old.reference)}"
    return (
        f"1. Restart the issuer: it signs {rotated.old.role} with {rotated.new_method} from then on.\n"
        f"2. {what} once every process of the issuer was restarted.\n"
        f"3. sabai keys retire {rotated.old.verification_method}"
    )
