"""The `vp_token`: presentations of the chosen credentials, each signed by its holder for this verifier and request.

The audience is the full client identifier and the challenge the request's nonce, in every format (OpenID4VP 1.0 section
14.1.2). An SD-JWT discloses exactly the places that were asked for; the W3C formats show everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from vc_core.encoding import base64url_decode, base64url_encode, compact_json, parse_json_object
from vc_core.formats.concealment import select_disclosures
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.jwt_vc_json import create_jwt_vp_json
from vc_core.formats.ldp_vc import create_ldp_vp
from vc_core.formats.sd_jwt import create_sd_jwt_presentation
from vc_core.protocols.dcql.claims_path import Place
from vc_core.protocols.dcql.selection import Match
from vc_core.protocols.openid4vp.request import AuthorizationRequest
from vc_core.protocols.openid4vp.transaction_data import TransactionData
from wallet_sdk.content import CredentialCopy


def create_vp_token(
    chosen: Mapping[str, tuple[Match, ...]],
    copies: Mapping[str, CredentialCopy],
    transactions: Mapping[str, tuple[TransactionData, ...]],
    *,
    request: AuthorizationRequest,
    now: int,
) -> dict[str, tuple[str, ...]]:
    """Presentations by credential query; `copies` by credential id, `transactions` by the query that authorizes them.

    Where a query is answered by several credentials, the first authorizes.
    """
    return {
        name: tuple(
            _present(match, copies[match.credential.id], transactions.get(name, ()) if index == 0 else (), request, now)
            for index, match in enumerate(matches)
        )
        for name, matches in chosen.items()
    }


def answer_digest(
    chosen: Mapping[str, tuple[Match, ...]],
    copies: Mapping[str, CredentialCopy],
    transactions: Mapping[str, tuple[TransactionData, ...]],
) -> str:
    """By what the wallet knows again what the holder was asked about; the arguments are those of `create_vp_token`.

    The SHA-256, in base64url, of which credentials answer which queries, the text of each as the verifier would see it,
    and the texts of the transaction data that each authorizes.
    """
    shown = [
        [
            name,
            [[match.credential.id, _seen_text(match, copies[match.credential.id])] for match in chosen[name]],
            [each.text for each in transactions.get(name, ())],
        ]
        for name in sorted(chosen)
    ]
    return base64url_encode(hashlib.sha256(compact_json({"shown": shown})).digest())


def _seen_text(match: Match, copy: CredentialCopy) -> str:
    return disclosed_text(CredentialFormat(match.credential.format), copy.credential, match.places())


def disclosed_text(format: CredentialFormat, credential: str, places: Collection[Place]) -> str:
    """The credential as a verifier sees it, without the holder's proof: an SD-JWT with these disclosures only."""
    if format is not CredentialFormat.SD_JWT:
        return credential
    issuer_jwt, *disclosures, _ = credential.split("~")
    payload = parse_json_object(base64url_decode(issuer_jwt.split(".")[1]))
    return "~".join([issuer_jwt, *select_disclosures(payload, disclosures, places), ""])


def _present(
    match: Match,
    copy: CredentialCopy,
    transactions: Collection[TransactionData],
    request: AuthorizationRequest,
    now: int,
) -> str:
    audience, nonce = str(request.client_id), request.nonce
    match match.credential.format:
        case CredentialFormat.LDP_VC:
            return create_ldp_vp(
                copy.credential, holder=copy.signer(), presented_at=now, audience=audience, nonce=nonce
            )
        case CredentialFormat.JWT_VC_JSON:
            return create_jwt_vp_json(
                copy.credential, holder=copy.signer(), presented_at=now, audience=audience, nonce=nonce
            )
    return create_sd_jwt_presentation(
        copy.credential,
        disclose=match.places(),
        holder=copy.signer(),
        presented_at=now,
        audience=audience,
        nonce=nonce,
        transaction_data_hashes=[each.sha_256 for each in transactions],
    )
