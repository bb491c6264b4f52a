"""Documents with parts replaced, left out, added and doubled: refused with a code or taken, and never anything else."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.ldp import issue, present
from tests.vc_core.formats.data_integrity.documents import (
    HOLDER,
    ISSUER,
    NOW,
    OTHER,
    credential_by,
    presentation_by,
    presented,
    signed,
)
from vc_core.did.key import KeyDids
from vc_core.did.resolver import DidResolver
from vc_core.errors import Rejection
from vc_core.formats.data_integrity import Cryptosuite, verify_credential_document, verify_presentation_document
from vc_core.formats.ldp_vc import parse_ldp_vc, parse_ldp_vp
from vc_core.formats.vcdm import parse_credential_document, parse_presentation_document

RESOLVER = DidResolver({"key": KeyDids()})
CHAIN = signed(signed(credential_by(ISSUER), id="urn:uuid:1"), OTHER, previousProof="urn:uuid:1")
GOOD: dict[str, Any] = {
    "a credential of ours": json.loads(issue()),
    "a presentation of ours": json.loads(present(issue())),
    "a chain of proofs": CHAIN,
    "a proof over JSON": signed(credential_by(ISSUER), cryptosuite=Cryptosuite.EDDSA_JCS_2022),
    "a presentation": presented(presentation_by(HOLDER, signed(credential_by(ISSUER)))),
}
JUNK: list[Any] = [None, True, 0, -1, 1.5, 2**60, "", "x", "did:key:z", "_:b", "@id", "\u0000", "https://x.example/a"]
JUNK += [[], {}, [[]], [None], ["a"] * 200, {"@id": "x"}, {"@value": 1}, {"@context": "x"}, {"type": "X"}, {"id": 5}]
JUNK += [{"@list": []}, {"": ""}, {"a:b": 1}, {"@type": "@json", "@value": {}}, {"@value": "a", "@language": "en"}]
NAMES = ["@context", "id", "@id", "type", "@type", "proof", "@value", "@graph", "x", "https://x.example/p", "issuer"]
NAMES += ["verifiableCredential", "holder", "validFrom", "", "@", "a:b", "_:p", "name", "previousProof", "domain"]


def parts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all parts of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inner:
        yield (*path, key)
        yield from parts(member, (*path, key))


def mutant(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(document))
    *outer, last = chance.choice(list(parts(copy)))
    place: Any = copy
    for key in outer:
        place = place[key]
    match chance.randrange(4):
        case 0:
            del place[last]
        case 1 if isinstance(place, dict):
            place[chance.choice(NAMES)] = chance.choice(JUNK)
        case 2:
            place[last] = [place[last], place[last]]
        case _:
            place[last] = chance.choice(JUNK)
    return copy


@pytest.mark.parametrize("document", GOOD.values(), ids=GOOD)
async def test_a_document_with_one_thing_wrong(document: dict[str, Any]) -> None:
    """300 of each, the same in every run."""
    chance, refused = random.Random(4), 0  # noqa: S311 - no secret
    for _ in range(300):
        changed = mutant(document, chance)
        try:
            await read_in_every_way(changed)
        except Rejection:
            refused += 1
    assert refused > 200


async def read_in_every_way(document: dict[str, Any]) -> None:
    """Raises `Rejection` where none of the readers takes it."""
    refusals = []
    for parse in (parse_ldp_vc, parse_ldp_vp):
        try:
            parse(json.dumps(document))
        except Rejection as refusal:
            refusals.append(refusal)
    try:
        await verify_credential_document(parse_credential_document(document), RESOLVER, now=NOW, own_terms=True)
    except Rejection as refusal:
        refusals.append(refusal)
    try:
        await verify_presentation_document(
            parse_presentation_document(document),
            RESOLVER,
            now=NOW,
            expected_challenge=None,
            expected_domains=(),
            own_terms=True,
        )
    except Rejection as refusal:
        refusals.append(refusal)
    if len(refusals) == 4:
        raise refusals[0]
