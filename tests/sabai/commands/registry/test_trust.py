"""Who may do what: accreditations, mandates, killed keys, and who may say so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.registry_terminal import Operator
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.errors import Rejection
from vc_core.ledger.events import Role, allowed_claims_hash

DAY = 86_400


def _entry(operator: Operator, organisation: str, role: str, credential_type: str) -> dict[str, Any]:
    found = [
        each
        for each in operator.json("show", organisation)["accreditations"]
        if (each["role"], each["credential_type"]) == (role, credential_type)
    ]
    assert len(found) == 1
    return dict(found[0])


def test_the_governor_accredits_and_a_desk_sees_it(operator: Operator) -> None:
    did = operator.did_of("payer")
    told = operator.ok(
        "accredit", "payer", "issue", "HealthId", "--key", operator.governor, "--days", "30",
        "--claim", "health_id", "--claim", "name", "--policy", "ab" * 32,
    )  # fmt: skip
    assert f"{did} may issue HealthId until 2026-10-21" in told
    given = operator.reading().trust.accreditation(did, Role.ISSUE, HEALTH_ID.vct, at=operator.clock())
    assert given.valid_until - given.valid_from == 30 * DAY
    assert (given.allowed_claims, given.policy) == (allowed_claims_hash(["name", "health_id"]), b"\xab" * 32)


def test_dates_are_midnights_in_bangkok(operator: Operator) -> None:
    done = operator.json(
        "accredit", "payer", "issue", "HealthId", "--key", operator.governor, "--from", "2026-12-01",
        "--until", "2027-12-01T00:00:00+07:00",
    )  # fmt: skip
    assert (done["valid_from"], done["valid_until"]) == (1_796_058_000, 1_827_594_000)
    assert _entry(operator, "payer", "issue", "HealthId")["in_force"] is False  # not yet


def test_suspended_resumed_revoked(operator: Operator) -> None:
    entry = ("payer", "issue", "InsuranceCoverage")
    for command, state, in_force in (("suspend", "suspended", False), ("resume", "active", True)):
        done = operator.json(command, *entry, "--key", operator.governor)
        assert (done["state"], done["transactions"][0]["function"]) == (state, "setAccreditationState")
        shown = _entry(operator, *entry)
        assert (shown["state"], shown["in_force"]) == (state, in_force)
    operator.ok("revoke", *entry, "--key", operator.governor)
    assert _entry(operator, *entry)["state"] == "revoked"
    refused = operator.fails("resume", *entry, "--key", operator.governor)
    assert refused == "It is revoked, which is final. (transaction_failed)\n"


def test_a_wallet_provider_is_accredited_and_suspended(operator: Operator) -> None:
    did, entry = operator.did_of("payer"), ("payer", "provide_wallets", "WalletAttestation")
    told = operator.ok("accredit", *entry, "--key", operator.governor, "--days", "30")
    assert f"{did} may provide_wallets WalletAttestation until 2026-10-21" in told
    assert _entry(operator, *entry)["in_force"] is True
    operator.ok("suspend", *entry, "--key", operator.governor)
    assert _entry(operator, *entry)["in_force"] is False
    sample = _entry(operator, "wallet-provider", *entry[1:])
    assert (sample["grantor"], sample["in_force"]) == ("governance", True)


def test_only_the_governor_governs(operator: Operator) -> None:
    for command in ("accredit", "suspend", "resume", "revoke"):
        refused = operator.fails(command, "payer", "issue", "InsuranceCoverage", "--key", operator.key_of("payer"))
        assert refused == "This key does not govern the registry. (invalid_request)\n"


def test_an_accreditor_accredits_within_its_mandate(operator: Operator) -> None:
    office, office_key = operator.did_of("issuing-office"), operator.key_of("issuing-office")
    given = ("hospital-a", "issue", "HealthId", "--key", office_key, "--as", office)
    assert operator.fails("accredit", *given).startswith("The accreditor has no mandate")
    operator.ok("mandate", "issuing-office", "issue", "HealthId", "--key", operator.governor, "--depth", "1")
    operator.ok("accredit", *given, "--days", "30")
    shown = _entry(operator, "hospital-a", "issue", "HealthId")
    assert (shown["grantor"], shown["in_force"]) == (office, True)
    assert operator.fails("accredit", *given, "--days", "9000").startswith("The period is not within")
    operator.ok("mandate", "payer", "issue", "HealthId", "--key", office_key, "--as", office, "--days", "30")
    assert operator.json("show", "payer")["mandates"][0]["grantor"] == office
    operator.ok("mandate", "hospital-b", "verify", "HealthId", "--key", operator.governor)
    assert "may accredit to" in operator.ok("show", "issuing-office")
    ended = ("issuing-office", "issue", "HealthId", "--key", operator.governor, "--state", "suspended")
    assert "is suspended." in operator.ok("mandate", *ended)
    assert _entry(operator, "hospital-a", "issue", "HealthId")["in_force"] is False


def test_an_organisation_kills_its_own_key(operator: Operator) -> None:
    did, key = operator.did_of("payer"), operator.key_of("payer")
    trust = operator.reading().trust
    trust.verification_key(f"{did}#delegate-1", at=operator.clock())
    done = operator.json("kill-key", f"{did}#delegate-1", "--key", key)
    assert [each["function"] for each in done["transactions"]] == ["killOwnKey"]
    trust = operator.reading().trust
    with pytest.raises(Rejection) as refused:
        trust.verification_key(f"{did}#delegate-1", at=operator.clock() - 1000)
    assert refused.value.code == "BAD_SIGNATURE"
    trust.verification_key(f"{did}#delegate-2", at=operator.clock())
    states = [each["state"] for each in operator.json("show", "payer")["keys"]]
    assert states == ["killed", "valid"]
    assert "killed already" in operator.fails("kill-key", "payer#delegate-1", "--key", key)


def test_a_key_that_was_prolonged_is_killed_by_any_of_its_names(operator: Operator) -> None:
    ledger_key, signing = operator.key_of("payer"), operator.key_of("payer", "credentials.pem")
    operator.ok("rotate", "--key", ledger_key, "--new", signing)
    assert [each["id"][-11:] for each in operator.json("show", "payer")["keys"]] == ["#delegate-3", "#delegate-2"]
    operator.ok("kill-key", "payer#delegate-1", "--key", ledger_key)
    assert [each["state"] for each in operator.json("show", "payer")["keys"]] == ["killed", "valid"]


def test_the_governance_kills_a_key_by_its_pem_file(operator: Operator) -> None:
    leaked = operator.key_of("payer", "credentials.pem")
    done = operator.json("kill-key", "payer", "--public", leaked, "--key", operator.governor)
    assert [each["function"] for each in done["transactions"]] == ["killKey"]
    assert operator.json("show", "payer")["keys"][0]["state"] == "killed"


def test_nobody_else_kills_a_key(operator: Operator) -> None:
    refused = operator.fails("kill-key", "payer#delegate-1", "--key", operator.key_of("hospital-a"))
    assert refused == "This key does not govern the registry. (invalid_request)\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("accredit", "payer", "issue", "Passport"), "known are HealthId, InsuranceCoverage, "),
        (("accredit", "payer", "sell", "HealthId"), "A role is issue, verify or provide_wallets. (invalid_request)"),
        (("accredit", "somebody", "issue", "HealthId"), "An organisation is a DID such as did:ethr:0x5aba:0x"),
        (("accredit", "payer", "issue", "HealthId", "--until", "soon"), "A time is a date such as"),
        (("accredit", "payer", "issue", "HealthId", "--until", "2027-01-01T00:00:00"), "needs its offset"),
        (("accredit", "payer", "issue", "HealthId", "--until", "2020-01-01"), "must begin before it ends"),
        (("accredit", "payer", "issue", "HealthId", "--policy", "abcd"), "A hash is 64 hex digits"),
        (("suspend", "payer", "verify", "HealthId"), "There is no such accreditation. (transaction_failed)"),
        (("kill-key", "payer#delegate-9"), "The DID has no such key"),
        (("kill-key", "payer"), "The DID has no such key"),
    ],
)
def test_bad_input_is_told_in_one_sentence(operator: Operator, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in operator.fails(*arguments, "--key", operator.governor)


def test_the_overview_and_the_history_are_readable(operator: Operator) -> None:
    overview = operator.ok("show")
    assert "Sample Riverside Hospital" in overview
    assert "verify HealthId, verify InsuranceCoverage" in overview
    lines = operator.json("history", "payer")
    assert lines[0].keys() == {"block", "time", "about", "what"}
    assert {each["about"] for each in lines} == {operator.did_of("payer")}
    assert [each["what"].split()[0] for each in lines] == ["key", "key", "name", "accreditation"]
    assert len(operator.ok("history", "--limit", "2").splitlines()) == 3
    assert "nothing of this DID" in operator.fails("show", "0x" + "12" * 20)
