"""Changes to signed legacy documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tests.support.legacy import legacy_document

Change: TypeAlias = Callable[[dict[str, Any]], None]


def change(**members: Any) -> Change:
    """Sets members of the document."""
    return lambda document: document.update(members)


def subject(**members: Any) -> Change:
    """Sets members of its subject."""
    return lambda document: document["credentialSubject"].update(members)


def proof(**members: Any) -> Change:
    """Sets members of its proof."""
    return lambda document: document["proof"].update(members)


def leave_out(name: str) -> Change:
    """Takes a member away."""
    return lambda document: document.pop(name)


def _move_expiry(name: str) -> Change:
    """The same statement under another name: the signature still fits, and no check of `expirationDate` sees it."""

    def move(document: dict[str, Any]) -> None:
        value = document.pop("expirationDate")
        document[name] = {"@value": value, "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}

    return move


def _nest_expiry(document: dict[str, Any]) -> None:
    document["@nest"] = {"expirationDate": document.pop("expirationDate")}


def _include_expiry(document: dict[str, Any]) -> None:
    node = {"id": document["id"], "type": "VerifiableCredential", "expirationDate": document.pop("expirationDate")}
    document["@included"] = [node]


UNSEEN = {
    "a type that nobody defined": change(type=["VerifiableCredential", "AlumniCredential", "Physician"]),
    "a type that is no name": change(type=["VerifiableCredential", "AlumniCredential", "../Physician"]),
    "evidence with a relative id": change(evidence={"id": "licence", "type": ["BachelorDegree"]}),
    "evidence with a space in its id": change(evidence={"id": "urn:a licence", "type": ["BachelorDegree"]}),
    "a child by a relative reference": subject(child="licence"),
    "a whole child by a relative id": subject(child={"id": "licence", "givenName": "Mallory"}),
    "a member without a value": subject(familyName=None),
    "a value object": subject(givenName={"@value": "Somchai"}),
    "a member named by a blank node": change(**{"_:licence": "yes"}),
    "a member named by a bad IRI": subject(**{"http://a licence": "yes"}),
    "a context inside": subject(**{"@context": {"licence": None}, "licence": "yes"}),
    "a context of its own": change(**{"@context": [*legacy_document("ed25519-2020")["@context"], {"licence": None}]}),
    "the expiry under its IRI": _move_expiry("https://www.w3.org/2018/credentials#expirationDate"),
    "the expiry under a compact IRI": _move_expiry("cred:expirationDate"),
    "the expiry nested": _nest_expiry,
    "the expiry beside": _include_expiry,
}
"""Changes after signing that didkit does not see."""
