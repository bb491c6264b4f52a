"""The outgoing client: which addresses it asks, by what it was made for, and how much it takes."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import httpx
import pytest

from vc_core.errors import FetchBlocked, FetchFailed, FetchTooLarge
from vc_core.http import LOOKUPS_AT_ONCE, HttpClient

PUBLIC, LOOPBACK, PRIVATE, SELF = "93.184.215.14", "127.0.0.1", "10.0.0.7", "0.0.0.0"  # noqa: S104 - asked, not bound
LINK_LOCAL = "169.254.169.254"  # where clouds hand out credentials


async def is_asked(client: HttpClient, url: str) -> bool:
    """Whether the address passes; nothing is sent."""
    try:
        await client._checked(httpx.URL(url))
    except FetchBlocked:
        return False
    return True


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, {f"https://{PUBLIC}"}),
        ({"allow_loopback": True}, {f"https://{PUBLIC}", f"https://{LOOPBACK}", f"http://{LOOPBACK}"}),
        (
            {"allow_private": True},
            {
                f"https://{PUBLIC}",
                f"https://{LOOPBACK}",
                f"https://{PRIVATE}",
                f"http://{LOOPBACK}",
                f"http://{PRIVATE}",
            },
        ),
    ],
)
async def test_who_is_asked(options: dict[str, Any], asked: set[str]) -> None:
    client = HttpClient(**options)
    hosts = (PUBLIC, LOOPBACK, PRIVATE, SELF, LINK_LOCAL, "[::ffff:10.0.0.7]", "[fe80::1]")
    urls = {f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts}
    urls -= {f"{scheme}://[::ffff:10.0.0.7]" for scheme in ("http", "https") if options.get("allow_private")}

    assert {url for url in urls if await is_asked(client, url)} == asked
    assert not await is_asked(client, f"https://user@{PUBLIC}")
    assert not await is_asked(client, f"ftp://{PUBLIC}")
    await client.close()


@pytest.mark.parametrize(
    "host",
    [
        "[64:ff9b::a00:7]",  # 10.0.0.7 by NAT64
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::5db8:d70e]",  # by a network's own NAT64, which may lead anywhere
        "[::a00:7]",  # IPv4-compatible
        "[::7f00:1]",
        "[::1]",
        "[::]",
        "[fec0::1]",  # site-local
        "224.0.0.1",  # multicast
        "[ff0e::1]",
    ],
)
async def test_inside_addresses_that_look_public(host: str) -> None:
    client = HttpClient()
    assert not await is_asked(client, f"https://{host}")
    await client.close()


async def test_what_ipv6_addresses_lead_to() -> None:
    """A public host by NAT64 is asked at that address; multicast is no one's service, in private networks neither."""
    client, private = HttpClient(), HttpClient(allow_private=True)
    url = httpx.URL("https://[64:ff9b::5db8:d70e]/a")
    assert await client._checked(url) == url
    assert await is_asked(private, "http://[::1]")
    for multicast in ("239.1.2.3", "[ff05::1]"):
        assert not await is_asked(private, f"http://{multicast}")
    await client.close()
    await private.close()


async def test_no_cookie_is_kept() -> None:
    """Two hosts at one address are one to the client, so the second would be sent the cookie of the first."""
    seen: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append("cookie" in request.headers)
        return httpx.Response(200, headers={"Set-Cookie": "session=secret; Path=/"})

    client = HttpClient(transport=httpx.MockTransport(answer))
    for _ in range(2):
        await client.get("https://issuer.test/credential")
    assert seen == [False, False]
    await client.close()


async def test_how_much_it_takes() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"[" + b"1," * 500 + b"1]"))
    small, large = HttpClient(transport=transport, max_response_bytes=1_000), HttpClient(transport=transport)

    with pytest.raises(FetchTooLarge):
        await small.post_json("https://node.test", [])
    assert len((await large.post_json("https://node.test", [])).json()) == 501
    await small.close()
    await large.close()


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":1,"a":2}', b"NaN"])
async def test_what_is_no_json(body: bytes) -> None:
    client = HttpClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=body)))

    with pytest.raises(FetchFailed):
        (await client.get("https://node.test")).json()
    await client.close()


