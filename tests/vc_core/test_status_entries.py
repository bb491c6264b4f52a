"""A credential with entries in several status lists: every one has a say."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support.verification import (
    AUDIENCE,
    HOLDER,
    ISSUER,
    NONCE,
    NOW,
    POLICY,
    FakeReplays,
    FakeTrust,
    issue_jwt_vc_json,
)
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.bitstring_status_list import create_credential_status
from vc_core.formats.credential import BitstringStatusReference, CredentialStatus, StatusPurpose
from vc_core.formats.jwt_vc_json import create_jwt_vp_json
from vc_core.formats.status_list import Status
from vc_core.status import KnownStatus
from vc_core.trust import TrustSource
from vc_core.verification import verify_presentation

BITSTRING = tuple(
    BitstringStatusReference(f"https://office.example/status/1/{purpose}", 7, purpose)
    for purpose in (StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION)
)


@dataclass
class KnownStatuses:
    """What is known of each entry."""

    known: dict[CredentialStatus, KnownStatus]

    async def status(self, reference: CredentialStatus, *, issuer: str, trust: TrustSource, now: int) -> KnownStatus:
        """See `StatusSource`."""
        return self.known[reference]


def _present_with_two_entries() -> str:
    """A credential that has one entry for revocation and one for suspension."""
    jws = parse_jws(issue_jwt_vc_json(), typ="JWT")
    payload = {name: value for name, value in jws.payload.items() if name != "status"}
    payload["vc"] = {**payload["vc"], "credentialStatus": create_credential_status(BITSTRING)}
    changed = sign_jws(jws.header, payload, ISSUER)
    return create_jwt_vp_json(changed, holder=HOLDER, presented_at=NOW, audience=AUDIENCE, nonce=NONCE)


@pytest.mark.parametrize(
    ("revocation", "suspension", "code"),
    [
        (Status.VALID, Status.VALID, None),
        (Status.INVALID, Status.VALID, ReasonCode.REVOKED),
        (Status.VALID, Status.SUSPENDED, ReasonCode.SUSPENDED),
        (Status.INVALID, Status.SUSPENDED, ReasonCode.REVOKED),
    ],
)
async def test_every_entry_has_a_say_and_revoked_outweighs_suspended(
    revocation: Status, suspension: Status, code: ReasonCode | None
) -> None:
    ages = (NOW - 5, NOW - 60)
    known = [KnownStatus(*each) for each in zip((revocation, suspension), ages, strict=True)]
    statuses = KnownStatuses(dict(zip(BITSTRING, known, strict=True)))
    verifying = verify_presentation(
        _present_with_two_entries(),
        policy=POLICY,
        trust=FakeTrust(),
        statuses=statuses,
        replays=FakeReplays(),
        now=NOW,
    )
    if code is None:
        verified = await verifying
        assert (verified.credential.status, verified.status_as_of) == (BITSTRING, NOW - 60)
        return
    with pytest.raises(Rejection) as refusal:
        await verifying
    assert refusal.value.code is code
