"""What the holder is asked to agree to: who would see what, and what stays hidden.

Everything here is what the verifier would see indeed: it is read from the very disclosures that would go out, not from
what the request says. A name stands beside it only where the registry or an anchor bears it out (security.md W3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.dcql_candidates import read_candidate
from vc_core.errors import Rejection
from vc_core.formats.credential import CredentialFormat
from vc_core.ledger.events import Role
from vc_core.protocols.dcql.selection import Match, Selection
from vc_core.protocols.openid4vp.transaction_data import TransactionData
from vc_core.trust import TrustSource
from vc_core.verifier_trust import VerifiedRequest, Verifier
from wallet_sdk.content import HeldCredential
from wallet_sdk.openid4vp.choice import Choice, check_choice
from wallet_sdk.openid4vp.vp_token import disclosed_text

_OF_THE_JWT = frozenset({"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"})
_OF_THE_DOCUMENT = frozenset(
    {
        *("@context", "id", "type", "issuer", "issuanceDate", "expirationDate", "validFrom", "validUntil"),
        *("credentialStatus", "credentialSchema", "proof"),
    }
)
"""What says whose word a credential is and whether it holds, and nothing of the person."""


class Permission(StrEnum):
    """What the registry says of a verifier's asking for a type of credential."""

    PERMITTED = "permitted"
    NOT_PERMITTED = "not_permitted"
    """It has no accreditation for the type, or none for all of the claims."""
    UNKNOWN = "unknown"
    """The registry does not know the verifier, or the type is none of its types."""


@dataclass(frozen=True)
class SeenClaim:
    """A claim that the verifier would see; `asked` False where it only comes along, since it can't be withheld.

    `permitted` False where the registry does not let this verifier ask for it.
    """

    name: str
    value: Any = field(repr=False)
    asked: bool
    permitted: bool = True


@dataclass(frozen=True)
class CredentialConsent:
    """One credential that would be shown, for one credential query.

    `withheld` are the names of the claims that stay hidden, at least in part. `others` are credentials that would do as
    well. `unused_copies` is how many copies nobody has seen would be left, None where the credential has one copy only.
    """

    query_id: str
    credential: HeldCredential
    seen: tuple[SeenClaim, ...]
    withheld: tuple[str, ...]
    others: tuple[HeldCredential, ...]
    permission: Permission
    unused_copies: int | None

    @property
    def can_withhold(self) -> bool:
        """Whether its format lets a holder withhold claims at all."""
        return self.credential.format is CredentialFormat.SD_JWT


@dataclass(frozen=True)
class Consent:
    """The whole question. `response_host` is where the answer would go, `choice` what would be shown.

    `selection` has what else could be chosen. Of it, each a list of credential queries for which the wallet has
    everything: `instead` are other options of the credential sets that must be answered, `optional` those of sets that
    the verifier can do without.
    """

    verifier: Verifier
    response_host: str
    choice: Choice
    credentials: tuple[CredentialConsent, ...]
    transactions: tuple[TransactionData, ...]
    selection: Selection = field(repr=False)
    instead: tuple[tuple[str, ...], ...] = ()
    optional: tuple[tuple[str, ...], ...] = ()

    @property
    def asks_too_much(self) -> bool:
        """Whether the verifier asks for anything that the registry does not let it ask for (security.md W10)."""
        return any(each.permission is Permission.NOT_PERMITTED for each in self.credentials)


def create_consent(
    verified: VerifiedRequest,
    selection: Selection,
    choice: Choice,
    credentials: Mapping[str, HeldCredential],
    *,
    trust: TrustSource,
    now: int,
) -> Consent:
    """The question for this choice; `credentials` by id. Raises `InvalidRequest` as `check_choice`."""
    chosen = check_choice(selection, choice)
    shown = tuple(
        _credential_consent(name, match, selection, credentials, verified.verifier, trust, now)
        for name, matches in chosen.items()
        for match in matches
    )
    return Consent(
        verified.verifier,
        urlsplit(verified.request.response_uri or "").netloc,
        choice,
        shown,
        verified.request.transaction_data,
        selection,
        instead=_other_options(selection, choice, required=True),
        optional=_other_options(selection, choice, required=False),
    )


