"""Who asks for credentials, and what they may ask for.

A request comes from anywhere: a QR code on a wall, a link in a message. Until its signature leads to somebody whom the
registry or an anchor knows, it has no name that could be shown, whatever it says of itself: a name beside a request is
what makes people answer. So the name is not in the request's own types at all, only in `Verifier`, which is made here.

What a verifier may ask is the registry's word too: by credential type (`Role.VERIFY`), and of a type all claims or a
list of them, of which the registry has the hash.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.x509 import Certificate

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.text import is_displayable
from vc_core.crypto.keys import PublicKey, SignatureInvalid
from vc_core.crypto.x509 import CertificateError, decode_x5c, verify_leaf
from vc_core.did.jwk import parse_did_jwk
from vc_core.did.key import did_key_method, parse_did_key
from vc_core.did.resolution import ResolutionFailed
from vc_core.errors import InvalidRequest, ProtocolError, ReasonCode, Rejection
from vc_core.formats.credential import is_verification_method
from vc_core.formats.desk_challenge import UnverifiedChallenge
from vc_core.ledger.events import Role
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix, certificate_hash
from vc_core.protocols.openid4vp.request import AuthorizationRequest
from vc_core.protocols.openid4vp.request_object import STATIC_DISCOVERY_AUDIENCE, UnverifiedRequestObject
from vc_core.trust import TrustSource

MAX_NAME = 200


@dataclass(frozen=True)
class Verifier:
    """Who asks. `name` is what the registry or a certificate bears out; None where nobody does: "not verified".

    `did` is set where the registry knows the verifier, so that accreditations can be looked up.
    """

    client_id: str | None
    name: str | None = None
    did: str | None = None


@dataclass(frozen=True)
class VerifiedRequest:
    """A request, and the verifier whose signature it bears."""

    request: AuthorizationRequest
    verifier: Verifier


def unverified_verifier(request: AuthorizationRequest) -> Verifier:
    """Who asks by an unsigned request: anybody."""
    return Verifier(None if request.client_id is None else str(request.client_id))


def verify_request_object(
    request_object: UnverifiedRequestObject,
    *,
    expected_client_id: str | None,
    expected_wallet_nonce: str | None = None,
    expected_origin: str | None = None,
    trust: TrustSource,
    anchors: Sequence[Certificate] = (),
    max_trust_age: int = 24 * 3600,
    clock_tolerance: int = 60,
    now: int,
) -> VerifiedRequest:
    """The request, if its signature is that of the verifier whom it names; raises `ProtocolError` otherwise.

    1. It is the client that the link named, and gives back our `wallet_nonce` if there was one.
    2. It is for wallets like us (`aud`), and in force (`iat`, `nbf`, `exp`).
    3. The key that it names is the client's: `invalid_client` where nobody vouches for that.
    4. The signature is that key's.
    5. The answer goes to the client: by `x509_san_dns` to that host; through the browser to a page of its own.

    `expected_client_id` is None where no link named one, as in the browser's API; `expected_origin` is the page's
    there, None elsewhere. Steps 1, 2, 4 and 5: `invalid_request`, `invalid_request_object`.
    """
    request, client_id = request_object.request, request_object.request.client_id
    # 1.
    if client_id is None or expected_client_id not in (None, str(client_id)):
        raise ProtocolError("invalid_request", "The request is from another client than the link says.")
    if expected_wallet_nonce is not None and request_object.wallet_nonce != expected_wallet_nonce:
        raise ProtocolError("invalid_request_object", "The request was not made for this wallet now.")

    # 2.
    _check_times(request_object, clock_tolerance, now)

    # 3.
    key, verifier = _find_verifier(request_object, client_id, trust, anchors, max_trust_age, now)

    # 4.
    try:
        request_object.jws.verify(key)
    except SignatureInvalid as cause:
        raise ProtocolError("invalid_request_object", "The request was changed, or not signed by who asks.") from cause

    # 5.
    _check_destination(request, client_id, expected_origin)
    return VerifiedRequest(request, verifier)


def verify_challenge(
    unverified: UnverifiedChallenge,
    *,
    trust: TrustSource | None,
    max_trust_age: int = 7 * 24 * 3600,
    max_lifetime: int = 600,
    clock_tolerance: int = 60,
    now: int,
) -> Verifier:
    """Who shows a desk's code, as far as the registry bears it out; without a name or DID where nothing does.

    `trust` is what a phone without a network has, None for nothing; as it may be some days old, so may what it says of
    a desk's name. Raises `InvalidRequest` where the code is over, or was changed, or not signed by the desk it names.
    """
    challenge = unverified.challenge
    if not now - clock_tolerance < challenge.expires_at <= now + max_lifetime + clock_tolerance:
        raise InvalidRequest("The desk's code is over, or one of the clocks is wrong.")
    unknown = Verifier(challenge.audience)
    method, signed = unverified.verification_method, unverified.signed
    if method is None or signed is None or trust is None or now - trust.synced_at > max_trust_age:
        return unknown
    try:
        key = trust.verification_key(method, at=now)
    except Rejection:
        return unknown
    try:
        signed.verify(key)
    except SignatureInvalid as cause:
        raise InvalidRequest("The desk's code was changed, or not signed by the desk that it names.") from cause
    did = challenge.audience
    name = trust.name(did)
    return unknown if name == did else Verifier(did, name, did)


def check_may_ask(trust: TrustSource, did: str, asked: Mapping[str, Collection[str]], *, at: int) -> None:
    """Returns where an organisation may ask for these claims, by credential type (`vct`), at that time.

    Whoever asks for a credential sees the claims that are always shown too. Raises `Rejection` `UNTRUSTED_ISSUER`,
    `UNKNOWN_ISSUER`.
    """
    for vct, claims in asked.items():
        accreditation = trust.accreditation(did, Role.VERIFY, vct, at=at)
        if accreditation.allowed_claims is None:
            continue
        credential_type = CREDENTIAL_TYPES[vct]
        seen = frozenset(claims) | credential_type.always_shown()
        if not seen <= accreditation.claims_allowed([each.name for each in credential_type.claims]):
            raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "The organisation may not ask for all of these claims.")


def _check_times(request_object: UnverifiedRequestObject, tolerance: int, now: int) -> None:
    payload = request_object.jws.payload
    if payload.get("aud") != STATIC_DISCOVERY_AUDIENCE:
        raise ProtocolError("invalid_request_object", "The request is not for wallets like this one.")
    times = {name: payload[name] for name in ("iat", "nbf", "exp") if name in payload}
    if not all(type(value) is int and value >= 0 for value in times.values()):
        raise ProtocolError("invalid_request_object", "A time in the request is not a whole number.")
    if max(times.get("iat", 0), times.get("nbf", 0)) > now + tolerance:
        raise ProtocolError("invalid_request_object", "The request is from the future: one of the clocks is wrong.")
    if now >= times.get("exp", now + 1):
        raise ProtocolError("invalid_request_object", "The request has expired.")


def _find_verifier(
    request_object: UnverifiedRequestObject,
    client_id: ClientId,
    trust: TrustSource,
    anchors: Sequence[Certificate],
    max_trust_age: int,
    now: int,
) -> tuple[PublicKey, Verifier]:
    """The key that counts as this client's, and who the client is."""
    header = request_object.jws.header
    if "jwk" in header or ("x5c" in header and "kid" in header):
        raise ProtocolError("invalid_request_object", "The request does not name its key in one way.")
    if client_id.prefix is ClientIdPrefix.DECENTRALIZED_IDENTIFIER:
        return _find_by_did(client_id, header.get("kid"), trust, max_trust_age, now)
    if not client_id.prefix.is_signed:
        raise ProtocolError("invalid_request", "A request under this client_id can't be signed.")
    return _find_by_certificate(client_id, header.get("x5c"), anchors, now)


