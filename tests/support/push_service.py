"""A stand-in of browsers' push services on this machine, over real HTTP; it reads what only the browser can read.

It checks what a real one checks (RFC 8030, RFC 8292): the VAPID token's signature, audience and time, the encoding, the
TTL. Decryption is its own, from RFC 8291 and RFC 8188, and shares nothing with what encrypted.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import PublicKey
from vc_core.encoding import base64url_decode, base64url_encode

_VAPID = re.compile(r"vapid t=([A-Za-z0-9_.-]+), k=([A-Za-z0-9_-]+)\Z")


class Browser:
    """The keys of one subscription, as a browser keeps them."""

    def __init__(self, endpoint: str, *, key: EllipticCurvePrivateKey | None = None, auth: bytes | None = None) -> None:
        self.endpoint = endpoint
        self._key = key or generate_private_key(SECP256R1())
        self._auth = auth or os.urandom(16)

    @property
    def p256dh(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` has it."""
        keys = {"p256dh": base64url_encode(self.p256dh), "auth": base64url_encode(self._auth)}
        return {"endpoint": self.endpoint, "keys": keys}

    def decrypt(self, body: bytes) -> bytes:
        """What was encrypted to this browser. Raises where it was not."""
        salt, length = body[:16], body[20]
        theirs, record = body[21 : 21 + length], body[21 + length :]
        shared = self._key.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), theirs))
        info = b"WebPush: info\x00" + self.p256dh + theirs + b"\x01"
        secret = hmac.digest(hmac.digest(self._auth, shared, "sha256"), info, "sha256")
        extracted = hmac.digest(salt, secret, "sha256")
        key = hmac.digest(extracted, b"Content-Encoding: aes128gcm\x00\x01", "sha256")[:16]
        nonce = hmac.digest(extracted, b"Content-Encoding: nonce\x00\x01", "sha256")[:12]
        plaintext = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\x00")
        assert plaintext.endswith(b"\x02"), "the last record ends with 2"
        return plaintext[:-1]


@dataclass(frozen=True)
class Received:
    """A push as it came: to which address, with which headers (names in lower case), its body, and what is in it."""

    endpoint: str
    headers: Mapping[str, str]
    body: bytes
    data: Any


class PushServiceStandIn:
    """Knows the subscriptions that it gave; each is what one browser's `PushManager` would get."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.received: list[Received] = []
        self.answers: deque[tuple[int, dict[str, str]]] = deque()
        """What it says next instead of what it would: a status and headers."""
        self._browsers: dict[str, Browser] = {}
        self._changed = threading.Condition()

    def subscribe(self) -> Browser:
        """A new subscription."""
        path = f"/push/{os.urandom(24).hex()}"
        self._browsers[path] = Browser(self.url + path)
        return self._browsers[path]

    def wait_for(self, browser: Browser, count: int = 1) -> list[Received]:
        """The pushes to this browser, as soon as there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._to(browser)) >= count, timeout=60), "no push came"
            return self._to(browser)

    def _to(self, browser: Browser) -> list[Received]:
        return [each for each in self.received if each.endpoint == browser.endpoint]

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """What it answers to a POST."""
        if self.answers:
            return self.answers.popleft()
        browser = self._browsers.get(path)
        if browser is None:
            return 404, {}
        if not self._is_proved(headers.get("authorization", "")):
            return 403, {}
        if headers.get("content-encoding") != "aes128gcm" or not headers.get("ttl", "").isdecimal():
            return 400, {}
        with self._changed:
            self.received.append(Received(self.url + path, headers, body, json.loads(browser.decrypt(body))))
            self._changed.notify_all()
        return 201, {"Location": f"/message/{hashlib.sha256(body).hexdigest()}"}

    def _is_proved(self, authorization: str) -> bool:
        match = _VAPID.match(authorization)
        if match is None:
            return False
        point = base64url_decode(match[2])
        jwk = {"kty": "EC", "crv": "P-256", "x": base64url_encode(point[1:33]), "y": base64url_encode(point[33:])}
        claims = parse_jws(match[1], typ="JWT").verify(PublicKey.from_jwk(jwk))
        in_time = time.time() - 60 < claims["exp"] <= time.time() + 24 * 3600
        return claims["aud"] == self.url and in_time and str(claims["sub"]).startswith(("https://", "http://"))


@contextmanager
def running_push_service() -> Iterator[PushServiceStandIn]:
    """A stand-in that answers until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answered = stand_in.take(self.path, headers, body)
            self.send_response(status)
            for name, value in answered.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in = PushServiceStandIn(f"http://127.0.0.1:{server.server_address[1]}")
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
