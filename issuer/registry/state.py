"""What the registry says of this issuer: its DIDs, the keys in their documents, its accreditations; and what to see to.

All of it is asked of the mirror, so that the office sees what desks go by, with its age.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from issuer.keys import IssuingKey, check_certificates
from vc_core.clock import Clock
from vc_core.did.ethr import DidHistory, create_did, parse_did_ethr
from vc_core.errors import LedgerError, Rejection, SettingsError
from vc_core.ledger.events import Role
from vc_core.ledger.registry_state import IdentityEvent
from vc_core.web.registry import MirroredRegistry

SOON = 30 * 86_400
"""Seconds before an end from which on it is warned of."""
OLD = 3600
"""Seconds after which a mirror that learned nothing new of the chain is too old."""


class RegistryWarning(StrEnum):
    """What somebody should see to. `of` of a `StateWarning` says what it is about."""

    NOT_READ = "not_read"
    MIRROR_OLD = "mirror_old"
    CONTRADICTION = "contradiction"
    KEY_MISSING = "key_missing"
    KEY_ENDS = "key_ends"
    ACCREDITATION_MISSING = "accreditation_missing"
    ACCREDITATION_ENDS = "accreditation_ends"
    CERTIFICATE_ENDED = "certificate_ended"


@dataclass(frozen=True)
class StateWarning:
    """One warning; `of` is a credential type by name, a key by its DID URL, a DID, or empty."""

    code: RegistryWarning
    of: str = ""


@dataclass(frozen=True)
class KeyState:
    """A key by its DID URL. `signs` are the credential types (by name) whose credentials it signs here, `signs_lists`
    those whose status lists; neither of a key that is in the document and not used here, after a rotation say.

    `valid_until` is the last second that it is valid, None where the registry does not have it now.
    """

    verification_method: str
    algorithm: str
    signs: Sequence[str]
    signs_lists: Sequence[str]
    valid_until: int | None


@dataclass(frozen=True)
class AccreditationState:
    """That the DID may issue a type (by name), from whom and until when; times and giver are None where it may not.

    `given_by`: the name or DID of who accredited it, empty for the governance itself.
    """

    credential_type: str
    valid_from: int | None = None
    valid_until: int | None = None
    given_by: str | None = None


@dataclass(frozen=True)
class OrganisationState:
    """One of our DIDs."""

    did: str
    name: str
    keys: Sequence[KeyState]
    accreditations: Sequence[AccreditationState]


@dataclass(frozen=True)
class RegistryStateReport:
    """Everything, as of `now`; block and times are None before the chain was read."""

    chain_id: int
    block_number: int | None
    block_time: int | None
    synced_at: int
    now: int
    organisations: Sequence[OrganisationState]
    warnings: Sequence[StateWarning]


class RegistryStateService:
    """The registry's state for the office."""

    def __init__(self, registry: MirroredRegistry, keys: Mapping[str, IssuingKey], chain_id: int, clock: Clock) -> None:
        self._registry = registry
        self._keys = keys
        self._chain_id = chain_id
        self._clock = clock

    async def report(self) -> RegistryStateReport:
        """What the mirror knows now."""
        now, known = self._clock(), self._registry.known()
        dids = list(dict.fromkeys(key.did for key in self._keys.values()))
        organisations = [await self._organisation(did, now) for did in dids] if known else []
        warnings = [*await self._mirror_warnings(now), *self._certificate_warnings(now)]
        for each in organisations:
            warnings += _key_warnings(each, now)
            warnings += _accreditation_warnings(each, now)
        return RegistryStateReport(
            self._chain_id,
            None if known is None else known.head.number,
            None if known is None else known.head.timestamp,
            self._registry.trust.synced_at,
            now,
            organisations,
            warnings,
        )

    async def _organisation(self, did: str, now: int) -> OrganisationState:
        ours = [key for key in self._keys.values() if key.did == did]
        history = DidHistory(did)
        history.extend(await self._events(did))
        accreditations = [self._accreditation(key, now) for key in ours]
        return OrganisationState(did, self._registry.trust.name(did), _keys(history, ours, now), accreditations)

    async def _events(self, did: str) -> Sequence[IdentityEvent]:
        try:
            return await self._registry.identities.identity_events(parse_did_ethr(did).address)
        except LedgerError:
            return ()

    def _accreditation(self, key: IssuingKey, now: int) -> AccreditationState:
        name, trust = key.credential_type.name, self._registry.trust
        try:
            found = trust.accreditation(key.did, Role.ISSUE, key.credential_type.vct, at=now)
        except Rejection:
            return AccreditationState(name)
        nearest = next(iter(found.accreditors), None)
        giver = "" if nearest is None else trust.name(create_did(self._chain_id, bytes.fromhex(nearest[2:])))
        return AccreditationState(name, found.valid_from, found.valid_until, giver)

    async def _mirror_warnings(self, now: int) -> list[StateWarning]:
        if self._registry.known() is None:
            return [StateWarning(RegistryWarning.NOT_READ)]
        try:
            await self._registry.ready()
        except LedgerError:
            return [StateWarning(RegistryWarning.CONTRADICTION)]
        old = now - self._registry.trust.synced_at > OLD
        return [StateWarning(RegistryWarning.MIRROR_OLD)] if old else []

    def _certificate_warnings(self, now: int) -> Iterable[StateWarning]:
        for name, key in self._keys.items():
            try:
                check_certificates([key], now=now)
            except SettingsError:
                yield StateWarning(RegistryWarning.CERTIFICATE_ENDED, name)


def _keys(history: DidHistory, ours: Collection[IssuingKey], now: int) -> list[KeyState]:
    """The keys that are used here, and those that the document has besides."""
    used = {
        method: signer.public_key
        for key in ours
        for method, signer in (
            (key.verification_method, key.signer),
            (key.status_verification_method, key.status_signer),
        )
    }
    in_document = {
        each.id: each.public_key
        for each in history.document(at=now).verification_methods
        if each.public_key is not None
    }
    found = []
    for method, public_key in {**in_document, **used}.items():
        there = in_document.get(method) == public_key
        found.append(
            KeyState(
                method,
                public_key.algorithm,
                [key.credential_type.name for key in ours if key.verification_method == method],
                [key.credential_type.name for key in ours if key.status_verification_method == method],
                history.valid_until(method.partition("#")[2], at=now) if there else None,
            )
        )
    return found


def _key_warnings(organisation: OrganisationState, now: int) -> Iterable[StateWarning]:
    for key in organisation.keys:
        if not key.signs and not key.signs_lists:
            continue
        if key.valid_until is None:
            yield StateWarning(RegistryWarning.KEY_MISSING, key.verification_method)
        elif key.valid_until < now + SOON:
            yield StateWarning(RegistryWarning.KEY_ENDS, key.verification_method)


def _accreditation_warnings(organisation: OrganisationState, now: int) -> Iterable[StateWarning]:
    for each in organisation.accreditations:
        if each.valid_until is None:
            yield StateWarning(RegistryWarning.ACCREDITATION_MISSING, each.credential_type)
        elif each.valid_until < now + SOON:
            yield StateWarning(RegistryWarning.ACCREDITATION_ENDS, each.credential_type)
