"""The targets for documents of the W3C model: with Data Integrity proofs, and as JWTs. See `targets.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.fuzz.target import Target, as_text, finish, mutants_of
from tests.support.ldp import issue, present
from tests.support.verification import ISSUER, NOW
from vc_core.crypto.keys import SignatureInvalid
from vc_core.did.key import KeyDids
from vc_core.did.resolver import DidResolver
from vc_core.encoding import EncodingError, base64url_encode, parse_json_object
from vc_core.errors import Rejection
from vc_core.formats.bitstring_status_list import parse_credential_status
from vc_core.formats.data_integrity import verify_credential_document, verify_presentation_document
from vc_core.formats.data_integrity.canonical import canonical_rdf
from vc_core.formats.data_integrity.expansion import expand_document
from vc_core.formats.data_integrity.templates import canonical_rdf_by_template
from vc_core.formats.ldp_vc import parse_ldp_vc, parse_ldp_vp
from vc_core.formats.ldp_vc_text import read_issued_text
from vc_core.formats.ldp_vp_text import read_presented_text
from vc_core.formats.presentation import parse_credential, parse_presentation
from vc_core.formats.status_list_credential import parse_status_list_credential
from vc_core.formats.vc_jwt import parse_vc_jwt, parse_vp_jwt
from vc_core.formats.vcdm import parse_credential_document, parse_presentation_document

_RESOLVER = DidResolver({"key": KeyDids()})
_DATA_INTEGRITY = (
    "data-integrity-eddsa-rdfc-2022", "data-integrity-eddsa-jcs-2022", "data-integrity-ecdsa-rdfc-2019",
    "data-integrity-ecdsa-jcs-2019", "data-integrity-presentation", "bitstring-status-list-proof", "ldp-vc",
)  # fmt: skip


def _document(data: bytes) -> None:
    """`T…`: JSON, taken as every kind of document that there is."""
    text = as_text(data[1:])
    try:
        document = parse_json_object(text)
    except EncodingError:
        return
    for take in (_take_credential, _take_presentation, _take_status):
        _unless_refused(take, document)
    for parse in (parse_credential, parse_presentation, parse_status_list_credential):
        _unless_refused(parse, text)
    _compare_templates({name: value for name, value in document.items() if name != "proof"})
    _compare_readings(text)


def _unless_refused(take: Callable[[Any], object], value: object) -> None:
    try:
        take(value)
    except Rejection:
        return


def _take_credential(document: Mapping[str, Any]) -> None:
    credential = parse_credential_document(document)
    finish(verify_credential_document(credential, _RESOLVER, now=NOW))
    credential.check_validity(now=NOW, clock_tolerance=30)


def _take_presentation(document: Mapping[str, Any]) -> None:
    presentation = parse_presentation_document(document)
    terms: dict[str, Any] = {"expected_challenge": None, "expected_domains": ()}
    finish(verify_presentation_document(presentation, _RESOLVER, now=NOW, **terms))


def _take_status(document: Mapping[str, Any]) -> None:
    parse_credential_status(document.get("credentialStatus"))


def _compare_templates(document: Mapping[str, Any]) -> None:
    """Where the short way gives an answer, the long way gives the same."""
    by_template = canonical_rdf_by_template(document)
    assert by_template is None or by_template == canonical_rdf(expand_document(document))


def _compare_readings(text: str) -> None:
    """Where a pattern reads the text, the reader of any JSON finds the same; a space takes it away from the pattern."""
    spaced = text.replace("{", "{ ", 1)
    if read_issued_text(text) is not None:
        assert _read(parse_ldp_vc, text) == _read(parse_ldp_vc, spaced)
    if read_presented_text(text) is not None:
        assert _read(parse_ldp_vp, text) == _read(parse_ldp_vp, spaced)


def _read(parse: Callable[[str], object], text: str) -> object:
    try:
        return parse(text)
    except Rejection as refusal:
        return refusal.code


def _vc_jwt(data: bytes) -> None:
    """`T…`: the text itself; `P…`, a line each: header and payload, signed by nobody."""
    mode, body = data[:1], data[1:]
    header, separator, payload = body.partition(b"\n")
    text = as_text(body)
    if mode == b"P" and separator:
        text = f"{base64url_encode(header)}.{base64url_encode(payload)}.{base64url_encode(bytes(64))}"
    for parse in (parse_vc_jwt, parse_vp_jwt):
        try:
            parse(text).verify(ISSUER.public_key, now=NOW)
        except (Rejection, SignatureInvalid):
            continue
    for take in (parse_credential, parse_presentation, parse_status_list_credential):
        _unless_refused(take, text)


def _vc_jwt_seeds() -> list[bytes]:
    return [
        *mutants_of("vc-jwt", "jwt-vc-json", "bitstring-status-list-jwt"),
        b'P{"alg":"ES256","typ":"vc+jwt","kid":"did:a:b#c"}\n{"@context":["https://www.w3.org/ns/credentials/v2"],'
        b'"type":["VerifiableCredential"],"issuer":"did:a:b","credentialSubject":{"id":"did:a:c"}}',
        b'P{"alg":"ES256","typ":"JWT","kid":"did:a:b#c"}\n{"iss":"did:a:b","nbf":1,"vc":{"type":'
        b'["VerifiableCredential"],"@context":["https://www.w3.org/2018/credentials/v1"],"credentialSubject":{"a":1}}}',
    ]


def _document_seeds() -> list[bytes]:
    """Also what issuers and holders of ours write, which the patterns read."""
    issued = issue()
    shown = present(issued)
    return [*(b"T" + text.encode() for text in (issued, shown)), *mutants_of(*_DATA_INTEGRITY)]


DOCUMENT = Target(_document, _document_seeds, 66_000)
VC_JWT = Target(_vc_jwt, _vc_jwt_seeds, 66_000)
