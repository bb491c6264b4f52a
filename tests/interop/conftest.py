"""Our services, and programs of others beside them, once for all tests: they are slow to start.

The tests run in one event loop too (`loop_scope="session"`), in which our services answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.foreign_offices import open_foreign_issuer, open_foreign_verifier
from tests.support.ministry import ANCHOR
from tests.support.openid4vc_peers import ServicePeer, running_service_peer
from tests.support.sample_services import SampleServices, running_sample_services
from tests.support.tls import create_self_signed


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SampleServices]:
    """Our services."""
    async with running_sample_services(tmp_path_factory.mktemp("sabai")) as running:
        yield running


@pytest.fixture(scope="session")
def holder(services: SampleServices) -> Iterator[ServicePeer]:
    """The others' wallet, which asks our issuer for DIDs."""
    with running_service_peer("holder", resolver=services.issuer) as peer:
        yield peer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def secure(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SampleServices]:
    """Services of ours by https, whose desk has a certificate and whose issuer gives only tokens bound to a key."""
    folder = tmp_path_factory.mktemp("secure")
    async with AsyncExitStack() as stack:
        # Only while they start: other tests of this process must not find it.
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("ISSUER_DPOP", "required")
            services = running_sample_services(folder / "data", create_self_signed(folder))
            running = await stack.enter_async_context(services)
        yield running


@pytest.fixture(scope="session")
def secure_holder(secure: SampleServices) -> Iterator[ServicePeer]:
    """The others' wallet, which asks that issuer for DIDs, and trusts the services' certificate."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("NODE_EXTRA_CA_CERTS", str(secure.certificate))
            peer = stack.enter_context(running_service_peer("holder", resolver=secure.issuer))
        yield peer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def issuer(services: SampleServices) -> AsyncIterator[ServicePeer]:
    """The others' issuer: bearer tokens, nothing encrypted."""
    with running_service_peer("issuer", resolver=services.issuer) as peer:
        await open_foreign_issuer(peer, services)
        yield peer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def strict_issuer(services: SampleServices) -> AsyncIterator[ServicePeer]:
    """The others' issuer with all that it can ask of a wallet: DPoP with nonces, identifiers, encryption both ways."""
    with running_service_peer("issuer", resolver=services.issuer) as peer:
        await open_foreign_issuer(peer, services, dpop=True, identifiers=True, encryption="required")
        yield peer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def verifier(services: SampleServices) -> AsyncIterator[ServicePeer]:
    """The others' verifier, known by its DID and by a certificate."""
    with running_service_peer("verifier", resolver=services.issuer) as peer:
        await open_foreign_verifier(peer, services)
        yield peer


@pytest.fixture(scope="session")
def anchor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority that certifies hospitals, as a file."""
    path = tmp_path_factory.mktemp("anchors") / "ministry.pem"
    path.write_bytes(ANCHOR.pem)
    return path
