"""Which credentials answer a DCQL query, and with which claims (OpenID4VP 1.0 section 6.4): the wallet's side.

Nothing is chosen here where the holder has a say: `Selection` holds every credential that would do, and every
combination that would; `default_ids` is the smallest answer that the verifier likes best.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vc_core.protocols.dcql.claims_path import Place, claim_at, find_places
from vc_core.protocols.dcql.query import SD_JWT_VC, ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery


@dataclass(frozen=True)
class Candidate:
    """A credential as queries see it: one that a wallet holds, or one that was presented.

    `id` is the caller's own name for it. `types` is the `vct` of an SD-JWT VC; of a W3C credential its types as
    expanded by its contexts. `claims` is the root that claims paths start from: the claims of an SD-JWT with all
    disclosures that there are in their places, a W3C credential's document. `authorities` are pairs of the type of a
    trusted authorities query and a value that this credential's issuer answers to.
    """

    id: str
    format: str
    types: frozenset[str]
    claims: Mapping[str, Any] = field(repr=False)
    holder_bound: bool = True
    authorities: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class MatchedClaim:
    """A claim asked for, and where the credential has it."""

    query: ClaimsQuery
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Match:
    """That a credential answers a credential query, by showing these claims and no others that it may withhold."""

    credential: Candidate
    claims: tuple[MatchedClaim, ...]

    def places(self) -> tuple[Place, ...]:
        """Where the claims are, each place once."""
        return tuple(dict.fromkeys(place for each in self.claims for place in each.places))


@dataclass(frozen=True)
class Selection:
    """What could answer a query: by the id of each credential query, the credentials that match, in the order given."""

    query: DcqlQuery
    matches: Mapping[str, tuple[Match, ...]]

    def options(self, credential_set: CredentialSetQuery) -> tuple[tuple[str, ...], ...]:
        """The options of a set of this query for which every credential is there; the preferred one first."""
        return tuple(each for each in credential_set.options if all(self.matches[name] for name in each))

    @property
    def possible(self) -> bool:
        """Whether every required set has such an option. Where not, nothing at all may be answered (section 6.4.2)."""
        return all(self.options(each) for each in self.query.sets() if each.required)

    def default_ids(self) -> tuple[str, ...]:
        """The credential queries to answer where the holder has no other wish: nothing for optional sets."""
        chosen = [self.options(each)[0] for each in self.query.sets() if each.required and self.options(each)]
        return tuple(dict.fromkeys(name for option in chosen for name in option))


def select_credentials(query: DcqlQuery, candidates: Iterable[Candidate]) -> Selection:
    """All that could answer the query, of these credentials."""
    held = tuple(candidates)
    return Selection(query, {each.id: find_matches(each, held) for each in query.credentials})


def find_matches(query: CredentialQuery, candidates: Iterable[Candidate]) -> tuple[Match, ...]:
    """Those that match the credential query, in the order given."""
    found = (match_credential(query, each) for each in candidates)
    return tuple(each for each in found if each is not None)


def match_credential(query: CredentialQuery, credential: Candidate) -> Match | None:
    """How the credential answers the query, by the first of the claim sets that it can; None where it does not."""
    if credential.format != query.format or not _is_of_type(query, credential.types):
        return None
    if query.require_cryptographic_holder_binding and not credential.holder_bound:
        return None
    if query.trusted_authorities and not _is_vouched_for(query, credential):
        return None
    for alternative in query.alternatives():
        found = tuple(MatchedClaim(each, _matching_places(each, credential.claims)) for each in alternative)
        if all(each.places for each in found):
            return Match(credential, found)
    return None


def unanswered_sets(query: DcqlQuery, ids: Collection[str]) -> tuple[CredentialSetQuery, ...]:
    """The required sets of which an answer with these credential queries serves no option."""
    return tuple(
        each for each in query.sets() if each.required and not any(set(option) <= set(ids) for option in each.options)
    )


def unasked_ids(query: DcqlQuery, ids: Collection[str]) -> frozenset[str]:
    """Those of the ids that are in no option which the ids serve as a whole: what nobody asked for."""
    served = {name for each in query.sets() for option in each.options if set(option) <= set(ids) for name in option}
    return frozenset(ids) - served


def _is_of_type(query: CredentialQuery, types: frozenset[str]) -> bool:
    if query.format == SD_JWT_VC:
        return not query.vct_values or not types.isdisjoint(query.vct_values)
    return not query.type_values or any(types.issuperset(each) for each in query.type_values)


def _is_vouched_for(query: CredentialQuery, credential: Candidate) -> bool:
    wanted = {(each.type, value) for each in query.trusted_authorities for value in each.values}
    return not wanted.isdisjoint(credential.authorities)


def _matching_places(query: ClaimsQuery, claims: Mapping[str, Any]) -> tuple[Place, ...]:
    """Where the claim is; a claim of another value than those asked for counts as not there (section 6.4.1)."""
    places = find_places(claims, query.path)
    if query.values is None:
        return places
    # By type as well: in Python, true is one, and 1.0 is too.
    wanted = {(type(value), value) for value in query.values}
    return tuple(place for place in places if _is_one_of(claim_at(claims, place), wanted))


def _is_one_of(claim: Any, wanted: Collection[tuple[type, Any]]) -> bool:
    return isinstance(claim, str | int) and (type(claim), claim) in wanted
