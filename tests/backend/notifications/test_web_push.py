"""Web Push against a stand-in over real HTTP: what it gets, what it can read, and what its answers mean."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from backend.devices.push_address import ANY_HOST, PushHosts, WebPushSubscription
from backend.notifications.models import Template
from backend.notifications.push import (
    QUOTA_SECONDS,
    AddressUnregistered,
    Push,
    PushError,
    PushRefused,
    PushServices,
    PushUnavailable,
)
from backend.notifications.strangers import AT_ONCE, REST_SECONDS
from backend.notifications.web_push import (
    KEEP_SECONDS,
    PADDED_BYTES,
    TOKEN_SECONDS,
    WebPushSender,
    encrypt,
    load_web_push_sender,
)
from backend.settings import BackendSettings
from tests.backend.test_settings import GOOD
from tests.support.clock import SetClock
from tests.support.logs import all_logs
from tests.support.push_service import Browser, PushServiceStandIn, running_push_service
from vc_core.clock import Clock, system_clock
from vc_core.crypto.keys import Ed25519Signer, P256Signer, Signer, signer_to_pem
from vc_core.encoding import base64url_decode, parse_json_object
from vc_core.errors import SettingsError
from vc_core.http import HttpClient

PUSH = Push("0123456789abcdef0123456789abcdef", Template.CLAIM_APPROVED)


@pytest.fixture
def push_service() -> Iterator[PushServiceStandIn]:
    with running_push_service() as stand_in:
        yield stand_in


def sender_of(
    http: HttpClient,
    *,
    strangers: HttpClient | None = None,
    clock: Clock = system_clock,
    hosts: PushHosts = ANY_HOST,
    signer: Signer | None = None,
) -> WebPushSender:
    signer, contact = signer or P256Signer.generate(), "https://backend.test"
    return WebPushSender(signer, contact=contact, http=http, strangers=strangers or http, clock=clock, hosts=hosts)


class CountingSigner:
    """A key in a token or a service, where each signature takes its time."""

    def __init__(self) -> None:
        self._signer = P256Signer.generate()
        self.public_key = self._signer.public_key
        self.signed: list[bytes] = []

    def sign(self, message: bytes) -> bytes:
        self.signed.append(message)
        return self._signer.sign(message)


@pytest.fixture
async def sender() -> AsyncIterator[WebPushSender]:
    sender = sender_of(HttpClient(allow_loopback=True))
    yield sender
    await sender.close()


def address_of(browser: Browser) -> WebPushSubscription:
    keys = browser.subscription()["keys"]
    return WebPushSubscription(browser.endpoint, base64url_decode(keys["p256dh"]), base64url_decode(keys["auth"]))


def test_encryption_gives_the_bytes_of_the_rfc_s_example() -> None:
    """RFC 8291 section 5 and appendix A."""
    theirs = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
    ours = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
    browser = Browser(
        "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        key=derive_private_key(int.from_bytes(base64url_decode(theirs), "big"), SECP256R1()),
        auth=base64url_decode("BTBZMqHH6r4Tts7J_aSIgg"),
    )

    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        address_of(browser),
        new_key=lambda: derive_private_key(int.from_bytes(base64url_decode(ours), "big"), SECP256R1()),
        randomness=lambda _: base64url_decode("DGv6ra1nlYgDCS1FRnbzlw"),
    )

    assert body == base64url_decode(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3"
        "jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert browser.decrypt(body) == b"When I grow up, I want to be a watermelon"


async def test_the_browser_gets_the_message_s_id_and_template_and_nothing_else(
    push_service: PushServiceStandIn, sender: WebPushSender
) -> None:
    browser = push_service.subscribe()

    await sender.send(address_of(browser), PUSH)

    (received,) = push_service.received
    assert received.data == {"id": PUSH.id, "template": "claim_approved"}
    assert (received.headers["ttl"], received.headers["urgency"]) == (str(KEEP_SECONDS), "normal")
    assert sender.application_server_key in received.headers["authorization"]


async def test_nothing_on_the_way_tells_the_message_or_that_two_devices_get_the_same(
    push_service: PushServiceStandIn, sender: WebPushSender
) -> None:
    browsers = [push_service.subscribe() for _ in range(2)]
    pushes = [PUSH, Push(PUSH.id, Template.APPOINTMENT_CONFIRMED)]

    for browser, push in zip(browsers, pushes, strict=True):
        await sender.send(address_of(browser), push)
    await sender.send(address_of(browsers[0]), PUSH)

    one, other, again = push_service.received
    assert PUSH.id.encode() not in one.body
    assert PUSH.id not in str(one.headers)
    assert len(one.body) == len(other.body) > PADDED_BYTES
    assert one.headers["topic"] != other.headers["topic"]
    assert (one.headers["topic"], len(one.headers["topic"])) == (again.headers["topic"], 32)
    assert one.body != again.body


async def test_a_warning_wakes_a_phone_that_saves_its_battery(
    push_service: PushServiceStandIn, sender: WebPushSender
) -> None:
    await sender.send(address_of(push_service.subscribe()), Push(PUSH.id, Template.DEVICE_REGISTERED))

    assert push_service.received[0].headers["urgency"] == "high"


async def test_no_line_of_a_log_has_the_address_the_message_or_a_token(
    push_service: PushServiceStandIn, sender: WebPushSender, capsys: pytest.CaptureFixture[str]
) -> None:
    """The address alone lets nobody push, but it is the phone's: who knows it may send garbage there."""
    browser = push_service.subscribe()
    push_service.answers.extend([(503, {}), (410, {})])

    with all_logs():
        for _ in range(2):
            with pytest.raises(PushError):
                await sender.send(address_of(browser), PUSH)
        await sender.send(address_of(browser), PUSH)

    logged = capsys.readouterr().err
    secrets = [
        browser.endpoint,
        browser.endpoint.rpartition("/")[2],
        PUSH.id,
        "vapid",
        *browser.subscription()["keys"].values(),
    ]
    assert [each for each in secrets if each in logged] == []


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (404, AddressUnregistered, "unregistered"),
        (410, AddressUnregistered, "unregistered"),
        (400, PushRefused, "http_400"),
        (403, PushRefused, "http_403"),
        (413, PushRefused, "http_413"),
        (302, PushRefused, "http_302"),
        (500, PushUnavailable, "http_500"),
    ],
)
async def test_what_the_push_service_s_answer_means(
    push_service: PushServiceStandIn, sender: WebPushSender, status: int, error: type[PushError], code: str
) -> None:
    push_service.answers.append((status, {"Location": "http://127.0.0.1:1/elsewhere"}))

    with pytest.raises(PushError) as raised:
        await sender.send(address_of(push_service.subscribe()), PUSH)

    assert (type(raised.value), raised.value.code) == (error, code)


