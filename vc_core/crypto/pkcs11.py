"""Keys in a hardware security module, asked through PKCS#11: they sign in there and never leave it.

A key is named by a URI of RFC 7512, which also says where the vendor's module and the file with the PIN are:

    pkcs11:token=issuer;object=credentials?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin

PKCS#11 knows one user per token and process: the first signer logs in, the next find it done. A token that was away (a
restart, a network's fault) has forgotten that, so a signature that fails is asked for once more, after a new login. A
PIN that was refused is not tried again, since a token locks itself after a few wrong ones.

Every signature is checked before it leaves here. A module that was started anew gives out its handles anew, and a
handle from before then names whatever key got the number: SoftHSM signed with another key without complaint.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import unquote, unquote_to_bytes

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error

from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, SignatureInvalid
from vc_core.errors import SignerUnavailable

SCHEME = "pkcs11"
_MAX_URI, _MAX_PIN = 2_000, 256
_PATH_ATTRIBUTES, _QUERY_ATTRIBUTES = {"token", "object", "id", "serial", "type"}, {"module-path", "pin-source"}
_EC_PARAMS = {Algorithm.ES256: bytes.fromhex("06082a8648ce3d030107"), Algorithm.EDDSA: bytes.fromhex("06032b6570")}
_KEY_TYPES = {Algorithm.ES256: KeyType.EC, Algorithm.EDDSA: KeyType.EC_EDWARDS}
_PIN_ERRORS = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinExpired, pkcs11.PinLocked)
# A module is one in a process, and must not be started anew while another thread is inside it.
_module_locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


@dataclass(frozen=True)
class KeyUri:
    """A key by its token's label, and its own label (`object`) or `id`. The PIN is not in it, only where to read it."""

    token: str
    object: str | None
    id: bytes | None
    serial: str | None
    module_path: str
    pin_source: Path | None


def parse_key_uri(text: str) -> KeyUri:
    """The parts of a `pkcs11:` URI (RFC 7512). Raises `KeyFormatError`, also for a PIN inside it (`pin-value`)."""
    scheme, _, rest = text.partition(":")
    if scheme != SCHEME or len(text) > _MAX_URI:
        raise KeyFormatError("not a pkcs11: URI")
    path_text, _, query_text = rest.partition("?")
    path = _attributes(path_text, ";", _PATH_ATTRIBUTES)
    query = _attributes(query_text, "&", _QUERY_ATTRIBUTES)
    if unquote(path.get("type", "private")) != "private":
        raise KeyFormatError("a pkcs11: URI of something other than a private key")
    if "token" not in path or not {"object", "id"} & path.keys() or "module-path" not in query:
        raise KeyFormatError("a pkcs11: URI needs token, object or id, and module-path")
    source = query.get("pin-source")
    return KeyUri(
        token=unquote(path["token"]),
        object=unquote(path["object"]) if "object" in path else None,
        id=unquote_to_bytes(path["id"]) if "id" in path else None,
        serial=unquote(path["serial"]) if "serial" in path else None,
        module_path=unquote(query["module-path"]),
        pin_source=None if source is None else _pin_file(unquote(source)),
    )


