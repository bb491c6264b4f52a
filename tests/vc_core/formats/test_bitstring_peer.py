"""npm's @digitalbazaar/vc-bitstring-status-list and we read each other's status lists.

It takes the machine's time, so the lists here are of now.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.credential_peers import Peer, PeerRefused, running_peer
from vc_core.clock import system_clock
from vc_core.crypto.keys import Ed25519Signer
from vc_core.did.key import KeyDids, create_did_key
from vc_core.did.multibase import multibase_encode
from vc_core.did.resolver import DidResolver
from vc_core.formats.bitstring_status_list import MINIMUM_ENTRIES, BitstringStatusList, create_credential_status
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.data_integrity.contexts import CONTEXTS
from vc_core.formats.status_list import Status
from vc_core.formats.status_list_credential import (
    create_status_list_credential,
    parse_status_list_credential,
    sign_status_list_document,
)
from vc_core.formats.vcdm import CREDENTIALS_V2

KEY = Ed25519Signer(bytes([7]) * 32)
STRANGER = Ed25519Signer(bytes([8]) * 32)
DID = create_did_key(KEY.public_key)
METHOD = f"{DID}#{DID.removeprefix('did:key:')}"
LISTS = {purpose: f"https://office.example/status/1/{purpose}" for purpose in ("revocation", "suspension")}
PLACES = [0, 1, 7, 8, 94_567, MINIMUM_ENTRIES - 1]


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """@digitalbazaar/vc-bitstring-status-list."""
    with running_peer("bitstring") as running:
        yield running


async def _documents() -> dict[str, Any]:
    """All that they may load but for the lists: contexts, and the issuer's key."""
    document = (await DidResolver({"key": KeyDids()}).resolve(DID)).to_json()["didDocument"]
    methods = {each["id"]: each for each in document["verificationMethod"]}
    multikey = {"@context": "https://w3id.org/security/multikey/v1"}
    contexts = {url: {"@context": context} for url, context in CONTEXTS.items()}
    return {**contexts, DID: document, **{id: multikey | method for id, method in methods.items()}}


def _list(purpose: str, entries: list[int], *, signer: Ed25519Signer = KEY) -> dict[str, Any]:
    """Our list, in force for an hour."""
    now = system_clock()
    document = create_status_list_credential(
        BitstringStatusList.from_entries(1, MINIMUM_ENTRIES, ((index, 1) for index in entries)),
        uri=LISTS[purpose],
        issuer=DID,
        purpose=StatusPurpose(purpose),
        issued_at=now - 10,
        expires_at=now + 3600,
        time_to_live=60,
    )
    return sign_status_list_document(document, verification_method=METHOD, signer=signer, issued_at=now - 10)


def _credential(index: int) -> dict[str, Any]:
    """A credential that may be revoked and suspended; of it they look only at this."""
    places = [BitstringStatusReference(uri, index, StatusPurpose(purpose)) for purpose, uri in LISTS.items()]
    return {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": DID,
        "credentialStatus": create_credential_status(places),
        "credentialSubject": {"id": "urn:x:1"},
    }


async def test_they_read_our_lists(peer: Peer) -> None:
    known = await _documents()
    known |= {LISTS["revocation"]: _list("revocation", PLACES[::2]), LISTS["suspension"]: _list("suspension", [7, 8])}
    for index in PLACES:
        found = peer.ask("check_status", credential=_credential(index), documents=known)
        assert found == [int(index in PLACES[::2]), int(index in (7, 8))]


async def test_they_refuse_a_list_of_ours_that_was_changed_or_signed_by_another(peer: Peer) -> None:
    known = await _documents() | {LISTS["suspension"]: _list("suspension", [])}
    good = _list("revocation", [7])
    subject = good["credentialSubject"] | {"encodedList": _list("revocation", [])["credentialSubject"]["encodedList"]}
    for bad in ({**good, "credentialSubject": subject}, _list("revocation", [7], signer=STRANGER)):
        with pytest.raises(PeerRefused):
            peer.ask("check_status", credential=_credential(7), documents=known | {LISTS["revocation"]: bad})


async def test_we_read_their_lists(peer: Peer) -> None:
    now = system_clock()
    secret = multibase_encode(b"\x80\x26" + KEY.to_bytes())
    theirs = peer.ask(
        "create_list",
        id=LISTS["revocation"],
        issuer=DID,
        length=MINIMUM_ENTRIES,
        entries=PLACES[::2],
        purpose="revocation",
        key={
            "@context": "https://w3id.org/security/multikey/v1",
            "type": "Multikey",
            "id": METHOD,
            "controller": DID,
            "publicKeyMultibase": DID.removeprefix("did:key:"),
            "secretKeyMultibase": secret,
        },
        documents=await _documents(),
        validFrom=datetime.fromtimestamp(now - 5, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    unverified = parse_status_list_credential(json.dumps(theirs))
    verified = unverified.verify(KEY.public_key, expected_uri=LISTS["revocation"], now=now)
    for index in PLACES:
        reference = BitstringStatusReference(LISTS["revocation"], index, StatusPurpose.REVOCATION)
        assert verified.status_of(reference) is (Status.INVALID if index in PLACES[::2] else Status.VALID)
