"""Every text that a service's OpenAPI document has, with what no text may hold, and all else of the documented form.

PostgreSQL takes no NUL in a text, and nothing takes half a surrogate pair: both must be answered before a query is
made. So what comes of them is refused, whatever the route makes of it, and never an error of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

NUL, HALF_A_PAIR = "\x00", "\ud800"
_EXAMPLES = ("0" * 32, "A" * 43, "SB0123456789", "10669", "did:web:a.test", "a", "0")
"""One of each form that patterns of the services' documents ask for."""
_Schema = Mapping[str, Any]


@dataclass(frozen=True)
class _Asked:
    """One request; `name` is the route and the text."""

    name: str
    method: str
    url: str
    query: Mapping[str, str]
    body: Any


async def errors_of_ours(
    client: httpx.AsyncClient, callers: Sequence[Mapping[str, str]], *, known: Mapping[str, Any] | None = None
) -> tuple[int, list[str]]:
    """How many requests were made, and the names of those that were answered with a status of 500 or over.

    `client` speaks to the service in process. `callers` are headers to try, until one is let in. `known` are values by
    the names of their fields, such as ids.
    """
    document = (await client.get("/openapi.json")).json()
    requests = list(_Document(document, known or {}).requests())
    transport = httpx.ASGITransport(client._transport.app, raise_app_exceptions=False)  # type: ignore[attr-defined]
    failed = []
    async with httpx.AsyncClient(transport=transport, base_url=client.base_url) as stranger:
        for each in requests:
            if await _answer(stranger, each, callers) >= 500:
                failed.append(each.name)
    return len(requests), failed


async def _answer(client: httpx.AsyncClient, asked: _Asked, callers: Sequence[Mapping[str, str]]) -> int:
    status = 0
    for caller in callers:
        content = None if asked.body is None else json.dumps(asked.body)  # in ASCII: half a pair as an escape
        headers = {**caller, "Content-Type": "application/json"} if content else dict(caller)
        answer = await client.request(
            asked.method, asked.url, params=asked.query or None, content=content, headers=headers
        )
        status = answer.status_code
        if status not in (401, 403):
            break
    return status


class _Document:
    """An OpenAPI document, read for examples of what it describes."""

    def __init__(self, document: Mapping[str, Any], known: Mapping[str, Any]) -> None:
        self._document = document
        self._known = known

    def requests(self) -> Iterator[_Asked]:
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                yield from self._of_operation(f"{method.upper()} {path}", path, operation)

    def _of_operation(self, name: str, path: str, operation: Mapping[str, Any]) -> Iterator[_Asked]:
        parameters = {each["name"]: each for each in operation.get("parameters", ()) if each["in"] in ("path", "query")}
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        values = {key: self._example(key, each["schema"]) for key, each in parameters.items() if each.get("required")}
        body = None if content is None else self._example("", content)
        for key, each in parameters.items():
            for spoilt in self._spoilt(each["schema"]):
                if isinstance(spoilt, str) and HALF_A_PAIR not in spoilt:  # an address has no way to write that
                    yield _asked(f"{name} {key}", path, parameters, {**values, key: spoilt}, body)
        for where, spoilt in self._spoilt_members(content or {}):
            yield _asked(f"{name} {where}", path, parameters, values, spoilt)

    def _resolve(self, schema: _Schema) -> _Schema:
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _example(self, name: str, schema: _Schema) -> Any:
        """Something of this schema; of an object what is required."""
        schema = self._resolve(schema)
        given = {**schema, "known": self._known.get(name)}
        for choice in ("known", "const", "default", "enum", "examples", "anyOf", "oneOf", "allOf"):
            if given.get(choice) is not None:
                found = given[choice][0] if isinstance(given[choice], list) else given[choice]
                return self._example(name, found) if choice.endswith("Of") else found
        return self._plain_example(name, schema)

    def _plain_example(self, name: str, schema: _Schema) -> Any:
        match schema.get("type"):
            case "string":
                return _text(schema)
            case "integer" | "number":
                return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            case "boolean":
                return True
            case "array":
                return [self._example(name, schema.get("items", {}))]
            case "object":
                properties = schema.get("properties", {})
                return {key: self._example(key, properties[key]) for key in schema.get("required", ())}
        return None

    def _spoilt(self, schema: _Schema) -> Iterator[Any]:
        """Values of this schema, each with one text in it spoilt."""
        for _, value in self._spoilt_members(schema):
            yield value

    def _spoilt_members(self, schema: _Schema, where: str = "body") -> Iterator[tuple[str, Any]]:
        schema = self._resolve(schema)
        for choice in ("anyOf", "oneOf", "allOf"):
            for each in schema.get(choice, ()):
                yield from self._spoilt_members(each, where)
        match schema.get("type"):
            case "string" if "enum" not in schema and "const" not in schema:
                for spoiling in (NUL, HALF_A_PAIR):
                    yield where, spoiling.rjust(max(2, schema.get("minLength", 0)), "a")
            case "array":
                for within, value in self._spoilt_members(schema.get("items", {}), where):
                    yield within, [value]
            case "object":
                whole = self._example("", schema)
                for key, member in schema.get("properties", {}).items():
                    for within, value in self._spoilt_members(member, f"{where}.{key}"):
                        yield within, {**whole, key: value}


def _asked(name: str, path: str, parameters: Mapping[str, Any], values: Mapping[str, Any], body: Any) -> _Asked:
    """The request with these values of its parameters."""
    url = re.sub(r"{(\w+)(:path)?}", lambda found: quote(str(values[found[1]]), safe=""), path)
    query = {key: str(value) for key, value in values.items() if parameters[key]["in"] == "query"}
    return _Asked(name, name.partition(" ")[0], url, query, body)


def _text(schema: _Schema) -> str:
    if "pattern" in schema:
        return _matching(schema["pattern"])
    formats = {"date": "2026-09-20", "date-time": "2026-09-20T00:00:00Z"}
    return formats.get(str(schema.get("format")), "a" * max(1, int(schema.get("minLength", 0))))


def _matching(pattern: str) -> str:
    """The first of the examples that the pattern matches; a pattern of another kind needs one more of them."""
    return next(each for each in _EXAMPLES if re.search(pattern, each))
