"""The process under load: a verifier as it is run, and beside it an application that does nothing with its POST."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import httpx
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr

from sabai.organisations import HOSPITAL_A, PAYER, load_ledger_key, load_organisations, register_organisations
from sabai.servers import Served, listen, serving, url_of
from sabai.services import CHAIN_ID
from sabai.stopping import until_stopped
from tests.bench.world import LIST_SIZE, STATUS
from vc_core.clock import system_clock
from vc_core.files import write_durably
from vc_core.formats.status_list import StatusList, create_status_list_token
from vc_core.http import HttpClient
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.web.logs import configure_logging
from vc_core.web.process import run_on_server_loop
from verifier.app import create_app
from verifier.settings import VerifierSettings


class Question(BaseModel):
    """The body that `POST /checks` takes."""

    qr: str


def create_empty_app() -> FastAPI:
    """A POST that reads the same JSON and answers a constant."""
    app = FastAPI()

    @app.post("/checks")
    async def answer(question: Question) -> dict[str, str]:
        return {"verdict": "accepted"}

    return app


async def main(folder: Path) -> None:
    """Serves both until told to stop; `folder/bench.json` says where, once they are ready. Logs as a service does."""
    configure_logging()
    ledger = EmbeddedLedger.open(folder / "ledger.sqlite", chain_id=CHAIN_ID, clock=system_clock)
    organisations = load_organisations(folder / "keys", CHAIN_ID)
    governor = load_ledger_key(folder / "governor.key")
    registered = await register_organisations(ledger, governor, organisations, system_clock)
    payer, hospital = organisations[PAYER.slug], organisations[HOSPITAL_A.slug]
    token = create_status_list_token(
        StatusList(2, LIST_SIZE),
        uri=STATUS.uri,
        verification_method=registered.methods[payer.status_key.public_key],
        signer=payer.status_key,
        issued_at=system_clock(),
        expires_at=system_clock() + 86_400,
        time_to_live=86_400,
    )
    http = HttpClient(transport=httpx.MockTransport(lambda _request: httpx.Response(200, text=token)))
    listeners = [listen("127.0.0.1", 0), listen("127.0.0.1", 0)]
    settings = VerifierSettings(
        public_url=url_of(listeners[0]),
        database_url=f"sqlite+aiosqlite:///{folder / 'verifier.sqlite'}",
        chain_id=CHAIN_ID,
        did_registry="0x" + registered.addresses.did_registry.hex(),
        trust_registry="0x" + registered.addresses.trust_registry.hex(),
        anchors="0x" + registered.addresses.anchors.hex(),
        facility_did=hospital.did,
        facility_name=hospital.profile.name,
        hospital_code=HOSPITAL_A.hospital_code or "",
        desk_token=SecretStr("only-for-the-benchmark-run"),
    )
    verifier = create_app(settings, clock=system_clock, ledger=ledger, http=http)
    async with serving([Served(verifier, listeners[0]), Served(create_empty_app(), listeners[1])]):
        ready = {
            "verifier": listeners[0].getsockname()[1],
            "empty": listeners[1].getsockname()[1],
            "method": registered.methods[payer.credential_key.public_key],
        }
        write_durably(folder / "bench.json", json.dumps(ready).encode("ascii"))
        await until_stopped()
    await http.close()
    ledger.close()


if __name__ == "__main__":
    run_on_server_loop(main(Path(sys.argv[1])))
