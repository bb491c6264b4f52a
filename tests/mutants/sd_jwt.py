"""SD-JWT presentations with one fault each, as `tests/vectors/sd-jwt/faults.json` describes them."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.mutants import world
from tests.mutants.family import VECTORS, Family, Mutant
from tests.support.faults import Edit, edited, edited_text, forged_jws, load_faults, put
from tests.support.verification import (
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    ISSUER_DID,
    ISSUER_METHOD,
    NONCE,
    NOW,
    POLICY,
    STATUS,
    STRANGER,
)
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.encoding import base64url_encode, compact_json
from vc_core.formats.disclosures import disclosure_digest

_HIDDEN = INSURANCE_COVERAGE.disclosable()
_DISCLOSURES = [["c2FsdC1vZi0xMjgtYml0cw", "name", COVERAGE_CLAIMS["name"]]]
_WITHHELD = base64url_encode(compact_json(["YW5vdGhlci1zYWx0LW9mLTE", "name_latin", COVERAGE_CLAIMS["name_latin"]]))
_NAMES: dict[str, Any] = {
    "$holder_jwk": HOLDER.public_key.to_jwk(),
    "$holder_private_jwk": HOLDER.public_key.to_jwk() | {"d": base64url_encode(HOLDER.to_bytes())},
    "$stranger_jwk": STRANGER.public_key.to_jwk(),
    "$withheld": _WITHHELD,
    "$unreferenced": base64url_encode(compact_json(["c2FsdA", "birth_year", 1988])),
    "$many_disclosures": "".join(f"{base64url_encode(b'%d' % number)}~" for number in range(201)),
    "$filling": "A" * 65536,
    "$nesting": "[" * 10_000 + "]" * 10_000,
    "$unaccredited_method": world.UNACCREDITED_METHOD,
    "$unaccredited": world.UNACCREDITED_METHOD.partition("#")[0],
    "$long_uri": "https://office.example/" + "a" * 3000,
}


def _forge(edits: list[Edit]) -> str:
    """A presentation that is good but for the edits. Digests, signatures and `sd_hash` are made after them."""
    disclosures = [
        base64url_encode(compact_json(each)) for each in edited(_DISCLOSURES, edits, ["disclosures"], _NAMES)
    ]
    digests = sorted(map(disclosure_digest, [*disclosures, _WITHHELD]))
    names = _NAMES | {"$disclosure0": disclosures[0], "$digest0": disclosure_digest(disclosures[0])}

    issuer = {
        "header": {"alg": "ES256", "typ": "dc+sd-jwt", "kid": ISSUER_METHOD},
        "payload": {
            "iss": ISSUER_DID,
            "iat": NOW - 1000,
            "exp": NOW + 1000,
            "vct": INSURANCE_COVERAGE.vct,
            "cnf": {"jwk": HOLDER.public_key.to_jwk()},
            "status": {"status_list": {"idx": STATUS.index, "uri": STATUS.uri}},
            **{name: value for name, value in COVERAGE_CLAIMS.items() if name not in _HIDDEN},
            "_sd": ["decoy", *digests],
            "_sd_alg": "sha-256",
        },
        "signed_by": "issuer",
    }
    issuer_jwt = forged_jws(issuer, edits, ["issuer"], names)
    presented = edited_text("~".join([issuer_jwt, *disclosures, ""]), edits, ["presented"], names)

    sd_hash = base64url_encode(hashlib.sha256(presented.encode("utf-8")).digest())
    kb = {
        "header": {"alg": "ES256", "typ": "kb+jwt"},
        "payload": {"iat": NOW, "aud": AUDIENCE, "nonce": NONCE, "sd_hash": sd_hash},
        "signed_by": "holder",
    }
    kb_jwt = forged_jws(kb, edits, ["kb"], names)
    return edited_text(presented + kb_jwt, edits, ["text"], names | {"$kb_jwt": kb_jwt})


_OTHER = _forge([put("issuer/payload/iat", NOW - 999), put("kb/payload/iat", NOW - 1)])
_NAMES |= {
    "$other_kb_jwt": _OTHER.rpartition("~")[2],
    "$other_issuer_signature": _OTHER.partition("~")[0].rpartition(".")[2],
}


def sd_jwt_family() -> Family:
    """SD-JWT VC with key binding, through the whole procedure."""
    faults = load_faults(VECTORS / "sd-jwt" / "faults.json")
    return Family(
        "sd-jwt",
        world.terms() | world.policy_terms(POLICY),
        _forge([]),
        [Mutant(fault["name"], fault["row"], fault["code"], _forge(fault["edits"])) for fault in faults],
        world.check(POLICY),
    )
