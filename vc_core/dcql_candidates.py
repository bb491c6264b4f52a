"""Credentials as DCQL sees them: what a wallet holds, and what a verifier was shown, read as `Candidate`.

Nothing is verified here: a wallet verified what it holds before it kept it, and a verifier verifies what it was shown
by `vc_core.verification`. What a claims path starts from is, by format:

| format | root of claims paths |
|---|---|
| `dc+sd-jwt` | the JWT's payload, every disclosure that is there in its place |
| `jwt_vc_json` | the credential that the JWT's claims make up |
| `ldp_vc` | the credential |

A query names W3C types by the IRIs that contexts expand them to. Many verifiers write the plain names; both are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vc_core.credential_types import type_named
from vc_core.credential_types.json_ld import VOCABULARY, context_url
from vc_core.crypto.x509 import CertificateError, authority_key_ids, parse_x5c
from vc_core.encoding import EncodingError, base64url_decode, base64url_encode, compact_json, parse_json_object
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.disclosures import disclose_claims
from vc_core.formats.sd_jwt import split_sd_jwt
from vc_core.formats.vc_jwt import parse_vc_jwt
from vc_core.protocols.dcql.selection import Candidate

AUTHORITY_KEY_IDENTIFIER = "aki"
"""The one type of trusted authorities query that we can answer (OpenID4VP 1.0 section 6.1.1.1)."""
_VERIFIABLE_CREDENTIAL = "VerifiableCredential"
_VERIFIABLE_CREDENTIAL_IRI = "https://www.w3.org/2018/credentials#VerifiableCredential"


def read_candidate(credential: str, *, id: str) -> Candidate:
    """A credential as issued, of any type; `id` is the caller's name for it. Raises `Rejection` `MALFORMED`.

    That it can be bound to its holder is taken as given: a wallet keeps no other.
    """
    try:
        if credential.startswith("{"):
            return _w3c_candidate(id, CredentialFormat.LDP_VC, parse_json_object(credential))
        if "~" in credential:
            return _sd_jwt_candidate(id, credential)
        return _w3c_candidate(id, CredentialFormat.JWT_VC_JSON, parse_vc_jwt(credential).document.document)
    except (EncodingError, CertificateError) as cause:
        raise Rejection(ReasonCode.MALFORMED, "The credential can't be read.") from cause


def read_presented(presentation: str) -> Candidate:
    """What a presentation shows, of one credential, with or without its holder's proof. Raises `Rejection` `MALFORMED`.

    Its `id` is empty.
    """
    try:
        if "~" in presentation and not presentation.startswith("{"):
            issuer_jwt, _, kb_jwt = presentation.rpartition("~")
            return replace(_sd_jwt_candidate("", issuer_jwt + "~"), holder_bound=bool(kb_jwt))
        members = _presentation_members(presentation)
        if members is None:
            return replace(read_candidate(presentation, id=""), holder_bound=False)
        return read_candidate(_only_credential(members), id="")
    except (EncodingError, CertificateError) as cause:
        raise Rejection(ReasonCode.MALFORMED, "The presentation can't be read.") from cause


def _sd_jwt_candidate(id: str, text: str) -> Candidate:
    issuer_jwt, disclosures, _ = split_sd_jwt(text)
    header_segment, payload_segment, _ = issuer_jwt.split(b".")
    header = parse_json_object(base64url_decode(header_segment))
    claims = disclose_claims(parse_json_object(base64url_decode(payload_segment)), disclosures)
    keys = (
        authority_key_ids(parse_x5c(header["x5c"], issuer=claims.get("iss")).certificates)
        if "x5c" in header
        else frozenset()
    )
    return Candidate(
        id,
        CredentialFormat.SD_JWT,
        frozenset({str(claims.get("vct"))}),
        claims,
        authorities=frozenset((AUTHORITY_KEY_IDENTIFIER, base64url_encode(each)) for each in keys),
    )


def _w3c_candidate(id: str, format: CredentialFormat, document: Mapping[str, Any]) -> Candidate:
    found = document.get("type")
    names = frozenset(each for each in (found if isinstance(found, list) else [found]) if isinstance(each, str))
    return Candidate(id, format, names | _expanded(names, document.get("@context")), document)


def _expanded(names: frozenset[str], contexts: Any) -> frozenset[str]:
    """The IRIs of the types that a context of ours defines, and of the one that every credential has."""
    ours = {name: type_named(name) for name in names}
    known = {
        each.name for each in ours.values() if each and isinstance(contexts, list) and context_url(each) in contexts
    }
    expanded = {VOCABULARY + name for name in known}
    return frozenset(expanded | ({_VERIFIABLE_CREDENTIAL_IRI} if _VERIFIABLE_CREDENTIAL in names else set()))


def _presentation_members(text: str) -> Mapping[str, Any] | None:
    """The presentation in the text, as JSON; None where the text is a credential by itself."""
    if text.startswith("{"):
        document = parse_json_object(text)
        return document if "verifiableCredential" in document else None
    payload = parse_json_object(base64url_decode((text.split(".") + ["", ""])[1]))
    vp = payload.get("vp")
    return vp if isinstance(vp, dict) else None


def _only_credential(members: Mapping[str, Any]) -> str:
    found = members.get("verifiableCredential")
    credentials = found if isinstance(found, list) else [found]
    if len(credentials) != 1:
        raise Rejection(ReasonCode.MALFORMED, "A presentation holds exactly one credential.")
    if isinstance(credentials[0], dict):
        return compact_json(credentials[0]).decode("utf-8")
    if not isinstance(credentials[0], str):
        raise Rejection(ReasonCode.MALFORMED, "The presentation holds no credential that can be read.")
    return credentials[0]
