"""Fetching what an issuer renewed ahead of time (docs/issuance.md, "Renewal in bulk"), and more copies by a grant.

A wallet asks the issuer of each credential only about that credential's own key: asking one about another's key would
tell it whose else the holder is. Where the issuer is, the credential says, by the address of its status list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from vc_core.clock import Clock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.errors import FetchError, ProtocolError, Rejection, SabaiError, ServiceRefused
from vc_core.formats.presentation import parse_credential
from vc_core.http import HttpClient
from vc_core.protocols.oauth.errors import parse_error_response
from vc_core.protocols.openid4vci.nonce import parse_nonce_response
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt
from vc_core.trust import TrustSource
from vc_core.verification import VerifiedCredential
from wallet_sdk.content import CredentialCopy, HeldCredential
from wallet_sdk.issuance import (
    Issuance,
    OfferedCredential,
    RefusedCredential,
    WaitingCredential,
    check_continues,
    top_up,
    verify_received,
)
from wallet_sdk.labels import type_label
from wallet_sdk.wallet import Wallet

ENDS_SOON_SECONDS = 30 * 86_400

_MOST_ANSWERED = 20


async def fetch_renewals(wallet: Wallet, http: HttpClient, *, trust: TrustSource, clock: Clock) -> Issuance:
    """Asks each credential's issuer for newer ones of the same keys, checks them as at issuance, and keeps them.

    What an issuer does not answer, or what must not be kept, is among the refused.
    """
    stored: list[HeldCredential] = []
    refused: list[RefusedCredential] = []
    for held in _newest_of_each_key(wallet):
        asked_for = _as_offered(held)
        try:
            renewed = [await _renewed_copy(wallet, http, asked_for, held, each, trust, clock) for each in held.copies]
        except (FetchError, ProtocolError, Rejection, ServiceRefused) as error:
            refused.append(RefusedCredential(asked_for, error))
            continue
        found = [each for each in renewed if each is not None]
        if found:
            copies, claims = tuple(copy for copy, _ in found), found[0][1].claims
            stored.append(wallet.add_renewed(held, copies, claims=claims))
    return Issuance(tuple(stored), tuple(refused))


async def top_up_all(wallet: Wallet, http: HttpClient, *, trust: TrustSource, clock: Clock) -> Issuance:
    """Fetches more copies of what runs low, and new ones of what ends soon, where the issuer gave a grant for that.

    What an issuer does not give any more is among the refused.
    """
    stored: list[HeldCredential] = []
    refused: list[RefusedCredential] = []
    waiting: list[WaitingCredential] = []
    for held in wallet.credentials:
        due = held.runs_low(now=clock()) or held.expires_at - clock() < ENDS_SOON_SECONDS
        if not due or held.source is None or held.source.grant_id is None:
            continue
        try:
            done = await top_up(wallet, http, held, trust=trust, clock=clock)
        except (FetchError, ProtocolError, ServiceRefused) as error:
            refused.append(RefusedCredential(_as_offered(held), error))
            continue
        stored += done.stored
        refused += done.refused
        waiting += done.waiting
    return Issuance(tuple(stored), tuple(refused), tuple(waiting))


async def _renewed_copy(
    wallet: Wallet,
    http: HttpClient,
    asked_for: OfferedCredential,
    held: HeldCredential,
    old: CredentialCopy,
    trust: TrustSource,
    clock: Clock,
) -> tuple[CredentialCopy, VerifiedCredential] | None:
    """The newest that waits for the key of one copy, if the wallet does not have it yet."""
    known = {copy.credential for each in wallet.credentials for copy in each.copies}
    newest: tuple[CredentialCopy, VerifiedCredential] | None = None
    for text in await _ask(http, old, clock):
        if text in known:
            continue
        keys = (old.signer().public_key,)
        verified = verify_received(text, offered=asked_for, holder_keys=keys, trust=trust, now=clock())
        check_continues(verified, asked_for.format, held)
        if newest is None or verified.issued_at > newest[0].issued_at:
            newest = CredentialCopy(text, old.holder_key, verified.issued_at, verified.expires_at), verified
    return newest


def _as_offered(held: HeldCredential) -> OfferedCredential:
    return OfferedCredential("", CREDENTIAL_TYPES.get(held.vct), held.format, held.vct, type_label(held, "en"))


def _newest_of_each_key(wallet: Wallet) -> Iterator[HeldCredential]:
    newest: dict[bytes, HeldCredential] = {}
    for held in sorted(wallet.credentials, key=lambda each: each.expires_at):
        newest |= dict.fromkeys((each.holder_key for each in held.copies), held)
    each_once = {held.id: held for held in newest.values()}
    return (held for held in each_once.values() if held.vct in CREDENTIAL_TYPES)


async def _ask(http: HttpClient, held: CredentialCopy, clock: Clock) -> list[str]:
    """What waits for a copy's key. Raises `ServiceRefused`, `FetchError`, `ProtocolError`."""
    issuer = _issuer_of(held)
    if issuer is None:
        return []
    nonce = parse_nonce_response(await _object(http, issuer + "/nonce", None))
    proof = create_proof_jwt(held.signer(), audience=issuer, nonce=nonce, issued_at=clock())
    answer = await _object(http, issuer + "/renewals", {"proof": proof})
    found = answer.get("credentials")
    if not isinstance(found, list) or len(found) > _MOST_ANSWERED:
        raise ProtocolError("server_error", "The answer is not a list of credentials.")
    texts = [each.get("credential") if isinstance(each, dict) else None for each in found]
    if not all(isinstance(text, str) for text in texts):
        raise ProtocolError("server_error", "The answer holds no credential that we can read.")
    return [text for text in texts if isinstance(text, str)]


def _issuer_of(held: CredentialCopy) -> str | None:
    """The origin of the credential's status list; None where it has no status."""
    for status in parse_credential(held.credential).status:
        parts = urlsplit(status.uri)
        return f"{parts.scheme}://{parts.netloc}"
    return None


async def _object(http: HttpClient, url: str, body: dict[str, Any] | None) -> dict[str, Any]:
    answer = await http.post_form(url, {}) if body is None else await http.post_json(url, body)
    if answer.status != 200:
        error: SabaiError = parse_error_response(answer.body)
        raise ServiceRefused(str(error.code), "The issuer does not say whether the credential was renewed.")
    return answer.json_object()
