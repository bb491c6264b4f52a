"""Keys by reference: the next name in a series, and opening or making a key under it."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from sabai.registry.key_files import KeyKind, create_key_file
from vc_core.crypto.key_references import file_of, open_signer
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, Signer
from vc_core.errors import InvalidRequest, SignerUnavailable

KINDS: dict[Algorithm, KeyKind] = {Algorithm.ES256: "p256", Algorithm.EDDSA: "ed25519"}
_NUMBERED = re.compile(r"(.*?)(?:-(\d{1,6}))?\Z", re.DOTALL)
_OBJECT = re.compile(r"(?<=[:;])object=([^;?]*)")


def next_reference(reference: str) -> str:
    """The name after this one: `credentials.pem`, `credentials-2.pem`, `credentials-3.pem`; in a token the object's.

    Raises `InvalidRequest` for a key service, which alone knows how its keys are called.
    """
    file = file_of(reference)
    if file is not None:
        return str(file.with_name(_next(file.stem) + file.suffix))
    found = _OBJECT.search(reference)
    if not reference.startswith("pkcs11:") or found is None:
        raise InvalidRequest("Name the new key with --new: this kind of key has no series of names.")
    return reference[: found.start(1)] + quote(_next(unquote(found[1]))) + reference[found.end(1) :]


def _next(name: str) -> str:
    match = _NUMBERED.match(name)
    base, number = (match[1], match[2]) if match else (name, None)
    return f"{base}-{int(number or 1) + 1}"


def open_key(reference: str, pin: str | None) -> Signer:
    """The signer of a key. Raises `InvalidRequest` where there is none, `SignerUnavailable` as `open_signer`."""
    try:
        return open_signer(reference, pin=pin)
    except KeyFormatError as cause:
        raise InvalidRequest(f"The key {shown(reference)} can't be opened: {cause}.") from cause


def create_key(reference: str, algorithm: Algorithm, pin: str | None) -> PublicKey:
    """Makes a key in a file or a token; returns its public half.

    Raises `Conflict` or `InvalidRequest` where there is one of that name, `SignerUnavailable`.
    """
    file = file_of(reference)
    if file is not None:
        created = create_key_file(file, KINDS[algorithm])
        assert isinstance(created, PublicKey)  # noqa: S101 - the kinds above are no ledger keys
        return created
    if not reference.startswith("pkcs11:"):
        raise InvalidRequest("A key service makes its keys itself; name one that is there.")
    try:
        from vc_core.crypto.pkcs11 import create_pkcs11_key
    except ImportError as cause:
        raise SignerUnavailable("Keys in a token need the extra `hsm`: pip install 'sabai[hsm]'.") from cause
    try:
        return create_pkcs11_key(reference, algorithm, pin=pin).public_key
    except KeyFormatError as cause:
        raise InvalidRequest(f"The key can't be made: {cause}.") from cause


def open_or_create_key(reference: str, algorithm: Algorithm, pin: str | None) -> PublicKey:
    """The public half of the key under this name, made now unless an earlier attempt made it."""
    try:
        public_key = open_key(reference, pin).public_key
    except InvalidRequest:
        file = file_of(reference)
        if file is not None and file.exists():
            raise
        public_key = create_key(reference, algorithm, pin)
    if public_key.algorithm is not algorithm:
        raise InvalidRequest(f"The key {shown(reference)} is of another kind than the one that it replaces.")
    return public_key


def shown(reference: str) -> str:
    """A reference for a table: without the part that says how to get into the token."""
    return reference.partition("?")[0]
