"""What a desk may ask a phone for, by name; each policy asks for no more than the work at that desk needs.

| policy | asks for |
|---|---|
| `identity` | a HealthId: names and date of birth, or else the name in Latin letters and year of birth; a photo too |
| `coverage` | an InsuranceCoverage, with names and year of birth; the copay, if the credential has it |
| `coverage+photo` | the same, and a HealthId: the portrait, if the credential has it |
| `coverage+identity minimal` | an InsuranceCoverage as it always shows itself, and a HealthId with one name |
| `guardian` | a GuardianDelegation, with the dependant's name and date of birth; if there is one, a HealthId |

Each credential may come in any format that the desk reads; only `dc+sd-jwt` lets the holder withhold the other claims.
A format in which the desk would see more than its accreditation allows is not offered, and where none is left, nothing
is asked at all. What is asked for only if there is left out where the desk may not see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.guardian_delegation import GUARDIAN_DELEGATION
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.json_ld import VOCABULARY
from vc_core.credential_types.person import PORTRAIT
from vc_core.errors import Rejection
from vc_core.formats.credential import CredentialFormat
from vc_core.protocols.dcql.query import ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery

FORMATS = (CredentialFormat.SD_JWT, CredentialFormat.LDP_VC, CredentialFormat.JWT_VC_JSON)
"""What presentations may come in, the one that shows least first."""
_VERIFIABLE_CREDENTIAL = "https://www.w3.org/2018/credentials#VerifiableCredential"


@dataclass(frozen=True)
class AskedCredential:
    """A credential that a policy asks for: `alternatives` are lists of claims by name, the preferred one first.

    Claims that credentials of the type always show are in no list. `if_there` are claims that are preferred with each
    alternative, and that a credential may lack.
    """

    id: str
    credential_type: CredentialType
    alternatives: tuple[tuple[str, ...], ...]
    if_there: tuple[str, ...] = ()
    required: bool = True

    @property
    def needed(self) -> frozenset[str]:
        """The claims of all alternatives."""
        return frozenset(name for some in self.choices for name in some)

    @property
    def choices(self) -> tuple[tuple[str, ...], ...]:
        """The alternatives with and without what may be there, the preferred one first."""
        if not self.if_there:
            return self.alternatives
        return tuple(each for some in self.alternatives for each in ((*some, *self.if_there), some))

    def without(self, name: str) -> AskedCredential:
        """The same, but for a claim that would be asked for if it is there."""
        return replace(self, if_there=tuple(each for each in self.if_there if each != name))


@dataclass(frozen=True)
class DeskPolicy:
    """A policy by its name; the first of its credentials is the one that signs, where the holder is to sign."""

    name: str
    credentials: tuple[AskedCredential, ...]

    def without_portrait(self) -> DeskPolicy:
        """The same, for presentations that are kept."""
        return replace(self, credentials=tuple(each.without(PORTRAIT.name) for each in self.credentials))


_IDENTITY = AskedCredential(
    "identity",
    HEALTH_ID,
    (("name", "name_latin", "birth_date"), ("name_latin", "birth_year")),
    if_there=(PORTRAIT.name,),
)
_COVERAGE = AskedCredential("coverage", INSURANCE_COVERAGE, (("name", "name_latin", "birth_year"),), ("copay_baht",))
_PHOTO = AskedCredential("identity", HEALTH_ID, ((),), if_there=(PORTRAIT.name,))
_MINIMAL_IDENTITY = AskedCredential("identity", HEALTH_ID, (("name",), ("name_latin",)))
_MINIMAL_COVERAGE = AskedCredential("coverage", INSURANCE_COVERAGE, ((),))
_GUARDIAN = AskedCredential("guardian", GUARDIAN_DELEGATION, (("dependant_name", "dependant_birth_date"),))

POLICIES: Mapping[str, DeskPolicy] = {
    policy.name: policy
    for policy in (
        DeskPolicy("identity", (_IDENTITY,)),
        DeskPolicy("coverage", (_COVERAGE,)),
        DeskPolicy("coverage+photo", (_COVERAGE, _PHOTO)),
        DeskPolicy("coverage+identity minimal", (_MINIMAL_COVERAGE, _MINIMAL_IDENTITY)),
        DeskPolicy("guardian", (_GUARDIAN, replace(_MINIMAL_IDENTITY, required=False))),
    )
}


def asked_by_query_id(policy_name: str) -> Mapping[str, AskedCredential]:
    """What each credential query that a policy may lead to is to bring, by its id, whatever the format."""
    return {_query_id(asked, each): asked for asked in POLICIES[policy_name].credentials for each in FORMATS}


def seen_claims(asked: AskedCredential, credential_format: CredentialFormat) -> frozenset[str]:
    """The claims that the desk would see of it in this format; those always shown are not counted."""
    if credential_format is CredentialFormat.SD_JWT:
        return asked.needed
    return frozenset(claim.name for claim in asked.credential_type.whole_claims())


def plan_query(
    policy: DeskPolicy,
    formats: Sequence[CredentialFormat],
    check_may_see: Callable[[CredentialType, frozenset[str]], None],
) -> DcqlQuery:
    """The query of a policy, in those of the formats in which the desk may see what it would see.

    `check_may_see` raises `Rejection` where it may not, which is raised here for a credential that can be asked for in
    no format; one that is not required is left out then.
    """
    credentials: list[CredentialQuery] = []
    sets = []
    for asked in policy.credentials:
        queries = [_credential_query(*each) for each in _offered_formats(asked, formats, check_may_see)]
        credentials += queries
        if queries:
            sets.append(CredentialSetQuery(tuple((each.id,) for each in queries), required=asked.required))
    return DcqlQuery(tuple(credentials), tuple(sets))


def _offered_formats(
    asked: AskedCredential,
    formats: Sequence[CredentialFormat],
    check_may_see: Callable[[CredentialType, frozenset[str]], None],
) -> list[tuple[AskedCredential, CredentialFormat]]:
    offered: list[tuple[AskedCredential, CredentialFormat]] = []
    refusals: list[Rejection] = []
    for each in formats:
        for wanted in (_within(asked, each), replace(asked, if_there=())):
            try:
                check_may_see(asked.credential_type, seen_claims(wanted, each))
            except Rejection as refusal:
                refusals.append(refusal)
            else:
                offered.append((wanted, each))
                break
    if asked.required and not offered:
        raise refusals[0]
    return offered


def _within(asked: AskedCredential, credential_format: CredentialFormat) -> AskedCredential:
    """Without what credentials of this format never have."""
    if credential_format is CredentialFormat.SD_JWT:
        return asked
    known = {claim.name for claim in asked.credential_type.whole_claims()}
    return replace(asked, if_there=tuple(name for name in asked.if_there if name in known))


def _query_id(asked: AskedCredential, credential_format: CredentialFormat) -> str:
    """The credential's own id for the format of the SD-JWT, with the format's name for others."""
    return asked.id if credential_format is CredentialFormat.SD_JWT else f"{asked.id}-{credential_format}"


def _credential_query(asked: AskedCredential, credential_format: CredentialFormat) -> CredentialQuery:
    """The claims always shown are asked for too: who agrees to a request is to see them in it."""
    is_sd_jwt = credential_format is CredentialFormat.SD_JWT
    credential_type = asked.credential_type
    always = [claim.name for claim in credential_type.claims if claim.name in credential_type.always_shown()]
    names = dict.fromkeys([*always, *(name for some in asked.choices for name in some)])
    several = len(asked.choices) > 1
    claims = tuple(
        ClaimsQuery((name,) if is_sd_jwt else ("credentialSubject", name), id=name if several else None)
        for name in names
    )
    return CredentialQuery(
        _query_id(asked, credential_format),
        credential_format,
        vct_values=(credential_type.vct,) if is_sd_jwt else (),
        type_values=() if is_sd_jwt else ((_VERIFIABLE_CREDENTIAL, VOCABULARY + credential_type.name),),
        claims=claims,
        claim_sets=tuple((*always, *some) for some in asked.choices) if several else (),
    )
