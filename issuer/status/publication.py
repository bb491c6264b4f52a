"""Publishing status lists: each list in each of its forms as a signed object that never changes.

A list is signed anew when a status in it has changed, or when it was signed some minutes ago, at the moment when
somebody asks for it: so a change that was committed can't be missed, whatever fails in between. Each version keeps an
address of its own until it has expired, and an entry in the log for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.status.allocation import LIST_SIZE
from issuer.status.forms import STATUS_OF_PURPOSE, StatusListForm
from issuer.status.models import StatusListShard, StatusPublication
from issuer.status.publication_repository import PublicationRepository
from issuer.status.repository import StatusRepository
from vc_core.clock import Clock
from vc_core.crypto.keys import Signer
from vc_core.crypto.x509 import KeyReference, issuer_of
from vc_core.encoding import compact_json
from vc_core.errors import NotFound
from vc_core.formats.bitstring_status_list import BitstringStatusList
from vc_core.formats.status_list import StatusList, create_status_list_token
from vc_core.formats.status_list_credential import (
    create_status_list_credential,
    sign_status_list_document,
    sign_status_list_jwt,
)
from vc_core.web.database import Database

BITS = 2
FRESH = 300
"""Seconds after which a list is signed anew though nothing changed: a desk tells its age by when it was signed."""
LIFETIME = 24 * 3600
"""Seconds after which a published list is worth nothing."""


@dataclass(frozen=True)
class ListKey:
    """The key that signs the lists of an issuer, and how they name it: a DID URL, or its certificates."""

    reference: KeyReference
    signer: Signer

    @property
    def issuer(self) -> str:
        """Whose lists these are: a DID, or an https URL."""
        return issuer_of(self.reference)

    def signs(self, form: StatusListForm) -> bool:
        """Whether there is such a form of these lists: certificates stand for Token Status Lists only."""
        return form is StatusListForm.TOKEN or isinstance(self.reference, str)


class PublicationService:
    """The lists as everyone sees them."""

    def __init__(
        self,
        database: Database,
        keys: Iterable[ListKey],
        public_url: str,
        clock: Clock,
        *,
        time_to_live: int,
    ) -> None:
        """`time_to_live`: seconds that a copy of a list may serve before a newer one is asked for."""
        self._database = database
        self._by_issuer = {key.issuer: key for key in keys}
        self._public_url = public_url
        self._clock = clock
        self.time_to_live = time_to_live

    async def list_uris(self) -> dict[StatusListForm, list[str]]:
        """The addresses of all lists, by form."""
        async with self._database.transaction() as session:
            shards = await StatusRepository(session).load_lists()
        return {
            form: [form.uri(self._public_url, shard.id) for shard in shards if self._key(shard, form) is not None]
            for form in StatusListForm
        }

    async def current(self, list_id: str, form: StatusListForm) -> StatusPublication:
        """The newest version of a list, published now if it is due. Raises `NotFound`."""

        async def work(session: AsyncSession) -> StatusPublication:
            return await self._current(StatusRepository(session), PublicationRepository(session), list_id, form)

        return await self._database.transact(work)

    async def version(self, list_id: str, form: StatusListForm, version: int) -> StatusPublication:
        """One version, as long as it has not expired. Raises `NotFound`."""
        async with self._database.transaction() as session:
            found = await PublicationRepository(session).load(list_id, form, version)
        if found is None:
            raise NotFound("There is no such version of a status list, or no longer.")
        return found

    def version_uri(self, publication: StatusPublication) -> str:
        """The address at which this version stays what it is."""
        return version_uri(self._public_url, publication.list_id, StatusListForm(publication.form), publication.version)

    async def _current(
        self, statuses: StatusRepository, publications: PublicationRepository, list_id: str, form: StatusListForm
    ) -> StatusPublication:
        shard = await statuses.load_list(list_id)
        key = None if shard is None else self._key(shard, form)
        if shard is None or key is None:
            raise NotFound("There is no such status list.")
        newest, now = await publications.load_newest(list_id, form), self._clock()
        if newest and newest.revision == shard.revision and now < newest.issued_at + FRESH:
            return newest
        issued_at = max(now, newest.issued_at if newest else 0)  # never dated before the version it replaces
        publication = StatusPublication(
            list_id=list_id,
            form=form.value,
            version=newest.version + 1 if newest else 1,
            revision=shard.revision,
            signed=self._sign(key, shard, form, await statuses.load_set_entries(list_id), issued_at),
            issued_at=issued_at,
            expires_at=issued_at + LIFETIME,
        )
        await publications.save(publication)
        await publications.delete_expired(list_id, form, now=now)
        return publication

    def _key(self, shard: StatusListShard, form: StatusListForm) -> ListKey | None:
        """The key that signs a list in this form; None where there is none (any more)."""
        key = self._by_issuer.get(shard.issuer)
        return key if key is not None and key.signs(form) else None

    def _sign(
        self,
        key: ListKey,
        shard: StatusListShard,
        form: StatusListForm,
        entries: Sequence[tuple[int, int]],
        issued_at: int,
    ) -> str:
        """The list in this form; `entries` are those that are not valid, index and status."""
        uri, purpose, method = form.uri(self._public_url, shard.id), form.purpose, key.reference
        if purpose is None or not isinstance(method, str):
            return create_status_list_token(
                StatusList.from_entries(BITS, LIST_SIZE, entries),
                uri=uri,
                verification_method=method,
                signer=key.signer,
                issued_at=issued_at,
                expires_at=issued_at + LIFETIME,
                time_to_live=self.time_to_live,
            )
        status = STATUS_OF_PURPOSE[purpose]
        document = create_status_list_credential(
            BitstringStatusList.from_entries(1, LIST_SIZE, ((index, 1) for index, each in entries if each == status)),
            uri=uri,
            issuer=shard.issuer,
            purpose=purpose,
            issued_at=issued_at,
            expires_at=issued_at + LIFETIME,
            time_to_live=self.time_to_live,
        )
        if form.is_jwt:
            return sign_status_list_jwt(document, verification_method=method, signer=key.signer)
        secured = sign_status_list_document(
            document, verification_method=method, signer=key.signer, issued_at=issued_at
        )
        return compact_json(secured).decode("ascii")


def version_uri(public_url: str, list_id: str, form: StatusListForm, version: int) -> str:
    """The address of one version of a list."""
    return f"{form.uri(public_url, list_id)}/{version}"
