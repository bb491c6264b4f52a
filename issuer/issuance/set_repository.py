"""Sets of credentials, the credentials in them and what wallets tell of them, in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Update, null, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.models import Authorization
from issuer.issuance.models import CredentialNotification, CredentialSet, Issuance, SetState

MAX_LISTED = 200


class CredentialSetRepository:
    """Sets within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, row: CredentialSet | CredentialNotification) -> None:
        """Writes a new row. Raises `IntegrityError` where there is one already."""
        self._session.add(row)
        await self._session.flush()

    async def save_issuances(self, issuances: Sequence[Issuance]) -> None:
        """Writes new rows. Raises `IntegrityError` where there is one already, or its status entry is taken."""
        self._session.add_all(issuances)
        await self._session.flush()

    async def load(self, set_id: str) -> CredentialSet | None:
        """The set of this id."""
        return await self._session.get(CredentialSet, set_id)

    async def load_of_authorization(self, authorization_id: str, configuration_id: str) -> CredentialSet | None:
        """What this authorization brings in this configuration."""
        query = select(CredentialSet).where(
            col(CredentialSet.authorization_id) == authorization_id,
            col(CredentialSet.configuration_id) == configuration_id,
        )
        return (await self._session.exec(query)).first()

    async def load_states(self, offer_id: str) -> set[str]:
        """The states of what wallets asked for by this offer."""
        query = (
            select(CredentialSet.state)
            .join(Authorization, col(Authorization.id) == col(CredentialSet.authorization_id))
            .where(col(Authorization.offer_id) == offer_id)
        )
        return set((await self._session.exec(query)).all())

    async def load_last_decision(self, family_id: str, configuration_id: str) -> CredentialSet | None:
        """The newest set of this configuration that an officer decided on or has to, whichever token asked for it.

        As it is now, whatever this transaction saw of it before it waited for its turn.
        """
        query = select(CredentialSet).where(
            col(CredentialSet.family_id) == family_id,
            col(CredentialSet.configuration_id) == configuration_id,
            col(CredentialSet.state) != SetState.GRANTED,
        )
        newest = query.order_by(col(CredentialSet.created_at).desc(), col(CredentialSet.id)).limit(1)
        return (await self._session.exec(newest.execution_options(populate_existing=True))).first()

    async def load_list(self, *, state: SetState | None, person_id: str | None) -> Sequence[CredentialSet]:
        """The newest sets in this state and of this person, at most `MAX_LISTED`."""
        query = select(CredentialSet).order_by(col(CredentialSet.created_at).desc(), col(CredentialSet.id))
        if state is not None:
            query = query.where(col(CredentialSet.state) == state)
        if person_id is not None:
            query = query.where(col(CredentialSet.person_id) == person_id)
        return (await self._session.exec(query.limit(MAX_LISTED))).all()

    async def decide(self, set_id: str, state: SetState, *, reason: str | None, now: int) -> bool:
        """Decides on a set that waits; False where there is none such, or it was decided on before."""
        values = {"state": state.value, "reason": reason, "decided_at": now}
        statement = (
            update(CredentialSet)
            .where(col(CredentialSet.id) == set_id, col(CredentialSet.state) == SetState.PENDING)
            .values(values | ({"claims": null()} if state is SetState.REFUSED else {}))
        )
        return await self._once(statement)

    async def collect(self, set_id: str, *, now: int) -> bool:
        """Marks an approved set as collected; False where it was collected before."""
        statement = (
            update(CredentialSet)
            .where(
                col(CredentialSet.id) == set_id,
                col(CredentialSet.state) == SetState.APPROVED,
                col(CredentialSet.collected_at).is_(None),
            )
            .values(collected_at=now, claims=null())
        )
        return await self._once(statement)

    async def expire(self, *, created_before: int, reason: str, now: int) -> None:
        """Refuses what has waited too long, for an officer or for its wallet, and forgets what was stated for it."""
        statement = (
            update(CredentialSet)
            .where(
                col(CredentialSet.state).in_([SetState.PENDING.value, SetState.APPROVED.value]),
                col(CredentialSet.collected_at).is_(None),
                col(CredentialSet.created_at) <= created_before,
            )
            .values(state=SetState.REFUSED.value, reason=reason, decided_at=now, claims=null())
        )
        await self._session.exec(statement.execution_options(synchronize_session=False))

    async def load_issuances(self, authorization_id: str, configuration_id: str) -> Sequence[Issuance]:
        """The credentials of a set that are recorded."""
        query = select(Issuance).where(
            col(Issuance.authorization_id) == authorization_id, col(Issuance.configuration_id) == configuration_id
        )
        return (await self._session.exec(query)).all()

    async def load_notifications(self, set_ids: Sequence[str]) -> Sequence[CredentialNotification]:
        """What wallets told of these sets, in the order in which it came."""
        query = select(CredentialNotification).where(col(CredentialNotification.set_id).in_(set_ids))
        ordered = query.order_by(col(CredentialNotification.received_at), col(CredentialNotification.event))
        return (await self._session.exec(ordered)).all()

    async def load_notification(self, set_id: str, event: str) -> CredentialNotification | None:
        """That this event was told of this set."""
        return await self._session.get(CredentialNotification, (set_id, event))

    async def _once(self, statement: Update) -> bool:
        done = await self._session.exec(statement.execution_options(synchronize_session=False))
        return done.rowcount == 1
