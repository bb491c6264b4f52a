"""A wallet on npm's @openid4vc packages takes credentials from our issuer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.interop.browser import agree
from tests.support.credential_peers import PeerRefused
from tests.support.foreign_offices import FORMATS
from tests.support.openid4vc_peers import ServicePeer
from tests.support.sample_services import SampleServices

pytestmark = pytest.mark.asyncio(loop_scope="session")

REDIRECT_URI = "http://127.0.0.1:49152/back"
EACH_FORMAT = pytest.mark.parametrize("credential_format", FORMATS)
EACH_PROOF = pytest.mark.parametrize("proof", ["jwk", "did:jwk"])
EACH_ENCRYPTION = pytest.mark.parametrize(
    "encryption",
    [
        {},
        {"encryption": "A128GCM"},
        {"encryption": "A256GCM", "encrypted_requests": "A128GCM"},
        {"encryption": "A128GCM", "encrypted_requests": "A256GCM"},
    ],
    ids=["plain", "A128GCM", "A256GCM and requests", "A128GCM and requests"],
)


@EACH_FORMAT
@EACH_PROOF
@EACH_ENCRYPTION
async def test_it_takes_what_an_office_offers(
    services: SampleServices, holder: ServicePeer, credential_format: str, proof: str, encryption: dict[str, str]
) -> None:
    offer = await services.offer(f"HealthId_{credential_format}")

    taken = await holder.ask("take", offer=offer["offer_link"], tx_code=offer["tx_code"], proof=proof, **encryption)

    office = services.running.organisation("issuing-office")
    [health_id] = taken["credentials"]
    assert (health_id["issuer"], health_id["claims"]["name_latin"]) == (office.did, "Sandar Hlaing")


async def test_it_takes_the_issuer_s_signature_on_its_metadata(services: SampleServices, holder: ServicePeer) -> None:
    offer = await services.offer("HealthId_dc+sd-jwt")

    taken = await holder.ask("take", offer=offer["offer_link"], tx_code=offer["tx_code"], signed_metadata=True)

    assert taken["metadata_signed_by"].startswith("did:ethr:")


@pytest.fixture
def person_id(services: SampleServices, used: Iterator[str]) -> str:
    """A person to whom nothing was issued yet."""
    return next(used)


@pytest.fixture(scope="session")
def used(services: SampleServices) -> Iterator[str]:
    """The people of the roster but the first, one after the other."""
    return iter(services.people[1:])


@EACH_FORMAT
async def test_it_takes_copies_for_keys_of_their_own_and_tells_that_it_did(
    services: SampleServices, holder: ServicePeer, person_id: str, credential_format: str
) -> None:
    offer = await services.offer(f"HealthId_{credential_format}", person_id=person_id)

    taken = await holder.ask("take", offer=offer["offer_link"], tx_code=offer["tx_code"], batch=3, notify=True)

    assert (len(taken["credentials"]), taken["notified"]) == (3, 1)
    [made] = await services.sets_of(person_id)
    assert (made["credentials"], [each["event"] for each in made["events"]]) == (3, ["credential_accepted"])


@EACH_FORMAT
@EACH_ENCRYPTION
async def test_it_collects_what_an_officer_approves_later(
    services: SampleServices,
    holder: ServicePeer,
    person_id: str,
    credential_format: str,
    encryption: dict[str, str],
) -> None:
    offer = await services.offer(f"HealthId_{credential_format}", person_id=person_id, needs_approval=True)

    taken = await holder.ask("take", offer=offer["offer_link"], tx_code=offer["tx_code"], **encryption)
    [transaction_id] = taken["deferred"]
    assert await holder.ask("collect", transaction_id=transaction_id) is None
    [waiting] = await services.sets_of(person_id)
    await services.officer_post(f"/credential-sets/{waiting['id']}/approve", {}, expected=204)
    [health_id] = await holder.ask("collect", transaction_id=transaction_id)

    assert health_id["format"] == credential_format
    [made] = await services.sets_of(person_id)
    assert [each["event"] for each in made["events"]] == ["credential_accepted"]


@pytest.mark.parametrize("by_scope", [False, True], ids=["authorization_details", "scope"])
@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])
@EACH_FORMAT
async def test_it_goes_through_our_authorization_page(
    services: SampleServices, holder: ServicePeer, credential_format: str, by_scope: bool, dpop: bool
) -> None:
    offer = await services.offer(f"HealthId_{credential_format}", grants=["authorization_code"])
    terms = {"redirect_uri": REDIRECT_URI, "by_scope": by_scope, "dpop": dpop}

    url = await holder.ask("begin", offer=offer["offer_link"], **terms)
    taken = await holder.ask("finish", url=await agree(services, url))

    assert urlsplit(url).query.startswith("request_uri=urn") or "&request_uri=urn" in urlsplit(url).query
    assert taken["token_type"] == ("DPoP" if dpop else "Bearer")
    assert [each["claims"]["name_latin"] for each in taken["credentials"]] == ["Sandar Hlaing"]


async def test_our_server_gives_no_token_for_another_s_code(services: SampleServices, holder: ServicePeer) -> None:
    offer = await services.offer("HealthId_dc+sd-jwt", grants=["authorization_code"])

    url = await holder.ask("begin", offer=offer["offer_link"], redirect_uri=REDIRECT_URI, wrong_verifier="x" * 43)
    with pytest.raises(PeerRefused, match="invalid_grant"):
        await holder.ask("finish", url=await agree(services, url))

    url = await holder.ask("begin", offer=offer["offer_link"], redirect_uri=REDIRECT_URI)
    with pytest.raises(PeerRefused, match="access_denied"):
        await holder.ask("finish", url=await agree(services, url, decision="deny"))


@EACH_FORMAT
@EACH_PROOF
@EACH_ENCRYPTION
async def test_it_binds_its_token_to_a_key_and_proves_it_by_the_server_s_nonce(
    secure: SampleServices,
    secure_holder: ServicePeer,
    credential_format: str,
    proof: str,
    encryption: dict[str, str],
) -> None:
    offer = await secure.offer(f"HealthId_{credential_format}")
    good = {"offer": offer["offer_link"], "tx_code": offer["tx_code"], "proof": proof, **encryption}

    with pytest.raises(PeerRefused, match="invalid_dpop_proof"):
        await secure_holder.ask("take", **good)
    taken = await secure_holder.ask("take", **good, dpop=True)

    assert (taken["token_type"], len(taken["credentials"])) == ("DPoP", 1)
    assert taken["nonces_demanded"] >= 1


async def test_a_code_is_good_once(services: SampleServices, holder: ServicePeer) -> None:
    offer = await services.offer("HealthId_dc+sd-jwt")
    terms = {"offer": offer["offer_link"], "tx_code": offer["tx_code"]}

    await holder.ask("take", **terms)
    with pytest.raises(PeerRefused, match="invalid_grant"):
        await holder.ask("take", **terms)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"tx_code": "nnnnnn"}, "invalid_grant"),
        ({"wrong_nonce": "made-up"}, "invalid_nonce"),
        ({"batch": 100}, "batch size"),
    ],
    ids=lambda each: str(each),
)
async def test_what_it_does_wrong_is_refused_with_the_code_of_the_specification(
    services: SampleServices, holder: ServicePeer, wrong: dict[str, Any], code: str
) -> None:
    offer = await services.offer("HealthId_dc+sd-jwt")
    terms = {"offer": offer["offer_link"], "tx_code": offer["tx_code"], **wrong}

    with pytest.raises(PeerRefused, match=code):
        await holder.ask("take", **terms)
