"""Putting the registry's contracts on a chain."""

from __future__ import annotations

from collections.abc import Sequence

from sabai.registry.access import OpenRegistry, Place, Surroundings, open_ledger
from sabai.registry.accounting import AccountingLedger
from sabai.registry.known import KnownRegistry
from vc_core.ledger.registry import deploy_registries
from vc_core.ledger.snapshot import RegistryAddresses
from vc_core.ledger.transactions import LedgerKey


async def deploy_new(
    place: Place,
    around: Surroundings,
    deployer: LedgerKey,
    *,
    chain_id: int,
    confirmations: int,
    members: Sequence[bytes],
    threshold: int,
    dry_run: bool,
) -> OpenRegistry:
    """Deploys the contracts, or finds those that this account deployed; `members` are 20-byte addresses.

    The ledger is closed again when it returns. Raises `TransactionFailed`, `WrongChain`, `InvalidRequest`.
    """
    nowhere = RegistryAddresses(bytes(20), bytes(20), bytes(20))
    wanted = KnownRegistry(chain_id, nowhere, confirmations=confirmations)
    async with open_ledger(place, wanted, around) as (ledger, estimate, source):
        accounting = AccountingLedger(ledger, estimate, names={}, dry_run=dry_run, before_sending=around.before_sending)
        first_block = (await ledger.head()).number
        addresses = await deploy_registries(accounting, deployer, members=members, threshold=threshold)
        if not accounting.sent:
            first_block = 0  # they were there before; since when is not known
        known = KnownRegistry(chain_id, addresses, confirmations=confirmations, first_block=first_block)
        return OpenRegistry(known, accounting, around.clock, source)
