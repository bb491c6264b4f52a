"""Whether docs/qr-pass.md is enough: a verifier written from that page alone, over the committed vectors."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import qr_stranger, qr_vectors
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.formats.qr_pass import parse_qr_presentation

VECTORS = Path(__file__).parents[2] / "vectors"
PAGE = Path(__file__).parents[3] / "docs" / "qr-pass.md"
MUTANTS = json.loads((VECTORS / "mutants" / "qr-pass.json").read_bytes())
GOOD = json.loads((VECTORS / "qr-pass" / "good.json").read_bytes())


def test_the_stranger_knows_nothing_of_ours() -> None:
    tree = ast.parse(Path(qr_stranger.__file__).read_text("utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    assert not any(str(module).partition(".")[0] in ("vc_core", "tests") for module in modules)


def test_the_stranger_accepts_the_good_one() -> None:
    assert qr_stranger.verify(qr_stranger.read(MUTANTS["good"]), MUTANTS["terms"])["type"] == "InsuranceCoverage"


@pytest.mark.parametrize("mutant", MUTANTS["mutants"], ids=lambda mutant: mutant["name"])
def test_the_stranger_refuses_a_mutant_for_the_same_reason(mutant: dict[str, Any]) -> None:
    with pytest.raises(qr_stranger.Refused, match=f"^{mutant['code']}$"):
        qr_stranger.verify(qr_stranger.read(mutant["text"]), MUTANTS["terms"])


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["name"])
def test_both_read_the_same(vector: dict[str, Any]) -> None:
    assert qr_vectors.described(parse_qr_presentation(vector["text"])) == vector["means"]
    found = qr_stranger.read(vector["text"])
    numbers = found["holder"].public_numbers()
    found["holder_x"], found["holder_y"] = f"{numbers.x:064x}", f"{numbers.y:064x}"
    assert {name: found[name] for name in vector["means"]} == vector["means"]
    for signature, key, algorithm in (
        ("pass", vector["issuer_key"], found["algorithm"]),
        ("proof", found["holder"], -7),
    ):
        qr_stranger.check_signature(key, algorithm, found[signature], "BAD_SIGNATURE")


def test_the_good_ones_are_those_that_the_script_writes() -> None:
    assert qr_vectors.written() == (VECTORS / "qr-pass" / "good.json").read_text("ascii")


def test_the_page_has_the_first_of_them() -> None:
    assert GOOD[0]["text"] in PAGE.read_text("utf-8").replace("\n", "")


def test_the_page_has_every_type_and_claim_of_a_pass() -> None:
    page = PAGE.read_text("utf-8")
    for each in filter(lambda each: each.qr_pass, CREDENTIAL_TYPES.values()):
        row = next(line for line in page.splitlines() if line.startswith(f"| {each.number} | {each.name} |"))
        for key, claim in each.qr_claims().items():
            assert f"{key} `{claim.name}`" in row
            assert claim.pattern is None or claim.pattern.replace("|", "\\|") in page
            assert all(choice in page for choice in claim.choices or ())
