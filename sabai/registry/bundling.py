"""Making trust bundles from what the chain and the issuers say now, and bringing them to desks."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from sabai.registry.anchored_log import find_anchor, load_entries
from sabai.registry.reading import RegistryReading
from vc_core.crypto.keys import Ed25519Signer, KeyFormatError, P256Signer, PublicKey, load_signer
from vc_core.errors import FetchFailed, InvalidRequest
from vc_core.http import HttpClient, HttpResponse
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.trust_bundle.anchoring import CHECKPOINT_LOG, create_anchored_checkpoint, create_checkpoint
from vc_core.trust_bundle.contents import AnchoredCheckpoint, StatusListCopy, parse_checkpoint
from vc_core.trust_bundle.envelope import MEDIA_TYPE

BUNDLE_PATH = "/trust-bundle"


def load_signer_file(path: Path) -> P256Signer | Ed25519Signer:
    """The private key in a PEM file. Raises `InvalidRequest` where there is none, or others can read it."""
    try:
        mode, pem = path.stat().st_mode, path.read_bytes()
        signer = load_signer(pem)
    except FileNotFoundError as cause:
        raise InvalidRequest(f"There is no key file {path}.") from cause
    except KeyFormatError as cause:
        raise InvalidRequest(f"The file {path} has no P-256 or Ed25519 private key in PEM.") from cause
    if stat.S_IMODE(mode) & 0o077:
        raise InvalidRequest(f"Others can read the key file {path}: `chmod 600` it, and consider the key leaked.")
    return signer


def find_method(reading: RegistryReading, did: str, key: PublicKey) -> str:
    """The DID URL of an organisation's key. Raises `InvalidRequest` where it is not published, or not valid now."""
    for each in reading.keys(did):
        if each.key == key and reading.key_state(did, each) == "valid":
            return f"{did}#{each.fragment}"
    raise InvalidRequest("The organisation has not published this key, or it is not valid now.")


def find_evidence(reading: RegistryReading, checkpoints: Path) -> AnchoredCheckpoint:
    """The evidence for the newest checkpoint in the file that is anchored on the registry's own chain.

    Raises `InvalidRequest` where none is, or the file holds something else.
    """
    snapshot = reading.snapshot
    try:
        lines = load_entries(checkpoints)
        log = [parse_checkpoint(line) for line in lines]
    except ValueError as cause:
        raise InvalidRequest(f"The file {checkpoints} has a line that is no checkpoint.") from cause
    anchored, _ = find_anchor(reading.state, CHECKPOINT_LOG, lines)
    return create_anchored_checkpoint(
        log, anchored.size - 1, anchored, chain_id=snapshot.chain_id, contract=snapshot.addresses.anchors
    )


def append_checkpoint(snapshot: RegistrySnapshot, checkpoints: Path) -> str:
    """Adds the registry as it is now to the log's file, which is made if need be; returns the line."""
    line = create_checkpoint(snapshot).to_entry()
    with checkpoints.open("ab") as file:
        file.write(line + b"\n")
    return line.decode("ascii")


async def fetch_status_lists(http: HttpClient, addresses: Iterable[str]) -> tuple[StatusListCopy, ...]:
    """All lists of these issuers, by the addresses of their aggregations (Token Status List section 9).

    Raises `FetchError` where one can't be had: a bundle that lacks a list would leave its patients unanswered.
    """
    found: dict[str, StatusListCopy] = {}
    for address in addresses:
        uris = _require_ok(await http.get(address)).json_object().get("status_lists")
        if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
            raise FetchFailed("the answer is not a list of status lists")
        for uri in uris:
            answer = _require_ok(await http.get(uri, accept="application/statuslist+jwt"))
            found[uri] = StatusListCopy(uri, answer.body.decode("ascii", errors="replace").strip())
    return tuple(found.values())


async def post_bundle(http: HttpClient, desk: str, bundle: bytes, *, token: str | None) -> HttpResponse:
    """The desk's answer to a bundle. Raises `FetchError` where none came."""
    return await http.post_bytes(desk.rstrip("/") + BUNDLE_PATH, bundle, content_type=MEDIA_TYPE, token=token)


def _require_ok(answer: HttpResponse) -> HttpResponse:
    if answer.status != 200:
        raise FetchFailed("an issuer did not give its status lists")
    return answer
