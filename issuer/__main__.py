"""`python -m issuer`: the service by itself, set up by environment variables that begin with `ISSUER_`."""

from __future__ import annotations

import sys

from issuer.app import create_app
from issuer.settings import IssuerSettings
from vc_core.web.process import ProcessSettings, run_service


class IssuerProcessSettings(ProcessSettings, IssuerSettings):
    """The service's own settings, and those of its process."""

    port: int = 8001


def main() -> int:
    """Runs the service; returns the process's exit code."""
    return run_service(IssuerProcessSettings, create_app)


if __name__ == "__main__":
    sys.exit(main())
