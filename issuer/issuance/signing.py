"""Signing one credential: from its committed row, the claims and the key to the text that a wallet gets.

It knows no database, so that the credential endpoint and the processes of a bulk issuance sign by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from issuer.issuance.configurations import Configuration
from issuer.keys import IssuingKey
from issuer.status.forms import bitstring_references, token_reference
from vc_core.crypto.keys import PublicKey
from vc_core.encoding import base64url_encode
from vc_core.formats.credential import BitstringStatusReference, CredentialFormat, StatusReference
from vc_core.formats.jwt_vc_json import create_jwt_vc_json
from vc_core.formats.ldp_vc import create_ldp_vc
from vc_core.formats.qr_pass import create_qr_pass
from vc_core.formats.sd_jwt import create_sd_jwt_vc


@dataclass(frozen=True)
class CredentialOrder:
    """What goes into one credential, but for the issuer's key; times in seconds since 1970.

    `status` is None where the credential's type has none.
    """

    configuration: Configuration
    claims: Mapping[str, Any]
    issued_at: int
    expires_at: int
    status: StatusReference | None
    w3c_status: Sequence[BitstringStatusReference]
    """The same entry as JSON-LD credentials refer to it."""
    holder_key: PublicKey
    holder_did: str | None
    """How the holder named the key, None for the bare key; only W3C credentials have a place for it."""


def create_order(
    configuration: Configuration,
    claims: Mapping[str, Any],
    *,
    issued_at: int,
    expires_at: int,
    place: tuple[str, int] | None,
    public_url: str,
    holder_key: PublicKey,
    holder_did: str | None = None,
) -> CredentialOrder:
    """The order for an issuance; `place` is the list and the index of its status, None where it has none."""
    status: StatusReference | None = None
    w3c_status: tuple[BitstringStatusReference, ...] = ()
    if place is not None:
        status = token_reference(public_url, *place)
        if configuration.format is CredentialFormat.LDP_VC:
            w3c_status = bitstring_references(public_url, *place, as_jwt=False)
    return CredentialOrder(configuration, claims, issued_at, expires_at, status, w3c_status, holder_key, holder_did)


def sign_credential(order: CredentialOrder, key: IssuingKey, *, randomness: Callable[[int], bytes]) -> str:
    """The credential in its configuration's format, a QR pass in base64url. Raises `SignerUnavailable`."""
    terms: dict[str, Any] = {
        "verification_method": key.reference(order.configuration.format),
        "signer": key.signer,
        "issued_at": order.issued_at,
        "expires_at": order.expires_at,
        "status": order.status,
        "holder_key": order.holder_key,
    }
    credential_type = order.configuration.credential_type
    if order.configuration.format is CredentialFormat.QR_PASS:
        return base64url_encode(create_qr_pass(credential_type, order.claims, **terms))
    if order.configuration.format is CredentialFormat.JWT_VC_JSON:
        return create_jwt_vc_json(credential_type, order.claims, **terms, holder_did=order.holder_did)
    if order.configuration.format is CredentialFormat.LDP_VC:
        terms |= {"status": order.w3c_status, "holder_did": order.holder_did}
        return create_ldp_vc(credential_type, order.claims, **terms, randomness=randomness)
    return create_sd_jwt_vc(credential_type, order.claims, **terms, randomness=randomness)
