"""A fund before the new year: many people whose coverage ends soon, and a roster that covers them for another year."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, insert

from issuer.app import MIGRATIONS
from issuer.bulk.service import BATCH, BulkIssuance
from issuer.issuance.configurations import configurations_of
from issuer.issuance.models import Issuance
from issuer.keys import load_issuing_keys
from issuer.roster.models import Person
from issuer.settings import IssuerSettings, IssuingKeySettings
from issuer.status.models import StatusListShard
from vc_core.clock import Clock
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import Ed25519Signer, P256Signer, PublicKey, signer_to_pem
from vc_core.did.ethr import create_did
from vc_core.encoding import compact_json
from vc_core.ledger.events import (
    KEY_ATTRIBUTE,
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    Position,
    Role,
    credential_type_id,
    subject_id,
)
from vc_core.ledger.registry_state import RegistryState
from vc_core.trust import RegistryTrust
from vc_core.web.database import Database

NOW = 1_797_638_400
"""2026-12-19 00:00 UTC: the old coverage ends with the year."""
DAY = 86_400
OLD_END = 1_798_736_400
"""2027-01-01 00:00 in Bangkok."""
CHAIN_ID = 0x5ABA
CONFIGURATION = "InsuranceCoverage_dc+sd-jwt"
_ADDRESS = "0x" + "5a" * 20
_LIST = "oldlist0"


def clock() -> int:
    """The time of all this."""
    return NOW


@dataclass(frozen=True)
class Fund:
    """An issuer's settings, keys in files, registry, and the wallets' keys: person number n holds `holders[n % …]`."""

    settings: IssuerSettings
    trust: RegistryTrust
    holders: tuple[P256Signer, ...]

    def bulk(self, database: Database, *, at: Clock = clock, batch: int = BATCH) -> BulkIssuance:
        """Its bulk issuance."""
        keys = load_issuing_keys(self.settings)
        configurations = configurations_of(keys, self.settings.public_url)
        return BulkIssuance(database, keys, configurations, self.trust, at, secrets.token_bytes, batch)


def create_fund(folder: Path, database_url: str, *, holders: int = 8) -> Fund:
    """The fund, the same however often and in whichever process it is made; its database is still empty."""
    folder.mkdir(parents=True, exist_ok=True)
    credential_key, status_key = P256Signer.from_bytes(b"\x01" * 32), Ed25519Signer(b"\x02" * 32)
    for name, signer in (("credentials", credential_key), ("status", status_key)):
        (folder / f"{name}.pem").write_bytes(signer_to_pem(signer))
    did = create_did(CHAIN_ID, bytes.fromhex(_ADDRESS[2:]))
    settings = IssuerSettings(
        public_url="https://fund.example",
        database_url=database_url,
        chain_id=CHAIN_ID,
        did_registry="0x" + "1" * 40,
        trust_registry="0x" + "2" * 40,
        anchors="0x" + "3" * 40,
        officer_token=SecretStr("officer-token-of-the-fund-0123456789"),
        issuing_keys=(
            IssuingKeySettings(
                credential_type=INSURANCE_COVERAGE.name,
                verification_method=f"{did}#delegate-1",
                key=str(folder / "credentials.pem"),
                status_verification_method=f"{did}#delegate-2",
                status_key=str(folder / "status.pem"),
            ),
        ),
    )
    state = RegistryState(
        [
            *(
                _published(key, block)
                for block, key in enumerate((credential_key.public_key, status_key.public_key), 1)
            ),
            AccreditationChanged(
                Position(3, NOW - DAY, 0),
                subject_id(did).hex(),
                Role.ISSUE,
                credential_type_id(INSURANCE_COVERAGE.vct).hex(),
                NOW - DAY,
                NOW + 900 * DAY,
                AccreditationState.ACTIVE,
            ),
        ]
    )
    trust = RegistryTrust(state, chain_id=CHAIN_ID, synced_at=NOW)
    return Fund(
        settings, trust, tuple(P256Signer.from_bytes(bytes(31) + bytes([number + 3])) for number in range(holders))
    )


def _published(key: PublicKey, block: int) -> AttributeChanged:
    at = Position(block, NOW - DAY, 0)
    return AttributeChanged(at, _ADDRESS, KEY_ATTRIBUTE, key.to_multikey().hex(), NOW + 10**9)


async def fill(fund: Fund, database: Database, people: int, **changed: Any) -> None:
    """So many people in the fund's database, each with a credential of this year in their wallet."""
    await database.migrate(MIGRATIONS)

    def write(connection: Connection) -> None:
        did = fund.settings.issuing_keys[0].verification_method.partition("#")[0]
        shard = StatusListShard(id=_LIST, issuer=did, shard=0, allocated=min(people, 2**16))
        connection.execute(insert(StatusListShard).values(**shard.model_dump()))
        for rows in _in_blocks(people):
            connection.execute(insert(Person), [_person(number) | changed for number in rows])
            connection.execute(insert(Issuance), [_issued(fund, number) for number in rows])

    await database.write(write)


def _in_blocks(count: int) -> Iterator[range]:
    for start in range(0, count, 5_000):
        yield range(start, min(start + 5_000, count))


def _person(number: int) -> dict[str, Any]:
    return {
        "id": f"{number:032x}",
        "person_ref": f"ref-{number}",
        "health_id": f"SB{number:08d}",
        "name": "နန်းမူးဖော",
        "name_latin": f"Naw Mu Paw {number}",
        "birth_date": "1994-05-06",
        "nationality": "MMR",
        "identifier_system": "http://hl7.org/fhir/sid/passport-MMR",
        "identifier_value": f"MX{number:08d}",
        "scheme": "8401",
        "regular_hospital": "10661",
        "primary_hospital": "10662",
        "referral_hospital": "11472",
        "work_permit": "",
        "work_permit_until": "",
        "employer": "",
        "covered_from": "2027-01-01",
        "covered_until": "2027-12-31",
        "created_at": NOW - 300 * DAY,
        "updated_at": NOW - DAY,
    }


def _issued(fund: Fund, number: int) -> Mapping[str, Any]:
    key = fund.holders[number % len(fund.holders)].public_key
    return {
        "id": f"old-{number}",
        "authorization_id": None,
        "configuration_id": CONFIGURATION,
        "person_id": f"{number:032x}",
        "credential_type": INSURANCE_COVERAGE.name,
        "format": "dc+sd-jwt",
        "holder_thumbprint": key.thumbprint(),
        "holder_jwk": compact_json(key.to_jwk()).decode("ascii"),
        "verification_method": fund.settings.issuing_keys[0].verification_method,
        "list_id": _LIST,
        "status_index": number,
        "status": 0,
        "issued_at": NOW - 300 * DAY,
        "expires_at": OLD_END,
    }
