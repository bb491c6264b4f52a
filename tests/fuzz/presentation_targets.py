"""The targets of what verifiers send to wallets: links, request objects and queries; see `targets.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fuzz.target import Target, as_text
from tests.support.fake_verifier import FakeVerifier
from vc_core.encoding import EncodingError, base64url_encode, compact_json, parse_json
from vc_core.errors import ProtocolError
from vc_core.protocols.dcql.answer import verify_answer
from vc_core.protocols.dcql.query import create_dcql_query, parse_dcql_query
from vc_core.protocols.dcql.selection import Candidate, select_credentials
from vc_core.protocols.openid4vp.client_id import ClientIdPrefix
from vc_core.protocols.openid4vp.request import create_authorization_request_link
from vc_core.protocols.openid4vp.request_object import TYP, parse_request_object
from wallet_sdk.openid4vp.request import read_request

_VECTORS = Path(__file__).parents[1] / "vectors" / "dcql"
_HEADER = base64url_encode(compact_json({"alg": "ES256", "typ": TYP, "kid": "did:ethr:0x1:0x00#delegate-1"}))


_SPECIFICATION: dict[str, Any] = json.loads((_VECTORS / "openid4vp-1.0.json").read_text("utf-8"))
_HELD = [
    Candidate(f"{number}-{each['id']}", each["format"], frozenset(each["types"]), each["claims"])
    for number, case in enumerate(_SPECIFICATION["cases"])
    for each in case["held"]
]


def _dcql(data: bytes) -> None:
    """`T…`: a query as JSON. What the wallet would choose by it is what the verifier takes."""
    try:
        query = parse_dcql_query(parse_json(as_text(data[1:])))
    except (EncodingError, ProtocolError):
        return
    assert parse_dcql_query(parse_json(compact_json(create_dcql_query(query)))) == query
    selection = select_credentials(query, _HELD)
    if selection.possible:
        verify_answer(query, {name: [selection.matches[name][0].credential] for name in selection.default_ids()})


def _dcql_seeds() -> list[bytes]:
    faults = json.loads((_VECTORS / "faults.json").read_text("utf-8"))
    return [b"T" + compact_json(each) for each in (*_SPECIFICATION["queries"].values(), *faults.values())]


def _request(data: bytes) -> None:
    """`T…`: a link; `P…`: the payload of a request object."""
    try:
        if data[:1] == b"P":
            parse_request_object(f"{_HEADER}.{base64url_encode(data[1:])}.{base64url_encode(bytes(64))}")
            return
        request = read_request(as_text(data[1:]))
    except ProtocolError:
        return
    assert read_request(create_authorization_request_link(request)) == request


def _request_seeds() -> list[bytes]:
    seeds = []
    for prefix in ClientIdPrefix:
        verifier = FakeVerifier(lambda: 1_790_000_000, prefix=prefix)
        seeds += [b"T" + verifier.link(method=method).encode() for method in ("get", "post")]
        if prefix.is_signed:
            seeds.append(b"T" + verifier.link(by_value=True).encode())
            payload = parse_request_object(verifier.request_object(wallet_nonce="abc")).jws.payload
            seeds.append(b"P" + compact_json(dict(payload)))
    return seeds


DCQL = Target(_dcql, _dcql_seeds, 20_000)
REQUEST = Target(_request, _request_seeds, 17_000)
