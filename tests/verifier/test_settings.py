"""Settings: what the verifier refuses to start with, and how it says so."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from tests.verifier.conftest import DESK_TOKEN, Registry, create_settings
from vc_core.errors import SettingsError
from vc_core.web.process import load_settings
from verifier.__main__ import VerifierProcessSettings

ENVIRONMENT = {
    "PUBLIC_URL": "http://127.0.0.1:8002",
    "DATABASE_URL": "sqlite+aiosqlite:///verifier.sqlite",
    "CHAIN_ID": "1337",
    "DID_REGISTRY": "0x" + "11" * 20,
    "TRUST_REGISTRY": "0x" + "22" * 20,
    "ANCHORS": "0x" + "44" * 20,
    "FACILITY_DID": "did:ethr:0x539:0x" + "33" * 20,
    "HOSPITAL_CODE": "10661",
    "FACILITY_NAME": "โรงพยาบาลริมน้ำ",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """All that an embedded verifier must be told."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv("VERIFIER_" + name, value)
    monkeypatch.setenv("VERIFIER_LEDGER_PATH", "chain.sqlite")
    return monkeypatch


def test_production_names_every_problem_at_once(registry: Registry) -> None:
    settings = create_settings(registry, "sqlite+aiosqlite://", profile="production", desk_token=SecretStr("short"))
    with pytest.raises(SettingsError) as refused:
        settings.check()
    assert len(refused.value.problems) == 3
    assert "short" not in refused.value.message.split()


@pytest.mark.parametrize(
    ("manager", "problems"),
    [(None, 0), ("m" * 24, 0), ("m" * 23, 1), (DESK_TOKEN, 1)],
    ids=["none", "another", "short", "the desk's"],
)
def test_the_manager_token_is_not_what_people_type_at_the_desk(
    registry: Registry, manager: str | None, problems: int
) -> None:
    token = None if manager is None else SecretStr(manager)
    settings = create_settings(
        registry, "postgresql://", profile="production", public_url="https://desk.test", manager_token=token
    )
    assert len(settings.problems()) == problems


@pytest.mark.parametrize("code", ["1066", "106610", "abcde", "๑๐๖๖๑"])
def test_a_hospital_code_has_five_or_nine_digits(registry: Registry, code: str) -> None:
    with pytest.raises(ValidationError):
        create_settings(registry, "sqlite+aiosqlite://", hospital_code=code)


def test_loads_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings(VerifierProcessSettings)
    assert (settings.hospital_code, settings.port) == ("10661", 8002)


def test_names_what_the_environment_lacks(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("VERIFIER_FACILITY_DID")
    environment.setenv("VERIFIER_CHAIN_ID", "none")
    with pytest.raises(SettingsError) as refused:
        load_settings(VerifierProcessSettings)
    assert refused.value.problems == [
        "VERIFIER_CHAIN_ID is missing or not of its form",
        "VERIFIER_FACILITY_DID is missing or not of its form",
    ]


def test_there_must_be_a_ledger(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("VERIFIER_LEDGER_PATH")

    with pytest.raises(SettingsError, match="ledger_urls"):
        load_settings(VerifierProcessSettings)
