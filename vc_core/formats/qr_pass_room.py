"""Whether claims have room in a QR pass, before anything is recorded or signed for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vc_core.credential_types.definition import CredentialType
from vc_core.crypto.keys import Algorithm, PublicKey
from vc_core.formats.credential import StatusReference
from vc_core.formats.qr_pass import create_qr_pass

_LATEST = 2**32 - 1


class _Blank:
    """Stands in for a signer, and its key for a holder's, where only the length of a pass counts."""

    public_key = PublicKey(Algorithm.ES256, b"\x02" + bytes(32), deferred=True)

    def sign(self, message: bytes) -> bytes:
        return bytes(64)


def check_qr_pass(
    credential_type: CredentialType,
    claims: Mapping[str, Any],
    *,
    verification_method: str,
    status: StatusReference | None,
) -> None:
    """Returns where `create_qr_pass` will take these claims from whoever signs before the year 2106.

    `status` is any that is as long as the one to be. Raises `InvalidClaims` as `create_qr_pass` does.
    """
    create_qr_pass(
        credential_type,
        claims,
        verification_method=verification_method,
        signer=_Blank(),
        issued_at=_LATEST,
        expires_at=_LATEST,
        status=status,
        holder_key=_Blank.public_key,
    )
