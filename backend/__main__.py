"""`python -m backend`: the service by itself, set up by environment variables that begin with `BACKEND_`."""

from __future__ import annotations

import sys

from backend.app import create_app
from backend.settings import BackendSettings
from vc_core.web.process import ProcessSettings, run_service


class BackendProcessSettings(ProcessSettings, BackendSettings):
    """The service's own settings, and those of its process."""

    port: int = 8000


def main() -> int:
    """Runs the service; returns the process's exit code."""
    return run_service(BackendProcessSettings, create_app)


if __name__ == "__main__":
    sys.exit(main())
