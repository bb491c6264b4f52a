"""Each mutant is refused for its own fault, the text that it was made from is not, and the files hold them all."""

from __future__ import annotations

import pytest

from tests.mutants.families import FAMILIES
from tests.mutants.family import FOLDER, Family, Mutant
from tests.support.qr_forge import CLAIMS
from tests.support.verification import COVERAGE_CLAIMS
from vc_core.errors import ReasonCode, Rejection

BY_FORMAT = [pytest.param(family, id=family.format) for family in FAMILIES]
MUTANTS = [
    pytest.param(family, mutant, id=f"{family.format}: {mutant.row} {mutant.name}")
    for family in FAMILIES
    for mutant in family.mutants
]
SECRETS = {str(value) for value in [*COVERAGE_CLAIMS.values(), *CLAIMS.values(), "evil"]}


@pytest.mark.parametrize("family", BY_FORMAT)
async def test_without_a_fault_it_is_good(family: Family) -> None:
    await family.check(family.good)


@pytest.mark.parametrize(("family", "mutant"), MUTANTS)
async def test_with_one_it_is_refused_for_that(family: Family, mutant: Mutant) -> None:
    assert mutant.text != family.good
    with pytest.raises(Rejection) as refusal:
        await family.check(mutant.text)
    assert refusal.value.code is ReasonCode(mutant.code)
    # One sentence, and nothing in it of what was shown.
    assert len(refusal.value.message) < 120
    assert not any(secret in refusal.value.message for secret in SECRETS)


@pytest.mark.parametrize("family", BY_FORMAT)
def test_the_file_holds_them(family: Family) -> None:
    assert family.path.read_text("ascii") == family.written(), "run `make vectors`, and look at what changed"


def test_every_file_has_its_format_and_no_name_stands_for_two() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == {family.path.name for family in FAMILIES}
    for family in FAMILIES:
        assert len({mutant.name for mutant in family.mutants}) == len(family.mutants)
    assert len(MUTANTS) > 900