@pytest.mark.parametrize(
    ("status", "header", "least", "most"),
    [
        (429, "120", 120, 120),
        (429, "", QUOTA_SECONDS, QUOTA_SECONDS),
        (503, "7", 7, 7),
        (503, "soon", 0, 0),
        (503, "9" * 400, 10**9, 10**10),
    ],
    ids=["seconds", "429 without", "503", "no time", "endless"],
)
async def test_how_long_to_leave_it_alone(
    push_service: PushServiceStandIn, sender: WebPushSender, status: int, header: str, least: int, most: int
) -> None:
    push_service.answers.append((status, {"Retry-After": header}))

    with pytest.raises(PushUnavailable) as raised:
        await sender.send(address_of(push_service.subscribe()), PUSH)

    assert least <= raised.value.retry_after <= most


async def test_it_may_also_name_the_time(push_service: PushServiceStandIn, sender: WebPushSender) -> None:
    push_service.answers.append((503, {"Retry-After": formatdate(time.time() + 90, usegmt=True)}))

    with pytest.raises(PushUnavailable) as raised:
        await sender.send(address_of(push_service.subscribe()), PUSH)

    assert 60 < raised.value.retry_after <= 90


async def test_a_push_service_that_is_not_there_is_tried_again(sender: WebPushSender) -> None:
    with running_push_service() as gone:
        browser = gone.subscribe()

    with pytest.raises(PushUnavailable, match="no_answer"):
        await sender.send(address_of(browser), PUSH)


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:9/p", "https://127.0.0.1/p", "https://[::1]/p", "https://10.0.0.1/p", "https://x:y/p"],
)
async def test_in_production_no_inside_address_is_asked(endpoint: str) -> None:
    sender = sender_of(HttpClient())
    browser = Browser(endpoint)

    with pytest.raises(PushRefused, match="address_blocked"):
        await sender.send(address_of(browser), PUSH)

    await sender.close()


@pytest.mark.parametrize(
    ("allowed", "endpoint", "is_asked"),
    [
        ("push.test,*.wide.test", "https://push.test:8443/p", True),
        ("push.test,*.wide.test", "https://db5.wide.test/p", True),
        ("push.test,*.wide.test", "https://wide.test/p", False),
        ("push.test,*.wide.test", "https://evil-wide.test/p", False),
        ("push.test", "https://push.test.evil.test/p", False),
        ("push.test", "https://evil.test/push.test", False),
        ("*", "https://evil.test/p", True),
        (None, "https://evil.test/p", False),
        (None, "https://fcm.googleapis.com/fcm/send/a", True),
        (None, "https://jmt17.google.com/fcm/send/a", True),
        (None, "https://updates.push.services.mozilla.com/wpush/v2/a", True),
        (None, "https://web.push.apple.com/a", True),
        (None, "https://wns2-sg2p.notify.windows.com/w/?token=a", True),
    ],
    ids=[
        "named",
        "under",
        "the one",
        "beside",
        "longer",
        "path",
        "any",
        "not",
        "Chrome",
        "Chromium",
        "Mozilla",
        "Apple",
        "Edge",
    ],
)
def test_which_hosts_pushes_go_to(allowed: str | None, endpoint: str, is_asked: bool) -> None:
    hosts = BackendSettings(**GOOD | {"web_push_hosts": allowed}).push_hosts()

    assert hosts.has(endpoint) is is_asked


