"""A process of the issuer that does nothing but take entries of status lists: `python -m tests.support.allocating`.

Its randomness is the same in every process, so that all of them want the same entries at the same time.
"""

from __future__ import annotations

import asyncio
import json
import sys

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.models import Authorization
from issuer.issuance.models import Issuance
from issuer.issuance.set_repository import CredentialSetRepository
from issuer.roster.models import Person
from issuer.status.allocation import Allocation, allocate
from issuer.status.repository import StatusRepository
from tests.support.verification import CountedBytes
from vc_core.web.database import Database

ISSUER_DID = "did:ethr:0x539:0x1111111111111111111111111111111111111111"


async def take_entries(database_url: str, process: str, count: int) -> list[tuple[str, int]]:
    """List and index of each entry that this process got."""
    database, randomness = Database(database_url), CountedBytes()
    taken = []
    for number in range(count):

        async def take(session: AsyncSession, number: int = number) -> Allocation:
            place = await allocate(StatusRepository(session), ISSUER_DID, randomness)
            await CredentialSetRepository(session).save_issuances([issuance_at(f"{process}-{number}", place)])
            return place

        place = await database.transact(take)
        taken.append((place.list_id, place.index))
    await database.close()
    return taken


async def add_holder(database: Database) -> None:
    """The person and the offer that the issuances are of."""
    person = Person(
        id="person",
        person_ref="A1",
        health_id="SB4J7QX2M9KZ",
        name="x",
        name_latin="x",
        birth_date="1990-01-01",
        nationality="MMR",
        identifier_system="x",
        identifier_value="1",
        scheme="x",
        regular_hospital="x",
        primary_hospital="x",
        referral_hospital="x",
        covered_from="x",
        covered_until="x",
        created_at=1,
        updated_at=1,
    )
    authorization = Authorization(
        id="authorization", family_id="authorization", person_id="person", configuration_ids=[], created_at=1
    )
    async with database.transaction() as session:
        session.add(person)
        await session.flush()
        session.add(authorization)


def issuance_at(id: str, place: Allocation) -> Issuance:
    """One of that person's, which has this entry."""
    return Issuance(
        id=id,
        authorization_id="authorization",
        configuration_id=id,
        person_id="person",
        credential_type="InsuranceCoverage",
        format="qr_pass",
        holder_thumbprint="x",
        list_id=place.list_id,
        status_index=place.index,
        issued_at=1,
        expires_at=2,
    )


if __name__ == "__main__":
    url, name, number = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(take_entries(url, name, int(number)))))
