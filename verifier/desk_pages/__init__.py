"""The desk's camera page, built from `web/desk`; what it reads is posted to the desk's own page."""

from pathlib import Path

BUILT = Path(__file__).parent / "built"
