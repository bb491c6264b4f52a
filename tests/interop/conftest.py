"""Our services, and programs of others beside them, once for all tests: they are slow to start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.support.openid4vc_peers import ServicePeer, running_service_peer
from tests.support.sample_services import SampleServices, running_sample_services


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SampleServices]:
    """Our services; their tests run in the same event loop (`loop_scope="session"`)."""
    async with running_sample_services(tmp_path_factory.mktemp("sabai")) as running:
        yield running


@pytest.fixture(scope="session")
def holder(services: SampleServices) -> Iterator[ServicePeer]:
    """The others' wallet, which asks our issuer for DIDs."""
    with running_service_peer("holder", resolver=services.issuer) as peer:
        yield peer
