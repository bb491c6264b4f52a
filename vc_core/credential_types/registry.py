"""The credential types together: what must hold of them so that none is mistaken for another, in any format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from vc_core.credential_types.definition import LANGUAGES, Claim, ClaimKind, CredentialType

REGISTERED_CLAIMS = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "vct", "vct#integrity", "status", "_sd", "_sd_alg", "..."}
)
"""Names that a JWT or an SD-JWT has for itself, so that no claim of a type may have them."""

_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,49}\Z")
_CLAIM_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}\Z")
_COLOR = re.compile(r"#[0-9a-f]{6}\Z")
_VCDM_TEXTS = frozenset({"id", "type"})


def create_registry(types: Iterable[CredentialType]) -> Mapping[str, CredentialType]:
    """The types by `vct`, in the order of their numbers; raises `ValueError` where a definition can't stand.

    Each is well-formed and labelled in all languages; no two share a name, a `vct` or a number; and a claim that
    several types have is of one kind and under one label.
    """
    registry: dict[str, CredentialType] = {}
    shared: dict[str, Claim] = {}
    for each in sorted(types, key=lambda each: each.number):
        _check_type(each)
        for other in registry.values():
            if each.name == other.name or each.vct == other.vct or each.number == other.number:
                raise ValueError(f"{each.name} and {other.name} share a name, a vct or a number")
        for claim in each.claims:
            same = shared.setdefault(claim.name, claim)
            if (claim.kind, claim.labels) != (same.kind, same.labels):
                raise ValueError(f"{each.name} has another {claim.name} than an earlier type")
        registry[each.vct] = each
    return registry


def _check_type(credential_type: CredentialType) -> None:
    name = credential_type.name
    if not _NAME.match(name) or not re.fullmatch(rf"urn:sabai:credential:{name}:[1-9][0-9]*", credential_type.vct):
        raise ValueError(f"{name} needs a name in letters, and a vct that is made of it")
    if credential_type.number < 1 or not _COLOR.match(credential_type.color) or not credential_type.description:
        raise ValueError(f"{name} needs a positive number, a color as #rrggbb and a description")
    _check_labels(name, credential_type.labels)
    names = [claim.name for claim in credential_type.claims]
    keys = [claim.qr_key for claim in credential_type.claims if claim.qr_key is not None]
    if len(set(names)) != len(names) or len(set(keys)) != len(keys) or any(key < 1 for key in keys):
        raise ValueError(f"{name} has a claim or a QR key twice, or a QR key below 1")
    for claim in credential_type.claims:
        _check_claim(name, claim)
    if credential_type.last_day is not None:
        _check_last_day(credential_type, credential_type.last_day)


def _check_claim(name: str, claim: Claim) -> None:
    if not _CLAIM_NAME.match(claim.name) or claim.name in REGISTERED_CLAIMS | _VCDM_TEXTS:
        raise ValueError(f"{name}.{claim.name} is not a name that a claim may have")
    if claim.kind is not ClaimKind.TEXT and (claim.pattern or claim.choices):
        raise ValueError(f"{name}.{claim.name} has a pattern or choices and is not text")
    if claim.only_withheld and (claim.required or not claim.disclosable or claim.qr_key is not None):
        raise ValueError(f"{name}.{claim.name} is only where it may be withheld, and must be missing elsewhere")
    if claim.kind is ClaimKind.IMAGE and not claim.only_withheld:
        raise ValueError(f"{name}.{claim.name} is a picture, which nobody should have to show")
    _check_labels(f"{name}.{claim.name}", claim.labels)
    for choice, labels in (claim.choices or {}).items():
        _check_labels(f"{name}.{claim.name}={choice}", labels)


def _check_labels(what: str, labels: Mapping[str, str]) -> None:
    if tuple(labels) != LANGUAGES or not all(label.strip() for label in labels.values()):
        raise ValueError(f"{what} needs a label in each of {', '.join(LANGUAGES)}, in this order")


def _check_last_day(credential_type: CredentialType, last_day: str) -> None:
    claim = next((each for each in credential_type.claims if each.name == last_day), None)
    if claim is None or claim.kind is not ClaimKind.DATE or not claim.required:
        raise ValueError(f"{credential_type.name} ends with {last_day}, which is not a date that it always has")
