"""npm's @sd-jwt/sd-jwt-vc and we read each other's credentials, presentations and status lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.credential_peers import Peer, PeerRefused, running_peer
from tests.support.verification import (
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    ISSUER,
    ISSUER_DID,
    ISSUER_METHOD,
    NONCE,
    NOW,
    STATUS,
    STRANGER,
    FakeStatuses,
    issue_coverage,
    present,
    verify,
)
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.encoding import base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.status_list import Status, StatusList, create_status_list_token, parse_status_list_token

KEYS = {ISSUER_METHOD: ISSUER.public_key.to_jwk()}
HIDEABLE = sorted(INSURANCE_COVERAGE.disclosable() & COVERAGE_CLAIMS.keys())
ALWAYS_SHOWN = COVERAGE_CLAIMS.keys() - set(HIDEABLE)
STATUSES = [1, 2, 0, 3] * 2048
"""Every status of two bits; the one at `STATUS` is 0."""


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """@sd-jwt/sd-jwt-vc."""
    with running_peer("sd_jwt") as running:
        yield running


def private_jwk(signer: P256Signer) -> dict[str, str]:
    """The key with its private half."""
    return signer.public_key.to_jwk() | {"d": base64url_encode(signer.to_bytes())}


def our_status_list(bits: int = 2) -> str:
    """`STATUSES`, as many bits of each as there are."""
    entries = StatusList(bits, len(STATUSES))
    for index, status in enumerate(STATUSES):
        entries.set(index, status % 2**bits)
    return create_status_list_token(
        entries,
        uri=STATUS.uri,
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        issued_at=NOW - 60,
        expires_at=NOW + 86_400,
        time_to_live=3600,
    )


def theirs_verify(peer: Peer, presentation: str, **changed: Any) -> Any:
    """What their verifier makes of a presentation: the claims, and the payload of the key binding JWT."""
    terms = {"keys": KEYS, "status_lists": {STATUS.uri: our_status_list()}, "now": NOW, "nonce": NONCE}
    return peer.ask("verify", presentation=presentation, **(terms | changed))


def theirs_issue(peer: Peer, **changed: Any) -> str:
    """A coverage that they issue for our holder, in the name of our issuer."""
    payload = {
        "iss": ISSUER_DID,
        "iat": NOW - 1000,
        "exp": NOW + 1000,
        "vct": INSURANCE_COVERAGE.vct,
        "cnf": {"jwk": HOLDER.public_key.to_jwk()},
        "status": {"status_list": {"idx": STATUS.index, "uri": STATUS.uri}},
        **COVERAGE_CLAIMS,
    }
    disclosable = {"_sd": HIDEABLE, "_sd_decoy": 3}
    terms = {"payload": payload, "disclosable": disclosable, "header": {"kid": ISSUER_METHOD}}
    return str(peer.ask("issue", **({"issuer": private_jwk(ISSUER)} | terms | changed)))


def theirs_present(peer: Peer, credential: str, *claims: str) -> str:
    """A presentation that they make with our holder's key."""
    kb = {"iat": NOW, "aud": AUDIENCE, "nonce": NONCE}
    disclose = dict.fromkeys(claims, True)
    return str(peer.ask("present", sd_jwt=credential, disclose=disclose, holder=private_jwk(HOLDER), kb=kb))


@pytest.mark.parametrize("disclose", [(), ("name",), HIDEABLE])
def test_they_verify_what_we_issued_and_our_holder_shows(peer: Peer, disclose: tuple[str, ...]) -> None:
    verified = theirs_verify(peer, present(issue_coverage(), disclose=disclose))

    shown = {name: value for name, value in COVERAGE_CLAIMS.items() if name in ALWAYS_SHOWN | set(disclose)}
    assert {name: verified["payload"].get(name) for name in COVERAGE_CLAIMS} == {
        name: shown.get(name) for name in COVERAGE_CLAIMS
    }
    assert verified["payload"]["vct"] == INSURANCE_COVERAGE.vct
    assert (verified["kb"]["aud"], verified["kb"]["nonce"]) == (AUDIENCE, NONCE)