def _other_options(selection: Selection, choice: Choice, *, required: bool) -> tuple[tuple[str, ...], ...]:
    return tuple(
        option
        for each in selection.query.credential_sets
        if each.required is required
        for option in selection.options(each)
        if not set(option) <= choice.credentials.keys()
    )


def _credential_consent(
    query_id: str,
    match: Match,
    selection: Selection,
    credentials: Mapping[str, HeldCredential],
    verifier: Verifier,
    trust: TrustSource,
    now: int,
) -> CredentialConsent:
    held = credentials[match.credential.id]
    copy = held.copy_to_show(now=now)
    text = disclosed_text(held.format, copy.credential, match.places())
    before = _claims(held, match.credential.claims)
    after = _claims(held, read_candidate(text, id="").claims)
    asked = _asked_names(held.format, match)
    allowed = _allowed_claims(verifier, held.vct, trust, now)
    seen = tuple(
        SeenClaim(name, value, asked=name in asked, permitted=allowed is None or name in allowed)
        for name, value in after.items()
    )
    if allowed is None:
        permission = Permission.UNKNOWN
    else:
        permission = Permission.PERMITTED if all(each.permitted for each in seen) else Permission.NOT_PERMITTED
        permission = permission if allowed else Permission.NOT_PERMITTED
    return CredentialConsent(
        query_id,
        held,
        seen,
        withheld=tuple(name for name in before if name not in after or before[name] != after[name]),
        others=tuple(
            credentials[each.credential.id]
            for each in selection.matches[query_id]
            if each.credential.id != match.credential.id
        ),
        permission=permission,
        unused_copies=_unused_after(held, now) if len(held.copies) > 1 else None,
    )


def _claims(held: HeldCredential, root: Mapping[str, Any]) -> dict[str, Any]:
    """All that is said of the person, in the order of the type; the credential's own order says nothing to a reader."""
    claims = _unordered_claims(held.format, root)
    known = CREDENTIAL_TYPES.get(held.vct)
    order = [] if known is None else [each.name for each in known.claims]
    names = [*(name for name in order if name in claims), *(name for name in claims if name not in order)]
    return {name: claims[name] for name in names}


def _unordered_claims(format: CredentialFormat, root: Mapping[str, Any]) -> dict[str, Any]:
    """Of an SD-JWT the claims, of a W3C credential those of its subject, and what else its document says."""
    if format is CredentialFormat.SD_JWT:
        return {name: value for name, value in root.items() if name not in _OF_THE_JWT}
    members = {name: value for name, value in root.items() if name not in _OF_THE_DOCUMENT}
    subject = members.get("credentialSubject")
    if not isinstance(subject, Mapping):  # several of them
        return members
    beside = {f"credential.{name}": value for name, value in members.items() if name != "credentialSubject"}
    return {name: value for name, value in subject.items() if name != "id"} | beside


def _asked_names(format: CredentialFormat, match: Match) -> frozenset[str]:
    depth = 0 if format is CredentialFormat.SD_JWT else 1
    return frozenset(str(place[depth]) for place in match.places() if len(place) > depth)


def _allowed_claims(verifier: Verifier, vct: str, trust: TrustSource, now: int) -> frozenset[str] | None:
    """The claims that the registry lets the verifier ask for; empty where none, None where the registry can't say."""
    known = CREDENTIAL_TYPES.get(vct)
    if verifier.did is None or known is None:
        return None
    try:
        accreditation = trust.accreditation(verifier.did, Role.VERIFY, vct, at=now)
    except Rejection:
        return frozenset()
    return accreditation.claims_allowed([each.name for each in known.claims])


def _unused_after(held: HeldCredential, now: int) -> int:
    shown = held.copy_to_show(now=now)
    return held.unused_copies(now=now) - (shown.used_at is None)
