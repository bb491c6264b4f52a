"""Published lists: every form says the same, and a version at its own address never changes."""

from __future__ import annotations

import httpx
import pytest

from issuer.keys import load_issuing_keys
from issuer.settings import IssuerSettings
from issuer.status.forms import bitstring_references
from issuer.status.publication import FRESH, LIFETIME
from tests.issuer.status.test_status import Desk, reference_of
from tests.issuer.wallet import ISSUER, Wallet
from tests.support.clock import SetClock
from vc_core.formats.bitstring_status_list import MINIMUM_ENTRIES
from vc_core.formats.status_list import Status
from vc_core.formats.status_list_credential import parse_status_list_credential

FORMS = ("revocation", "suspension", "revocation.jwt", "suspension.jwt")


def _list_id(uri: str) -> str:
    return uri.rpartition("/")[2]


async def test_every_form_says_the_same(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    desk, person = Desk(client, settings, clock), people["A1"]
    reference = await reference_of(wallet, person)
    key = load_issuing_keys(settings)["InsuranceCoverage"]
    for name, status in (("suspended", Status.SUSPENDED), ("valid", Status.VALID), ("revoked", Status.INVALID)):
        await desk.change(person, name)
        for as_jwt in (True, False):
            places = bitstring_references(ISSUER, _list_id(reference.uri), reference.index, as_jwt=as_jwt)
            assert [place.purpose for place in places] == ["revocation", "suspension"]
            found = set()
            for place in places:
                answer = await client.get(place.uri)
                assert answer.headers["content-type"] == ("application/vc+jwt" if as_jwt else "application/vc")
                unverified = parse_status_list_credential(answer.text)
                assert unverified.verification_method == key.status_verification_method
                verified = unverified.verify(key.status_signer.public_key, expected_uri=place.uri, now=clock())
                assert (verified.entries.size, verified.time_to_live) == (MINIMUM_ENTRIES, 60)
                assert sum(each.bit_count() for each in verified.entries.to_bytes()) == verified.value(place)
                found.add(verified.status_of(place))
            assert found == {Status.VALID, status}


@pytest.mark.parametrize("form", ["", *(f"/{form}" for form in FORMS)])
async def test_a_version_stays_at_its_address_until_it_has_expired(
    client: httpx.AsyncClient,
    people: dict[str, str],
    wallet: Wallet,
    settings: IssuerSettings,
    clock: SetClock,
    form: str,
) -> None:
    uri = (await reference_of(wallet, people["A1"])).uri + form
    first = await client.get(uri)
    own = first.headers["content-location"]
    assert own == f"{uri}/1"
    await Desk(client, settings, clock).change(people["A1"], "revoked")
    clock.advance(FRESH)
    second = await client.get(uri)
    assert second.headers["content-location"] == f"{uri}/2"
    assert second.content != first.content

    kept = await client.get(own)
    assert kept.content == first.content
    assert "immutable" in kept.headers["cache-control"]
    assert kept.headers["etag"] == first.headers["etag"]
    unchanged = await client.get(own, headers={"If-None-Match": kept.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")

    clock.advance(LIFETIME)
    await client.get(uri)
    assert (await client.get(own)).status_code == 404


async def test_all_lists_are_told_of(client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet) -> None:
    uris = {(await reference_of(wallet, people[name])).uri for name in ("A1", "A2")}
    told = (await client.get("/status")).json()
    assert set(told["status_lists"]) == uris
    assert set(told["bitstring_status_lists"]) == {f"{uri}/{form}" for uri in uris for form in FORMS[:2]}
    assert set(told["bitstring_status_list_jwts"]) == {f"{uri}/{form}" for uri in uris for form in FORMS[2:]}


@pytest.mark.parametrize(
    "part",
    [
        "0",
        "2",
        "-1",
        "1.0",
        "1e3",
        "9" * 30,
        "٣",
        "token",
        "revocation.jwt/2",
        "revocation.jwt/x",
        "nothing",
        "1/proof",
    ],
)
async def test_what_was_not_published_is_not_found(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, part: str
) -> None:
    uri = (await reference_of(wallet, people["A1"])).uri
    for published in (uri, uri + "/revocation.jwt"):
        assert (await client.get(published)).status_code == 200
    answer = await client.get(f"{uri}/{part}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
