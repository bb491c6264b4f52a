"""A wallet whose process can be killed at every step that it takes: before and after each write and each request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from tests.wallet_sdk.fakes import PASSPHRASE, FakeWorld
from vc_core.http import HttpClient
from wallet_sdk.store import EncryptedFile
from wallet_sdk.wallet import Wallet


class Killed(BaseException):
    """The process is gone."""


class MortalFile(EncryptedFile):
    """A file whose owner may die right before or right after a write reaches the disk."""

    step: Callable[[str], None]

    def save(self, content: bytes) -> None:
        self.step("before a write")
        super().save(content)
        self.step("after a write")


class MortalHttp(HttpClient):
    """A client whose owner may die before a request goes out, or after it was answered but not yet heard."""

    step: Callable[[str], None]

    async def _request(self, method: str, url: str, **arguments: object) -> object:  # type: ignore[override]
        self.step(f"before {method} {url}")
        answer = await super()._request(method, url, **arguments)  # type: ignore[arg-type]
        self.step(f"after {method} {url}")
        return answer


class Steps:
    """Counts what a wallet does, and kills it at one of them; `at` 0 for never."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.taken: list[str] = []

    def __call__(self, name: str) -> None:
        self.taken.append(name)
        if len(self.taken) == self.at:
            raise Killed(name)


def open_mortal(folder: Path, step: Callable[[str], None]) -> Wallet:
    file = MortalFile.open(folder / "wallet", PASSPHRASE)
    assert isinstance(file, MortalFile)
    file.step = step
    opened = Wallet.open(folder / "wallet", PASSPHRASE, read_only=True)
    return Wallet(file, opened._content)


def mortal_http(world: FakeWorld, step: Callable[[str], None]) -> HttpClient:
    """The way to the world's services for such a wallet."""
    http = MortalHttp(transport=httpx.MockTransport(world.respond))
    http.step = step
    return http
