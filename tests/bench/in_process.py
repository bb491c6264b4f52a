"""Verification, issuance and the QR's size, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import qrcode
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.bench.ratios import Measured, measure
from tests.bench.world import NOW, MemoryReplays, World, create_world
from vc_core.crypto.keys import P256Signer
from vc_core.formats.base45 import base45_decode
from vc_core.formats.qr_pass import PREFIX
from vc_core.verification import Policy, verify_presentation

_ECDSA = ec.ECDSA(hashes.SHA256())
_RAW_KEY = ec.generate_private_key(ec.SECP256R1())
_MESSAGE = bytes(400)


def raw2() -> Callable[[], object]:
    """Two P-256 verifications with `cryptography`: what a credential and its holder's proof cost at least."""
    public_key, signature = _RAW_KEY.public_key(), _RAW_KEY.sign(_MESSAGE, _ECDSA)

    def verify_twice() -> None:
        public_key.verify(signature, _MESSAGE, _ECDSA)
        public_key.verify(signature, _MESSAGE, _ECDSA)

    return verify_twice


def both_signatures() -> Callable[[], object]:
    """The same by the library that checks them here: what is left of a check is everything else."""
    signer = P256Signer.generate()
    public_key, signature = signer.public_key, signer.sign(_MESSAGE)

    def verify_twice() -> None:
        public_key.verify(signature, _MESSAGE)
        public_key.verify(signature, _MESSAGE)

    return verify_twice


def measure_verification() -> str:
    """The whole numbered procedure on a QR code and on an SD-JWT VC, against raw2."""
    world = create_world()
    measured = measure(
        {
            "two P-256 verifications (raw2)": raw2(),
            "the same by AWS-LC, as in a check": both_signatures(),
            "full verification of a QR code": full_verification(world, world.present(), world.policy),
            "full verification of an SD-JWT VC, 12 disclosures": full_verification(
                world, world.present_sd_jwt(), world.challenge
            ),
        }
    )
    return table("Verification, in process", measured)


def full_verification(world: World, presented: str, policy: Policy) -> Callable[[], object]:
    """The numbered procedure on this text, each time as if it had not been seen before."""
    replays = MemoryReplays()

    async def verify_once() -> None:
        await verify_presentation(
            presented, policy=policy, trust=world.trust, statuses=world.statuses, replays=replays, now=NOW
        )

    def verify() -> None:
        replays.forget()
        finish(verify_once())

    asyncio.run(verify_once())  # fetches the status list, once
    return verify


def finish(work: Coroutine[Any, Any, object]) -> None:
    """Runs a coroutine that never has to wait, without an event loop around it, as inside a server's own."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise RuntimeError("the verification waited for something")


def measure_issuance() -> str:
    """Signing credentials, against one raw P-256 signature."""
    world = create_world()
    measured = measure(
        {
            "one P-256 signature (raw)": lambda: _RAW_KEY.sign(_MESSAGE, _ECDSA),
            "issue a QR pass": world.issue_qr_pass,
            "issue an SD-JWT VC, 12 disclosures": world.issue_sd_jwt,
        }
    )
    return table("Issuance, in process", measured)


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


def table(title: str, measured: dict[str, Measured]) -> str:
    """What was measured, as a section in Markdown."""
    rows = [f"| {name} | {each.per_second:,.0f} | {each.share:.0%} |" for name, each in measured.items()]
    return "\n".join([f"### {title}", "", "| what | per second | share |", "|---|---:|---:|", *rows])
