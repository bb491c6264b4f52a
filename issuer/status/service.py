"""Changing the status of credentials, and publishing it.

A list is signed anew when a status in it has changed, or when it was signed some minutes ago, at the moment when
somebody asks for it: so a change that was committed can't be missed, whatever fails in between.
"""

from __future__ import annotations

from collections.abc import Mapping

from issuer.keys import IssuingKey
from issuer.roster.repository import PersonRepository
from issuer.status.allocation import LIST_SIZE
from issuer.status.models import StatusListShard, StatusListVersion
from issuer.status.repository import StatusRepository
from vc_core.clock import Clock
from vc_core.errors import Conflict, InvalidRequest, NotFound
from vc_core.formats.status_list import Status, StatusList, create_status_list_token
from vc_core.web.database import Database

BITS = 2
FRESH = 300
"""Seconds after which a list is signed anew though nothing changed: a desk tells its age by when it was signed."""
LIFETIME = 24 * 3600
"""Seconds after which a published list is worth nothing."""


def status_list_uri(public_url: str, list_id: str) -> str:
    """The address of a list."""
    return f"{public_url}/status/{list_id}"


class StatusService:
    """Statuses and status lists."""

    def __init__(
        self,
        database: Database,
        keys: Mapping[str, IssuingKey],
        public_url: str,
        clock: Clock,
        *,
        time_to_live: int,
    ) -> None:
        """`time_to_live`: seconds that a copy of a list may serve before a newer one is asked for."""
        self._database = database
        self._keys = keys
        self._by_issuer = {key.did: key for key in keys.values()}
        self._public_url = public_url
        self._clock = clock
        self.time_to_live = time_to_live

    async def change(self, person_id: str, credential_type: str, status: Status) -> int:
        """Gives a person's credentials of a type (by name) this status; returns how many changed.

        Raises `InvalidRequest` for a type that we don't issue, `NotFound` where the person has none, and `Conflict`
        where all of them are revoked and something else is asked for.
        """
        if credential_type not in self._keys:
            raise InvalidRequest("This issuer does not issue that credential type.")
        async with self._database.transaction() as session:
            if await PersonRepository(session).load(person_id) is None:
                raise NotFound("There is no such person in the roster.")
            repository = StatusRepository(session)
            changed = await repository.change_statuses(person_id, credential_type, status)
            statuses = await repository.load_statuses(person_id, credential_type)
        if not statuses:
            raise NotFound("This person has no credential of that type.")
        if status is not Status.INVALID and all(each == Status.INVALID for each in statuses):
            raise Conflict("A revoked credential stays revoked; a new one can be issued.")
        return changed

    async def list_uris(self) -> list[str]:
        """The addresses of all lists."""
        async with self._database.transaction() as session:
            return [status_list_uri(self._public_url, each) for each in await StatusRepository(session).load_list_ids()]

    async def current_list(self, list_id: str) -> StatusListVersion:
        """The newest version of a list, published now if it is due. Raises `NotFound`."""
        return await self._database.transact(lambda session: self._current(StatusRepository(session), list_id))

    async def _current(self, repository: StatusRepository, list_id: str) -> StatusListVersion:
        shard = await repository.load_list(list_id)
        if shard is None or shard.issuer not in self._by_issuer:
            raise NotFound("There is no such status list.")
        newest, now = await repository.load_newest_version(list_id), self._clock()
        if newest and newest.revision == shard.revision and now < newest.issued_at + FRESH:
            return newest
        status_list = StatusList(BITS, LIST_SIZE)
        for index, status in await repository.load_set_entries(list_id):
            status_list.set(index, status)
        issued_at = max(now, newest.issued_at if newest else 0)  # never dated before the version it replaces
        version = self._sign(shard, status_list, newest.version + 1 if newest else 1, issued_at)
        await repository.save_version(version)
        await repository.delete_expired_versions(list_id, now=now)
        return version

    def _sign(self, shard: StatusListShard, status_list: StatusList, version: int, issued_at: int) -> StatusListVersion:
        key = self._by_issuer[shard.issuer]
        expires_at = issued_at + LIFETIME
        token = create_status_list_token(
            status_list,
            uri=status_list_uri(self._public_url, shard.id),
            verification_method=key.status_verification_method,
            signer=key.status_signer,
            issued_at=issued_at,
            expires_at=expires_at,
            time_to_live=self.time_to_live,
        )
        return StatusListVersion(
            list_id=shard.id,
            version=version,
            revision=shard.revision,
            token=token,
            issued_at=issued_at,
            expires_at=expires_at,
        )
