"""Verification, issuance and the QR's size, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import qrcode
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.bench.ratios import Measured, measure
from tests.bench.world import NOW, MemoryReplays, create_world
from vc_core.formats.base45 import base45_decode
from vc_core.formats.qr_pass import PREFIX
from vc_core.verification import verify_presentation


def measure_verification() -> str:
    """The whole numbered procedure on one QR, against two P-256 verifications with `cryptography` (raw2)."""
    world, replays = create_world(), MemoryReplays()
    qr = world.present()
    algorithm = ec.ECDSA(hashes.SHA256())
    raw_key = ec.generate_private_key(ec.SECP256R1())
    message = bytes(400)
    signature = raw_key.sign(message, algorithm)
    public_key = raw_key.public_key()

    def raw2() -> None:
        public_key.verify(signature, message, algorithm)
        public_key.verify(signature, message, algorithm)

    async def verify_once() -> None:
        await verify_presentation(
            qr, policy=world.policy, trust=world.trust, statuses=world.statuses, replays=replays, now=NOW
        )

    def verify_qr() -> None:
        replays.forget()
        _finish(verify_once())

    asyncio.run(verify_once())  # fetches the status list, once
    measured = measure({"two P-256 verifications (raw2)": raw2, "full verification of one QR": verify_qr})
    return _table("Verification, in process", measured)


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine that never has to wait, without an event loop around it, as inside a server's own."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise RuntimeError("the verification waited for something")


def measure_issuance() -> str:
    """Signing credentials, against one raw P-256 signature."""
    world = create_world()
    raw_key = ec.generate_private_key(ec.SECP256R1())
    algorithm, message = ec.ECDSA(hashes.SHA256()), bytes(400)
    measured = measure(
        {
            "one P-256 signature (raw)": lambda: raw_key.sign(message, algorithm),
            "issue a QR pass": world.issue_qr_pass,
            "issue an SD-JWT VC": world.issue_sd_jwt,
        }
    )
    return _table("Issuance, in process", measured)


def measure_qr() -> str:
    """How large the sample presentation is."""
    text = create_world().present()
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make()
    size = len(base45_decode(text.removeprefix(PREFIX)))
    return (
        "### The QR of the sample presentation\n\n"
        f"{size} bytes, {len(text)} characters, version {code.version} at error correction M "
        f"({code.modules_count} × {code.modules_count} modules)."
    )


def _table(title: str, measured: dict[str, Measured]) -> str:
    rows = [f"| {name} | {each.per_second:,.0f} | {each.share:.0%} |" for name, each in measured.items()]
    return "\n".join([f"### {title}", "", "| what | per second | share |", "|---|---:|---:|", *rows])
