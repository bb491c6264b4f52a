"""Web Push: a POST to the address that a browser's push service gave the browser (RFC 8030).

    Authorization   a JWT by our key: only we can push to the browsers that subscribed with it (VAPID, RFC 8292)
    body            the payload, encrypted to the browser's own key (RFC 8291): the push service can't read it
    TTL, Urgency    how long to keep it for a phone that is off, and whether to wake one that saves its battery
    Topic           so that of a push that is sent twice only one waits there

The address is a patient's choice, and so an attacker's: it is asked by a client of `vc_core.http`, which goes to no
inside address, follows no redirect, and reads no more than `MAX_ANSWER_BYTES` of what comes back.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backend.devices.push_address import ANY_HOST, PushHosts, WebPushSubscription
from backend.notifications.models import Template
from backend.notifications.push import (
    QUOTA_SECONDS,
    AddressUnregistered,
    Push,
    PushRefused,
    PushUnavailable,
    parse_retry_after,
)
from backend.notifications.strangers import StrangersHosts
from vc_core.clock import Clock
from vc_core.crypto.jose import sign_jws
from vc_core.crypto.key_references import open_signer
from vc_core.crypto.keys import Algorithm, KeyFormatError, Signer
from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.errors import FetchBlocked, FetchError, SettingsError
from vc_core.http import HttpClient, HttpResponse

MAX_ANSWER_BYTES = 16 * 1024
KEEP_SECONDS = 24 * 3600
"""How long a push service keeps a push for a phone that is off."""
TOKEN_SECONDS = 12 * 3600
"""How long a VAPID token is good; a day is the most that push services take (RFC 8292 section 2)."""
_RENEW_SECONDS = 3600
"""How long a token must still be good to be sent."""
_MAX_TOKENS = 64
"""Whose endpoints there are is strangers' choice, and so is how many push services."""
TIMEOUT_SECONDS = 2.5
"""How long a push service may be silent; it has twice as long in all."""
STRANGERS_TIMEOUT_SECONDS = 1.5
"""The same for one that nobody vouches for."""
PADDED_BYTES = 256
"""Every payload is as long as this, so that its length doesn't tell the template."""
_RECORD_SIZE = 4096
_URGENT = frozenset({Template.DEVICE_REGISTERED, Template.CARD_SHOWN})


@dataclass(frozen=True)
class _Token:
    text: str
    expires_at: int


class WebPushSender:
    """Sends to the push services of browsers."""

    def __init__(
        self,
        signer: Signer,
        *,
        contact: str,
        http: HttpClient,
        strangers: HttpClient,
        clock: Clock,
        hosts: PushHosts = ANY_HOST,
    ) -> None:
        """`signer` is a P-256 key, the VAPID key; `contact` an https or mailto address for a push service's staff.

        `strangers` asks the hosts that nobody vouches for, `http` all others; both are this sender's to close.
        Addresses of other hosts than `hosts` are refused.
        """
        self._signer = signer
        self._contact = contact
        self._http = http
        self._clock = clock
        self._hosts = hosts
        self._vouched_for = hosts.vouched_for()
        self._strangers = StrangersHosts(strangers, clock)
        self._tokens: dict[str, _Token] = {}

    @property
    def application_server_key(self) -> str:
        """What browsers subscribe with: the public half of the VAPID key, an uncompressed point in base64url."""
        jwk = self._signer.public_key.to_jwk()
        return base64url_encode(b"\x04" + base64url_decode(jwk["x"]) + base64url_decode(jwk["y"]))

    async def send(self, address: WebPushSubscription, push: Push) -> None:
        """See `PushSender`. What the push service answers: RFC 8030 sections 5 and 7.3."""
        if not self._hosts.has(address.endpoint):
            raise PushRefused("host_not_allowed")
        payload = json.dumps(push.payload()).encode("ascii").ljust(PADDED_BYTES)
        try:
            with self._client(address.endpoint) as http:  # a push that finds no place costs no signature
                headers = {
                    "Authorization": f"vapid t={await self._token(address.endpoint)}, k={self.application_server_key}",
                    "Content-Encoding": "aes128gcm",
                    "TTL": str(KEEP_SECONDS),
                    "Urgency": "high" if push.template in _URGENT else "normal",
                    "Topic": _topic(address, push),
                }
                answer = await http.post_bytes(
                    address.endpoint,
                    encrypt(payload, address),
                    content_type="application/octet-stream",
                    headers=headers,
                )
        except FetchBlocked as cause:
            raise PushRefused("address_blocked") from cause
        except FetchError as cause:
            raise PushUnavailable("no_answer") from cause
        _check(answer, now=self._clock())

    async def close(self) -> None:
        """See `PushSender`."""
        await self._http.close()
        await self._strangers.close()

    def _client(self, endpoint: str) -> AbstractContextManager[HttpClient]:
        """See `StrangersHosts.place`."""
        return nullcontext(self._http) if self._vouched_for.has(endpoint) else self._strangers.place(endpoint)

    async def _token(self, endpoint: str) -> str:
        """Proof of who sends, for that push service only (RFC 8292 section 2); the same for most of its life."""
        parts = urlsplit(endpoint)
        origin, now = f"{parts.scheme}://{parts.netloc}", self._clock()
        known = self._tokens.get(origin)
        if known is None or not now + _RENEW_SECONDS < known.expires_at <= now + TOKEN_SECONDS:
            claims = {"aud": origin, "exp": now + TOKEN_SECONDS, "sub": self._contact}
            # The key may be in a token or a service, and others wait for the event loop.
            text = await asyncio.to_thread(sign_jws, {"typ": "JWT"}, claims, self._signer)
            known = _Token(text, now + TOKEN_SECONDS)
            if len(self._tokens) >= _MAX_TOKENS:
                self._tokens.clear()
            self._tokens[origin] = known
        return known.text


