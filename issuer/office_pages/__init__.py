"""The officers' pages, built from `web/office`; they ask nothing but what any officer's program may."""

from pathlib import Path

BUILT = Path(__file__).parent / "built"
