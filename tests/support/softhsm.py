"""A hardware security module for tests: Debian's SoftHSM, with its tokens in a folder of the test's own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pkcs11
import pytest

PIN = "a PIN, 2749"
_MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
)


@dataclass(frozen=True)
class SoftHsm:
    """SoftHSM with its configuration in `folder`; the process must have `SOFTHSM2_CONF` set to `configuration`."""

    folder: Path
    module: Path

    @property
    def configuration(self) -> Path:
        """What `SOFTHSM2_CONF` names."""
        return self.folder / "softhsm2.conf"

    @property
    def pin_file(self) -> Path:
        """The file with the PIN of every token."""
        return self.folder / "pin"

    def create_token(self, label: str) -> None:
        """A new token."""
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "87654321"],
            check=True,
            capture_output=True,
            env={"PATH": os.environ["PATH"], "SOFTHSM2_CONF": str(self.configuration)},
        )

    def uri(self, label: str, *, token: str = "issuer") -> str:
        """The URI of a key, its PIN in a file."""
        return f"{self.uri_without_pin(label, token=token)}&pin-source=file:{self.pin_file}"

    def uri_without_pin(self, label: str, *, token: str = "issuer") -> str:
        """The URI of a key, its PIN told otherwise."""
        return f"pkcs11:token={quote(token)};object={quote(label)}?module-path={self.module}"

    def restart(self) -> None:
        """As if the module's power had been cut: all sessions and logins are gone."""
        pkcs11.lib(str(self.module)).reinitialize()


def create_softhsm(folder: Path) -> SoftHsm:
    """SoftHSM with one token, `issuer`. Skips the test where it is not installed; fails it in CI."""
    module = next((path for path in _MODULES if path.exists()), None)
    if module is None:
        if os.environ.get("CI"):
            pytest.fail("SoftHSM is missing, and CI must not skip")
        pytest.skip("SoftHSM is not installed (Debian: apt-get install softhsm2)")
    hsm = SoftHsm(folder, module)
    (folder / "tokens").mkdir(parents=True)
    hsm.configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    hsm.pin_file.write_text(PIN + "\n")
    hsm.create_token("issuer")
    return hsm
