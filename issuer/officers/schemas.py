"""Officers on the wire."""

from __future__ import annotations

from pydantic import BaseModel

from issuer.access import OfficeRole


class PrincipalAnswer(BaseModel):
    """Who asks; `name` is empty for whoever has the office's bearer token, whose id is `token`."""

    id: str
    name: str
    roles: list[OfficeRole]
