"""Statuses of what the VC API issued: an entry for each purpose, set and cleared; revoked is final."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import THIS_MACHINE, Principal
from issuer.audit.repository import AuditRepository
from issuer.issuance.secrets import hash_of
from issuer.status.allocation import allocate
from issuer.status.forms import StatusListForm, bitstring_references
from issuer.status.repository import StatusRepository
from issuer.vc_api.models import GeneralCredential
from issuer.vc_api.repository import GeneralRepository
from issuer.vc_api.requests import StatusRequest
from vc_core.clock import Clock
from vc_core.errors import Conflict, NotFound
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.status_list import Status
from vc_core.web.database import Database

_NONE = NotFound("This issuer has no such credential, or none with a status for that purpose.")


class GeneralStatuses:
    """Allocates entries of the VC API's lists, and changes them."""

    def __init__(
        self, database: Database, issuer: str, public_url: str, clock: Clock, randomness: Callable[[int], bytes]
    ) -> None:
        """`issuer`: the DID whose lists they are."""
        self._database = database
        self._issuer = issuer
        self._public_url = public_url
        self._clock = clock
        self._randomness = randomness

    async def allocate(
        self, purposes: Sequence[StatusPurpose], *, credential_id: str | None, as_jwt: bool
    ) -> list[BitstringStatusReference]:
        """The entries of a new credential, one for each purpose; what takes them is committed."""

        async def work(session: AsyncSession) -> GeneralCredential:
            allocation = await allocate(StatusRepository(session), self._issuer, self._randomness)
            row = GeneralCredential(
                id=uuid4().hex,
                credential_hash=None if credential_id is None else hash_of(credential_id),
                list_id=allocation.list_id,
                status_index=allocation.index,
                revocable=StatusPurpose.REVOCATION in purposes,
                suspendable=StatusPurpose.SUSPENSION in purposes,
                issued_at=self._clock(),
            )
            await GeneralRepository(session).save(row)
            return row

        row = await self._database.transact(work)
        references = bitstring_references(self._public_url, row.list_id, row.status_index, as_jwt=as_jwt)
        return [each for each in references if each.purpose in purposes]

    async def change(self, request: StatusRequest, by: Principal) -> int:
        """Sets or clears an entry; returns how many credentials changed by it: none where it was so already.

        Raises `NotFound` where there is no such credential with such an entry, `Conflict` where it is revoked.
        """
        async with self._database.transaction() as session:
            repository = GeneralRepository(session)
            found = [each for each in await self._load(repository, request) if _has_entry(each, request.purpose)]
            if not found:
                raise _NONE
            status, only_from = _change(request)
            changed = await repository.change_status([each.id for each in found], status, only_from=only_from)
            if by is not THIS_MACHINE:
                await AuditRepository(session).append(
                    by.id, "vc_api_status", found[0].id, "done", now=self._clock(), detail=request.purpose.value
                )
        if not changed and all(each.status == Status.INVALID for each in found) and status is not Status.INVALID:
            raise Conflict("A revoked credential stays revoked; a new one can be issued.")
        return changed

    async def _load(self, repository: GeneralRepository, request: StatusRequest) -> Sequence[GeneralCredential]:
        """By all that the request names it with: where it names both, both must be of the same credential."""
        found: Sequence[GeneralCredential] = ()
        if request.credential_id is not None:
            found = await repository.load_by_hash(hash_of(request.credential_id))
        if request.list_uri is not None and request.index is not None:
            list_id = self._list_id(request.list_uri, request.purpose)
            at_place = await repository.load_by_entry(list_id, request.index)
            ids = {each.id for each in found}
            found = [each for each in at_place if request.credential_id is None or each.id in ids]
        return found

    def _list_id(self, uri: str, purpose: StatusPurpose) -> str:
        """The list whose form for this purpose is at that address. Raises `NotFound`."""
        for form in StatusListForm:
            start, _, end = form.uri(self._public_url, "\0").partition("\0")
            if form.purpose is purpose and uri.startswith(start) and uri.endswith(end):
                return uri[len(start) : len(uri) - len(end)]
        raise _NONE


def _has_entry(credential: GeneralCredential, purpose: StatusPurpose) -> bool:
    return credential.revocable if purpose is StatusPurpose.REVOCATION else credential.suspendable


def _change(request: StatusRequest) -> tuple[Status, tuple[Status, ...]]:
    """The new status, and those that it may follow. Nothing follows a revocation."""
    if not request.is_set:
        return Status.VALID, (Status.SUSPENDED,) if request.purpose is StatusPurpose.SUSPENSION else ()
    if request.purpose is StatusPurpose.SUSPENSION:
        return Status.SUSPENDED, (Status.VALID,)
    return Status.INVALID, (Status.VALID, Status.SUSPENDED)
