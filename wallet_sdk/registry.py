"""What the wallet knows of the registry of organisations, through its provider.

A phone does not follow a chain: its provider reads the registry for it (`GET /registry`). The wallet believes the first
answer, over TLS, and from then on holds the provider to it: the chain and the contracts stay the same, the head never
goes back, and every event told before is told again. So a provider may keep news from a wallet, which shows in the
age, but it can't take back what the wallet has seen.
"""

from __future__ import annotations

from dataclasses import replace

from vc_core.errors import FetchError, FetchFailed, LedgerUnavailable, WrongChain
from vc_core.http import HttpClient
from vc_core.ledger.snapshot import RegistrySnapshot, parse_registry_snapshot
from vc_core.trust import RegistryTrust
from wallet_sdk.wallet import Wallet


async def refresh_registry(wallet: Wallet, http: HttpClient, *, now: int) -> RegistryTrust:
    """Fetches the registry, keeps it in the wallet, and returns it as what to trust.

    Raises `WrongChain` where it is not the registry known before, `LedgerUnavailable` where it is an older one,
    `FetchError` where none came; what the wallet knew then stays. `now` in seconds since 1970.
    """
    answer = await http.get(wallet.provider + "/registry")
    if answer.status != 200:
        raise FetchFailed("The wallet provider did not give the registry.")
    try:
        fetched = parse_registry_snapshot(answer.json_object())
        fetched.state()
    except ValueError as cause:
        raise FetchFailed("The wallet provider's registry can't be read.") from cause
    # A time to come would keep the snapshot from ever growing old.
    snapshot = replace(fetched, synced_at=min(fetched.synced_at, now))
    if wallet.registry is not None:
        _check_continues(wallet.registry, snapshot)
    wallet.set_registry(snapshot)
    return _trust(snapshot)


async def load_trust(wallet: Wallet, http: HttpClient, *, now: int) -> RegistryTrust:
    """The newest knowledge that can be had: a fresh one, or else the one kept, whose age says how far to rely on it.

    Raises `WrongChain` as `refresh_registry`, and `FetchError` where nothing came and nothing is kept.
    """
    try:
        return await refresh_registry(wallet, http, now=now)
    except (FetchError, LedgerUnavailable):
        if wallet.registry is None:
            raise
        return _trust(wallet.registry)


def kept_trust(wallet: Wallet) -> RegistryTrust | None:
    """What the wallet knows without asking anybody; its age says how far to rely on it. None for nothing."""
    return None if wallet.registry is None else _trust(wallet.registry)


def _trust(snapshot: RegistrySnapshot) -> RegistryTrust:
    return RegistryTrust(snapshot.state(), chain_id=snapshot.chain_id, synced_at=snapshot.synced_at)


def _check_continues(known: RegistrySnapshot, told: RegistrySnapshot) -> None:
    if (told.chain_id, told.addresses) != (known.chain_id, known.addresses):
        raise WrongChain("The wallet provider speaks of another registry than before; nothing of it was taken.")
    if told.head.number < known.head.number:
        raise LedgerUnavailable("The wallet provider's registry is older than the one that the wallet knows.")
    forked = told.head.number == known.head.number and told.head.hash != known.head.hash
    if forked or told.events[: len(known.events)] != known.events:
        raise WrongChain("The wallet provider tells another history of the registry than before.")
