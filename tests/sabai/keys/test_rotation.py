"""Keys replaced under a running issuer: what they signed verifies for as long as it is in force, and not after."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sabai.registry.key_files import create_key_file
from tests.issuer.wallet import COVERAGE, HEALTH_ID, OFFICER, Wallet
from tests.sabai.keys.conftest import Issuer
from tests.support.registry_terminal import Operator
from tests.support.softhsm import SoftHsm
from vc_core.crypto.jose import parse_jws
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.status_list import TYP
from vc_core.verification import VerifiedCredential, verify_issued_credential

DAY = 86_400


def verified(operator: Operator, wallet: Wallet, credential: str) -> VerifiedCredential:
    """What a wallet or desk makes of the credential by the registry as it is now."""
    now = operator.clock()
    return verify_issued_credential(
        credential,
        holder_key=wallet.key.public_key,
        trust=operator.reading().trust,
        max_trust_age=DAY,
        clock_tolerance=30,
        now=now,
    )


def refusal(operator: Operator, wallet: Wallet, credential: str) -> ReasonCode:
    """Why the credential is refused now."""
    with pytest.raises(Rejection) as refused:
        verified(operator, wallet, credential)
    return refused.value.code


def rotate(operator: Operator, key: str, *options: str) -> Any:
    """Rotates a key of the payer."""
    return operator.json("rotate", key, "--key", operator.key_of("payer"), *options)


def signed_by(credential: str) -> str:
    """The DID URL in the credential's header."""
    return str(parse_jws(credential.partition("~")[0], typ="dc+sd-jwt").header["kid"])


def by_key(operator: Operator) -> dict[str, Any]:
    """The listed keys by their fragment at the payer."""
    did = operator.did_of("payer")
    return {each["key"].partition("#")[2]: each for each in operator.json("list") if each["key"].startswith(did + "#")}


def test_before_and_after_a_rotation_everything_verifies(operator: Operator, issuer: Issuer) -> None:
    wallet, before = asyncio.run(issuer.issue(COVERAGE))
    did = operator.did_of("payer")
    told = rotate(operator, "payer#delegate-1")
    assert (told["old"], told["new"]) == (f"{did}#delegate-1", f"{did}#delegate-3")
    later_wallet, after = asyncio.run(issuer.issue(COVERAGE))
    assert (signed_by(before), signed_by(after)) == (f"{did}#delegate-1", f"{did}#delegate-3")
    for holder, credential in ((wallet, before), (later_wallet, after)):
        assert verified(operator, holder, credential).issuer == did


def test_a_retired_key_ends_with_what_it_signed(operator: Operator, issuer: Issuer) -> None:
    wallet, credential = asyncio.run(issuer.issue(COVERAGE))
    ends = verified(operator, wallet, credential).expires_at
    rotate(operator, "payer#delegate-1")
    told = operator.json("retire", "payer#delegate-1", "--key", operator.key_of("payer"))
    assert told["credentials"] == 1
    # It has a new number now, and the old one still names it.
    assert by_key(operator)["delegate-4"]["credentials"] == {"InsuranceCoverage": 1}
    operator.clock.now = ends - 1
    assert verified(operator, wallet, credential)
    key = operator.reading().trust.verification_key
    method = signed_by(credential)
    assert key(method, at=ends + DAY - 60)
    with pytest.raises(Rejection):
        key(method, at=ends + DAY + 60)


def test_a_key_revoked_at_once_or_killed_counts_no_more(operator: Operator, issuer: Issuer) -> None:
    wallet, credential = asyncio.run(issuer.issue(COVERAGE))
    rotate(operator, "payer#delegate-1")
    operator.ok("retire", "payer#delegate-1", "--key", operator.key_of("payer"), "--now")
    assert refusal(operator, wallet, credential) is ReasonCode.BAD_SIGNATURE
    assert "revoked already" in operator.fails("retire", "payer#delegate-1", "--key", operator.key_of("payer"))
    operator.ok("kill", "payer#delegate-3", "--key", operator.key_of("payer"))
    assert by_key(operator)["delegate-3"]["state"] == "killed"


def test_status_lists_are_signed_by_the_new_key(operator: Operator, issuer: Issuer) -> None:
    asyncio.run(issuer.issue(COVERAGE))
    did = operator.did_of("payer")
    kid = [parse_jws(token, typ=TYP).header["kid"] for token in asyncio.run(issuer.status_list_tokens())]
    assert kid == [f"{did}#delegate-2"]
    assert by_key(operator)["delegate-2"]["status_lists"] == 1
    assert rotate(operator, "payer#delegate-2")["reference"] == "payer/status-2.pem"
    operator.clock.advance(301)
    kid = [parse_jws(token, typ=TYP).header["kid"] for token in asyncio.run(issuer.status_list_tokens())]
    assert kid == [f"{did}#delegate-3"]
    listed = by_key(operator)
    assert (listed["delegate-2"]["status_lists"], listed["delegate-3"]["status_lists"]) == (1, 1)
    operator.clock.advance(DAY)
    assert by_key(operator)["delegate-2"]["status_lists"] == 0


