"""What keeps the issuer from starting, and from being ready."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from issuer.app import create_app
from issuer.keys import load_issuing_keys, role_problems
from issuer.keys_file import save_issuing_keys_file
from issuer.settings import IssuerSettings, IssuingKeySettings
from tests.issuer.conftest import Chain
from tests.support.clock import SetClock
from tests.support.lifespan import lifespan_of
from tests.support.softhsm import PIN, SoftHsm
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.crypto.keys import Algorithm, P256Signer, signer_to_pem
from vc_core.crypto.pkcs11 import create_pkcs11_key
from vc_core.errors import SettingsError
from vc_core.http import HttpClient


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: nothing here depends on the database."""
    return f"sqlite+aiosqlite:///{tmp_path / 'issuer.sqlite'}"


def changed(settings: IssuerSettings, **change: Any) -> IssuerSettings:
    """The settings with some of them changed."""
    return settings.model_copy(update=change)


def key_changed(settings: IssuerSettings, **change: Any) -> IssuerSettings:
    """The settings with the first issuing key changed."""
    first, *others = settings.issuing_keys
    return changed(settings, issuing_keys=(first.model_copy(update=change), *others))


def test_good_settings_have_no_problems(settings: IssuerSettings) -> None:
    assert settings.problems() == []
    assert set(load_issuing_keys(settings)) == {each.name for each in CREDENTIAL_TYPES.values()}


def test_every_problem_is_named_at_once(settings: IssuerSettings) -> None:
    bad = changed(settings, profile="production", officer_token=SecretStr("short"), public_url="http://issuer.test/")
    assert len(bad.problems()) == 4


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"credential_type": "Passport"}, "there is not"),
        ({"credential_type": "InsuranceCoverage"}, "once"),
        ({"status_verification_method": "did:ethr:0x539:0x1#delegate-2"}, "of one DID"),
    ],
)
def test_issuing_keys_that_do_not_fit(settings: IssuerSettings, change: dict[str, Any], problem: str) -> None:
    assert any(problem in each for each in key_changed(settings, **change).problems())


def test_no_issuing_keys(settings: IssuerSettings) -> None:
    assert changed(settings, issuing_keys=()).problems() == ["issuing_keys must name at least one credential type"]


def test_key_files_that_can_not_be_used(settings: IssuerSettings, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    first: IssuingKeySettings = settings.issuing_keys[0]
    for change, problem in (
        ({"key": str(tmp_path / "none.pem")}, "the key for HealthId can't be opened: the key file can't be read"),
        ({"key": str(tmp_path / "empty.pem")}, "the key for HealthId can't be opened: not an unencrypted PKCS#8 key"),
        ({"key": first.status_key}, "the key for HealthId must be for ES256"),
    ):
        with pytest.raises(SettingsError) as refused:
            load_issuing_keys(key_changed(settings, **change))
        assert refused.value.problems == [problem]


async def parts_ready(settings: IssuerSettings, chain: Chain, clock: SetClock) -> dict[str, bool]:
    """What `/readyz` says of each part."""
    app = create_app(settings, clock=clock, ledger=chain.ledger, http=HttpClient())
    async with lifespan_of(app) as running:
        transport = httpx.ASGITransport(app=running.app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
            assert (await client.get("/healthz")).status_code == 200
            answer = await client.get("/readyz")
            parts: dict[str, bool] = answer.json()["parts"]
            assert answer.status_code == (200 if all(parts.values()) else 503)
            return parts


async def test_not_ready_with_a_key_that_the_registry_does_not_have(
    settings: IssuerSettings, chain: Chain, clock: SetClock, tmp_path: Path
) -> None:
    (tmp_path / "other.pem").write_bytes(signer_to_pem(P256Signer.generate()))
    other = key_changed(settings, key=str(tmp_path / "other.pem"))
    assert await parts_ready(other, chain, clock) == {"database": True, "registry": True, "keys": False}


async def test_not_ready_without_an_accreditation(settings: IssuerSettings, chain: Chain, clock: SetClock) -> None:
    first, second, *_ = settings.issuing_keys
    swapped = (
        first.model_copy(update={"credential_type": second.credential_type}),
        second.model_copy(update={"credential_type": first.credential_type}),
    )
    parts = await parts_ready(changed(settings, issuing_keys=swapped), chain, clock)
    assert parts == {"database": True, "registry": True, "keys": False}


def test_the_process_says_in_one_line_why_it_does_not_start() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "issuer"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin"},
        timeout=60,
    )
    assert ended.returncode == 1
    assert "ISSUER_CHAIN_ID is missing or not of its form" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_keys_named_in_a_file(settings: IssuerSettings, tmp_path: Path) -> None:
    path = tmp_path / "issuing.json"
    save_issuing_keys_file(path, settings.issuing_keys)
    from_file = changed(settings, issuing_keys=(), issuing_keys_file=path)
    assert from_file.problems() == []
    assert load_issuing_keys(from_file).keys() == load_issuing_keys(settings).keys()
    assert changed(settings, issuing_keys_file=path).problems() == [
        "either issuing_keys or issuing_keys_file, not both"
    ]


@pytest.mark.parametrize("content", ["", "{}", "[]", '[{"credential_type": "HealthId"}]', "[" * 100_000])
def test_key_files_of_another_form(settings: IssuerSettings, tmp_path: Path, content: str) -> None:
    path = tmp_path / "issuing.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match="issuing_keys_file"):
        load_issuing_keys(changed(settings, issuing_keys=(), issuing_keys_file=path))


def test_a_key_of_two_roles_is_a_problem(settings: IssuerSettings) -> None:
    key, other, *_ = load_issuing_keys(settings).values()
    assert role_problems([key, other]) == []
    shared = replace(other, status_signer=key.signer)
    assert len(role_problems([key, shared])) == 1


@pytest.mark.hsm
async def test_issues_with_keys_in_a_token(
    settings: IssuerSettings, chain: Chain, clock: SetClock, softhsm: SoftHsm
) -> None:
    """Opened by URI, but not in the registry: the issuer starts, and says that it is not ready."""
    create_pkcs11_key(softhsm.uri("credentials"), Algorithm.ES256)
    in_token = key_changed(settings, key=softhsm.uri_without_pin("credentials"))
    softhsm.restart()
    with pytest.raises(SettingsError, match="no PIN"):
        load_issuing_keys(in_token)
    with_pin = changed(in_token, pkcs11_pin=SecretStr(PIN))
    assert await parts_ready(with_pin, chain, clock) == {"database": True, "registry": True, "keys": False}
