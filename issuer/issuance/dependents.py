"""What depends on a signing key: the credentials that it signed and that are still in force, and status lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.issuance.models import Issuance
from issuer.status.models import StatusListShard, StatusPublication
from vc_core.encoding import EncodingError, base64url_decode, parse_json_object
from vc_core.formats.status_list import Status


@dataclass(frozen=True)
class KeyDependents:
    """`credentials` counts by credential type, `status_lists` those whose published version the key signed.

    `until`: when the last of them ends (seconds since 1970), 0 where there are none. `unrecorded` of the credentials
    are from before the issuer kept which key signed what: they are the DID's, and counted for each of its keys.
    """

    credentials: Mapping[str, int]
    status_lists: int
    unrecorded: int
    until: int


async def load_dependents(session: AsyncSession, names: Collection[str], *, now: int) -> KeyDependents:
    """What would no longer verify without a key: neither expired by `now` nor revoked.

    `names`: the DID URLs by which the key is or was known, of one DID.
    """
    did = next(iter(names)).partition("#")[0]
    lists_of_did = select(StatusListShard.id).where(col(StatusListShard.issuer) == did)
    unrecorded = col(Issuance.verification_method).is_(None) & col(Issuance.list_id).in_(lists_of_did)
    query = (
        select(
            Issuance.credential_type,
            Issuance.verification_method,
            func.count(),
            func.max(Issuance.expires_at),
        )
        .where(
            or_(col(Issuance.verification_method).in_(names), unrecorded),
            col(Issuance.expires_at) > now,
            col(Issuance.status) != Status.INVALID.value,
        )
        .group_by(col(Issuance.credential_type), col(Issuance.verification_method))
    )
    rows = (await session.exec(query)).all()
    credentials: dict[str, int] = {}
    for credential_type, _, count, _ in rows:
        credentials[credential_type] = credentials.get(credential_type, 0) + count
    ends = [end for _, _, _, end in rows]
    versions = await session.exec(
        select(StatusPublication.list_id, StatusPublication.signed, StatusPublication.expires_at)
        .join(StatusListShard, col(StatusListShard.id) == col(StatusPublication.list_id))
        .where(col(StatusListShard.issuer) == did, col(StatusPublication.expires_at) > now)
    )
    signed = [(list_id, end) for list_id, text, end in versions if _signing_key(text) in names]
    return KeyDependents(
        credentials=credentials,
        status_lists=len({list_id for list_id, _ in signed}),
        unrecorded=sum(count for _, method, count, _ in rows if method is None),
        until=max([*ends, *(end for _, end in signed)], default=0),
    )


def _signing_key(signed: str) -> str | None:
    """The DID URL in a published list's JWT header or proof; it is our own, so its signature needs no check."""
    try:
        if signed.startswith("{"):
            found = parse_json_object(signed.encode("utf-8"))["proof"]["verificationMethod"]
        else:
            found = parse_json_object(base64url_decode(signed.partition(".")[0]))["kid"]
    except (EncodingError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None
