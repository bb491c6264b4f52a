"""What a transaction costs is in the tree, to the last unit of gas: a change of a contract shows its price."""

import json

import pytest

from tests.support.clock import SetClock
from tests.support.gas import GAS_FILE, RULES, measure_gas
from vc_core.ledger.embedded import Rules

# Gas that the design aims at, istanbul and london rules: what a contract may cost, within a tenth.
TARGETS = {
    "publish a key (setAttribute)": (33_700, 34_200),
    "addDelegate": (52_300, 54_900),
    "changeOwner": (51_800, 51_600),
    "accredit": (46_800, 50_200),
    "revoke": (31_500, 32_000),
    "anchor": (31_600, 32_100),
}


@pytest.mark.parametrize("rules", RULES)
async def test_it_costs_what_the_tree_says(rules: Rules) -> None:
    recorded = json.loads(GAS_FILE.read_text("utf-8"))[rules]

    assert await measure_gas(rules, SetClock(1_790_000_000)) == recorded, "measure again: python -m tests.support.gas"


@pytest.mark.parametrize("operation", TARGETS)
def test_it_costs_about_what_it_should(operation: str) -> None:
    recorded = json.loads(GAS_FILE.read_text("utf-8"))

    for rules, target in zip(RULES, TARGETS[operation], strict=True):
        assert recorded[rules][operation] <= target * 1.1