def _attributes(text: str, separator: str, known: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if name == "pin-value":
            raise KeyFormatError("a PIN does not belong in a URI: name its file with pin-source")
        if not equals or not value or name not in known or name in found:
            raise KeyFormatError("a pkcs11: URI with an attribute that we do not know, or twice, or empty")
        found[name] = value
    return found


def _pin_file(source: str) -> Path:
    path = re.sub(r"\Afile:(//)?", "", source)
    if not path.startswith("/"):
        raise KeyFormatError("pin-source must be an absolute path or a file: URI")
    return Path(path)


@dataclass(frozen=True)
class _Opened:
    """A key as one session has it."""

    session: pkcs11.Session
    key: pkcs11.SignMixin
    public_key: PublicKey

    def sign(self, message: bytes) -> bytes:
        """Checked before it is given out: after a restart the same handle may mean another key of the token."""
        if self.public_key.algorithm is Algorithm.ES256:
            signature = self.key.sign(hashlib.sha256(message).digest(), mechanism=Mechanism.ECDSA)
        else:
            signature = self.key.sign(message, mechanism=Mechanism.EDDSA)
        self.public_key.verify(signature, message)
        return signature


class Pkcs11Signer:
    """A private key inside a token; see `Signer`. Several threads may use it, and wait for each other."""

    def __init__(self, uri: KeyUri, pin: Callable[[], str]) -> None:
        """Logs in, finds the key and has it sign once, to know that its public key is its own. `pin`: as of `pin_of`.

        Raises `SignerUnavailable` where the token is not there or does not let us in, `KeyFormatError` where the key
        is missing, could be exported, or is of another kind than P-256 and Ed25519.
        """
        self._uri = uri
        self._pin = pin
        self._pin_refused = False
        self._lock = _module_locks[uri.module_path]
        with self._lock:
            self._opened = self._connect()
            self.public_key = self._opened.public_key
        self.sign(b"Is this the private key of that public key?")

    def __repr__(self) -> str:
        return f"Pkcs11Signer({self.public_key})"

    def sign(self, message: bytes) -> bytes:
        """The raw 64-byte signature. Raises `SignerUnavailable` where the token can't, a second time too."""
        with self._lock:
            try:
                return self._opened.sign(message)
            except (PKCS11Error, SignatureInvalid):
                self._reconnect()
            try:
                return self._opened.sign(message)
            except (PKCS11Error, SignatureInvalid) as cause:
                raise SignerUnavailable("The token does not sign.") from cause

    def _reconnect(self) -> None:
        with suppress(PKCS11Error):
            self._opened.session.close()
        try:
            opened = self._connect()
        except KeyFormatError as cause:
            raise SignerUnavailable("The token no longer holds the key.") from cause
        if opened.public_key != self.public_key:
            raise SignerUnavailable("The token holds another key under this name than before.")
        self._opened = opened

    def _connect(self) -> _Opened:
        """A new session with the key in it; where that fails, once more with the module started anew."""
        try:
            try:
                return self._open()
            except (*_PIN_ERRORS, pkcs11.MultipleObjectsReturned, pkcs11.MultipleTokensReturned):
                raise
            except PKCS11Error:
                pkcs11.lib(self._uri.module_path).reinitialize()
                return self._open()
        except _PIN_ERRORS as cause:
            self._pin_refused = True
            raise SignerUnavailable("The token refuses the PIN; it is not tried again.") from cause
        except pkcs11.NoSuchKey as cause:
            raise KeyFormatError("the token has no such key, or its public key is not beside it") from cause
        except pkcs11.MultipleObjectsReturned as cause:
            raise KeyFormatError("the token has several keys of this name") from cause
        except pkcs11.MultipleTokensReturned as cause:
            raise KeyFormatError("several tokens have this label: give serial= too") from cause
        except PKCS11Error as cause:
            raise SignerUnavailable("The token can't be reached.") from cause

    def _open(self) -> _Opened:
        token = _find_token(self._uri)
        session = token.open()
        try:
            return self._find_key(session)
        except pkcs11.NoSuchKey:  # nobody of this process has logged in
            session.close()
        if self._pin_refused:
            raise SignerUnavailable("The token refused the PIN before; it is not tried again.")
        return self._find_key(token.open(user_pin=self._pin()))

    def _find_key(self, session: pkcs11.Session) -> _Opened:
        label, key_id = self._uri.object, self._uri.id
        key = session.get_key(ObjectClass.PRIVATE_KEY, label=label, id=key_id)
        if key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE]:
            raise KeyFormatError("the key in the token can be exported, so it may be elsewhere too")
        public_key = _public_key(session.get_key(ObjectClass.PUBLIC_KEY, label=label, id=key_id))
        return _Opened(session, cast(pkcs11.SignMixin, key), public_key)


