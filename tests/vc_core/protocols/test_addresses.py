"""Addresses that messages carry."""

from __future__ import annotations

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_url
from vc_core.protocols.oauth.server_metadata import authorization_server_metadata_url


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("https://x.test", "https://x.test/.well-known/oauth-authorization-server"),
        ("https://x.test/", "https://x.test/.well-known/oauth-authorization-server"),
        ("https://x.test:8443/a/b/", "https://x.test:8443/.well-known/oauth-authorization-server/a/b"),
    ],
)
def test_the_well_known_part_goes_between_host_and_path(issuer: str, expected: str) -> None:
    assert authorization_server_metadata_url(issuer) == expected


@pytest.mark.parametrize("url", ["https://a.test/x?y=1", "http://127.0.0.1:8001", "http://localhost", "http://[::1]/"])
def test_addresses_that_may_be_asked(url: str) -> None:
    assert check_url(url, code="invalid_request") == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://issuer.test",
        "ftp://issuer.test",
        "https://user@issuer.test",
        "https://issuer.test#x",
        "https://",
        "https://a b",
        "https://a.test:99999",
        "https://[::1",
        "javascript:alert(1)",
        "https://a.test/" + "x" * 3000,
        "https://ส.test",
    ],
)
def test_addresses_that_are_refused(url: object) -> None:
    with pytest.raises(ProtocolError, match="address"):
        check_url(url, code="invalid_request")
