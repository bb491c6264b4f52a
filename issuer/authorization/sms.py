"""Sending a code to a patient's telephone: one small interface, and what is behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from vc_core.files import write_durably


class SmsSender(Protocol):
    """Takes messages for telephones. An implementation writes nothing of them in a log."""

    async def send(self, phone: str, text: str) -> None:
        """Takes over a message to a number such as `+66812345678`; raises `OSError` where it can't."""


class SmsFolder:
    """Leaves each message as a file of its own for a gateway to take away, or for a developer to read.

    The first line is `To: ` and the number without its plus sign, an empty line follows, then the text in UTF-8.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, phone: str, text: str) -> None:
        """See `SmsSender.send`."""
        content = f"To: {phone.removeprefix('+')}\nAlphabet: UTF-8\n\n{text}\n".encode()
        await asyncio.to_thread(write_durably, self._folder / f"{uuid4().hex}.sms", content)
