"""Our services over real HTTP on loopback, with the sample roster, for programs that nobody here wrote.

The registry also knows a hospital that runs other software than ours, so that its credentials and requests count.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sabai.organisations import (
    Organisation,
    Profile,
    Registered,
    load_ledger_key,
    load_organisations,
    register_organisations,
)
from sabai.servers import TlsFiles
from sabai.services import CHAIN_ID, Place, RunningServices, running_services
from vc_core.clock import system_clock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.ledger.embedded import EmbeddedLedger

FOREIGN_HOSPITAL = Profile(
    "foreign-hospital",
    "Hospital with Other Software",
    issues=frozenset(CREDENTIAL_TYPES),
    verifies=frozenset(CREDENTIAL_TYPES),
    hospital_code="13756",
)


@dataclass(frozen=True)
class SampleServices:
    """The running services and what officers do there; `people` are ids of persons of the roster, in its order."""

    running: RunningServices
    people: Sequence[str]
    foreign: Registered
    certificate: Path | None = None
    """By https, the one that the services answer with."""

    @property
    def issuer(self) -> str:
        """The issuer's URL."""
        return self.running.urls["issuer"]

    @property
    def foreign_hospital(self) -> Organisation:
        """The accredited hospital with other software; its keys are the test's to give out."""
        return self.foreign.organisations[FOREIGN_HOSPITAL.slug]

    async def offer(self, *configuration_ids: str, **more: Any) -> dict[str, Any]:
        """An offer to the roster's first person, as the officer gets it."""
        order = {
            "person_id": self.people[0],
            "credential_configuration_ids": list(configuration_ids),
            "tx_code_delivery": "in_person",
            **more,
        }
        return await self.officer_post("/offers", order, expected=201)

    async def officer_post(self, path: str, value: Any, *, expected: int = 200) -> dict[str, Any]:
        """The officer's request to the issuer; an answer without content is empty."""
        answer = await self.running.http.post_json(self.issuer + path, value, token=self.running.tokens["officer"])
        assert answer.status == expected, answer.body
        return answer.json_object() if answer.body else {}

    async def ask(self, policy: str, response_mode: str, **more: Any) -> dict[str, Any]:
        """A request of our desk, as its program gets it."""
        order = {"policy": policy, "response_mode": response_mode, **more}
        answer = await self.running.http.post_json(
            self.running.urls["verifier"] + "/requests", order, token=self.running.tokens["desk"]
        )
        assert answer.status == 201, answer.body
        return answer.json_object()

    async def result(self, request_id: str) -> dict[str, Any]:
        """Where a request is, and the verdict."""
        address = f"{self.running.urls['verifier']}/requests/{request_id}"
        return (await self.running.http.get(address, token=self.running.tokens["desk"])).json_object()

    async def sets_of(self, person_id: str) -> list[dict[str, Any]]:
        """What the officer sees of the credentials that wallets asked for in a person's name."""
        address = f"{self.issuer}/credential-sets?person_id={person_id}"
        answer = await self.running.http.get(address, token=self.running.tokens["officer"])
        found: list[dict[str, Any]] = answer.json_object()["credential_sets"]
        return found


@asynccontextmanager
async def running_sample_services(folder: Path, tls: TlsFiles | None = None) -> AsyncIterator[SampleServices]:
    """All services on free ports, with the machine's clock, ready and with people to issue to.

    With `tls` they answer by https, and the desk has a certificate for what it asks.
    """
    foreign = await _register_foreign_hospital(folder)
    async with running_services(Place(folder, ports=(0, 0, 0), tls=tls), system_clock) as running:
        await running.import_sample_roster()
        answer = await running.http.get(running.urls["issuer"] + "/people?limit=100", token=running.tokens["officer"])
        people = [each["person_id"] for each in answer.json_object()["people"]]
        yield SampleServices(running, people, foreign, None if tls is None else tls.certificate)


async def _register_foreign_hospital(folder: Path) -> Registered:
    """Before the services start, so that they know it from the beginning."""
    ledger = EmbeddedLedger.open(folder / "ledger.sqlite", chain_id=CHAIN_ID, clock=system_clock)
    try:
        governor = load_ledger_key(folder / "keys" / "governor.key")
        organisations = load_organisations(folder / "keys", CHAIN_ID, (FOREIGN_HOSPITAL,))
        return await register_organisations(ledger, governor, organisations, system_clock)
    finally:
        ledger.close()
