"""Writing down what is to be issued, before anything of it is signed: a set, and one row for each credential in it.

All of it is one transaction, so a set is recorded as a whole or not at all. Whatever dies afterwards, the rows say what
to sign, to which keys and with which entries of which status lists; whoever asks again gets that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.models import Authorization
from issuer.authorization.repository import AuthorizationRepository
from issuer.issuance.claims import claims_of, expiry_of
from issuer.issuance.configurations import Configuration
from issuer.issuance.models import CredentialSet, Issuance, Offer, SetState
from issuer.issuance.set_repository import CredentialSetRepository
from issuer.keys import IssuingKey
from issuer.portraits.repository import PortraitRepository
from issuer.roster.models import Person
from issuer.roster.repository import PersonRepository
from issuer.status.allocation import Allocation, allocate_block
from issuer.status.entitlements import EntitlementRepository
from issuer.status.repository import StatusRepository
from vc_core.clock import Clock
from vc_core.credential_types.definition import InvalidClaims, StatusPolicy
from vc_core.credential_types.person import PORTRAIT
from vc_core.crypto.keys import PublicKey
from vc_core.did.holder import HolderKey
from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.formats.qr_pass import PassTooLong
from vc_core.formats.status_list import Status


@dataclass(frozen=True)
class RecordedSet:
    """A set whose rows are written, with all that signing needs; the credentials are in the order of the keys."""

    configuration: Configuration
    claims: Mapping[str, Any]
    credentials: Sequence[tuple[Issuance, HolderKey]]


class Recorder:
    """Writes sets and issuances, in the caller's transactions."""

    def __init__(self, keys: Mapping[str, IssuingKey], clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self._keys = keys
        self._clock = clock
        self._randomness = randomness

    async def open_set(
        self,
        session: AsyncSession,
        authorization: Authorization,
        configuration: Configuration,
        holders: Sequence[HolderKey],
    ) -> CredentialSet:
        """The set that the authorization brings in this configuration, new or as it was.

        Raises `ProtocolError` `credential_request_denied` where it is for other keys than these, or was refused, or
        where it would be new and the person's credentials of the type are suspended; `invalid_token` where it would be
        new and the authorization has just been revoked.
        """
        sets, described = CredentialSetRepository(session), [_describe(each) for each in holders]
        person_id = authorization.person_id
        found = await sets.load_of_authorization(authorization.id, configuration.id)
        if found is None:
            found = await self._earlier_decision(session, authorization, configuration)
        if found is None:
            await _check_not_withdrawn(session, authorization.id, person_id, configuration.credential_type.name)
            # While we waited for our turn another token of the family may have asked: what it began is no approval.
            found = await self._earlier_decision(session, authorization, configuration)
        if found is not None:
            _check_same(found, described)
            return found
        waits = await self._must_wait(session, authorization, configuration)
        stated = (authorization.claims or {}).get(configuration.credential_type.name, {})
        new = CredentialSet(
            id=uuid4().hex,
            authorization_id=authorization.id,
            family_id=authorization.family_id,
            configuration_id=configuration.id,
            person_id=person_id,
            holders=described,
            claims=stated if waits else None,
            state=SetState.PENDING if waits else SetState.GRANTED,
            created_at=self._clock(),
        )
        await sets.save(new)
        return new

    async def record(
        self,
        session: AsyncSession,
        credential_set: CredentialSet,
        configuration: Configuration,
        stated: Mapping[str, Any],
    ) -> RecordedSet:
        """The rows of a set that may be issued, new or as they were; `stated` are the claims of the officer.

        Raises `ProtocolError` `credential_request_denied` where the roster no longer has what they would say, has more
        than a QR pass has room for, or its last day is over; and as `open_set` where they would be new, since an
        officer's approval takes its time.
        """
        person = await PersonRepository(session).load(credential_set.person_id)
        if person is None:
            raise ProtocolError("credential_request_denied", "The person is no longer in the roster.")
        portrait = await PortraitRepository(session).load(person.id) if PORTRAIT in configuration.claims() else None
        claims, sets = _claims(person, configuration, stated, portrait), CredentialSetRepository(session)
        there = await sets.load_issuances(credential_set.authorization_id, configuration.id)
        issuances = {each.holder_thumbprint: each for each in there}
        for each in there:  # the wallet keeps what it is given last, by whichever key we sign with now
            each.verification_method = self._keys[each.credential_type].verification_method
        holders = [_parse(each) for each in credential_set.holders]
        missing = [each for each in holders if each.key.thumbprint() not in issuances]
        if missing and credential_set.state == SetState.APPROVED:
            of = (credential_set.authorization_id, person.id, configuration.credential_type.name)
            await _check_not_withdrawn(session, *of)
        new = await self._new_issuances(session, credential_set, configuration, claims, missing)
        await sets.save_issuances(new)
        issuances |= {each.holder_thumbprint: each for each in new}
        return RecordedSet(configuration, claims, [(issuances[each.key.thumbprint()], each) for each in holders])

    async def _earlier_decision(
        self, session: AsyncSession, authorization: Authorization, configuration: Configuration
    ) -> CredentialSet | None:
        """What was asked for by an earlier token of the family and still waits for an officer, or was refused."""
        last = await CredentialSetRepository(session).load_last_decision(authorization.family_id, configuration.id)
        return None if last is None or last.state == SetState.APPROVED else last

    async def _must_wait(
        self, session: AsyncSession, authorization: Authorization, configuration: Configuration
    ) -> bool:
        """Whether the offer asks for an approval, and there has been none yet."""
        if authorization.offer_id is None:
            return False
        offer = await session.get(Offer, authorization.offer_id)
        if offer is None or not offer.needs_approval:
            return False
        sets = CredentialSetRepository(session)
        return await sets.load_last_decision(authorization.family_id, configuration.id) is None

    async def _new_issuances(
        self,
        session: AsyncSession,
        credential_set: CredentialSet,
        configuration: Configuration,
        claims: Mapping[str, Any],
        holders: Sequence[HolderKey],
    ) -> list[Issuance]:
        credential_type, now = configuration.credential_type, self._clock()
        expires_at = expiry_of(claims, credential_type, issued_at=now)
        places = await self._allocate(session, configuration, len(holders))
        return [
            Issuance(
                id=uuid4().hex,
                authorization_id=credential_set.authorization_id,
                configuration_id=configuration.id,
                person_id=credential_set.person_id,
                credential_type=credential_type.name,
                format=configuration.format,
                holder_thumbprint=holder.key.thumbprint(),
                holder_jwk=compact_json(holder.key.to_jwk()).decode("ascii"),
                verification_method=self._keys[credential_type.name].verification_method,
                list_id=place.list_id if place else None,
                status_index=place.index if place else None,
                issued_at=now,
                expires_at=expires_at,
            )
            for holder, place in zip(holders, places, strict=True)
        ]

    async def _allocate(
        self, session: AsyncSession, configuration: Configuration, count: int
    ) -> Sequence[Allocation | None]:
        """An entry of a status list for each, if credentials of the type have one."""
        credential_type = configuration.credential_type
        if credential_type.status_policy is StatusPolicy.NONE:
            return [None] * count
        issuer = self._keys[credential_type.name].issuer(configuration.format)
        connection = await session.connection()
        return await connection.run_sync(lambda each: allocate_block(each, issuer, count, self._randomness))


async def _check_not_withdrawn(
    session: AsyncSession, authorization_id: str, person_id: str, credential_type: str
) -> None:
    """Raises `ProtocolError` where an officer revoked what the authorization brought, suspended such credentials, or
    ended the person's entitlement to them.

    A fresh token would undo either otherwise. It comes before any new row, which would make the officer's change wait
    for us while we wait for it.
    """
    await PersonRepository(session).lock(person_id)
    if await AuthorizationRepository(session).is_revoked(authorization_id):
        raise ProtocolError("invalid_token", "The access token is not valid, or no longer.")
    if Status.SUSPENDED in await StatusRepository(session).load_statuses(person_id, credential_type):
        raise ProtocolError("credential_request_denied", "The person's credentials of this type are suspended.")
    if await EntitlementRepository(session).has_ended(person_id, credential_type):
        raise ProtocolError("credential_request_denied", "The issuing office no longer issues this to the person.")


def _check_same(found: CredentialSet, described: Sequence[Mapping[str, Any]]) -> None:
    """Raises `ProtocolError` where a set can't be had, or not with these keys."""
    if found.state == SetState.REFUSED:
        raise ProtocolError("credential_request_denied", "The issuing office refused this credential.")
    if found.holders != described:
        raise ProtocolError("credential_request_denied", "The credential was issued to other keys already.")


def _describe(holder: HolderKey) -> dict[str, Any]:
    return {"jwk": holder.key.to_jwk(), "did": holder.did}


def _parse(described: Mapping[str, Any]) -> HolderKey:
    return HolderKey(PublicKey.from_jwk(described["jwk"]), described["did"])


def _claims(
    person: Person, configuration: Configuration, stated: Mapping[str, Any], portrait: bytes | None
) -> dict[str, Any]:
    """What the credential says. The offer was checked when it was made, but the roster may have changed since."""
    try:
        return claims_of(person, configuration, stated, portrait=portrait)
    except PassTooLong as cause:
        raise ProtocolError("credential_request_denied", "What it would say is too long for a QR pass.") from cause
    except InvalidClaims as cause:
        raise ProtocolError("credential_request_denied", "The roster no longer has all that it would say.") from cause
