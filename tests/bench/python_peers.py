"""What other Python libraries do with the same bytes, each as a callable that verifies or issues once.

Each is called the quickest way that its documentation shows: keys and status lists are at hand, nothing is fetched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jwcrypto.jwk import JWK
from nacl.signing import SigningKey, VerifyKey
from openvc import Ed25519SigningKey, P256SigningKey
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_jcs import EddsaJcsProofSuite
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.status.token_status_list import get_status, parse_token_status_ref
from pyld import jsonld
from sd_jwt.common import SDObj
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from vc_core.did.multibase import multibase_decode, multibase_encode

Run = Callable[[], object]
Json = dict[str, Any]


def sd_jwt_verifies(presentation: str, *, issuer: Json, audience: str, nonce: str) -> Run:
    """PyPI's sd-jwt: signatures, key binding and disclosures; it looks at no time and no status."""
    key = JWK(**issuer)

    def verify() -> object:
        return SDJWTVerifier(presentation, lambda *_: key, audience, nonce).get_verified_payload()

    return verify


def sd_jwt_issues(claims: Json, *, shown: Json, issuer: Json, holder: Any) -> Run:
    """PyPI's sd-jwt."""
    key, holder_key = JWK(**issuer), JWK(**holder)
    user_claims = {**shown, **{SDObj(name): value for name, value in claims.items()}}
    return lambda: SDJWTIssuer(user_claims, key, holder_key).sd_jwt_issuance


def openvc_verifies_sd_jwt(
    presentation: str, *, issuer: Json, audience: str, nonce: str, now: int, statuses: bytes
) -> Run:
    """openvc-core, with a status list that was taken apart before."""
    suite, at = SdJwtVcProofSuite(), datetime.fromtimestamp(now, UTC)

    def verify() -> object:
        verified = suite.verify(
            presentation, public_key_jwk=issuer, audience=audience, nonce=nonce, require_key_binding=True,
            check_temporal=False, now=at,
        )  # fmt: skip
        reference = parse_token_status_ref(verified.claims)
        assert reference is not None
        return get_status(statuses, reference.index, bits=2)

    return verify


def openvc_issues_sd_jwt(claims: Json, *, shown: Json, issuer: Json, method: str, holder: Json) -> Run:
    """openvc-core."""
    suite, key = SdJwtVcProofSuite(), P256SigningKey.from_jwk(issuer, method)
    return lambda: suite.issue({**shown, **claims}, signing_key=key, disclosable=list(claims), holder_jwk=holder)


def openvc_verifies(document: Json, *, issuer: Json, now: int, contexts: Json) -> Run:
    """openvc-core, eddsa-rdfc-2022 (on PyLD) or eddsa-jcs-2022."""
    at = datetime.fromtimestamp(now, UTC)
    if document["proof"]["cryptosuite"] == "eddsa-jcs-2022":
        by_text = EddsaJcsProofSuite()
        return lambda: by_text.verify(document, public_key_jwk=issuer, now=at)
    by_meaning = DataIntegrityProofSuite()
    return lambda: by_meaning.verify(document, public_key_jwk=issuer, now=at, extra_contexts=contexts)


def openvc_issues(document: dict[str, Any], *, seed: Json, method: str, contexts: Json) -> Run:
    """openvc-core, eddsa-rdfc-2022."""
    suite, key = DataIntegrityProofSuite(), Ed25519SigningKey.from_jwk(seed, method)
    return lambda: suite.add_proof(document, signing_key=key, verification_method=method, extra_contexts=contexts)


def pyld_verifies(document: Json, *, key: bytes, contexts: Json) -> Run:
    """eddsa-rdfc-2022 by hand, as people without a library for it do: PyLD and PyNaCl."""
    options, verify_key = _pyld_options(contexts), VerifyKey(key)

    def verify() -> object:
        proof = {name: value for name, value in document["proof"].items() if name != "proofValue"}
        unsecured = {name: value for name, value in document.items() if name != "proof"}
        message = _pyld_message(unsecured, proof, options)
        return verify_key.verify(message, multibase_decode(document["proof"]["proofValue"]))

    return verify


def pyld_issues(document: Json, *, proof: Json, seed: bytes, contexts: Json) -> Run:
    """As `pyld_verifies`, the other way."""
    options, key = _pyld_options(contexts), SigningKey(seed)

    def issue() -> object:
        value = multibase_encode(key.sign(_pyld_message(document, proof, options)).signature)
        return {**document, "proof": {**proof, "proofValue": value}}

    return issue


def _pyld_message(document: Json, proof: Json, options: Json) -> bytes:
    parts = ({**proof, "@context": document["@context"]}, document)
    texts = (jsonld.normalize(part, dict(options)).encode("utf-8") for part in parts)
    return b"".join(hashlib.sha256(text).digest() for text in texts)


def _pyld_options(contexts: Json) -> dict[str, Any]:
    def load(url: str, _options: Any) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": url, "document": contexts[url], "contentType": "application/ld+json"}

    return {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
