"""did:key (W3C CCG, did:key method v0.9): the DID is the key, so its document is made from the DID alone.

Ed25519, P-256, P-384 and secp256k1, in the one spelling: multibase base58btc over the multicodec-prefixed, compressed
key, no version part. No key for encryption is derived from a key for signatures.
"""

from __future__ import annotations

from vc_core.crypto.keys import KeyFormatError
from vc_core.did.document import DidDocument, ShownKey, VerificationMethod, parse_multikey
from vc_core.did.multibase import MultibaseError, multibase_decode, multibase_encode
from vc_core.did.resolution import DidResolution, ResolutionError, ResolutionFailed, ResolutionOptions

_PREFIX = "did:key:"
# What the method also has and we don't: X25519, BLS12-381 G2, P-521, RSA.
_OTHER_KEYS = (b"\xec\x01", b"\xeb\x01", b"\x82\x24", b"\x85\x24")


def create_did_key(key: ShownKey) -> str:
    """The DID of a key."""
    return _PREFIX + multibase_encode(key.to_multikey())


def did_key_method(key: ShownKey) -> str:
    """The DID URL of the one key that a did:key has."""
    did = create_did_key(key)
    return f"{did}#{did.removeprefix(_PREFIX)}"


def parse_did_key(did: str) -> ShownKey:
    """The key that a DID is. Raises `ResolutionFailed`: `INVALID_DID`, or `FEATURE_NOT_SUPPORTED` for other keys."""
    try:
        value = multibase_decode(did.removeprefix(_PREFIX))
        if value.startswith(_OTHER_KEYS):
            raise ResolutionFailed(ResolutionError.FEATURE_NOT_SUPPORTED, "Keys of this kind are not supported.")
        return parse_multikey(value)
    except (MultibaseError, KeyFormatError) as cause:
        raise ResolutionFailed(ResolutionError.INVALID_DID, "The DID holds no key that did:key defines.") from cause


class KeyDids:
    """The method did:key."""

    async def resolve(self, did: str, options: ResolutionOptions) -> DidResolution:
        """See `DidMethod`; a did:key has one version and can't be deactivated."""
        options.refuse_versions()
        key = parse_did_key(did)
        method = VerificationMethod.of_key(f"{did}#{did.removeprefix(_PREFIX)}", key)
        ids = (method.id,)
        return DidResolution(
            DidDocument(
                did,
                (method,),
                authentication=ids,
                assertion_method=ids,
                capability_invocation=ids,
                capability_delegation=ids,
            )
        )
