"""The base of the issuer's tables: its own metadata, so that no other service's tables are in its database.

All times in them are whole seconds since 1970, all ids opaque random text.
"""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from vc_core.web.registry import registry_tables


class IssuerTable(SQLModel, registry=registry()):
    """Base of the issuer's tables."""


REGISTRY_TABLES = registry_tables(IssuerTable.metadata)
"""The mirrored registry, kept in the same database."""