@pytest.mark.parametrize(("scheme", "connection"), [("https", "close"), ("http", "keep-alive")])
async def test_no_tls_connection_serves_a_second_host(scheme: str, connection: str) -> None:
    """Connections are pooled by the address that was checked: two hosts on one address must not share a certificate."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["connection"])
        return httpx.Response(200, json={})

    client = HttpClient(transport=httpx.MockTransport(answer))
    await client.get(f"{scheme}://office.test/status/1")
    assert seen == [connection]
    await client.close()


async def test_which_headers_a_caller_adds() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    client = HttpClient(transport=httpx.MockTransport(answer))
    url, proof = "https://issuer.test/credential", {"Authorization": "DPoP token", "DPoP": "a.b.c"}

    await client.get(url, headers=proof)
    await client.post_json(url, {}, headers=proof)
    await client.post_form(url, {}, headers=proof)
    await client.post_bytes(url, b"", content_type="application/jwt", headers=proof)

    assert [(each.headers["authorization"], each.headers["dpop"]) for each in sent] == [("DPoP token", "a.b.c")] * 4
    for refused in ({"Host": "evil.test"}, {"DPoP": "a\r\nHost: evil.test"}, {"DPoP": ""}, {"DPoP": "a" * 9000}):
        with pytest.raises(FetchBlocked):
            await client.get(url, headers=refused)
    await client.close()
    assert len(sent) == 4


async def test_what_is_no_web_address() -> None:
    client = HttpClient()
    ports = (f"https://{PUBLIC}:{port}/" for port in ("65536", "0", "-1", "9" * 40, "b"))
    for url in (*ports, "https://", "https://xn--a.test/", "https://a.test/\ud800", "https://a.test/\x00"):
        with pytest.raises(FetchBlocked):
            await client.get(url)
    await client.close()


async def test_a_redirect_to_no_web_address_fails_as_others_do() -> None:
    """httpx reads where it would go, and trips over what the other side writes there."""
    headers = {"Location": "https://xn--a.test/"}
    client = HttpClient(transport=httpx.MockTransport(lambda _: httpx.Response(302, headers=headers)))
    with pytest.raises(FetchFailed):
        await client.get("https://issuer.test")
    await client.close()


async def test_a_resolver_that_hangs_holds_up_its_own_requests_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many hosts at once, more than there are threads for anything: each request ends in time, and threads are left."""
    answered, asked = threading.Event(), list[str]()

    def hang(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        answered.wait()
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    client, requests = HttpClient(timeout_seconds=0.05), 3 * LOOKUPS_AT_ONCE
    try:
        async with asyncio.timeout(60):
            answers = await asyncio.gather(
                *(client.get(f"https://{number}.test") for number in range(requests)), return_exceptions=True
            )
            await asyncio.to_thread(threading.get_ident)
    finally:
        answered.set()
        await client.close()

    assert {type(each) for each in answers} == {FetchFailed}
    assert len(asked) <= LOOKUPS_AT_ONCE


async def test_a_site_whose_look_up_hangs_takes_no_second_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    answered, asked = threading.Event(), list[str]()

    def hang(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        if host != "quick.go.th":
            answered.wait()
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    client = HttpClient(timeout_seconds=0.05)

    async def failing(*hosts: str) -> None:
        for host in hosts:
            with pytest.raises(FetchFailed):
                await client.get(f"https://{host}")

    try:
        await failing("a.slow.test", "b.slow.test", "SLOW.test.", "clinic.go.th", "www.clinic.go.th")
        await failing("quick.go.th", "a.abc.la", "b.abc.la")
        assert asked == ["a.slow.test", "clinic.go.th", "quick.go.th", "a.abc.la"]
    finally:
        answered.set()
        await client.close()
