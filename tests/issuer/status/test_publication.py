"""Published lists: every form says the same, and a version at its own address never changes."""

from __future__ import annotations

import httpx
import pytest

from issuer.settings import IssuerSettings
from issuer.status.forms import jwt_references
from issuer.status.publication import FRESH, LIFETIME
from tests.issuer.status.test_status import Desk, reference_of
from tests.issuer.wallet import ISSUER, Wallet
from tests.support.clock import SetClock
from vc_core.crypto.jose import parse_jws
from vc_core.formats.bitstring_status_list import MINIMUM_ENTRIES, BitstringStatusList

FORMS = {"revocation.jwt": "revoked", "suspension.jwt": "suspended"}


def _list_id(uri: str) -> str:
    return uri.rpartition("/")[2]


async def test_every_form_says_the_same(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    desk, person = Desk(client, settings, clock), people["A1"]
    reference = await reference_of(wallet, person)
    for name in ("suspended", "valid", "revoked"):
        await desk.change(person, name)
        for place, meaning in zip(
            jwt_references(ISSUER, _list_id(reference.uri), reference.index), FORMS.values(), strict=True
        ):
            answer = await client.get(place.uri)
            assert answer.headers["content-type"] == "application/vc+jwt"
            document = parse_jws(answer.text, typ="vc+jwt").payload
            subject = document["credentialSubject"]
            entries = BitstringStatusList.decode(1, subject["encodedList"])
            assert (document["id"], subject["statusPurpose"]) == (place.uri, place.purpose)
            assert entries.size == MINIMUM_ENTRIES
            assert sum(each.bit_count() for each in entries.to_bytes()) == entries.get(place.index) == (name == meaning)


@pytest.mark.parametrize("form", ["", "/revocation.jwt", "/suspension.jwt"])
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
    assert set(told["bitstring_status_lists"]) == {f"{uri}/{form}" for uri in uris for form in FORMS}


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
