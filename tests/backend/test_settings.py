"""What the backend refuses to start with, and how it says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from backend.__main__ import BackendProcessSettings, main
from backend.settings import BackendSettings
from vc_core.errors import SettingsError
from vc_core.web import process
from vc_core.web.process import load_settings

GOOD: dict[str, Any] = {
    "public_url": "http://127.0.0.1:8000",
    "database_url": "sqlite+aiosqlite:///backend.sqlite",
    "chain_id": 1337,
    "did_registry": "0x" + "11" * 20,
    "trust_registry": "0x" + "22" * 20,
    "anchors": "0x" + "33" * 20,
    "hospital_token": SecretStr("h" * 24),
    "payer_token": SecretStr("p" * 24),
    "firebase_service_account": Path("firebase.json"),
}
FCM_WEB: dict[str, Any] = {
    "fcm_web_config": {"apiKey": "AIza", "appId": "1:1:web:a", "projectId": "sabai", "messagingSenderId": "1"},
    "fcm_web_vapid_key": "BA" + "x" * 85,
}
PRODUCTION = GOOD | {
    "profile": "production",
    "public_url": "https://backend.example",
    "database_url": "postgresql+psycopg://localhost/backend",
}


@pytest.mark.parametrize(
    "settings",
    [GOOD, GOOD | {"firebase_messaging_url": "http://127.0.0.1:9099"}, PRODUCTION, PRODUCTION | FCM_WEB],
)
def test_good_settings_have_no_problems(settings: dict[str, Any]) -> None:
    BackendSettings(**settings).check()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"hospital_token": SecretStr("short")}, "hospital_token"),
        ({"payer_token": SecretStr("")}, "payer_token"),
        ({"firebase_messaging_url": "http://127.0.0.1:9099"}, "firebase_messaging_url"),
        ({"fcm_web_config": FCM_WEB["fcm_web_config"]}, "fcm_web_config and fcm_web_vapid_key go together"),
        ({"fcm_web_vapid_key": FCM_WEB["fcm_web_vapid_key"]}, "fcm_web_config and fcm_web_vapid_key go together"),
        (FCM_WEB | {"firebase_service_account": None}, "fcm_web_config needs firebase_service_account"),
        ({"issuers": [{"credential_issuer": "http://127.0.0.1:8001", "name": "Office"}]}, "issuers must be https"),
        ({"issuers": [{"credential_issuer": "https://issuer.example?a=b", "name": "Office"}]}, "issuers must be https"),
        ({"public_url": "http://backend.example"}, "public_url"),
        ({"database_url": "sqlite+aiosqlite://"}, "database_url"),
    ],
)
def test_each_problem_is_named_and_no_secret(change: dict[str, Any], problem: str) -> None:
    (found,) = BackendSettings(**PRODUCTION | change).problems()

    assert found.startswith(problem)
    assert "short" not in found


@pytest.mark.parametrize("url", ["http://example.com", "http://127.0.0.1.example.com", "no address"])
def test_a_stand_in_is_on_this_machine(url: str) -> None:
    assert BackendSettings(**GOOD | {"firebase_messaging_url": url}).problems() == [
        "firebase_messaging_url must be on this machine"
    ]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """All that an embedded backend must be told."""
    for name, value in GOOD.items():
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        monkeypatch.setenv(f"BACKEND_{name.upper()}", text)
    monkeypatch.setenv("BACKEND_LEDGER_PATH", "chain.sqlite")
    return monkeypatch


def test_loads_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    assert load_settings(BackendProcessSettings).port == 8000


def test_names_what_the_environment_lacks(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("BACKEND_PAYER_TOKEN")
    environment.setenv("BACKEND_CHAIN_ID", "none")

    with pytest.raises(SettingsError) as refused:
        load_settings(BackendProcessSettings)

    assert refused.value.problems == [
        "BACKEND_CHAIN_ID is missing or not of its form",
        "BACKEND_PAYER_TOKEN is missing or not of its form",
    ]


@pytest.mark.parametrize("config", ["{", "{}", '{"apiKey": "AIza", "projectId": "sabai"}', '"AIza"'])
def test_half_a_firebase_web_app_is_none(environment: pytest.MonkeyPatch, config: str) -> None:
    environment.setenv("BACKEND_FCM_WEB_CONFIG", config)
    environment.setenv("BACKEND_FCM_WEB_VAPID_KEY", "AIza")

    with pytest.raises(SettingsError) as refused:
        load_settings(BackendProcessSettings)

    assert refused.value.problems == [
        "BACKEND_FCM_WEB_CONFIG is missing or not of its form",
        "BACKEND_FCM_WEB_VAPID_KEY is missing or not of its form",
    ]


def test_there_must_be_a_ledger(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("BACKEND_LEDGER_PATH")

    with pytest.raises(SettingsError, match="ledger_urls"):
        load_settings(BackendProcessSettings)


def test_the_program_ends_with_one_plain_sentence(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setattr(process, "configure_logging", lambda: None)
    environment.delenv("BACKEND_LEDGER_PATH")

    assert main() == 1
    assert capsys.readouterr().err.count("\n") == 1
