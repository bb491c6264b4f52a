"""A service that says it has no ledger."""

from typing import Any

import pytest

from vc_core.clock import system_clock
from vc_core.errors import LedgerUnavailable
from vc_core.web.chain import LedgerSettings, opened_ledger
from verifier.__main__ import VerifierProcessSettings

VALUES: dict[str, Any] = {
    "public_url": "https://service.test",
    "database_url": "postgresql+psycopg://db",
    "chain_id": 1337,
    "did_registry": "0x" + "11" * 20,
    "trust_registry": "0x" + "22" * 20,
    "anchors": "0x" + "33" * 20,
    "without_ledger": True,
}


@pytest.mark.parametrize("profile", ["embedded", "production"])
async def test_no_ledger_is_opened(profile: Any) -> None:
    settings = LedgerSettings(**VALUES, profile=profile)
    assert settings.problems() == []
    async with opened_ledger(settings, system_clock) as ledger:
        assert ledger.chain_id == 1337
        with pytest.raises(LedgerUnavailable):
            await ledger.head()


@pytest.mark.parametrize("named", [{"ledger_path": "chain.sqlite"}, {"ledger_urls": "https://node.test"}])
def test_there_is_one_or_there_is_none(named: dict[str, Any]) -> None:
    assert LedgerSettings(**VALUES, **named).problems() == [
        "without_ledger goes with neither ledger_urls nor ledger_path"
    ]


def test_a_desk_without_ledger_has_somebody_to_believe() -> None:
    desk: dict[str, Any] = {**VALUES, "facility_did": "did:x:y", "hospital_code": "10661", "facility_name": "H"}
    assert VerifierProcessSettings(**desk).problems() == [
        "bundle_signer must say whose trust bundles to take, where there is no ledger"
    ]
    assert VerifierProcessSettings(**desk, bundle_signer="did:x:z").problems() == []
