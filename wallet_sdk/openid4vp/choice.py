"""Which of the wallet's credentials would answer a request, and which of them the holder chose."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.dcql_candidates import read_candidate
from vc_core.encoding import EncodingError, base64url_decode, parse_json_object
from vc_core.errors import InvalidRequest, ProtocolError, Rejection
from vc_core.formats.credential import CredentialFormat
from vc_core.protocols.dcql.query import SD_JWT_VC, W3C_FORMATS, CredentialQuery, DcqlQuery
from vc_core.protocols.dcql.selection import (
    Candidate,
    Match,
    Selection,
    find_matches,
    unanswered_sets,
    unasked_ids,
)
from vc_core.protocols.openid4vp.client_metadata import ClientMetadata
from vc_core.protocols.openid4vp.request import AuthorizationRequest
from vc_core.protocols.openid4vp.transaction_data import TransactionData
from wallet_sdk.content import HeldCredential

HOLDER_SUITE = "ecdsa-rdfc-2019"
"""The cryptosuite of our `ldp_vp`: holders' keys are P-256."""
_FULLY_SPECIFIED = {"ESP256": "ES256", "Ed25519": "EdDSA"}
"""Names that say the curve too, of the algorithms that we have (appendix B.3.4 asks for these; both are in use)."""


@dataclass(frozen=True)
class Choice:
    """The ids of the credentials to show, by the id of the credential query that they answer."""

    credentials: Mapping[str, tuple[str, ...]]

    @property
    def ids(self) -> frozenset[str]:
        """All credentials in it."""
        return frozenset(each for chosen in self.credentials.values() for each in chosen)


def find_answers(credentials: Collection[HeldCredential], request: AuthorizationRequest, *, now: int) -> Selection:
    """What the wallet could answer, the newest credentials first.

    Raises `ProtocolError` `vp_formats_not_supported` where every credential asked for is of a format that no wallet of
    ours has. A credential that has expired, that the verifier says it can't read, or that it wants without its holder's
    proof in a format that would then have none, counts as not there.
    """
    query = request.dcql_query
    if not any(each.format in (SD_JWT_VC, *W3C_FORMATS) for each in query.credentials):
        raise ProtocolError("vp_formats_not_supported", "The wallet has no credentials of the formats asked for.")
    newest_first = sorted(credentials, key=lambda each: each.issued_at, reverse=True)
    found = [
        candidate
        for each in newest_first
        if now < each.expires_at and (candidate := _candidate(each, request.client_metadata, now)) is not None
    ]
    return Selection(query, {each.id: _matches(each, found) for each in query.credentials})


def default_choice(selection: Selection, *, wanted: Collection[str] = (), also: Collection[str] = ()) -> Choice:
    """The answer that the verifier likes best, with the newest credentials; nothing for optional sets but `also`.

    Where all sets are optional, the first that can be answered is: an answer shows something. Empty where none can.

    `wanted` are ids of credentials, or how they begin, which are preferred where they would do, in another option of a
    credential set too. `also` are the credential queries of optional options to answer as well.
    """
    names: dict[str, None] = {}
    for each in selection.query.sets():
        options = selection.options(each)
        if each.required and options:
            liked = (option for option in options if any(_wanted(selection, name, wanted) for name in option))
            names |= dict.fromkeys(next(liked, options[0]))
    names |= dict.fromkeys(also)
    if not names:
        possible = (option for each in selection.query.sets() for option in selection.options(each))
        names = dict.fromkeys(next(possible, ()))
    first = {name: selection.matches[name][0].credential.id for name in names}
    return Choice({name: (_wanted(selection, name, wanted) or first[name],) for name in names})


def _wanted(selection: Selection, name: str, wanted: Collection[str]) -> str | None:
    """The first credential that would answer a credential query and that the holder wants."""
    ids = (match.credential.id for match in selection.matches[name])
    return next((each for each in ids if any(each.startswith(beginning) for beginning in wanted)), None)