async def test_a_host_that_is_no_longer_allowed_is_not_asked(push_service: PushServiceStandIn) -> None:
    http = HttpClient(allow_loopback=True)
    sender = sender_of(http, hosts=PushHosts(["push.test"]))

    with pytest.raises(PushRefused, match="host_not_allowed"):
        await sender.send(address_of(push_service.subscribe()), PUSH)

    assert push_service.received == []
    await http.close()


class SlowHosts(httpx.AsyncBaseTransport):
    """Hosts that answer once `gate` is open, and with nothing before `answering` is set."""

    def __init__(self) -> None:
        self.gate, self.answering = asyncio.Event(), False
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.host)
        await self.gate.wait()
        if not self.answering:
            raise httpx.ReadTimeout("nothing")
        return httpx.Response(201)


async def test_strangers_hosts_that_do_not_answer_hold_up_no_browser_and_not_each_other_for_long() -> None:
    slow, browsers, clock = SlowHosts(), SlowHosts(), SetClock(system_clock())
    browsers.gate.set()
    browsers.answering = True
    signer = CountingSigner()
    http, strangers = HttpClient(transport=browsers), HttpClient(transport=slow)
    sender = sender_of(http, strangers=strangers, clock=clock, signer=signer)

    async def push_to(host: str) -> str:
        try:
            await sender.send(address_of(Browser(f"https://{host}/p")), PUSH)
        except PushUnavailable as error:
            return f"{error.code} {error.retry_after}"
        return "taken"

    async with asyncio.TaskGroup() as pushes:
        hosts = [f"{number}.one.test" for number in range(3)] + [f"{number}.test" for number in range(16)]
        under_way = [pushes.create_task(push_to(host)) for host in hosts]
        async with asyncio.timeout(60):
            while sum(each.done() for each in under_way) < len(hosts) - AT_ONCE:
                await asyncio.sleep(0.01)
        known = [await push_to(host) for host in ("fcm.googleapis.com", "web.push.apple.com")]
        slow.gate.set()

    assert known == ["taken"] * 2
    assert sorted(slow.asked) == ["0.one.test", "0.test", "1.one.test", "1.test"]  # in the order of their signatures
    assert len(signer.signed) == len(slow.asked) + len(known)
    waited, refused = ["no_answer 0"] * 2, ["no_place 0"]
    assert [each.result() for each in under_way] == waited + refused + waited + refused * 14
    slow.answering = True
    rests = f"host_rests {REST_SECONDS}"
    assert [await push_to(host) for host in ("2.one.test", "0.test", "9.test")] == [rests, rests, "taken"]
    clock.advance(REST_SECONDS)
    assert [await push_to(host) for host in ("2.one.test", "x.0.test")] == ["taken"] * 2
    await sender.close()


async def test_a_push_service_is_shown_one_token_for_most_of_its_life(push_service: PushServiceStandIn) -> None:
    """And each push service one of its own. Push services take none that is good for longer than a day."""
    http, clock = HttpClient(allow_loopback=True), SetClock(system_clock())
    sender = sender_of(http, clock=clock)
    tokens = []
    for move in (0, TOKEN_SECONDS - 3601, 1, 3600 - TOKEN_SECONDS):
        clock.advance(move)
        await sender.send(address_of(push_service.subscribe()), PUSH)
        tokens.append(push_service.received[-1].headers["authorization"])
    claims = [parse_json_object(base64url_decode(each.split(".")[1])) for each in tokens]

    assert tokens[0] == tokens[1]
    assert [each["exp"] - claims[0]["exp"] for each in claims] == [0, 0, TOKEN_SECONDS - 3600, 0]
    with running_push_service() as other:
        await sender.send(address_of(other.subscribe()), PUSH)
        assert other.received[-1].headers["authorization"] not in tokens
    await http.close()


async def test_an_address_of_a_service_that_is_not_used_is_refused() -> None:
    with pytest.raises(PushRefused, match="service_not_used"):
        await PushServices(fcm=None, web_push=None).send(address_of(Browser("https://push.test/p")), PUSH)


async def test_the_key_is_a_p256_key_in_a_file(tmp_path: Path) -> None:
    good, wrong = tmp_path / "good.key", tmp_path / "wrong.key"
    good.write_bytes(signer_to_pem(P256Signer.generate()))
    wrong.write_bytes(signer_to_pem(Ed25519Signer.generate()))
    http = HttpClient()

    def load(path: Path) -> WebPushSender:
        return load_web_push_sender(
            str(path), pin=None, contact="mailto:a@b.test", http=http, strangers=http, clock=system_clock
        )

    assert len(base64url_decode(load(good).application_server_key)) == 65
    for path in (wrong, tmp_path / "missing.key"):
        with pytest.raises(SettingsError, match="web_push_key"):
            load(path)
    await http.close()
