"""A key service in miniature, and the package that brings it to Sabai: what docs/keys.md tells deployers to write."""

from __future__ import annotations

from pathlib import Path

from vc_core.crypto.keys import KeyFormatError, P256Signer, PublicKey, load_signer
from vc_core.errors import SignerUnavailable


class StandInKms:
    """Answers as a service would: the key stays with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(self, name: str) -> P256Signer:
        """The key of that name. Raises `ConnectionError` where the service is down."""
        if not self._folder.exists():
            raise ConnectionError("down")
        key = load_signer((self._folder / f"{name}.pem").read_bytes())
        assert isinstance(key, P256Signer)
        return key


class KmsSigner:
    """A `Signer` whose key is in the service."""

    def __init__(self, service: StandInKms, name: str) -> None:
        self._service, self._name = service, name
        self.public_key: PublicKey = self._ask().public_key

    def sign(self, message: bytes) -> bytes:
        """See `Signer.sign`."""
        return self._ask().sign(message)

    def _ask(self) -> P256Signer:
        try:
            return self._service.key(self._name)
        except ConnectionError as cause:
            raise SignerUnavailable("The key service does not answer.") from cause


def open_key(reference: str) -> KmsSigner:
    """The entry point: `standin:<folder>#<name>`. Raises `KeyFormatError`."""
    folder, _, name = reference.removeprefix("standin:").partition("#")
    if not name:
        raise KeyFormatError("a reference of this key service ends with the key's name")
    return KmsSigner(StandInKms(Path(folder)), name)


def install_entry_point(site: Path) -> None:
    """Puts into a folder of the import path what installing the package would: the metadata that names `open_key`."""
    metadata = site / "stand_in_kms-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: stand-in-kms\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[sabai.signers]\nstandin = tests.support.stand_in_kms:open_key\n")
