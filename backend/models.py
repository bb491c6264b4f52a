"""The base of the backend's tables: its own metadata, so that no other service's tables are in its database."""

from __future__ import annotations

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class BackendTable(SQLModel, registry=registry()):
    """Base of the backend's tables. Times are whole seconds since 1970; ids are 32 hex digits, random."""
