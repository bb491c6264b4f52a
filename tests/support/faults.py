"""Signed texts with exactly one fault, made from a good one by edits that are written down as data.

An edit is a JSON object: `at` is the path of what it changes (names and indexes; the first names the part), and one of

    "set": value         put this there; at the end of a list, it is added
    "drop": true         take it out
    "replace": [a, b]    in the part as text, once: for what no JSON value can say, such as a member twice

Values and texts may hold `$names`, which stand for what is known only when the text is made.
Everything is signed after the edits, so that a fault inside does not become a bad signature too.
`put`, `drop` and `swap` write such edits in Python.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.verification import HOLDER, ISSUER, STRANGER
from vc_core.crypto.keys import P256Signer
from vc_core.encoding import base64url_encode, compact_json

Edit = Mapping[str, Any]


def put(path: str, value: Any) -> Edit:
    """Puts a value at a path such as `vc/payload/vc/type/0`."""
    return {"at": _steps(path), "set": value}


def drop(path: str) -> Edit:
    """Takes out what is at the path."""
    return {"at": _steps(path), "drop": True}


def swap(path: str, old: str, new: str) -> Edit:
    """Replaces a piece of a part's text, once."""
    return {"at": _steps(path), "replace": [old, new]}


def _steps(path: str) -> list[Any]:
    return [int(step) if step.isdigit() else step for step in path.split("/")]


_SIGNERS = {"issuer": ISSUER, "holder": HOLDER, "stranger": STRANGER}


def load_faults(path: Path) -> list[dict[str, Any]]:
    """The faults of such a file, whose names must differ."""
    faults: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    assert len({fault["name"] for fault in faults}) == len(faults)
    return faults


def edited(part: Any, edits: Sequence[Edit], at: Sequence[str], names: Mapping[str, Any]) -> Any:
    """A copy of the part with those edits made that are about `at` and what is in it, texts excepted."""
    root = {"part": copy.deepcopy(part)}
    for edit in edits:
        if edit["at"][: len(at)] != list(at) or "replace" in edit:
            continue
        path: list[Any] = ["part", *edit["at"][len(at) :]]
        last = path.pop()
        place: Any = root
        for step in path:
            place = place[step]
        if "drop" in edit:
            del place[last]
        elif isinstance(place, list) and last == len(place):
            place.append(_filled(edit["set"], names))
        else:
            place[last] = _filled(edit["set"], names)
    return root["part"]


def edited_text(text: str, edits: Sequence[Edit], at: Sequence[str], names: Mapping[str, Any]) -> str:
    """The text with the replacements made that are about exactly `at`; each must find what it replaces."""
    for edit in edits:
        if edit["at"] == list(at) and "replace" in edit:
            old, new = (_filled(side, names) for side in edit["replace"])
            assert old in text, f"{edit} finds nothing to replace"
            text = text.replace(old, new, 1)
    return text


def forged_jws(jws: Mapping[str, Any], edits: Sequence[Edit], at: Sequence[str], names: Mapping[str, Any]) -> str:
    """A compact JWS from `header`, `payload` and `signed_by`, after the edits below `at`."""
    jws = edited(jws, edits, at, names)
    segments = []
    for name in ("header", "payload"):
        text = edited_text(compact_json(jws[name]).decode("utf-8"), edits, [*at, name], names)
        # A lone surrogate in a replacement stands for a byte that is not UTF-8.
        segments.append(base64url_encode(text.encode("utf-8", "surrogateescape")))
    signing_input = ".".join(segments)
    signature = base64url_encode(_sign(jws["signed_by"], signing_input.encode("ascii")))
    return edited_text(f"{signing_input}.{signature}", edits, at, {**names, "$signature": signature})


def _sign(signer: str, message: bytes) -> bytes:
    if signer == "nobody":
        return b""
    if signer.endswith("'s public key as a secret"):
        return hmac.new(_pem(_SIGNERS[signer.partition("'")[0]]), message, hashlib.sha256).digest()
    return _SIGNERS[signer].sign(message)


def _pem(signer: P256Signer) -> bytes:
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), signer.public_key.raw)
    return point.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _filled(value: Any, names: Mapping[str, Any]) -> Any:
    """The value with `$names` replaced; a text that is only a name becomes whatever the name stands for."""
    if isinstance(value, dict):
        return {key: _filled(member, names) for key, member in value.items()}
    if isinstance(value, list):
        return [_filled(item, names) for item in value]
    if isinstance(value, str) and value in names:
        return names[value]
    if isinstance(value, str):
        for name, meaning in names.items():
            if isinstance(meaning, str):
                value = value.replace(name, meaning)
    return value