def check_choice(selection: Selection, choice: Choice) -> dict[str, tuple[Match, ...]]:
    """The choice as matches by credential query.

    Raises `InvalidRequest` where it leaves out what is needed, or shows what was not asked for.
    """
    if not choice.credentials:
        raise InvalidRequest("Nothing was chosen.")
    by_query = {name: {each.credential.id: each for each in found} for name, found in selection.matches.items()}
    for name, chosen in choice.credentials.items():
        asked = selection.query.credential(name)
        if asked is None or not chosen or not set(chosen) <= by_query[name].keys():
            raise InvalidRequest("A credential that was chosen does not answer what was asked.")
        if len(set(chosen)) != len(chosen) or (len(chosen) > 1 and not asked.multiple):
            raise InvalidRequest("Only one credential was asked for.")
    if unanswered_sets(selection.query, choice.credentials.keys()):
        raise InvalidRequest("A credential that was asked for was not chosen.")
    if unasked_ids(selection.query, choice.credentials.keys()):
        raise InvalidRequest("A credential was chosen that is not needed without another.")
    return {name: tuple(by_query[name][each] for each in chosen) for name, chosen in choice.credentials.items()}


def assign_transactions(request: AuthorizationRequest, choice: Choice) -> dict[str, tuple[TransactionData, ...]]:
    """Which credential query authorizes what the holder is to agree to: for each the first that is answered.

    Only an SD-JWT with its holder's proof can carry the agreement (appendix B.3.3). Raises `ProtocolError`
    `invalid_transaction_data` where another is to, or none that is shown (section 5.1).
    """
    assigned: dict[str, tuple[TransactionData, ...]] = {}
    for each in request.transaction_data:
        if not all(_can_authorize(request.dcql_query, name) for name in each.credential_ids):
            raise ProtocolError("invalid_transaction_data", "A credential that is to authorize it can't do so.")
        name = next((name for name in each.credential_ids if name in choice.credentials), None)
        if name is None:
            raise ProtocolError("invalid_transaction_data", "No credential that could authorize it is shown.")
        assigned[name] = (*assigned.get(name, ()), each)
    return assigned


def _can_authorize(query: DcqlQuery, name: str) -> bool:
    asked = query.credential(name)
    return asked is not None and asked.format == SD_JWT_VC and asked.require_cryptographic_holder_binding


def _matches(query: CredentialQuery, candidates: Collection[Candidate]) -> tuple[Match, ...]:
    # Without its holder's proof, whoever gets such a credential could show it as theirs (appendix B.1).
    if query.format in W3C_FORMATS and not query.require_cryptographic_holder_binding:
        return ()
    return find_matches(query, candidates)


def _candidate(held: HeldCredential, metadata: ClientMetadata, now: int) -> Candidate | None:
    """The credential as queries see it; None where the verifier can't read it, or no query can."""
    text = held.copy_to_show(now=now).credential
    if held.format is CredentialFormat.QR_PASS or not _is_readable(held.format, text, metadata):
        return None
    try:
        return read_candidate(text, id=held.id)
    except Rejection:
        return None


def _is_readable(format: CredentialFormat, text: str, metadata: ClientMetadata) -> bool:
    """Whether the verifier's `vp_formats_supported` has the format and its algorithms; without any, all are."""
    if not metadata.vp_formats_supported:
        return True
    limits = metadata.vp_formats_supported.get(format)
    if limits is None:
        return False
    if format is CredentialFormat.LDP_VC:
        proof = _json(text.encode("utf-8")).get("proof")
        suite = proof.get("cryptosuite") if isinstance(proof, dict) else None
        return _allows(limits, "proof_type_values", "DataIntegrityProof") and all(
            _allows(limits, "cryptosuite_values", each) for each in (suite, HOLDER_SUITE)
        )
    signed = _json(base64url_decode(text.partition(".")[0])).get("alg")
    issuer, holder = (
        ("sd-jwt_alg_values", "kb-jwt_alg_values")
        if format is CredentialFormat.SD_JWT
        else ("alg_values", "alg_values")
    )
    return _allows(limits, issuer, signed) and _allows(limits, holder, "ES256")


def _allows(limits: Mapping[str, Any], name: str, value: Any) -> bool:
    allowed = limits.get(name)
    if not isinstance(allowed, list):
        return True
    return value in {_FULLY_SPECIFIED.get(each, each) for each in allowed if isinstance(each, str)}


def _json(data: bytes) -> Mapping[str, Any]:
    try:
        return parse_json_object(data)
    except EncodingError:
        return {}
