"""What PostgreSQL can't take as a text is refused before it gets there, whichever text of a request it is in."""

from __future__ import annotations

import httpx
import pytest

from tests.issuer.wallet import OFFICER
from tests.support.hostile_texts import errors_of_ours

pytestmark = pytest.mark.postgres


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """SQLite takes them."""
    return postgres_url


async def test_no_text_of_a_request_is_an_error_of_ours(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    known = {"person_id": next(iter(people.values())), "credential_type": "InsuranceCoverage", "proposal_id": "0" * 32}

    asked, failed = await errors_of_ours(client, [OFFICER], known=known)

    assert failed == []
    assert asked > 50
