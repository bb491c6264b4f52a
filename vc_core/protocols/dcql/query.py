"""DCQL queries as messages (OpenID4VP 1.0 sections 6.1 to 6.4): read strictly and within limits, and written.

Of `meta`, the properties of the formats that we know are read: `vct_values` of `dc+sd-jwt`, `type_values` of the W3C
formats. A query for another format is well-formed all the same; no credential answers it. Unknown properties are
ignored, as section 6 asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from vc_core.errors import ProtocolError
from vc_core.protocols.dcql.claims_path import MAX_STEPS, Path

SD_JWT_VC = "dc+sd-jwt"
W3C_FORMATS = frozenset({"jwt_vc_json", "ldp_vc"})

_MAX_CREDENTIALS = 20
_MAX_CLAIMS = 100
_MAX_SETS = 20
_MAX_OPTIONS = 50
_MAX_VALUES = 100
_MAX_TEXT = 2048
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")
_MAX_INTEGER = 2**53

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class ClaimsQuery:
    """A claim asked for (section 6.3): `values` None where any value will do, else those of which it must be one."""

    path: Path
    id: str | None = None
    values: tuple[str | int | bool, ...] | None = None


@dataclass(frozen=True)
class TrustedAuthoritiesQuery:
    """Who may stand behind the issuer (section 6.1.1): one of `values`, in the meaning that `type` gives them."""

    type: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class CredentialQuery:
    """A credential asked for (section 6.1).

    `vct_values` and `type_values` are empty where the query does not limit the type. `claims` empty asks for nothing
    that could be withheld; `claim_sets` are alternatives among the ids in `claims`, the preferred one first.
    """

    id: str
    format: str
    vct_values: tuple[str, ...] = ()
    type_values: tuple[tuple[str, ...], ...] = ()
    claims: tuple[ClaimsQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()
    multiple: bool = False
    trusted_authorities: tuple[TrustedAuthoritiesQuery, ...] = ()
    require_cryptographic_holder_binding: bool = True

    def alternatives(self) -> tuple[tuple[ClaimsQuery, ...], ...]:
        """The combinations of claims that would do, the preferred one first (section 6.4.1)."""
        if not self.claim_sets:
            return (self.claims,)
        by_id = {each.id: each for each in self.claims}
        return tuple(tuple(by_id[each] for each in ids) for ids in self.claim_sets)


@dataclass(frozen=True)
class CredentialSetQuery:
    """A purpose that one of the `options` serves, each a list of ids of credential queries (section 6.2)."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True)
class DcqlQuery:
    """A whole query (section 6)."""

    credentials: tuple[CredentialQuery, ...]
    credential_sets: tuple[CredentialSetQuery, ...] = ()

    def sets(self) -> tuple[CredentialSetQuery, ...]:
        """The credential sets; without any, one that needs every credential asked for (section 6.4.2)."""
        return self.credential_sets or (CredentialSetQuery((tuple(each.id for each in self.credentials),)),)

    def credential(self, credential_id: str) -> CredentialQuery | None:
        """The credential query of that id."""
        return next((each for each in self.credentials if each.id == credential_id), None)


def create_dcql_query(query: DcqlQuery) -> dict[str, Any]:
    """The query as a JSON object; what has its default value is left out."""
    value: dict[str, Any] = {"credentials": [_credential_object(each) for each in query.credentials]}
    if query.credential_sets:
        value["credential_sets"] = [
            {"options": [list(option) for option in each.options]} | ({} if each.required else {"required": False})
            for each in query.credential_sets
        ]
    return value


def _credential_object(query: CredentialQuery) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if query.vct_values:
        meta["vct_values"] = list(query.vct_values)
    if query.type_values:
        meta["type_values"] = [list(each) for each in query.type_values]
    optional: dict[str, Any] = {
        "multiple": query.multiple,
        "trusted_authorities": [{"type": each.type, "values": list(each.values)} for each in query.trusted_authorities],
        "claims": [_claims_object(each) for each in query.claims],
        "claim_sets": [list(each) for each in query.claim_sets],
    }
    value: dict[str, Any] = {"id": query.id, "format": query.format, "meta": meta}
    value |= {name: each for name, each in optional.items() if each}
    if not query.require_cryptographic_holder_binding:
        value["require_cryptographic_holder_binding"] = False
    return value


def _claims_object(query: ClaimsQuery) -> dict[str, Any]:
    value: dict[str, Any] = {} if query.id is None else {"id": query.id}
    value["path"] = list(query.path)
    if query.values is not None:
        value["values"] = list(query.values)
    return value


