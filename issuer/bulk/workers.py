"""The processes that sign: one for each core, each with the keys opened by itself, none with a database.

They are started anew rather than forked: a token's sessions and a database's connections do not survive a fork. When
the process that feeds them dies, even without a word, they end.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import wait

from issuer.bulk.models import ItemFailure
from issuer.bulk.progress import UNSIGNABLE, RecordedItem, failure_of
from issuer.issuance.configurations import Configuration, configurations_of
from issuer.issuance.signing import create_order, sign_credential
from issuer.keys import IssuingKey, load_issuing_keys
from issuer.settings import IssuerSettings
from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.encoding import parse_json_object


@dataclass(frozen=True)
class ItemSigner:
    """Signs recorded items: by the keys and configurations of credential types, in the name of `public_url`."""

    public_url: str
    keys: Mapping[str, IssuingKey]
    configurations: Mapping[str, Configuration]

    def sign(self, item: RecordedItem) -> str | ItemFailure:
        """The credential, or why there can be none whoever tries. Raises `SignerUnavailable`."""
        try:
            return self._sign(item)
        except UNSIGNABLE as cause:
            return failure_of(cause)

    def _sign(self, item: RecordedItem) -> str | ItemFailure:
        configuration = self.configurations.get(item.configuration_id)
        if isinstance(item.claims, ItemFailure):
            return item.claims
        if configuration is None:
            return ItemFailure.NOT_OFFERED
        order = create_order(
            configuration,
            item.claims,
            issued_at=item.issued_at,
            expires_at=item.expires_at,
            place=(item.list_id, item.status_index),
            public_url=self.public_url,
            holder_key=PublicKey.from_jwk(parse_json_object(item.holder_jwk.encode("ascii"))),
        )
        return sign_credential(order, self.keys[configuration.credential_type.name], randomness=os.urandom)


_signer: ItemSigner | None = None


def start_workers(settings: IssuerSettings, count: int) -> ProcessPoolExecutor:
    """So many processes, which open the keys that the settings name."""
    return ProcessPoolExecutor(
        count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin, initargs=(settings,)
    )


def _begin(settings: IssuerSettings) -> None:
    global _signer  # noqa: PLW0603 - how the executor keeps what its processes know
    threading.Thread(target=_end_with_parent, daemon=True).start()
    keys = load_issuing_keys(settings)
    _signer = ItemSigner(
        settings.public_url, keys, configurations_of(keys, settings.public_url, settings.protocol_profile)
    )


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def sign_batch(items: Sequence[RecordedItem]) -> list[str | ItemFailure]:
    """As `ItemSigner.sign` for each of these, in order; in a process of `start_workers`."""
    assert _signer is not None  # noqa: S101 - set before the first call
    return [_signer.sign(item) for item in items]


def sign_raw(seconds: float) -> tuple[int, float]:
    """How many P-256 signatures this process makes in so many seconds, and in how many exactly: to compare with."""
    signer, message, count, started = P256Signer.generate(), b"m" * 500, 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        for _ in range(50):
            signer.sign(message)
        count += 50
    return count, elapsed
