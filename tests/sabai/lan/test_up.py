"""`sabai up --lan`, here on loopback: https by the folder's own authority, and a page that brings it to phones."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from sabai.lan.network import check_lan_address
from sabai.services import Place, running_services
from vc_core.clock import system_clock
from vc_core.credential_types.definition import LANGUAGES
from vc_core.errors import FetchFailed, SettingsError
from vc_core.http import HttpClient


async def test_a_phone_gets_the_certificate_and_then_the_pages(tmp_path: Path) -> None:
    stranger = HttpClient(allow_loopback=True)
    async with running_services(Place(tmp_path / "data", ports=(0, 0, 0), lan=True), system_clock) as services:
        assert services.welcome is not None
        assert services.urls["backend"].startswith("https://127.0.0.1:")
        with pytest.raises(FetchFailed):
            await stranger.get(services.urls["backend"] + "/healthz")

        pages = [await stranger.get(f"{services.welcome.url}?language={language}") for language in LANGUAGES]
        assert len({page.body for page in pages}) == len(LANGUAGES)
        for page in pages:
            text = page.body.decode()
            assert services.welcome.fingerprint in text
            assert all(f'href="{url}/"' in text for url in services.urls.values())
        downloaded = await stranger.get(services.welcome.url + "sabai-ca.crt")
        assert downloaded.headers["content-type"] == "application/x-x509-ca-cert"
        certificate = x509.load_der_x509_certificate(downloaded.body)
        assert certificate.fingerprint(hashes.SHA256()).hex(":").upper() == services.welcome.fingerprint
        assert b"<svg" in (await stranger.get(services.welcome.url + "this-page.svg")).body
        assert (await stranger.get(services.welcome.url + "lan/ca.key")).status == 404

        phone = HttpClient(allow_loopback=True, trusted_certificate=tmp_path / "data" / "lan" / "ca.pem")
        assert (await phone.get(services.urls["backend"] + "/", accept="text/html")).status == 200
        await phone.close()
    await stranger.close()


@pytest.mark.parametrize("address", ["192.0.2.7", "10.1.2.3", "192.168.0.9", "172.20.1.1"])
def test_addresses_inside_networks(address: str) -> None:
    assert check_lan_address(address) == address


@pytest.mark.parametrize("address", ["8.8.8.8", "clinic.local", ""])
def test_other_addresses(address: str) -> None:
    with pytest.raises(SettingsError):
        check_lan_address(address)
