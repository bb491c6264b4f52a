"""The Verifiable Credentials Data Model (W3C VCDM 2.0, and 1.1 for older issuers): which JSON is a credential.

    parsed JSON ── parse_credential_document ───▶ CredentialDocument
    parsed JSON ── parse_presentation_document ─▶ PresentationDocument, its credentials parsed as well

The model is the same however a document is secured, so the Data Integrity and the JOSE formats both start here. Nothing
here looks at a proof, resolves a context or knows a credential type: that a term is defined and what it means is the
business of `vc_core.formats.data_integrity`. Input comes from `parse_json_object`, which bounds its depth.

Every fault is a `Rejection` with `MALFORMED`. Times become seconds since 1970.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from vc_core.errors import ReasonCode, Rejection

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
MAX_ITEMS = 100
"""Members that a set in a document may have."""
MAX_URL_LENGTH = 8192

# RFC 3987 without its rarest corners: no bracketed hosts, one fragment, percent signs only before two hex digits.
_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:[^\x00-\x20\x7f-\x9f\ufff0-\uffff<>\"{}|\\^`\[\]#%]|%[0-9A-Fa-f]{2}|#(?!.*#))+\Z"
)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")
# XML Schema 1.1 part 2, dateTimeStamp; the years of the common era that calendars have.
_DATETIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:[0-5]\d:[0-5]\d)(\.\d{1,30})?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)\Z", re.ASCII
)
_PLAIN_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ\Z", re.ASCII)
"""As nearly all are written."""
_ENVELOPE = re.compile(r"data:(application/[a-z+-]+),([A-Za-z0-9._~-]+)\Z")
_NAMES = ("name", "description")


class ModelVersion(StrEnum):
    """The version of the model, which the first context tells."""

    V1_1 = "1.1"
    V2_0 = "2.0"


@dataclass(frozen=True)
class CredentialDocument:
    """A credential that has the form of the model. `valid_from` is inclusive, `valid_until` exclusive.

    Both are seconds since 1970 or None where the document does not say; fractions are rounded to the narrower period.
    """

    document: Mapping[str, Any]
    version: ModelVersion
    issuer: str
    valid_from: int | None
    valid_until: int | None

    def check_validity(self, *, now: int, clock_tolerance: int) -> None:
        """Raises `Rejection` with `NOT_YET_VALID` or `EXPIRED_CREDENTIAL` outside the validity period (section 4.9)."""
        if self.valid_from is not None and self.valid_from > now + clock_tolerance:
            raise Rejection(ReasonCode.NOT_YET_VALID, "The credential is not valid yet.")
        if self.valid_until is not None and now >= self.valid_until:
            raise Rejection(ReasonCode.EXPIRED_CREDENTIAL, "The credential has expired.")


@dataclass(frozen=True)
class EnvelopedDocument:
    """A credential or presentation within a `data:` URL (section 4.13.2), such as a `vc+jwt`; parsed no further."""

    media_type: str
    content: str


@dataclass(frozen=True)
class PresentationDocument:
    """A presentation that has the form of the model, and the credentials in it, in order. Of 1.1, also JWTs as text."""

    document: Mapping[str, Any]
    version: ModelVersion
    holder: str | None
    credentials: tuple[CredentialDocument | EnvelopedDocument | str, ...]


def parse_credential_document(value: Any) -> CredentialDocument:
    """A credential of VCDM 2.0 or 1.1, secured or not. Raises `Rejection` with `MALFORMED`."""
    document = _object(value, "The credential")
    version = _version(document)
    _check_types(document, "VerifiableCredential")
    _check_id(document)
    _check_subjects(document.get("credentialSubject"))
    _check_names(document)
    issuer = _party(document.get("issuer"), "issuer")
    if version is ModelVersion.V2_0:
        valid_from, valid_until = _period(
            document, "validFrom", "validUntil", forbidden=("issuanceDate", "expirationDate")
        )
    else:
        valid_from, valid_until = _period(
            document, "issuanceDate", "expirationDate", forbidden=("validFrom", "validUntil")
        )
        if valid_from is None:
            raise _malformed("The credential does not say when it was issued.")
    for name, check in _TYPED_OBJECTS.items():
        if name in document:
            _check_set(document[name], name, check)
    _check_related_resources(document)
    return CredentialDocument(document, version, issuer, valid_from, valid_until)


def parse_presentation_document(value: Any) -> PresentationDocument:
    """A presentation of VCDM 2.0 or 1.1, and all credentials in it. Raises `Rejection` with `MALFORMED`.

    A credential without a proof of its own is its holder's word (section 4.13.4): its issuer must be the holder.
    """
    document = _object(value, "The presentation")
    version = _version(document)
    _check_types(document, "VerifiablePresentation")
    _check_id(document)
    holder = _party(document["holder"], "holder") if "holder" in document else None
    if "termsOfUse" in document:
        _check_set(document["termsOfUse"], "termsOfUse", _check_typed)
    contained = document.get("verifiableCredential", [])
    credentials = tuple(_contained(each, version) for each in _items(contained, "verifiableCredential", empty=True))
    for each in credentials:
        unsecured = isinstance(each, CredentialDocument) and "proof" not in each.document
        if isinstance(each, CredentialDocument) and unsecured and each.issuer != holder:
            raise _malformed("A credential in the presentation is neither secured nor the holder's own.")
    return PresentationDocument(document, version, holder, credentials)


def parse_enveloped(value: Any, type: str) -> EnvelopedDocument:
    """What an `EnvelopedVerifiableCredential` or `EnvelopedVerifiablePresentation` holds (sections 4.13.2, 4.13.3).

    Its one context may stand alone, outside a list, as in the model's own examples. Raises `Rejection` `MALFORMED`.
    """
    document = _object(value, "The envelope")
    context = document.get("@context")
    _version({"@context": [context]} if isinstance(context, str) else document)
    _check_types(document, type)
    match = _ENVELOPE.match(document["id"]) if isinstance(document.get("id"), str) else None
    if match is None:
        raise _malformed("An envelope holds what it secures as a data URL.")
    return EnvelopedDocument(match[1], match[2])


def is_url(value: Any) -> bool:
    """Whether this is one absolute URL (section 4.4), as RFC 3987 has it; relative ones and blank nodes are none."""
    return isinstance(value, str) and len(value) <= MAX_URL_LENGTH and _IRI.match(value) is not None


def parse_datetime(value: Any) -> tuple[int, int]:
    """A dateTimeStamp of XML Schema 1.1 as seconds since 1970, rounded down and rounded up.

    The time zone is required; the year has four digits and is not 0000. Raises `Rejection` with `MALFORMED`.
    """
    if isinstance(value, str) and _PLAIN_DATETIME.match(value):
        try:
            seconds = int(datetime.fromisoformat(value).timestamp())
        except ValueError as cause:
            raise _malformed("A time in the document is not a date and time with a time zone.") from cause
        return seconds, seconds
    match = _DATETIME.match(value) if isinstance(value, str) else None
    try:
        if match is None:
            raise ValueError("not of the form")
        day, clock, fraction, zone = match.groups()
        midnight_after = clock == "24:00:00" and not (fraction or "").strip(".0")
        moment = datetime.fromisoformat(f"{day}T{'00:00:00' if midnight_after else clock}")
        moment = moment.replace(tzinfo=_zone(zone)) + timedelta(days=1 if midnight_after else 0)
        seconds = round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    except (ValueError, OverflowError) as cause:
        raise _malformed("A time in the document is not a date and time with a time zone.") from cause
    return seconds, seconds + math.ceil(float("0" + (fraction or ".0")))


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:]))
    return timezone(-offset if text[0] == "-" else offset)


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _malformed(f"{what} is not a JSON object.")
    return value


def _items(value: Any, name: str, *, empty: bool = False) -> list[Any]:
    """A set, which may be written as its one member."""
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_ITEMS or not (items or empty):
        raise _malformed(f"{name} has no values, or too many.")
    return items


def _version(document: Mapping[str, Any]) -> ModelVersion:
    """`@context`: an ordered set of URLs and context objects, the base context first (section 4.3)."""
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not 0 < len(contexts) <= MAX_ITEMS:
        raise _malformed("@context is not a list of contexts.")
    urls = [each for each in contexts if isinstance(each, str)]
    if not all(isinstance(each, dict) or is_url(each) for each in contexts) or len(set(urls)) != len(urls):
        raise _malformed("A context is neither a URL nor an object, or there twice.")
    match contexts[0]:
        case "https://www.w3.org/ns/credentials/v2":
            return ModelVersion.V2_0
        case "https://www.w3.org/2018/credentials/v1":
            return ModelVersion.V1_1
        case _:
            raise _malformed("The first context is not that of the data model.")


def _check_types(document: Mapping[str, Any], required: str) -> None:
    """`type`: one or more terms or URLs, among them the required one (section 4.5)."""
    _check_typed(document)
    if required not in _items(document["type"], "type"):
        raise _malformed(f"The document is not a {required}.")


def _check_typed(value: Any) -> None:
    """An object with a `type` and, where it has one, an `id`."""
    document = _object(value, "A part of the document")
    types = _items(document.get("type"), "type")
    if not all(isinstance(each, str) and each and not any(map(str.isspace, each)) for each in types):
        raise _malformed("A type is not a term or a URL.")
    _check_id(document)


def _check_typed_with_id(value: Any) -> None:
    _check_typed(value)
    if "id" not in value:
        raise _malformed("A part of the document has no id.")


def _check_id(document: Mapping[str, Any]) -> None:
    if "id" in document and not is_url(document["id"]):
        raise _malformed("An id is not one absolute URL.")


def _check_set(value: Any, name: str, check: Callable[[Any], None]) -> None:
    for each in _items(value, name):
        check(each)


def _check_subjects(value: Any) -> None:
    """`credentialSubject`: one or more objects, none of them empty (section 4.8)."""
    for each in _items(value, "credentialSubject"):
        subject = _object(each, "A credential subject")
        if not subject:
            raise _malformed("Nothing is said about a credential subject.")
        _check_id(subject)


def _party(value: Any, name: str) -> str:
    """The URL of an issuer or holder, who may be described by an object (section 4.7)."""
    if isinstance(value, dict):
        _check_names(value)
    url = value.get("id") if isinstance(value, dict) else value
    if not is_url(url):
        raise _malformed(f"The {name} is not named by an absolute URL.")
    return str(url)


def _check_names(document: Mapping[str, Any]) -> None:
    """`name` and `description`: text, or language value objects (sections 4.6, 11.1)."""
    for name in _NAMES:
        if name in document:
            _check_set(document[name], name, _check_language_value)


def _check_language_value(value: Any) -> None:
    if isinstance(value, str):
        return
    described = _object(value, "A name or description")
    language, direction = described.get("@language"), described.get("@direction")
    if not isinstance(described.get("@value"), str) or described.keys() - {"@value", "@language", "@direction"}:
        raise _malformed("A name or description is neither text nor a language value object.")
    if "@language" in described and not (isinstance(language, str) and _LANGUAGE.match(language)):
        raise _malformed("The language of a name or description is not a language tag.")
    if "@direction" in described and direction not in ("ltr", "rtl"):
        raise _malformed("The direction of a name or description is neither ltr nor rtl.")


def _period(
    document: Mapping[str, Any], start: str, end: str, *, forbidden: tuple[str, str]
) -> tuple[int | None, int | None]:
    """The validity period (section 4.9); `forbidden` are the members by which the other version names it."""
    if any(name in document for name in forbidden):
        raise _malformed("The credential's validity period is written as another version of the model has it.")
    starts = parse_datetime(document[start]) if start in document else None
    ends = parse_datetime(document[end]) if end in document else None
    if starts is not None and ends is not None and _exact(document[start]) > _exact(document[end]):
        raise _malformed("The credential ends before it begins.")
    return (None if starts is None else starts[1]), (None if ends is None else ends[0])


def _exact(text: str) -> tuple[int, str]:
    """A moment in order with others: its whole second, then its fraction's digits."""
    match = _DATETIME.match(text)
    return parse_datetime(text)[0], (match[3] or "").rstrip("0").rstrip(".") if match else ""


