"""Showing what the wallet holds: the QR code for a desk, and the health ID for the wallet's own provider.

Each presentation is signed afresh with the credential's key. A QR code is good once and for a minute, so it is drawn
anew every half minute while it is on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass

from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.encoding import base64url_decode
from vc_core.errors import InvalidRequest
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.jwt_vc_json import create_jwt_vp_json
from vc_core.formats.ldp_vc import create_ldp_vp
from vc_core.formats.qr_pass import create_qr_presentation
from vc_core.formats.sd_jwt import create_sd_jwt_presentation
from vc_core.verification import Policy
from wallet_sdk.content import CredentialCopy
from wallet_sdk.wallet import Wallet

REDRAW_SECONDS = 30
"""How often a QR code on the screen is to be drawn anew."""
SHOWING_SECONDS = 120
"""How long a desk takes to scan: so long, redrawn codes are of the same copy."""


@dataclass(frozen=True)
class QrCode:
    """The text of a QR code, in the alphabet of base45, and when desks stop taking it (seconds since 1970)."""

    text: str
    expires_at: int


def begin_showing(wallet: Wallet, credential_type: CredentialType, *, now: int) -> CredentialCopy:
    """The copy of the newest QR pass of that type for one desk to see, marked as used on the disk.

    A copy that was shown in the last two minutes is shown on: its code was only drawn anew, for the same desk. Raises
    `NoSuchCredential`, `WalletBusy` where the wallet was opened for reading only, `OSError`.
    """
    held = wallet.newest(credential_type.vct, CredentialFormat.QR_PASS, now=now)
    for copy in held.copies:
        if copy.used_at is not None and 0 <= now - copy.used_at < SHOWING_SECONDS and now < copy.expires_at:
            return copy
    return wallet.use_copy(held.id, now=now)


def create_qr(
    wallet: Wallet,
    credential_type: CredentialType,
    *,
    now: int,
    audience: str | None = None,
    nonce: str | None = None,
    copy: CredentialCopy | None = None,
) -> QrCode:
    """A fresh QR code of the newest QR pass of that type.

    `copy` is what `begin_showing` gave; None for the copy whose turn it is, which then is not marked as used.
    `audience` (a desk's DID or URL) and `nonce` (its challenge, base64url) tie it to one desk. Raises
    `NoSuchCredential`, and `InvalidRequest` where one of them is empty or too long, or the challenge not base64url.
    """
    if copy is None:
        copy = wallet.newest(credential_type.vct, CredentialFormat.QR_PASS, now=now).copy_to_show(now=now)
    qr_pass = base64url_decode(copy.credential)
    try:
        text = create_qr_presentation(qr_pass, holder=copy.signer(), presented_at=now, audience=audience, nonce=nonce)
    except ValueError as cause:
        raise InvalidRequest("The desk's name or challenge can't go into a QR code.") from cause
    return QrCode(text, now + Policy.presentation_lifetime)


def create_jwt_presentation(
    wallet: Wallet, credential_type: CredentialType, *, now: int, audience: str, nonce: str
) -> str:
    """The newest `jwt_vc_json` of that type as `jwt_vp_json`, for the verifier at `audience` that gave out `nonce`.

    It shows all claims: the format can't withhold any. Raises `NoSuchCredential`.
    """
    held = wallet.newest(credential_type.vct, CredentialFormat.JWT_VC_JSON, now=now)
    return create_jwt_vp_json(held.credential, holder=held.signer(), presented_at=now, audience=audience, nonce=nonce)


def create_linked_data_presentation(
    wallet: Wallet, credential_type: CredentialType, *, now: int, audience: str, nonce: str | None
) -> str:
    """The newest `ldp_vc` of that type as `ldp_vp`, for the verifier that calls itself `audience`.

    `nonce` is the verifier's challenge, None where it has none. It shows all claims. Raises `NoSuchCredential`.
    """
    held = wallet.newest(credential_type.vct, CredentialFormat.LDP_VC, now=now)
    return create_ldp_vp(held.credential, holder=held.signer(), presented_at=now, audience=audience, nonce=nonce)


def create_health_id_presentation(wallet: Wallet, *, now: int, audience: str, nonce: str) -> str:
    """The health ID as SD-JWT+KB for the provider at `audience`: nothing is disclosed beyond the health number.

    Raises `NoSuchCredential`.
    """
    held = wallet.newest(HEALTH_ID.vct, CredentialFormat.SD_JWT, now=now)
    return create_sd_jwt_presentation(
        held.credential,
        disclose=frozenset(),
        holder=held.signer(),
        presented_at=now,
        audience=audience,
        nonce=nonce,
    )
