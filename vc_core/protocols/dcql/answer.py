"""What a verifier holds a `vp_token` to, as an answer to its DCQL query (OpenID4VP 1.0 sections 8.1 and 8.6).

A wallet is anybody's program: what it should have sent is one thing, what came another. Signatures, holders and trust
are not looked at here; each presentation goes through `vc_core.verification` too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vc_core.errors import ReasonCode, Rejection
from vc_core.protocols.dcql.query import CredentialQuery, DcqlQuery
from vc_core.protocols.dcql.selection import Candidate, Match, match_credential, unanswered_sets, unasked_ids


def verify_answer(query: DcqlQuery, presented: Mapping[str, Sequence[Candidate]]) -> dict[str, tuple[Match, ...]]:
    """What was presented for each credential query, with the claims that it asked for: those are all there is use for.

    `presented` has what a `vp_token` has, the presentations read as `Candidate`. Raises `Rejection`:

    1. `MALFORMED` for an id that the query does not have, or for none or more presentations than it may have.
    2. `NOT_A_CREDENTIAL` for a credential of another format, type or authority, or without the claims or values asked
       for; `HOLDER_KEY` for one that its holder did not sign for.
    3. `NOT_A_CREDENTIAL` where a credential that was needed is missing, `MALFORMED` where one came that was not asked.
    """
    # 1.
    for name, credentials in presented.items():
        asked = query.credential(name)
        if asked is None:
            raise Rejection(ReasonCode.MALFORMED, "The answer holds what was not asked for.")
        if not credentials or (len(credentials) > 1 and not asked.multiple):
            raise Rejection(ReasonCode.MALFORMED, "The answer holds another number of credentials than was asked for.")

    # 2.
    matches = {
        each.id: tuple(_verify_one(each, credential) for credential in presented[each.id])
        for each in query.credentials
        if each.id in presented
    }

    # 3.
    if unanswered_sets(query, presented.keys()):
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "A credential that was asked for is missing.")
    if unasked_ids(query, presented.keys()):
        raise Rejection(ReasonCode.MALFORMED, "The answer holds a credential beside those that were asked for.")
    return matches


def _verify_one(query: CredentialQuery, credential: Candidate) -> Match:
    if query.require_cryptographic_holder_binding and not credential.holder_bound:
        raise Rejection(ReasonCode.HOLDER_KEY, "The credential came without its holder's proof.")
    match = match_credential(query, credential)
    if match is None:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "The credential is not the one that was asked for.")
    return match
