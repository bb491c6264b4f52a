"""Our services over real HTTP on loopback, with the sample roster, for programs that nobody here wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sabai.services import Place, RunningServices, running_services
from vc_core.clock import system_clock


@dataclass(frozen=True)
class SampleServices:
    """The running services and what officers do there; `person_ids` by the roster's references."""

    running: RunningServices
    person_ids: Mapping[str, str]

    @property
    def issuer(self) -> str:
        """The issuer's URL."""
        return self.running.urls["issuer"]

    async def offer(self, *configuration_ids: str, **more: Any) -> dict[str, Any]:
        """An offer to the roster's first person, as the officer gets it."""
        order = {
            "person_id": next(iter(self.person_ids.values())),
            "credential_configuration_ids": list(configuration_ids),
            "tx_code_delivery": "in_person",
            **more,
        }
        answer = await self.running.http.post_json(self.issuer + "/offers", order, token=self.running.tokens["officer"])
        assert answer.status == 201, answer.body
        return answer.json_object()


@asynccontextmanager
async def running_sample_services(folder: Path) -> AsyncIterator[SampleServices]:
    """All services on free ports, with the machine's clock, ready and with people to issue to."""
    async with running_services(Place(folder, ports=(0, 0, 0)), system_clock) as running:
        await running.import_sample_roster()
        answer = await running.http.get(running.urls["issuer"] + "/people?limit=100", token=running.tokens["officer"])
        people = answer.json_object()["people"]
        yield SampleServices(running, {each["person_ref"]: each["person_id"] for each in people})