def test_one_key_for_several_types_is_replaced_for_all(operator: Operator) -> None:
    path = operator.data_dir / "keys" / "issuing.json"
    entries = json.loads(path.read_bytes())
    path.write_text(json.dumps([entries[1], entries[1] | {"credential_type": "HealthId"}]))
    rotate(operator, "payer#delegate-1")
    rotated = json.loads(path.read_bytes())
    assert [each["key"] for each in rotated] == ["payer/credentials-2.pem"] * 2
    assert [each["status_key"] for each in rotated] == ["payer/status.pem"] * 2


def test_a_rotation_cut_short_goes_on_where_it_was(operator: Operator) -> None:
    """After the key was made, and after it was registered: nothing is made or sent a second time."""
    new = operator.data_dir / "keys" / "payer" / "credentials-2.pem"
    create_key_file(new, "p256")
    made = new.read_bytes()
    registered = operator.json("register", str(new), "--key", operator.key_of("payer"))
    told = rotate(operator, "payer#delegate-1")
    assert (told["new"], told["transactions"]) == (registered["key"], [])
    assert new.read_bytes() == made
    again = operator.fails("rotate", "payer#delegate-1", "--key", operator.key_of("payer"))
    assert "or no longer" in again


def test_a_dry_run_changes_nothing(operator: Operator) -> None:
    keys = operator.data_dir / "keys"
    before = {path: path.read_bytes() for path in sorted(keys.rglob("*")) if path.is_file()}
    told = rotate(operator, "payer#delegate-1", "--dry-run")
    assert [each["function"] for each in told["transactions"]] == ["setAttribute"]
    assert {path: path.read_bytes() for path in sorted(keys.rglob("*")) if path.is_file()} == before
    assert len(operator.reading().keys(operator.did_of("payer"))) == 2


def test_a_key_in_use_is_not_retired(operator: Operator, issuer: Issuer) -> None:
    asyncio.run(issuer.issue(HEALTH_ID))
    refused = operator.fails("retire", "payer#delegate-1", "--key", operator.key_of("payer"))
    assert "rotate it first" in refused


def test_a_revoked_key_does_not_come_back(operator: Operator, issuer: Issuer) -> None:
    asyncio.run(issuer.issue(COVERAGE))
    rotate(operator, "payer#delegate-1")
    operator.ok("retire", "payer#delegate-1", "--key", operator.key_of("payer"), "--now")
    old = operator.key_of("payer", "credentials.pem")
    refused = operator.fails("rotate", "payer#delegate-3", "--key", operator.key_of("payer"), "--new", old)
    assert "revoked before" in refused


def test_an_issuer_does_not_sign_with_a_key_that_was_taken_away(operator: Operator, issuer: Issuer) -> None:
    async def answer() -> tuple[int, str]:
        async with issuer.running() as client:
            wallet = Wallet(client, operator.clock)
            people = (await client.get("/people", headers=OFFICER)).json()["people"]
            refused = await wallet.credential(await wallet.authorized(people[0]["person_id"]))
            return refused.status_code, refused.json()["code"]

    asyncio.run(issuer.issue(COVERAGE))
    operator.ok("kill", "payer#delegate-1", "--key", operator.key_of("payer"))
    assert asyncio.run(answer()) == (503, "signer_unavailable")


@pytest.mark.hsm
def test_from_a_file_into_a_token_and_on_within_it(operator: Operator, issuer: Issuer, softhsm: SoftHsm) -> None:
    wallet, from_file = asyncio.run(issuer.issue(COVERAGE))
    rotate(operator, "payer#delegate-1", "--new", softhsm.uri("credentials"))
    from_token = asyncio.run(issuer.issue(COVERAGE))
    told = rotate(operator, "payer#delegate-3")
    assert told["reference"] == "pkcs11:token=issuer;object=credentials-2"
    from_next = asyncio.run(issuer.issue(COVERAGE))
    for holder, credential in ((wallet, from_file), from_token, from_next):
        assert verified(operator, holder, credential)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("rotate", "payer#delegate-9", "--key", "{payer}"), "signs with no such key"),
        (("rotate", "payer#delegate-1", "--key", "{payer}", "--new", "{payer}"), "can't be opened"),
        (("rotate", "payer#delegate-1", "--key", "{payer}", "--new", "{status}"), "of another kind"),
        (("rotate", "payer#delegate-1", "--key", "{payer}", "--new", "{old}"), "is the old one"),
        (("rotate", "payer#delegate-1", "--key", "{payer}", "--new", "kms:no-such"), "a key service makes"),
        (("rotate", "payer#delegate-1", "--key", "{payer}", "--issuing", "none.json"), "can't be read"),
        (("register", "none.pem", "--key", "{payer}"), "can't be opened"),
        (("retire", "payer#delegate-9", "--key", "{payer}"), "no such key"),
        (("show", "payer"), "no such key"),
        (("show", "payer#delegate-1"), "start the issuer once"),
    ],
)
def test_bad_input_is_told_in_one_sentence(operator: Operator, arguments: tuple[str, ...], sentence: str) -> None:
    names = {
        "{payer}": operator.key_of("payer"),
        "{status}": operator.key_of("payer", "status.pem"),
        "{old}": operator.key_of("payer", "credentials.pem"),
    }
    assert sentence.lower() in operator.fails(*(names.get(each, each) for each in arguments)).lower()