def test_they_refuse_ours_where_it_must_not_be_trusted(peer: Peer) -> None:
    good = present(issue_coverage())
    issuer_jwt, disclosure, _ = good.split("~")
    kb_jwt_without_it = present(issue_coverage(), disclose=()).rpartition("~")[2]
    for presentation, changed in (
        (present(issue_coverage(signer=STRANGER)), {}),
        (present(issue_coverage(), holder=STRANGER), {}),
        (f"{issuer_jwt}~{disclosure}~{kb_jwt_without_it}", {}),
        (good, {"nonce": "another"}),
        (good, {"now": NOW + 2000}),
        (good, {"keys": {ISSUER_METHOD: STRANGER.public_key.to_jwk()}}),
        (f"{issuer_jwt}~{disclosure}~", {}),
    ):
        with pytest.raises(PeerRefused):
            theirs_verify(peer, presentation, **changed)


def test_they_refuse_ours_by_the_status_list_that_we_publish(peer: Peer) -> None:
    for index, status in enumerate(STATUSES[:4]):
        reference = type(STATUS)(STATUS.uri, index)
        presentation = present(issue_coverage(status=reference))
        if status == Status.VALID:
            theirs_verify(peer, presentation)
        else:
            with pytest.raises(PeerRefused, match="Status is not valid"):
                theirs_verify(peer, presentation)


@pytest.mark.parametrize("claims", [(), ("name",), HIDEABLE])
async def test_we_verify_what_they_issued_and_their_holder_shows(peer: Peer, claims: tuple[str, ...]) -> None:
    verified = await verify(theirs_present(peer, theirs_issue(peer), *claims))

    shown = ALWAYS_SHOWN | set(claims)
    assert verified.credential.claims == {name: COVERAGE_CLAIMS[name] for name in shown}
    assert verified.credential.status == (STATUS,)


async def test_either_shows_what_the_other_issued(peer: Peer) -> None:
    theirs_verify(peer, theirs_present(peer, issue_coverage(), "name"))
    theirs_verify(peer, present(theirs_issue(peer)))
    await verify(theirs_present(peer, issue_coverage(), "name"))
    await verify(present(theirs_issue(peer)))


async def test_we_refuse_theirs_where_it_must_not_be_trusted(peer: Peer) -> None:
    credential = theirs_issue(peer)
    revoked = FakeStatuses()
    revoked.entries.set(STATUS.index, Status.INVALID)
    for text, terms, code in (
        (credential, {}, ReasonCode.HOLDER_KEY),
        (theirs_present(peer, credential), {"now": NOW + 2000}, ReasonCode.EXPIRED_CREDENTIAL),
        (theirs_present(peer, credential), {"statuses": revoked}, ReasonCode.REVOKED),
        (
            theirs_present(peer, theirs_issue(peer, issuer=private_jwk(STRANGER))),
            {},
            ReasonCode.BAD_SIGNATURE,
        ),
    ):
        with pytest.raises(Rejection) as refusal:
            await verify(text, **terms)
        assert refusal.value.code is code


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_they_read_our_status_lists(peer: Peer, bits: int) -> None:
    theirs = peer.ask("read_status_list", token=our_status_list(bits), keys=KEYS, now=NOW)

    assert theirs == {"bits": bits, "statuses": [status % 2**bits for status in STATUSES]}


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_we_read_theirs(peer: Peer, bits: int) -> None:
    statuses = [status % 2**bits for status in STATUSES]
    payload = {"iss": ISSUER_DID, "sub": STATUS.uri, "iat": NOW - 60, "exp": NOW + 600, "ttl": 300}
    token = peer.ask(
        "issue_status_list",
        statuses=statuses,
        bits=bits,
        header={"kid": ISSUER_METHOD},
        payload=payload,
        issuer=private_jwk(ISSUER),
    )

    ours = parse_status_list_token(token).verify(ISSUER.public_key, expected_uri=STATUS.uri, now=NOW)

    assert (ours.issued_at, ours.expires_at, ours.entries.bits) == (NOW - 60, NOW + 600, bits)
    assert [ours.entries.get(index) for index in range(len(statuses))] == statuses
