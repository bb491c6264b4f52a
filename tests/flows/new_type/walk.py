"""`python -m tests.flows.new_type.walk FOLDER`: takes the new type from the office to a desk; tells it as JSON.

It runs in a copy of the program to which `vaccination_record.py` was added, and knows the type by its name only.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from sabai.commands.wallet import wallet as wallet_commands
from sabai.commands.wallet_terminal import PASSPHRASE_VARIABLE
from tests.conftest import NOW
from tests.support.clock import SetClock
from tests.support.people import PASSPHRASE, Patient, enrol, import_roster
from tests.support.town import DESK_A, ISSUER, Town, running_town
from vc_core.credential_types import CREDENTIAL_TYPES, type_named
from vc_core.credential_types.page import create_page
from vc_core.formats.credential import CredentialFormat
from wallet_sdk.presentation import create_qr

NAME = "VaccinationRecord"
CONFIGURATIONS = tuple(f"{NAME}_{each}" for each in CredentialFormat)
STATED = {"vaccine": "measles", "vaccinated_on": "2026-05-02"}


async def walk(folder: Path) -> dict[str, Any]:
    """What each part of the town says of the new type."""
    async with running_town(folder, SetClock(NOW), lambda name: f"sqlite+aiosqlite:///{folder / name}.sqlite") as town:
        await import_roster(town)
        patient = await enrol(town, "MU-1", CONFIGURATIONS, claims={NAME: STATED})
        metadata = (await town.http.get(ISSUER + "/.well-known/openid-credential-issuer")).json_object()
        found = {
            "metadata": metadata["credential_configurations_supported"][f"{NAME}_{CredentialFormat.SD_JWT}"],
            "formats": len(CONFIGURATIONS),
            "documents": [
                (await town.http.get(ISSUER + path)).status
                for path in (f"/contexts/{NAME}/v1", f"/schemas/{NAME}/v1", f"/vct/urn:sabai:credential:{NAME}:1")
            ],
            "refused": [str(each.error) for each in patient.issuance.refused],
            **await _at_the_desk(town, patient),
        }
        patient.wallet.close()
        return found | {
            "wallet": _command("list", "--wallet", str(folder / "wallet-MU-1")),
            "shown": _command(
                "show", patient.issuance.stored[0].id, "--language", "th", "--wallet", str(folder / "wallet-MU-1")
            ),
            "docs": create_page(CREDENTIAL_TYPES.values()),
        }


async def _at_the_desk(town: Town, patient: Patient) -> dict[str, Any]:
    credential_type = type_named(NAME)
    assert credential_type is not None
    verdict = await town.check(create_qr(patient.wallet, credential_type, now=town.clock()).text)
    town.clock.advance(1)
    form = {"qr": create_qr(patient.wallet, credential_type, now=town.clock()).text}
    page = await town.http.post_form(DESK_A + "/plain", form)
    return {"verdict": verdict, "page": page.body.decode("utf-8")}


def _command(*arguments: str) -> str:
    result = CliRunner().invoke(wallet_commands, arguments, env={PASSPHRASE_VARIABLE: PASSPHRASE})
    assert result.exit_code == 0, result.output
    return result.output


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(walk(Path(sys.argv[1])))))
