"""Where this machine is on its local network."""

from __future__ import annotations

import ipaddress
import socket

from vc_core.errors import SettingsError

_ELSEWHERE = ("192.0.2.1", 9)
"""An address of RFC 5737, which is nobody's. No packet is sent to it: the system only says which way one would go."""


def find_lan_address() -> str:
    """This machine's address towards its network. Raises `SettingsError` where it has none that is private."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
            address = str(probe.getsockname()[0])
        except OSError as cause:
            raise SettingsError(
                ["this machine is on no network: --lan needs one, or --host with its address"]
            ) from cause
    return check_lan_address(address)


def check_lan_address(address: str) -> str:
    """The address, where it is inside a network. Raises `SettingsError`: sample services don't belong on the web."""
    try:
        is_private = ipaddress.ip_address(address).is_private
    except ValueError:
        is_private = False
    if not is_private:
        raise SettingsError([f"--lan is for addresses of a local network, and {address} is none"])
    return address
