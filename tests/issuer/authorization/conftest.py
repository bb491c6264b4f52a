"""An issuer that knows a wallet and leaves text messages in a folder, and a patient's browser."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from issuer.settings import IssuerSettings
from tests.issuer.authorization.browser import CLIENT, PatientsBrowser


@pytest.fixture
def sms_folder(tmp_path: Path) -> Path:
    """Where text messages go."""
    folder = tmp_path / "sms"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(settings: IssuerSettings, sms_folder: Path) -> IssuerSettings:
    """Good settings, with a wallet and text messages."""
    return settings.model_copy(update={"wallet_clients": (CLIENT,), "sms_folder": sms_folder})


@pytest.fixture
def browser(client: httpx.AsyncClient) -> PatientsBrowser:
    """A browser without cookies."""
    return PatientsBrowser(client)
