"""`python -m verifier`: the service by itself, set up by environment variables that begin with `VERIFIER_`."""

from __future__ import annotations

import sys

from vc_core.web.process import ProcessSettings, run_service
from verifier.app import create_app
from verifier.settings import VerifierSettings


class VerifierProcessSettings(ProcessSettings, VerifierSettings):
    """The service's own settings, and those of its process."""

    port: int = 8002

    def problems(self) -> list[str]:
        """See `ServiceSettings.problems`."""
        found = super().problems()
        if self.without_ledger and self.bundle_signer is None:
            found.append("bundle_signer must say whose trust bundles to take, where there is no ledger")
        return found


def main() -> int:
    """Runs the service; returns the process's exit code."""
    return run_service(VerifierProcessSettings, create_app)


if __name__ == "__main__":
    sys.exit(main())
