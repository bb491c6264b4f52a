"""The example in docs/trust-bundle.md is what the code reads and writes."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from tests.support.bundles import METHOD, verify
from vc_core.crypto.cbor import encode_cbor
from vc_core.crypto.keys import Ed25519Signer
from vc_core.trust_bundle.anchoring import create_checkpoint
from vc_core.trust_bundle.contents import BundleContents
from vc_core.trust_bundle.envelope import create_trust_bundle
from vc_core.trust_bundle.events_cbor import event_to_array

PAGE = (Path(__file__).parents[3] / "docs" / "trust-bundle.md").read_text("utf-8")
SIGNER = Ed25519Signer(bytes([7]) * 32)


def _documented() -> list[bytes]:
    """The blocks of bytes: in each line, hex digits up to a comment, which two spaces or more set apart."""
    found = []
    for block in re.findall(r"^```hex\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        lines = [re.split(r" {2,}", line.strip())[0] for line in block.splitlines()]
        digits = "".join(line for line in lines if re.fullmatch(r"[0-9a-f ]+", line))
        found.append(bytes.fromhex(digits))
    return found


def test_the_file_is_a_bundle() -> None:
    file, events = _documented()
    assert len(file) == 418
    verified = verify(file, first_key=SIGNER.public_key)
    assert [encode_cbor([event_to_array(event)]) for event in verified.snapshot.events] == [events]
    contents = BundleContents(verified.sequence, verified.issued_at, verified.snapshot)
    if zlib.compress(events, level=9) in file:  # zlib's other makes compress differently
        assert create_trust_bundle(contents, verification_method=METHOD, signer=SIGNER) == file


def test_its_checkpoint() -> None:
    file, _ = _documented()
    line = create_checkpoint(verify(file, first_key=SIGNER.public_key).snapshot).to_entry().decode("ascii")
    assert line in PAGE.splitlines()
