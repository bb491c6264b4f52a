"""What a patient is asked to agree to: which credentials go to which wallet, and which can't be issued now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from issuer.authorization.clients import WalletClients
from issuer.authorization.models import AuthorizationRequestRow
from issuer.issuance.claims import claims_of, expiry_of
from issuer.issuance.configurations import Configuration
from issuer.issuance.models import Offer
from issuer.roster.models import Person
from vc_core.clock import Clock
from vc_core.credential_types.definition import InvalidClaims
from vc_core.errors import ProtocolError
from vc_core.web.database import Database


class ConsentService:
    """The consent page's content."""

    def __init__(
        self, database: Database, configurations: Mapping[str, Configuration], clients: WalletClients, clock: Clock
    ) -> None:
        self._database = database
        self._configurations = configurations
        self._clients = clients
        self._clock = clock

    async def view(self, row: AuthorizationRequestRow, language: str) -> dict[str, Any]:
        """The template's variables, for a request whose patient is known."""
        person, offer = await self._load(row)
        available = self._available(row, person, offer)
        unavailable = [each for each in self._known(row) if each not in available]
        return {
            "person_name": person.name,
            "person_latin": person.name_latin,
            "wallet": self._clients.name(row.client_id) or (row.client_id if row.instance_jkt else None),
            "host": urlsplit(row.redirect_uri).netloc,
            "available": self._labels(available, language),
            "unavailable": self._labels(unavailable, language),
        }

    async def available(self, row: AuthorizationRequestRow) -> list[str]:
        """Of the credentials that the request is for, those that can be issued to the patient.

        Raises `ProtocolError` `invalid_request` where there is none, or nobody is known yet.
        """
        available = self._available(row, *await self._load(row))
        if not available:
            raise ProtocolError("invalid_request", "Nothing can be issued.")
        return available

    def form_target_of(self, row: AuthorizationRequestRow) -> str:
        """Where the browser may go after the form, as a source of the Content-Security-Policy."""
        parts = urlsplit(row.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"

    async def _load(self, row: AuthorizationRequestRow) -> tuple[Person, Offer | None]:
        async with self._database.transaction() as session:
            person = None if row.person_id is None else await session.get(Person, row.person_id)
            offer = None if row.offer_id is None else await session.get(Offer, row.offer_id)
        if person is None:
            raise ProtocolError("invalid_request", "Nobody has signed in.")
        return person, offer

    def _available(self, row: AuthorizationRequestRow, person: Person, offer: Offer | None) -> list[str]:
        stated = {} if offer is None else offer.claims or {}
        found = []
        for each in self._known(row):
            configuration = self._configurations[each]
            credential_type = configuration.credential_type
            try:
                claims = claims_of(person, configuration, stated.get(credential_type.name, {}))
                expiry_of(claims, credential_type, issued_at=self._clock())
            except (InvalidClaims, ProtocolError):
                continue
            found.append(each)
        return found

    def _known(self, row: AuthorizationRequestRow) -> list[str]:
        """What the request is for, without what this issuer has ceased to issue since."""
        return [each for each in row.configuration_ids if each in self._configurations]

    def _labels(self, configuration_ids: Sequence[str], language: str) -> list[str]:
        """Each credential type once, in whatever formats it is asked for."""
        types = (self._configurations[each].credential_type for each in configuration_ids)
        return list(dict.fromkeys(each.labels[language] for each in types))
