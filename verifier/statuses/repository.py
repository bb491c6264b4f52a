"""The SQL of status lists that were seen."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, Table, delete, func, select

from vc_core.status import SignedStatusList
from vc_core.web.database import insert_on
from verifier.models import VerifierTable
from verifier.statuses.models import SeenStatusList

_SEEN: Table = VerifierTable.metadata.tables[str(SeenStatusList.__tablename__)]


class SeenRepository:
    """Reads and writes in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, issuer: str, uri: str) -> int:
        """When the newest list was signed; 0 where none was seen."""
        found = select(func.max(_SEEN.c.issued_at)).where(_SEEN.c.place == _place(issuer, uri))
        return self._connection.execute(found).scalar() or 0

    def remember(self, signed: SignedStatusList) -> None:
        """Keeps a list in the place of an earlier one; one as new or newer stays, whichever process wrote it."""
        values = {
            "place": _place(signed.issuer, signed.uri),
            "uri": signed.uri,
            "token": signed.token,
            "issued_at": signed.list.issued_at,
            "expires_at": signed.list.expires_at,
        }
        statement = insert_on(self._connection.dialect, _SEEN).values(values)
        newer = statement.excluded
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[_SEEN.c.place],
                set_={"token": newer.token, "issued_at": newer.issued_at, "expires_at": newer.expires_at},
                where=_SEEN.c.issued_at < newer.issued_at,
            )
        )

    def load_all(self) -> Sequence[tuple[str, str]]:
        """Address and text of every list that is kept."""
        return [(row.uri, row.token) for row in self._connection.execute(select(_SEEN.c.uri, _SEEN.c.token))]

    def delete_expired(self, *, before: int) -> None:
        """Forgets the lists that expired before that time."""
        self._connection.execute(delete(_SEEN).where(_SEEN.c.expires_at < before))


def _place(issuer: str, uri: str) -> bytes:
    return hashlib.sha256(f"{issuer}\n{uri}".encode()).digest()
