"""`sabai up` by https with a self-signed certificate: the walk of docs/vc-api.md, from issuing to a revocation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sabai.commands.up import tls_files
from sabai.servers import TlsFiles
from sabai.services import Place, running_services
from tests.support.tls import create_self_signed
from tests.support.vc_api import general_credential
from vc_core.clock import system_clock
from vc_core.errors import FetchFailed, SettingsError
from vc_core.http import HttpClient


async def test_issued_verified_suspended_and_refused(tmp_path: Path) -> None:
    tls = create_self_signed(tmp_path)
    http = HttpClient(allow_loopback=True, trusted_certificate=tls.certificate)
    async with running_services(Place(tmp_path / "data", ports=(0, 0, 0), tls=tls), system_clock) as services:
        issuer, verifier = services.urls["issuer"], services.urls["verifier"]
        assert issuer.startswith("https://127.0.0.1:")
        written = json.loads((tmp_path / "data" / "services.json").read_bytes())
        assert written["issuer"] == issuer

        async def post(url: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            response = await http.post_json(url, body)
            return response.status, response.json_object()

        asked = {"credential": general_credential(), "options": {"credentialStatus": True}}
        status, issued = await post(issuer + "/vc-api/credentials/issue", asked)
        assert status == 201
        assert issued["verifiableCredential"]["issuer"] == written["dids"]["general-issuer"]

        verify = (verifier + "/vc-api/credentials/verify", issued)
        status, answer = await post(*verify)
        assert status == 200, answer
        assert answer["result"] == {
            "issuer": {
                "id": written["dids"]["general-issuer"],
                "registered": True,
                "name": "Sample General Issuer",
                "accreditedFor": [],
            },
            "securing": ["eddsa-rdfc-2022"],
            "status": "valid",
        }

        for purpose, code in (("suspension", "SUSPENDED"), ("revocation", "REVOKED")):
            entry = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
            change = {"credentialId": general_credential()["id"], "credentialStatus": entry, "status": True}
            status, _ = await post(issuer + "/vc-api/credentials/status", change)
            assert status == 200
            status, answer = await post(*verify)
            assert (status, answer["code"]) == (422, code)

        strict = HttpClient(allow_loopback=True)
        with pytest.raises(FetchFailed):
            await strict.get(issuer + "/healthz")
        await strict.close()
    await http.close()


async def test_files_that_are_no_certificate_and_key(tmp_path: Path) -> None:
    tls = create_self_signed(tmp_path)
    (tmp_path / "other").mkdir()
    other = create_self_signed(tmp_path / "other")
    for wrong in (
        TlsFiles(tls.certificate, other.key),
        TlsFiles(tls.key, tls.key),
        TlsFiles(tmp_path / "none", tls.key),
    ):
        with pytest.raises(SettingsError, match="certificate"):
            wrong.check()
    with pytest.raises(SettingsError, match="go together"):
        tls_files(tls.certificate, None)
