"""An application's start and end as a server runs them."""

from __future__ import annotations

from asgi_lifespan import LifespanManager
from starlette.types import ASGIApp


def lifespan_of(app: ASGIApp) -> LifespanManager:
    """Starts the application and stops it at the end of the block; a busy machine is slow now and then."""
    return LifespanManager(app, startup_timeout=120, shutdown_timeout=120)
