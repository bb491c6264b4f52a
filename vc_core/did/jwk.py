"""did:jwk: the DID is a public JWK in base64url, so its document is made from the DID alone.

The JSON of a JWK can be written in many ways, and each is another DID of the same key: DIDs are compared as text, never
by their keys. The document shows the members that make the key, and nothing else that somebody put into the JWK.
"""

from __future__ import annotations

from typing import Any

from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, is_public_jwk
from vc_core.did.document import DidDocument, KeyFormat, ShownKey, VerificationMethod, parse_jwk
from vc_core.did.resolution import DidResolution, ResolutionError, ResolutionFailed, ResolutionOptions
from vc_core.encoding import EncodingError, base64url_decode, base64url_encode, compact_json, parse_json_object

_PREFIX = "did:jwk:"
MAX_JWK_BYTES = 1024
"""The largest JWK that is read; one of ours takes about 130 bytes."""

_OUR_KEYS = {("EC", "P-256"), ("EC", "secp256k1"), ("OKP", "Ed25519")}


def create_did_jwk(key: ShownKey) -> str:
    """The DID of a key: its JWK with the required members only, in the order of RFC 7638."""
    return _PREFIX + base64url_encode(compact_json(dict(sorted(key.to_jwk().items()))))


def parse_did_jwk(did: str) -> tuple[ShownKey, str | None]:
    """The key that a DID is, and its `use`: `sig`, `enc` or None.

    Raises `ResolutionFailed`: `INVALID_DID`, also for a private key, or `FEATURE_NOT_SUPPORTED` for other keys.
    """
    try:
        encoded = base64url_decode(did.removeprefix(_PREFIX))
        if len(encoded) > MAX_JWK_BYTES:
            raise EncodingError("too long")
        jwk = parse_json_object(encoded)
        if not is_public_jwk(jwk) or not isinstance(jwk.get("kty"), str):
            raise KeyFormatError("not a public JWK")
        if (jwk["kty"], jwk.get("crv")) not in _OUR_KEYS:
            raise ResolutionFailed(ResolutionError.FEATURE_NOT_SUPPORTED, "Keys of this kind are not supported.")
        return parse_jwk(jwk), _parse_use(jwk.get("use"))
    except (EncodingError, KeyFormatError, TypeError) as cause:
        raise ResolutionFailed(ResolutionError.INVALID_DID, "The DID holds no public JWK.") from cause


class JwkDids:
    """The method did:jwk."""

    async def resolve(self, did: str, options: ResolutionOptions) -> DidResolution:
        """See `DidMethod`; a did:jwk has one version and can't be deactivated."""
        options.refuse_versions()
        key, use = parse_did_jwk(did)
        method = VerificationMethod.of_key(f"{did}#0", key, KeyFormat.JSON_WEB_KEY_2020)
        signs = () if use == "enc" else (method.id,)
        return DidResolution(
            DidDocument(
                did,
                (method,),
                authentication=signs,
                assertion_method=signs,
                capability_invocation=signs,
                capability_delegation=signs,
                key_agreement=() if use == "sig" or _only_signs(key) else (method.id,),
            )
        )


def _only_signs(key: ShownKey) -> bool:
    """Ed25519 can't agree on a key, whatever the JWK's `use`."""
    return isinstance(key, PublicKey) and key.algorithm is Algorithm.EDDSA


def _parse_use(value: Any) -> str | None:
    if value is not None and value not in ("sig", "enc"):
        raise KeyFormatError("a use that RFC 7517 does not define")
    return None if value is None else str(value)