def encrypt(
    payload: bytes,
    subscription: WebPushSubscription,
    *,
    new_key: Callable[[], EllipticCurvePrivateKey] = lambda: generate_private_key(SECP256R1()),
    randomness: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """The payload for the holder of the subscription's keys: one record of `aes128gcm` (RFC 8291 section 3, RFC 8188).

    Raises `ValueError` where the subscription's key is none.
    """
    theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), subscription.p256dh)
    our_key, salt = new_key(), randomness(16)
    ours = our_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = our_key.exchange(ECDH(), theirs)
    keys = b"WebPush: info\x00" + subscription.p256dh + ours
    secret = _derive(shared, salt=subscription.auth, info=keys, length=32)
    key = _derive(secret, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16)
    nonce = _derive(secret, salt=salt, info=b"Content-Encoding: nonce\x00", length=12)
    header = salt + _RECORD_SIZE.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(key).encrypt(nonce, payload + b"\x02", None)


def load_web_push_sender(
    key: str,
    *,
    pin: str | None,
    contact: str,
    http: HttpClient,
    strangers: HttpClient,
    clock: Clock,
    hosts: PushHosts = ANY_HOST,
) -> WebPushSender:
    """A sender with the VAPID key that a reference names (`vc_core.crypto.key_references`). Raises `SettingsError`."""
    try:
        signer = open_signer(key, pin=pin)
    except KeyFormatError as cause:
        raise SettingsError([f"web_push_key: {cause}"]) from cause
    if signer.public_key.algorithm is not Algorithm.ES256:
        raise SettingsError(["web_push_key must be a P-256 key"])
    return WebPushSender(signer, contact=contact, http=http, strangers=strangers, clock=clock, hosts=hosts)


def _derive(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def _topic(address: WebPushSubscription, push: Push) -> str:
    """A name of this push at this device alone: two devices of one patient must not be seen to get the same push."""
    return base64url_encode(hashlib.sha256(f"{address.endpoint} {push.id}".encode()).digest())[:32]


def _check(answer: HttpResponse, *, now: int) -> None:
    """Returns where the push was taken; raises as `PushSender.send`."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status in (404, 410):
        raise AddressUnregistered("unregistered")
    if status == 429 or status >= 500:
        retry_after = parse_retry_after(answer.headers.get("retry-after", ""), now)
        raise PushUnavailable(f"http_{status}", retry_after or (QUOTA_SECONDS if status == 429 else 0))
    raise PushRefused(f"http_{status}")
