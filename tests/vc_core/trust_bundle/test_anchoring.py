"""The proof in a bundle: from its registry to a root that was anchored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.bundles import (
    ADDRESSES,
    CHAIN_ID,
    EVENTS,
    NOW,
    OTHER_DID,
    accreditation_event,
    anchored_event,
    block,
    bundle,
    snapshot,
    verify,
)
from vc_core.errors import LedgerError, TrustBundleRefused
from vc_core.ledger.events import Anchored, log_id
from vc_core.ledger.merkle import InclusionProof
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.trust_bundle.anchoring import create_anchored_checkpoint, create_checkpoint
from vc_core.trust_bundle.contents import AnchoredCheckpoint, parse_checkpoint

CUT = snapshot(EVENTS[:2], head=2)
CHECKPOINTS = [create_checkpoint(snapshot(EVENTS[:1], head=1)), create_checkpoint(CUT), create_checkpoint(snapshot())]
ANCHORED = anchored_event(11, CHECKPOINTS)
TOLD = snapshot((*EVENTS, ANCHORED, accreditation_event(12, OTHER_DID)), head=12)


def anchor(number: int = 2, anchored: Anchored = ANCHORED, **where: Any) -> AnchoredCheckpoint:
    """The evidence for a checkpoint, by default for that of all events before the anchor."""
    place: dict[str, Any] = {"chain_id": CHAIN_ID, "contract": ADDRESSES.anchors, **where}
    return create_anchored_checkpoint(CHECKPOINTS, number, anchored, **place)


def refusal(evidence: AnchoredCheckpoint, told: RegistrySnapshot = TOLD) -> str:
    """The sentence with which a desk refuses a bundle with this evidence."""
    with pytest.raises(TrustBundleRefused) as refused:
        verify(bundle(told, anchor=evidence))
    return refused.value.message


@pytest.mark.parametrize("number", [0, 1, 2])
def test_any_checkpoint_of_the_log_is_proven(number: int) -> None:
    verified = verify(bundle(TOLD, anchor=anchor(number))).anchor
    assert verified is not None
    assert (verified.index, verified.event_count, verified.in_registry) == (1, number + 1, True)
    assert verified.head == CHECKPOINTS[number].head


def test_an_anchor_on_another_chain_is_proven_as_far_as_the_root() -> None:
    verified = verify(bundle(TOLD, anchor=anchor(chain_id=96, contract=bytes(20)))).anchor
    assert verified is not None
    assert (verified.chain_id, verified.in_registry) == (96, False)


def test_the_registrys_own_anchor_must_be_in_the_registry() -> None:
    assert "does not have the anchor" in refusal(anchor(), snapshot())
    other = replace(TOLD, events=(*EVENTS, replace(ANCHORED, head="dd" * 32)))
    assert "does not have the anchor" in refusal(anchor(), other)
    assert "does not have the anchor" in refusal(replace(anchor(), index=2))
    assert "does not have the anchor" in refusal(replace(anchor(), block_number=10))


def test_a_registry_that_is_not_the_anchored_one() -> None:
    forged = replace(TOLD, events=(EVENTS[0], accreditation_event(2, OTHER_DID), *TOLD.events[2:]))
    assert "does not lead to" in refusal(anchor(), forged)


PROOF = anchor().proof


@pytest.mark.parametrize(
    "changed",
    [
        {"root": bytes(32)},
        {"size": 4},
        {"proof": InclusionProof(PROOF.index, PROOF.size, (*PROOF.path, bytes(32)))},
        {"proof": InclusionProof(PROOF.index, PROOF.size, PROOF.path[:-1])},
        {"proof": InclusionProof(1, PROOF.size, PROOF.path)},
        {"proof": InclusionProof(3, PROOF.size, PROOF.path)},
        {"head": replace(block(10), timestamp=NOW)},
        {"head": block(10, fork=1)},
    ],
)
def test_a_wrong_proof(changed: dict[str, Any]) -> None:
    assert "does not lead to" in refusal(replace(anchor(), **changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"log": log_id("another log")},
        {"event_count": 2},
        {"event_count": 0},
        {"event_count": 99},
        {"head": block(13)},
        {"head": block(12, fork=1)},
        {"head": block(2)},
    ],
)
def test_a_proof_of_something_else(changed: dict[str, Any]) -> None:
    assert "another registry or log" in refusal(replace(anchor(), **changed))


def test_evidence_is_made_only_from_what_was_anchored() -> None:
    with pytest.raises(LedgerError):
        create_anchored_checkpoint(CHECKPOINTS[:2], 0, ANCHORED, chain_id=1, contract=bytes(20))
    with pytest.raises(LedgerError):
        create_anchored_checkpoint(CHECKPOINTS[::-1], 0, ANCHORED, chain_id=1, contract=bytes(20))
    with pytest.raises(LedgerError):
        anchor(3)


def test_a_checkpoint_is_a_line_of_text() -> None:
    line = CHECKPOINTS[1].to_entry()
    assert b"\n" not in line
    assert parse_checkpoint(line) == CHECKPOINTS[1]
    for other in (b"", line + b" ", line.upper(), line.replace(b" 2 ", b" 02 ", 1), line[:-1], b"x" + line, b"\xff"):
        with pytest.raises(ValueError, match="checkpoint"):
            parse_checkpoint(other)