def _find_by_did(
    client_id: ClientId, kid: object, trust: TrustSource, max_trust_age: int, now: int
) -> tuple[PublicKey, Verifier]:
    did = client_id.name
    if not is_verification_method(kid) or kid.partition("#")[0] != did:
        raise ProtocolError("invalid_request_object", "The request does not name a key of its client.")
    own_key = _key_in_did(kid)
    if own_key is not None:  # anybody can make up such a DID, so it has no name
        return own_key, Verifier(str(client_id))
    if now - trust.synced_at > max_trust_age:
        raise ProtocolError("invalid_client", "What is known of the registry is too old to tell who asks.")
    try:
        key = trust.verification_key(kid, at=now)
    except Rejection as cause:
        raise ProtocolError("invalid_client", "The registry does not know who asks, or not by this key.") from cause
    name = trust.name(did)
    return key, Verifier(str(client_id), None if name == did else name, did)


def _key_in_did(verification_method: str) -> PublicKey | None:
    """The key of a DID that is a key itself; None for a DID of another method."""
    did, _, fragment = verification_method.partition("#")
    try:
        if did.startswith("did:jwk:"):
            key, _ = parse_did_jwk(did)
            named = fragment == "0"
        elif did.startswith("did:key:"):
            key = parse_did_key(did)
            named = verification_method == did_key_method(key)
        else:
            return None
    except ResolutionFailed as cause:
        raise ProtocolError("invalid_client", "The client's DID can't be read.") from cause
    if not isinstance(key, PublicKey) or not named:
        raise ProtocolError("invalid_client", "The client's key is none that is used here.")
    return key


def _find_by_certificate(
    client_id: ClientId, x5c: object, anchors: Sequence[Certificate], now: int
) -> tuple[PublicKey, Verifier]:
    try:
        certificates = decode_x5c(x5c)
        leaf = verify_leaf(certificates, anchors, at=now)
    except CertificateError as cause:
        raise ProtocolError("invalid_client", "The client's certificates do not lead to anybody known here.") from cause
    if client_id.prefix is ClientIdPrefix.X509_HASH:
        named, name = certificate_hash(certificates[0]) == client_id.name, leaf.organisation
    else:
        named, name = client_id.name in leaf.hosts, client_id.name
    if not named:
        raise ProtocolError("invalid_request", "The certificate is that of another client.")
    shown = name if name is not None and len(name) <= MAX_NAME and is_displayable(name) else None
    return leaf.public_key, Verifier(str(client_id), shown)


def _check_destination(request: AuthorizationRequest, client_id: ClientId, origin: str | None) -> None:
    if request.response_mode.is_dc_api is (origin is None):
        raise ProtocolError("invalid_request", "The answer to this request would go elsewhere than it came from.")
    if origin is not None and origin not in request.expected_origins:
        raise ProtocolError("invalid_request", "The request was made for another page.")
    if origin is None and client_id.prefix is ClientIdPrefix.X509_SAN_DNS:
        if urlsplit(request.response_uri or "").hostname != client_id.name:
            raise ProtocolError("invalid_request", "The answer would go to another host than the client's.")
