"""`sabai registry bundle`: export, import, checkpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from sabai.commands.registry.terminal import RegistryContext
from sabai.commands.registry_bundle import bundle as application
from sabai.registry.access import Surroundings
from tests.support.registry_terminal import Operator
from vc_core.errors import TrustBundleRefused
from vc_core.http import HttpClient
from vc_core.trust_bundle.envelope import parse_trust_bundle
from vc_core.trust_bundle.verification import BundlePin, VerifiedTrustBundle, verify_trust_bundle

OFFICE = "issuing-office"
LISTS = "https://issuer.test/status"
ANSWER: dict[str, Any] = {
    "signer": "did:ethr:0x1:0x1",
    "sequence": 1,
    "issued_at": 1_790_000_000,
    "block_number": 12,
    "synced_at": 1_790_000_000,
    "age_seconds": 2 * 3600 + 300,
    "new_events": 3,
    "status_lists_taken": 2,
    "status_lists_not_newer": 1,
    "status_lists_refused": 0,
    "anchor": {"chain_id": 96, "index": 4, "block_number": 10, "event_count": 9, "in_registry": False},
}


class Network:
    """The issuer's lists and a desk; `posted` is what the desk was brought, with its token."""

    def __init__(self) -> None:
        self.status = 200
        self.answer: dict[str, Any] = ANSWER
        self.posted: list[tuple[str, str | None, bytes]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.posted.append((str(request.url), request.headers.get("authorization"), request.content))
            return httpx.Response(self.status, json=self.answer)
        if str(request.url) == LISTS:
            return httpx.Response(200, json={"status_lists": [LISTS + "/1"]})
        return httpx.Response(200, text="a.b.c")


@pytest.fixture
def network() -> Network:
    return Network()


def run(operator: Operator, network: Network, *arguments: str) -> Result:
    """A command of `sabai registry bundle` on the operator's data folder."""
    around = Surroundings(operator.clock, lambda: HttpClient(transport=httpx.MockTransport(network)))
    place = ["--data-dir", str(operator.data_dir)]
    return CliRunner().invoke(application, [*arguments, *place], obj=RegistryContext(around))


def ok(operator: Operator, network: Network, *arguments: str) -> str:
    """What a command prints that ends well."""
    result = run(operator, network, *arguments)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def export(operator: Operator, network: Network, *more: str) -> Path:
    """A bundle by the issuing office's key for status lists."""
    out = operator.folder / "trust.bundle"
    ok(operator, network, "export", OFFICE, "--key", operator.key_of(OFFICE, "status.pem"), "--out", str(out), *more)
    return out


def verify(operator: Operator, file: Path) -> VerifiedTrustBundle:
    """What a desk takes from it that knows the registry already."""
    known = operator.reading().snapshot
    pin = BundlePin(operator.did_of(OFFICE), known.chain_id, known.addresses)
    unverified = parse_trust_bundle(file.read_bytes())
    return verify_trust_bundle(unverified, pin=pin, known=known, newest_seen=None, now=operator.clock())


def test_an_exported_bundle_is_one_that_a_desk_takes(operator: Operator, network: Network) -> None:
    verified = verify(operator, export(operator, network, "--status-lists", LISTS))
    assert verified.snapshot == operator.reading().snapshot
    assert [(each.uri, each.token) for each in verified.status_lists] == [(LISTS + "/1", "a.b.c")]
    assert verified.anchor is None


def test_what_export_says(operator: Operator, network: Network) -> None:
    arguments = ["export", OFFICE, "--key", operator.key_of(OFFICE, "status.pem"), "--out", str(operator.folder / "b")]
    text = ok(operator, network, *arguments)
    assert "bytes" in text
    assert "proof         none" in text
    facts = json.loads(ok(operator, network, *arguments, "--json"))
    assert facts["sequence"] == facts["issued_at"] == operator.clock()
    assert facts["bytes"] == (operator.folder / "b").stat().st_size


def test_a_bundle_with_its_proof(operator: Operator, network: Network) -> None:
    log = operator.folder / "checkpoints.log"
    ok(operator, network, "checkpoint", str(log))
    owner = operator.new_key("log-owner.key")
    operator.ok("log-owner", "sabai/registry", operator.address(owner), "--key", operator.governor)
    assert "sabai registry anchor" in ok(operator, network, "checkpoint", str(log))
    operator.ok("anchor", "sabai/registry", "--entries", str(log), "--key", owner)
    ok(operator, network, "checkpoint", str(log))  # not anchored yet

    verified = verify(operator, export(operator, network, "--checkpoints", str(log)))
    assert verified.anchor is not None
    assert (verified.anchor.index, verified.anchor.in_registry) == (1, True)
    assert verified.anchor.event_count < len(verified.snapshot.events)

    log.write_bytes(log.read_bytes() + b"something else\n")
    result = run(
        operator, network, "export", OFFICE, "--key", operator.key_of(OFFICE, "status.pem"), "--out", "x",
        "--checkpoints", str(log),
    )  # fmt: skip
    assert result.exit_code == 1
    assert "no checkpoint" in result.stderr


def test_keys_that_sign_no_bundle(operator: Operator, network: Network) -> None:
    stranger = operator.new_key("stranger.pem", "p256")
    leaked = operator.new_key("leaked.pem", "p256")
    Path(leaked).chmod(0o644)
    for key, sentence in (
        (stranger, "has not published this key"),
        (leaked, "Others can read"),
        (operator.governor, "private key in PEM"),
        (str(operator.folder / "none.pem"), "There is no key file"),
    ):
        result = run(operator, network, "export", OFFICE, "--key", key, "--out", str(operator.folder / "b"))
        assert result.exit_code == 1
        assert sentence in result.stderr
    assert not (operator.folder / "b").exists()


def test_a_bundle_is_brought_to_a_desk(operator: Operator, network: Network) -> None:
    file = export(operator, network)
    token = operator.folder / "token"
    token.write_text("secret\n")
    text = ok(operator, network, "import", str(file), "--desk", "https://desk.test/", "--token-file", str(token))
    assert network.posted == [("https://desk.test/trust-bundle", "Bearer secret", file.read_bytes())]
    assert "age           2 h 5 min" in text
    assert "2 taken, 1 not newer, 0 refused" in text
    assert "on chain 96, which was not asked" in text
    assert json.loads(ok(operator, network, "import", str(file), "--desk", "https://desk.test", "--json")) == ANSWER
    network.answer = ANSWER | {"anchor": None, "age_seconds": 59}
    assert "proof         none" in ok(operator, network, "import", str(file), "--desk", "https://desk.test")


def test_the_desk_of_the_data_folder(operator: Operator, network: Network) -> None:
    file = export(operator, network)
    result = run(operator, network, "import", str(file))
    assert result.exit_code == 1
    assert "Say which desk" in result.stderr
    services = operator.data_dir / "services.json"
    content = json.loads(services.read_bytes()) | {"verifier": "http://127.0.0.1:1", "tokens": {"desk": "from-there"}}
    services.write_text(json.dumps(content))
    ok(operator, network, "import", str(file))
    assert network.posted[-1][:2] == ("http://127.0.0.1:1/trust-bundle", "Bearer from-there")


def test_a_desk_that_refuses(operator: Operator, network: Network) -> None:
    network.status, network.answer = 422, {"code": "trust_bundle_refused", "detail": "It is older."}
    result = run(operator, network, "import", str(export(operator, network)), "--desk", "https://desk.test")
    assert result.exit_code == 1
    assert result.stderr.strip() == "It is older. (trust_bundle_refused)"


def test_a_file_that_is_not_there(operator: Operator, network: Network) -> None:
    result = run(operator, network, "import", str(operator.folder / "none"), "--desk", "https://desk.test")
    assert result.exit_code == 1
    assert "could not be read" in result.stderr


def test_a_desk_takes_no_bundle_that_was_changed_on_the_way(operator: Operator, network: Network) -> None:
    file = export(operator, network)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(TrustBundleRefused):
        verify(operator, file)