def pin_of(uri: KeyUri, pin: str | None) -> Callable[[], str]:
    """How to come by the token's PIN: from the URI's file, each time anew, or the one that is given."""

    def read() -> str:
        if uri.pin_source is None:
            if pin is None:
                raise SignerUnavailable("There is no PIN for the token: the URI names no pin-source.")
            return pin
        try:
            text = uri.pin_source.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as cause:
            raise SignerUnavailable("The file with the token's PIN can't be read.") from cause
        if not 0 < len(text) <= _MAX_PIN:
            raise SignerUnavailable("The file with the token's PIN has none in it.")
        return text

    return read


def load_pkcs11_signer(text: str, *, pin: str | None = None) -> Pkcs11Signer:
    """The signer that a URI names; `pin` where it names no `pin-source`. Raises what `Pkcs11Signer` raises."""
    uri = parse_key_uri(text)
    return Pkcs11Signer(uri, pin_of(uri, pin))


def create_pkcs11_key(text: str, algorithm: Algorithm, *, pin: str | None = None) -> Pkcs11Signer:
    """Makes a key inside the token under the URI's `object`, never to be exported, and returns its signer.

    Raises `KeyFormatError` where the URI has no `object` or the token has one of that name: it is never overwritten;
    `SignerUnavailable` where the token is not there, does not let us in, or can't make such a key.
    """
    uri = parse_key_uri(text)
    if uri.object is None:
        raise KeyFormatError("a new key needs a name: give object=")
    try:
        with _module_locks[uri.module_path]:
            session = _open_to_write(uri, pin_of(uri, pin)())
            try:
                if list(session.get_objects({Attribute.LABEL: uri.object})):
                    raise KeyFormatError("the token has an object of this name; a key is never overwritten")
                _generate(session, algorithm, uri)
            finally:
                session.close()
    except PKCS11Error as cause:
        raise SignerUnavailable("The token can't be reached, or makes no such key.") from cause
    return Pkcs11Signer(uri, pin_of(uri, pin))


def _open_to_write(uri: KeyUri, pin: str) -> pkcs11.Session:
    token = _find_token(uri)
    try:
        return token.open(rw=True, user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:
        return token.open(rw=True)


def _generate(session: pkcs11.Session, algorithm: Algorithm, uri: KeyUri) -> None:
    parameters = session.create_domain_parameters(
        _KEY_TYPES[algorithm], {Attribute.EC_PARAMS: _EC_PARAMS[algorithm]}, local=True
    )
    kept = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.SIGN: True, Attribute.DERIVE: False}
    parameters.generate_keypair(
        id=uri.id or secrets.token_bytes(8), label=uri.object, store=True, private_template=kept
    )


def _find_token(uri: KeyUri) -> pkcs11.Token:
    serial = None if uri.serial is None else uri.serial.encode("utf-8")
    return pkcs11.lib(uri.module_path).get_token(token_label=uri.token, token_serial=serial)


def _public_key(key: pkcs11.Key) -> PublicKey:
    """The point is a DER octet string (PKCS#11 2.40 section 2.3.3), which some tokens leave bare."""
    parameters, point = bytes(key[Attribute.EC_PARAMS]), bytes(key[Attribute.EC_POINT])
    if parameters == _EC_PARAMS[Algorithm.ES256]:
        point = point.removeprefix(b"\x04\x41") if len(point) == 67 else point
        if len(point) == 65 and point[0] == 4:
            return PublicKey(Algorithm.ES256, bytes([2 + (point[-1] & 1)]) + point[1:33])
    elif key.key_type is KeyType.EC_EDWARDS:
        point = point.removeprefix(b"\x04\x20") if len(point) == 34 else point
        if len(point) == 32:
            return PublicKey(Algorithm.EDDSA, point)
    raise KeyFormatError("the key in the token is neither P-256 nor Ed25519")
