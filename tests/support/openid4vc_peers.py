"""A wallet, an issuer and a verifier on npm's @openid4vc packages, over real HTTP on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.credential_peers import Peer, running_program
from tests.support.node import NODE, require_packages
from vc_core.formats.data_integrity.contexts import CONTEXTS

FOLDER = Path(__file__).parent / "openid4vc_peers"


@dataclass(frozen=True)
class ServicePeer:
    """A running peer that asks and answers services: the test's own event loop must go on while it works."""

    peer: Peer

    async def ask(self, method: str, **params: Any) -> Any:
        """As `Peer.ask`."""
        return await asyncio.to_thread(self.peer.ask, method, **params)


@contextmanager
def running_service_peer(script: str, *, resolver: str) -> Iterator[ServicePeer]:
    """Starts `holder`, `issuer` or `verifier`; `resolver` is the origin of the DID resolver that it asks."""
    require_packages(FOLDER)
    with running_program(NODE, str(FOLDER / f"{script}.mjs")) as peer:
        peer.ask("start", resolver=resolver, contexts=dict(CONTEXTS))
        yield ServicePeer(peer)