def parse_dcql_query(value: Any) -> DcqlQuery:
    """The `dcql_query` of a request, as parsed JSON. Raises `ProtocolError` `invalid_request`.

    For what section 6 forbids: a missing or empty list, a wrong type, an id that is malformed, doubled or refers to
    nothing, `claim_sets` without `claims`; and for what is over our limits.
    """
    query = _object(value)
    credentials = _array(query, "credentials", _parse_credential, most=_MAX_CREDENTIALS)
    ids = frozenset(each.id for each in credentials)
    if len(ids) != len(credentials):
        raise _invalid("Two credential queries have the same id.")
    sets = _optional_array(query, "credential_sets", lambda each: _parse_credential_set(each, ids), most=_MAX_SETS)
    return DcqlQuery(credentials, sets)


def _parse_credential(value: Any) -> CredentialQuery:
    query = _object(value)
    credential_format = _text(query.get("format"))
    meta = _object(query.get("meta"))
    claims = _optional_array(query, "claims", _parse_claims_query, most=_MAX_CLAIMS)
    named = [each.id for each in claims if each.id is not None]
    if len(set(named)) != len(named):
        raise _invalid("Two claims of a credential query have the same id.")
    claim_sets = _optional_array(
        query, "claim_sets", lambda each: _references(each, frozenset(named), most=_MAX_CLAIMS), most=_MAX_OPTIONS
    )
    if claim_sets and len(named) != len(claims):
        raise _invalid("A claim has no id, though there are claim sets.")
    return CredentialQuery(
        _id(query.get("id")),
        credential_format,
        # An empty `meta` limits nothing (section 6.1); one with properties must have that of its format.
        _array(meta, "vct_values", _text, most=_MAX_VALUES) if meta and credential_format == SD_JWT_VC else (),
        _array(meta, "type_values", _parse_types, most=_MAX_OPTIONS)
        if meta and credential_format in W3C_FORMATS
        else (),
        claims,
        claim_sets,
        multiple=_boolean(query, "multiple", default=False),
        trusted_authorities=_optional_array(query, "trusted_authorities", _parse_authorities, most=_MAX_SETS),
        require_cryptographic_holder_binding=_boolean(query, "require_cryptographic_holder_binding", default=True),
    )


def _parse_types(value: Any) -> tuple[str, ...]:
    return _items(value, _text, most=_MAX_VALUES)


def _parse_claims_query(value: Any) -> ClaimsQuery:
    query = _object(value)
    path = _items(query.get("path"), _step, most=MAX_STEPS)
    values = _array(query, "values", _claim_value, most=_MAX_VALUES) if "values" in query else None
    return ClaimsQuery(path, _id(query["id"]) if "id" in query else None, values)


def _parse_authorities(value: Any) -> TrustedAuthoritiesQuery:
    query = _object(value)
    return TrustedAuthoritiesQuery(_text(query.get("type")), _array(query, "values", _text, most=_MAX_VALUES))


def _parse_credential_set(value: Any, ids: frozenset[str]) -> CredentialSetQuery:
    query = _object(value)
    options = _array(query, "options", lambda each: _references(each, ids, most=_MAX_CREDENTIALS), most=_MAX_OPTIONS)
    return CredentialSetQuery(options, _boolean(query, "required", default=True))


def _references(value: Any, ids: frozenset[str], *, most: int) -> tuple[str, ...]:
    found = _items(value, _id, most=most)
    if not ids.issuperset(found):
        raise _invalid("A set refers to an id that the query does not have.")
    return found


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _invalid("A part of the query is not an object.")
    return value


def _array(query: Mapping[str, Any], name: str, parse: Callable[[Any], _Item], *, most: int) -> tuple[_Item, ...]:
    return _items(query.get(name), parse, most=most)


def _optional_array(
    query: Mapping[str, Any], name: str, parse: Callable[[Any], _Item], *, most: int
) -> tuple[_Item, ...]:
    return _items(query[name], parse, most=most) if name in query else ()


def _items(value: Any, parse: Callable[[Any], _Item], *, most: int) -> tuple[_Item, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= most:
        raise _invalid("A list of the query is missing, empty or too long.")
    return tuple(parse(each) for each in value)


def _id(value: Any) -> str:
    if not isinstance(value, str) or not _ID.match(value):
        raise _invalid("An id of the query is not of the form that ids have.")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT:
        raise _invalid("A text of the query is missing or too long.")
    return value


def _boolean(query: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = query.get(name, default)
    if not isinstance(value, bool):
        raise _invalid("A part of the query is neither true nor false.")
    return value


def _step(value: Any) -> str | int | None:
    if value is None or (type(value) is int and 0 <= value <= _MAX_INTEGER):
        return value
    return _text(value)


def _claim_value(value: Any) -> str | int | bool:
    if isinstance(value, bool) or (type(value) is int and abs(value) <= _MAX_INTEGER):
        return value
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise _invalid("A value in the query is not text, a whole number, true or false.")
    return value


def _invalid(message: str) -> ProtocolError:
    return ProtocolError("invalid_request", message)
