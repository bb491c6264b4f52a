"""The file of trust anchors: which CAs a service takes others' certificates from, for whom and for what.

    [{"certificate": "anchor.pem", "domains": ["office.example"], "credential_types": ["HealthId"]}]

`certificate` is a PEM file, its path relative to this file's folder. `WalletAttestation` in the place of a credential
type lets wallet providers of these domains vouch for wallets.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vc_core.certificate_trust import TrustAnchor, check_anchors
from vc_core.credential_types import type_named
from vc_core.crypto.x509 import load_anchor
from vc_core.encoding import parse_json
from vc_core.wallet_providers import WALLET_ATTESTATION, WALLET_ATTESTATION_NAME

MAX_ANCHORS = 100
_MEMBERS = {"certificate", "domains", "credential_types"}


def load_trust_anchors(path: Path) -> tuple[TrustAnchor, ...]:
    """The anchors in that file. Raises `ValueError` where it is not of the form, and `OSError`."""
    entries = parse_json(path.read_bytes())
    if not isinstance(entries, list) or len(entries) > MAX_ANCHORS:
        raise ValueError("the file of trust anchors is not a list")
    anchors = tuple(_parse_anchor(each, path.parent) for each in entries)
    check_anchors(anchors)
    return anchors


def _parse_anchor(entry: Any, folder: Path) -> TrustAnchor:
    if not isinstance(entry, dict) or entry.keys() != _MEMBERS or not isinstance(entry["certificate"], str):
        raise ValueError("a trust anchor has a certificate, domains and credential_types")
    names = set(_texts(entry["credential_types"]))
    known = frozenset(each for each in map(_vct, names) if each is not None)
    if len(known) != len(names):
        raise ValueError("a trust anchor is for a credential type that there is not")
    certificate = load_anchor((folder / entry["certificate"]).read_bytes())
    return TrustAnchor(certificate, frozenset(_texts(entry["domains"])), known)


def _vct(name: str) -> str | None:
    if name == WALLET_ATTESTATION_NAME:
        return WALLET_ATTESTATION
    found = type_named(name)
    return None if found is None else found.vct


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise ValueError("domains and credential_types of a trust anchor are lists of text")
    return value
