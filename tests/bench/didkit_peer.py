"""didkit in a process of its own, since it crashes the interpreter that ends soon after a call.

A line of JSON with `seconds` on stdin asks how often it verifies a second; the answer is `{"result": per second}`.
It knows VCDM 1.1 and Ed25519Signature2020 only: the credential has as many claims as the others', in its own form.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import didkit

_CLAIMS = ("name", "givenName", "familyName", "currentStatus", "college", "degreeSchool", "degreeType", "statusReason")


async def _issue() -> str:
    key = didkit.generate_ed25519_key()
    credential = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://www.w3.org/2018/credentials/examples/v1"],
        "type": ["VerifiableCredential"],
        "issuer": didkit.key_to_did("key", key),
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:patient", **dict.fromkeys(_CLAIMS, "ก")},
    }
    method = await didkit.key_to_verification_method("key", key)
    terms = {"proofPurpose": "assertionMethod", "verificationMethod": method, "type": "Ed25519Signature2020"}
    return str(await didkit.issue_credential(json.dumps(credential), json.dumps(terms), key))


async def _answer() -> None:
    signed, options = await _issue(), json.dumps({"proofPurpose": "assertionMethod"})
    for line in sys.stdin:
        count, started = 0, time.perf_counter()
        until = started + float(json.loads(line)["params"]["seconds"])
        while time.perf_counter() < until:
            assert not json.loads(await didkit.verify_credential(signed, options))["errors"]
            count += 1
        sys.stdout.write(json.dumps({"result": count / (time.perf_counter() - started)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_answer())
    os._exit(0)
