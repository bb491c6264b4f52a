"""The base of the verifier's tables: its own metadata, so that no other service's tables are in its database."""

from __future__ import annotations

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class VerifierTable(SQLModel, registry=registry()):
    """Base of the verifier's tables. Times are seconds since 1970."""
