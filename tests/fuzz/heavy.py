"""The dearest inputs within the limits that we could think of; a fuzzer likes small ones, and seldom makes them."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from tests.mutants.signed_documents import Signed, method_of
from tests.support.verification import ISSUER, ISSUER_DID, ISSUER_METHOD, NOW, STATUS
from vc_core.crypto.keys import Ed25519Signer
from vc_core.did.key import create_did_key
from vc_core.encoding import base64url_encode, compact_json
from vc_core.formats.data_integrity import Cryptosuite
from vc_core.formats.vcdm import CREDENTIALS_V2

_SIGNER = Ed25519Signer(bytes([7]) * 32)


def _parts(*parts: bytes) -> bytes:
    return b"P" + b"\n".join(parts)


def _sd_jwt() -> list[bytes]:
    header = compact_json({"alg": "ES256", "typ": "dc+sd-jwt", "kid": ISSUER_METHOD})
    proof = (b'{"alg":"ES256","typ":"kb+jwt"}', b'{"iat":1790000000,"aud":"a","nonce":"n","sd_hash":"%h"}')

    def payload(digests: Sequence[str]) -> bytes:
        return compact_json({"iss": ISSUER_DID, "vct": "urn:sabai:credential:InsuranceCoverage:1", "_sd": digests})

    digests = [base64url_encode(number.to_bytes(32, "big")) for number in range(900)]
    disclosures = [b'["s%d","a%d",[%s]]' % (number, number, b",".join([b"1"] * 40)) for number in range(200)]
    return [
        _parts(header, payload(["A" * 43] * 1000), *proof),
        _parts(header, payload(digests), *proof),
        _parts(header, payload(digests[:200]), *disclosures, *proof),
        _parts(header, b"{" + b",".join(b'"k%d":1' % number for number in range(4000)) + b"}", *proof),
        b"TeyJ.e.e" + b"~" * 60_000,
        b"T" + b".".join([b"A" * 20_000] * 3) + b"~",
    ]


def _json() -> list[bytes]:
    return [
        b"[" * 66_000,
        b'{"a":' * 13_000,
        b'["' + b"\\u0e01" * 10_000 + b'"]',
        b"{" + b",".join(b'"k%d":1' % number for number in range(6000)) + b"}",
        b"[" + b",".join([b"9" * 4299] * 15) + b"]",
        b"[" + b",".join([b"1e-320"] * 9000) + b"]",
        b"1." + b"1" * 60_000,
        b"9" * 60_000,
    ]


def _did() -> list[bytes]:
    did = "did:web:hospital.example"
    method = {"type": "JsonWebKey2020", "controller": did, "publicKeyJwk": ISSUER.public_key.to_jwk()}
    methods = [{**method, "id": f"#{number}"} for number in range(250)]
    return [
        b"Tdid:" + b"a:" * 1000,
        b"Tdid:x:" + b"%41" * 680,
        b"Tdid:x:" + b":" * 2040,
        b"Tdid:web:" + b"a-" * 1000,
        b"Tdid:web:" + b"a." * 1000,
        b"W" + compact_json({"id": did, "verificationMethod": methods, "authentication": methods}),
    ]


def _status_token() -> list[bytes]:
    header = compact_json({"alg": "ES256", "typ": "statuslist+jwt", "kid": ISSUER_METHOD})
    claims = {"sub": STATUS.uri, "iat": NOW, "exp": NOW + 600, "status_list": {"bits": 2, "lst": "%r"}}
    lists = [bytes(2**20), bytes(2**20 + 1), bytes(40 * 2**20), random.Random(1).randbytes(40_000)]  # noqa: S311
    return [_parts(header, compact_json(claims), zlib.compress(each)) for each in lists]


def _document() -> list[bytes]:
    return [
        _proven({"a": [f"x{number}" for number in range(3900)]}),
        _proven({"a": [f"x{number}" for number in range(3900)]}, Cryptosuite.EDDSA_JCS_2022),
        _proven({"a": [1.1e-300] * 3000}, Cryptosuite.EDDSA_JCS_2022),
        _proven({"a": [{"b": f"x{number % 4}"} for number in range(8)]}),
        _proven({"a": {"@list": ["x"] * 2000}}),
        _proven({"a": _nested(24)}),
    ]


def _proven(subject: Mapping[str, Any], suite: Cryptosuite = Cryptosuite.EDDSA_RDFC_2022) -> bytes:
    """A credential about such a subject, with ten proofs that hold where it can be signed at all."""
    document = {
        "@context": [CREDENTIALS_V2, "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": create_did_key(_SIGNER.public_key),
        "credentialSubject": {"id": "did:example:a"},
    }
    good = Signed(document, suite, _SIGNER, method_of(_SIGNER.public_key))
    signed = good.forge([{"at": ["document", "credentialSubject"], "set": dict(subject)}])
    return b"T" + json.dumps({**signed, "proof": [signed["proof"]] * 10}).encode("ascii")


def _nested(depth: int) -> Any:
    return {"a": _nested(depth - 1)} if depth else "x"


HEAVY: Mapping[str, Sequence[bytes]] = {
    "base45": [b"T" + b"BB8" * 2500, b"T" + b"BB8" * 2500 + b":::"],
    "did": _did(),
    "document": _document(),
    "json": _json(),
    "multibase": [b"Tz" + b"z" * 1000, b"Tz" + b"1" * 1000],
    "qr_pass": [b"B\xd2" + b"\x81" * 700, b"B\xd2\x84" + b"\xc1" * 600, b"T" + b" " * 8000, b"TSB1:" + b"Z" * 7990],
    "sd_jwt": _sd_jwt(),
    "status_token": _status_token(),
}
