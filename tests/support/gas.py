"""What our contracts' transactions cost in gas: `python -m tests.support.gas` measures and writes it.

Keys, times and contents are fixed, so that the numbers are the same wherever they are measured.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.support.chain import Chain
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.did.ethr import create_did
from vc_core.ledger.anchors import NO_HEAD, next_head
from vc_core.ledger.embedded import Rules
from vc_core.ledger.events import AccreditationState, Role, credential_type_id, log_id, subject_id
from vc_core.ledger.governance import (
    create_accreditation_action,
    create_governance_action,
    create_kill_key_action,
    create_log_owner_action,
    create_mandate_action,
    create_state_action,
)
from vc_core.ledger.transactions import LedgerKey

GAS_FILE = Path(__file__).parents[1] / "vectors" / "gas.json"
RULES: tuple[Rules, ...] = ("istanbul", "paris")

HOSPITAL, MINISTRY, PROVINCE, HEIR = (LedgerKey(bytes([number]) * 32) for number in (1, 2, 3, 4))
MEMBERS = [LedgerKey(bytes([number]) * 32) for number in (11, 12, 13)]
KEY, SECOND_KEY = (P256Signer.from_bytes(bytes([number]) * 32).public_key for number in (5, 6))
VCT, SECOND_VCT, THIRD_VCT = (f"urn:sabai:credential:Gas{number}:1" for number in (1, 2, 3))
DID = create_did(1337, HOSPITAL.address)
VERIKEY = b"veriKey".ljust(32, b"\0")
LOG, ROOT = "status-lists", b"\x77" * 32
YEAR = 365 * 86_400


async def measure_gas(rules: Rules, clock: SetClock) -> dict[str, int]:
    """The gas of each operation under these rules, deployments included."""
    with tempfile.TemporaryDirectory() as folder:
        chain = await Chain.create(Path(folder) / "chain.sqlite", clock, rules=rules, governor=LedgerKey(b"\x09" * 32))
        try:
            return {
                **await _organisations(chain),
                **await _accreditations(chain),
                **await _accreditors(chain),
                **await _anchors(chain),
                **await _several_members(chain),
            }
        finally:
            chain.ledger.close()


async def _organisations(chain: Chain) -> dict[str, int]:
    publish: dict[str, Any] = {"valid_seconds": YEAR}
    delegate = (HOSPITAL.address, VERIKEY)
    first = await chain.writer.publish_key(HOSPITAL, KEY, **publish)
    again = await chain.writer.publish_key(HOSPITAL, SECOND_KEY, **publish)
    revoked = await chain.writer.revoke_key(HOSPITAL, SECOND_KEY)
    added = await chain.write(HOSPITAL, "addDelegate", *delegate, MINISTRY.address, YEAR)
    removed = await chain.write(HOSPITAL, "revokeDelegate", *delegate, MINISTRY.address)
    await chain.writer.publish_key(HEIR, KEY, **publish)
    moved = await chain.writer.change_owner(HEIR, PROVINCE.address)
    return {
        "publish a key (setAttribute), an identity's first event": first.gas_used,
        "publish a key (setAttribute)": again.gas_used,
        "revoke a key (revokeAttribute)": revoked.gas_used,
        "addDelegate": added.gas_used,
        "revokeDelegate": removed.gas_used,
        "changeOwner": moved.gas_used,
    }


def _period(chain: Chain) -> dict[str, Any]:
    return {"valid_from": chain.clock(), "valid_until": chain.clock() + YEAR}


async def _accreditations(chain: Chain) -> dict[str, int]:
    first = create_accreditation_action(DID, Role.ISSUE, VCT, **_period(chain))
    limited = create_accreditation_action(
        DID,
        Role.VERIFY,
        VCT,
        **_period(chain),
        allowed_claims=["name"],
        policy=b"\x88" * 32,
    )
    actions = {
        "accredit": first,
        "accredit again (replace)": first,
        "accredit, limited to claims and under a policy": limited,
        "suspend": create_state_action(DID, Role.ISSUE, VCT, AccreditationState.SUSPENDED),
        "revoke": create_state_action(DID, Role.ISSUE, VCT, AccreditationState.REVOKED),
        "kill a key, by the governance": create_kill_key_action(DID, KEY),
    }
    gas = {name: (await chain.writer.act(chain.governor, action)).gas_used for name, action in actions.items()}
    gas["kill a key, by the organisation"] = (await chain.writer.kill_own_key(HOSPITAL, SECOND_KEY)).gas_used
    return gas


async def _accreditors(chain: Chain) -> dict[str, int]:
    details: dict[str, Any] = {"role": Role.ISSUE, "vct": SECOND_VCT, **_period(chain)}
    mandate = create_mandate_action(MINISTRY.address, depth=2, **details)
    given = await chain.writer.act(chain.governor, mandate)
    passed_on = await chain.writer.set_mandate_as(MINISTRY, PROVINCE.address, depth=1, **details)
    accredited = await chain.writer.accredit_as(PROVINCE, DID, **details)
    names = (PROVINCE.address, subject_id(DID), Role.ISSUE, credential_type_id(SECOND_VCT))
    revoked = await chain.trust(PROVINCE, "setAccreditationStateAs", *names, AccreditationState.REVOKED)
    return {
        "give a mandate": given.gas_used,
        "give on a mandate": passed_on.gas_used,
        "accredit, by an accreditor two levels down": accredited.gas_used,
        "revoke, by an accreditor two levels down": revoked.gas_used,
    }


async def _anchors(chain: Chain) -> dict[str, int]:
    owned = await chain.writer.act(chain.governor, create_log_owner_action(LOG, HOSPITAL.address))
    first = await chain.writer.anchor(HOSPITAL, LOG, ROOT, size=1000, previous_head=NO_HEAD)
    head = next_head(log_id(LOG), ROOT, size=1000, previous_head=NO_HEAD)
    second = await chain.writer.anchor(HOSPITAL, LOG, ROOT, size=1000, previous_head=head)
    return {
        "give a log an owner": owned.gas_used,
        "anchor, a log's first root": first.gas_used,
        "anchor": second.gas_used,
    }


async def _several_members(chain: Chain) -> dict[str, int]:
    addresses = [member.address for member in MEMBERS]
    changed = await chain.writer.act(chain.governor, create_governance_action("TrustRegistry", addresses, 2))
    action = create_accreditation_action(DID, Role.ISSUE, THIRD_VCT, **_period(chain))
    data = (action.data, 2**255 + 7, chain.clock() + 3600)
    identifier = (await chain.ask_trust("proposalId", *data, 2))[0]
    proposed = await chain.trust(MEMBERS[0], "propose", *data)
    approved = await chain.trust(MEMBERS[1], "approve", identifier)
    executed = await chain.trust(MEMBERS[2], "execute", identifier, *data[:2])
    return {
        "change the governance to three members": changed.gas_used,
        "propose an accreditation": proposed.gas_used,
        "approve": approved.gas_used,
        "execute an accreditation": executed.gas_used,
    }


async def measure_all() -> dict[str, dict[str, int]]:
    """The gas of each operation, by rules."""
    return {rules: await measure_gas(rules, SetClock(1_790_000_000)) for rules in RULES}


if __name__ == "__main__":
    GAS_FILE.write_text(json.dumps(asyncio.run(measure_all()), indent=1) + "\n", "utf-8")
