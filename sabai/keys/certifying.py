"""Certificates of the development CA for the keys that an issuer signs with, and the anchors of its verifiers."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from issuer.keys_file import in_folder, load_issuing_keys_file, save_issuing_keys_file
from issuer.settings import IssuingKeySettings
from sabai.keys.development_ca import DevelopmentCa
from sabai.keys.places import open_key
from vc_core.crypto.x509 import is_issuer_url
from vc_core.errors import InvalidRequest
from vc_core.files import write_durably

FOLDER = "certificates"
_UNSAFE = re.compile(r"[^A-Za-z0-9-]")


def certify_issuing_keys(issuing: Path, ca: DevelopmentCa, *, url: str, pin: str | None, now: int) -> Path:
    """Certifies each key in the issuer's file for this https URL, and names the certificates in the file.

    What had certificates gets new ones. Returns the file of trust anchors for a verifier. Raises `InvalidRequest` for a
    URL that is not https, and for a status key that is not on P-256.
    """
    if not is_issuer_url(url):
        raise InvalidRequest("Certificates are for an issuer with an https URL.")
    entries = load_issuing_keys_file(issuing)
    (issuing.parent / FOLDER).mkdir(mode=0o700, exist_ok=True)

    def certify(reference: str, name: str) -> str:
        key = open_key(in_folder(reference, issuing.parent), pin).public_key
        path = f"{FOLDER}/{_UNSAFE.sub('-', name)}.pem"
        write_durably(issuing.parent / path, ca.certify(key, subject=name, url=url, now=now))
        return path

    def certified(entry: IssuingKeySettings) -> IssuingKeySettings:
        change = {
            "certificates": certify(entry.key, entry.credential_type),
            "status_certificates": certify(entry.status_key, f"{entry.credential_type}-status"),
        }
        return entry.model_copy(update=change)

    save_issuing_keys_file(issuing, [certified(each) for each in entries])
    host = urlsplit(url).hostname or ""
    return ca.write_anchors(host=host, credential_types=[each.credential_type for each in entries])
