"""The wallets that may ask for authorization: those in the settings, and programs on the patient's own machine.

They are public clients: nothing secret is in them, and what tells one from another is where the browser may be sent
back to. A redirect URI is compared as text, whole (RFC 9700 section 4.1.3), except that a program that listens on this
machine's loopback address may use any port (RFC 8252 section 7.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from issuer.settings import WalletClientSettings
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.authorization import ReturnAddress

_LOOPBACK_HOSTS = ("127.0.0.1", "::1")


class WalletClients:
    """The known wallets; with `loopback`, any program that is answered on its own machine is one too."""

    def __init__(self, registered: Sequence[WalletClientSettings], *, loopback: bool) -> None:
        self._registered = {client.client_id: client for client in registered}
        self._loopback = loopback

    def check(self, address: ReturnAddress, *, attested: bool = False) -> None:
        """Returns when this client may be answered there.

        One whose request came with a wallet attestation may be answered wherever it says: an accredited provider
        vouches for the program that says it. Raises `ProtocolError`, which must not be sent there: `invalid_client`
        for one that we don't know, `invalid_request` for another address than those of a client that we know.
        """
        client = self._registered.get(address.client_id)
        if client is None:
            on_this_machine = self._loopback and _without_port(address.redirect_uri) is not None
            if not attested and not on_this_machine:
                raise ProtocolError("invalid_client", "This issuer does not know this wallet.")
            return
        if not any(_same(each, address.redirect_uri) for each in client.redirect_uris):
            raise ProtocolError("invalid_request", "redirect_uri is none of this wallet's.")

    def name(self, client_id: str) -> str | None:
        """The name of a wallet in the settings; None for a program that nobody registered."""
        client = self._registered.get(client_id)
        return None if client is None else client.name


def _same(registered: str, redirect_uri: str) -> bool:
    if registered == redirect_uri:
        return True
    without_port = _without_port(registered)
    return without_port is not None and without_port == _without_port(redirect_uri)


def _without_port(uri: str) -> str | None:
    """A loopback address without its port, None for any other address."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK_HOSTS or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    plain = f"http://{host}" + ("" if port is None else f":{port}")
    return None if not uri.startswith(plain) else f"http://{host}" + uri.removeprefix(plain)
