"""Every signature of Wycheproof against `PublicKey.verify`: see tests/vectors/wycheproof/PROVENANCE.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vc_core.crypto.keys import Algorithm, PublicKey, SignatureInvalid

VECTORS = Path(__file__).parents[2] / "vectors" / "wycheproof"
COUNTS = {"ecdsa_secp256r1_sha256_p1363_test.json": (173, 89), "ed25519_test.json": (88, 63)}
"""How many valid and invalid signatures each file has."""


def public_key(members: dict[str, Any]) -> PublicKey:
    if members["type"] == "EDDSAPublicKey":
        return PublicKey(Algorithm.EDDSA, bytes.fromhex(members["pk"]))
    point = bytes.fromhex(members["uncompressed"])
    return PublicKey(Algorithm.ES256, bytes([2 + (point[-1] & 1)]) + point[1:33])


def accepts(key: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except SignatureInvalid:
        return False
    return True


@pytest.mark.parametrize("name", COUNTS)
def test_takes_every_valid_signature_and_no_other(name: str) -> None:
    groups = json.loads((VECTORS / name).read_text())["testGroups"]
    verdicts = [
        (test["tcId"], test["result"], accepts(key, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"])))
        for group in groups
        for key in [public_key(group["publicKey"])]
        for test in group["tests"]
    ]
    assert [verdict for verdict in verdicts if verdict[2] != (verdict[1] == "valid")] == []
    results = [result for _, result, _ in verdicts]
    assert (results.count("valid"), results.count("invalid")) == COUNTS[name]
    assert set(results) == {"valid", "invalid"}
