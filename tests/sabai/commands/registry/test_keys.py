"""What an organisation does for itself: keys, name, rotation, deactivation."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tests.support.registry_terminal import Operator


def _keys(operator: Operator, organisation: str) -> dict[str, str]:
    shown: dict[str, Any] = operator.json("show", organisation)
    return {each["id"].partition("#")[2]: each["state"] for each in shown["keys"]}


def test_a_key_is_made_for_its_owner_only_and_never_overwritten(operator: Operator) -> None:
    file = operator.folder / "deep" / "ledger.key"
    made = operator.json("create-key", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert made["did"] == f"did:ethr:0x5aba:{made['address']}"
    assert file.read_text("ascii") not in json.dumps(made)
    assert "never overwritten. (conflict)" in operator.fails("create-key", str(file))


@pytest.mark.parametrize(("kind", "prefix"), [("p256", "8024"), ("ed25519", "ed01")])
def test_signing_keys_are_pem_files(operator: Operator, kind: str, prefix: str) -> None:
    file = operator.folder / "signing.pem"
    assert operator.json("create-key", str(file), "--kind", kind)["multikey"].startswith(prefix)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    load_pem_private_key(file.read_bytes(), password=None)


def test_an_organisation_registers_once(operator: Operator) -> None:
    key, signing = operator.new_key("ledger.key"), operator.new_key("credentials.pem", "p256")
    arguments = ("register", "--key", key, "--publish", signing, "--name", "โรงพยาบาลตัวอย่าง")
    done = operator.json(*arguments)
    assert [each["function"] for each in done["transactions"]] == ["setAttribute", "setAttribute"]
    assert done["gas"] == sum(each["gas"] for each in done["transactions"]) > 60_000
    shown = operator.json("show", done["did"])
    assert (shown["name"], shown["deactivated"]) == ("โรงพยาบาลตัวอย่าง", False)
    assert [each["state"] for each in shown["keys"]] == ["valid"]
    assert operator.json(*arguments)["transactions"] == []


def test_a_public_key_alone_can_be_published(operator: Operator) -> None:
    signing = Path(operator.new_key("credentials.pem", "ed25519"))
    private = load_pem_private_key(signing.read_bytes(), password=None)
    public = operator.folder / "public.pem"
    public.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    operator.ok("register", "--key", operator.key_of("payer"), "--publish", str(public))
    assert _keys(operator, "payer") == dict.fromkeys(("delegate-1", "delegate-2", "delegate-3"), "valid")


def test_a_signing_key_is_replaced_and_the_others_keep_their_names(operator: Operator) -> None:
    new = operator.new_key("new.pem", "p256")
    old = operator.key_of("payer", "credentials.pem")
    told = operator.ok("rotate", "--key", operator.key_of("payer"), "--old", old, "--new", new)
    assert told.index("setAttribute") < told.index("revokeAttribute")
    assert _keys(operator, "payer") == {"delegate-1": "revoked", "delegate-2": "valid", "delegate-3": "valid"}


def test_a_new_ledger_key_takes_over_and_the_old_one_is_out(operator: Operator) -> None:
    new, did = operator.new_key("new.key"), operator.did_of("payer")
    operator.ok("rotate", "--key", operator.key_of("payer"), "--owner", operator.address(new))
    assert operator.json("show", "payer")["owner"] == operator.address(new)
    refused = operator.fails("register", "--key", operator.key_of("payer"), "--name", "Usurper")
    assert refused == "This key does not control the organisation's DID. (transaction_failed)\n"
    operator.ok("register", "--key", new, "--did", did, "--name", "Payer anew")
    assert operator.json("show", "payer")["name"] == "Payer anew"


def test_a_did_ends_for_good_after_a_question(operator: Operator) -> None:
    key = operator.key_of("hospital-b")
    assert operator.run("deactivate", "--key", key, typed="n\n").exit_code == 1
    assert operator.json("show", "hospital-b")["deactivated"] is False
    operator.ok("deactivate", "--key", key, typed="y\n")
    shown = operator.json("show", "hospital-b")
    assert (shown["deactivated"], shown["owner"]) == (True, None)
    assert shown["accreditations"]
    assert not any(each["in_force"] for each in shown["accreditations"])
    assert "does not control" in operator.fails("register", "--key", key, "--name", "Back again")


def test_a_dry_run_sends_nothing_and_says_what_it_would_cost(operator: Operator) -> None:
    before = operator.json("history")
    arguments = ("rotate", "--key", operator.key_of("payer"), "--new", operator.new_key("new.pem", "p256"))
    estimated = operator.json(*arguments, "--dry-run")
    assert operator.json("history") == before
    assert estimated["dry_run"] is True
    assert [each["transaction_hash"] for each in estimated["transactions"]] == [None]
    used = operator.json(*arguments)["gas"]
    assert used <= estimated["gas"] <= used + 2_000
    assert "Nothing was sent" in operator.ok(*arguments, "--dry-run")


def test_a_dry_run_tells_what_would_be_refused(operator: Operator) -> None:
    arguments = ("register", "--key", operator.new_key("k"), "--did", operator.did_of("payer"), "--name", "Usurper")
    assert "does not control" in operator.fails(*arguments, "--dry-run")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("register", "--key", "absent.key", "--name", "N"), "There is no key file"),
        (("register", "--key", "{payer}"), "There is nothing to publish"),
        (("register", "--key", "{payer}", "--publish", "{payer}"), "has no P-256 or Ed25519 key in PEM"),
        (("register", "--key", "{payer}", "--name", "x" * 201), "has 1 to 200 bytes"),
        (("register", "--key", "{pem}", "--name", "N"), "is not a ledger key"),
        (("rotate", "--key", "{payer}"), "There is nothing to replace"),
        (("rotate", "--key", "{payer}", "--owner", "0x12"), "An account is 0x and 40 hex digits"),
        (("rotate", "--key", "{payer}", "--owner", "0x" + "0" * 40), "`sabai registry deactivate` ends it"),
        (("register", "--key", "{payer}", "--did", "did:web:x.example", "--name", "N"), "An organisation is a DID"),
        (("register", "--key", "{payer}", "--did", "did:ethr:0x1:0x" + "1" * 40, "--name", "N"), "another chain"),
    ],
)
def test_bad_input_is_told_in_one_sentence(operator: Operator, arguments: tuple[str, ...], sentence: str) -> None:
    files = {"{payer}": operator.key_of("payer"), "{pem}": operator.key_of("payer", "credentials.pem")}
    assert sentence in operator.fails(*(files.get(each, each) for each in arguments))


def test_a_key_file_that_others_can_read_is_refused(operator: Operator) -> None:
    key = operator.new_key("open.key")
    Path(key).chmod(0o644)
    assert "consider the key leaked" in operator.fails("register", "--key", key, "--name", "N")


def test_without_a_registry_the_way_to_one_is_told(operator: Operator) -> None:
    operator.data_dir = operator.folder / "empty"
    assert "says which registry it is. (invalid_request)" in operator.fails("show")
