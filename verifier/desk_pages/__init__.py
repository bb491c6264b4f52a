"""The front desk's application, built from `web/desk`."""

from pathlib import Path

BUILT = Path(__file__).parent / "built"