def _check_related_resources(document: Mapping[str, Any]) -> None:
    """`relatedResource`: objects with an id of their own and a digest (section 5.3); nothing is fetched."""
    if "relatedResource" not in document:
        return
    seen = set()
    for each in _items(document["relatedResource"], "relatedResource"):
        resource = _object(each, "A related resource")
        if not is_url(resource.get("id")) or resource["id"] in seen:
            raise _malformed("A related resource has no id of its own.")
        seen.add(resource["id"])
        digests = [resource[name] for name in ("digestSRI", "digestMultibase") if name in resource]
        if not digests or not all(isinstance(digest, str) and digest for digest in digests):
            raise _malformed("A related resource has no digest.")


def _contained(value: Any, version: ModelVersion) -> CredentialDocument | EnvelopedDocument | str:
    if isinstance(value, str) and version is ModelVersion.V1_1:
        return value
    document = _object(value, "A credential in the presentation")
    if "EnvelopedVerifiableCredential" in _items(document.get("type"), "type"):
        return parse_enveloped(document, "EnvelopedVerifiableCredential")
    return parse_credential_document(document)


def _malformed(message: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, message)


_TYPED_OBJECTS: Mapping[str, Callable[[Any], None]] = {
    "credentialStatus": _check_typed,
    "credentialSchema": _check_typed_with_id,
    "refreshService": _check_typed,
    "termsOfUse": _check_typed,
    "evidence": _check_typed,
    "confidenceMethod": _check_typed,
    "renderMethod": _check_typed,
}
"""Members of a credential whose values are typed objects (sections 4.10, 4.11, 5.4 to 5.6, 5.10)."""
