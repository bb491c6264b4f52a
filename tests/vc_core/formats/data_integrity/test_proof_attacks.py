"""What proofs Data Integrity must survive: D5 to D7 of the hostile inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.vc_core.formats.data_integrity.documents import (
    CHALLENGE,
    CREATED,
    DOMAIN,
    HOLDER,
    ISSUER,
    NOW,
    OTHER,
    credential_by,
    did_of,
    method_of,
    presentation_by,
    presented,
    signed,
)
from vc_core.crypto.keys import PublicKey
from vc_core.did.document import DidDocument, VerificationMethod
from vc_core.did.key import KeyDids
from vc_core.did.resolution import DidResolution, ResolutionOptions
from vc_core.did.resolver import DidResolver
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity import (
    Cryptosuite,
    ProofPurpose,
    cryptosuites,
    sign_document,
    verify_credential_document,
    verify_presentation_document,
)
from vc_core.formats.data_integrity.expansion import expand_document
from vc_core.formats.vcdm import parse_credential_document, parse_presentation_document

MALFORMED = ReasonCode.MALFORMED


class OneKey:
    """The method `did:one`: a document with one key, in the relationships that the test gives it."""

    def __init__(self, key: PublicKey, *relationships: str, deactivated: bool = False) -> None:
        self._key, self._relationships, self._deactivated = key, relationships, deactivated

    async def resolve(self, did: str, options: ResolutionOptions) -> DidResolution:
        method = VerificationMethod.of_key(f"{did}#key", self._key)
        ids = dict.fromkeys(self._relationships, (method.id,))
        return DidResolution(DidDocument(did, (method,), **ids, deactivated=self._deactivated))


RESOLVER = DidResolver({"key": KeyDids()})


async def credential_refusal(document: Mapping[str, Any], resolver: DidResolver = RESOLVER) -> ReasonCode:
    with pytest.raises(Rejection) as caught:
        await verify_credential_document(parse_credential_document(document), resolver, now=NOW)
    return caught.value.code


async def verify_presentation(document: Mapping[str, Any], challenge: str | None = CHALLENGE) -> None:
    """A presentation and all that is in it, as whoever asked for it verifies it."""
    parsed = parse_presentation_document(document)
    await verify_presentation_document(
        parsed, RESOLVER, now=NOW, expected_challenge=challenge, expected_domains={DOMAIN}
    )
    for each in parsed.credentials:
        assert not isinstance(each, str)
        await verify_credential_document(each, RESOLVER, now=NOW)  # type: ignore[arg-type]


async def presentation_refusal(document: Mapping[str, Any], challenge: str | None = CHALLENGE) -> ReasonCode:
    with pytest.raises(Rejection) as caught:
        await verify_presentation(document, challenge)
    return caught.value.code


# D5: for something else, for someone else, with another key.


async def test_the_wrong_purpose() -> None:
    credential = signed(credential_by(ISSUER))

    assert await credential_refusal(presented(credential_by(HOLDER))) is ReasonCode.BAD_SIGNATURE
    asserted = signed(
        presentation_by(HOLDER, credential), HOLDER, Cryptosuite.ECDSA_RDFC_2019, challenge=CHALLENGE, domain=DOMAIN
    )
    assert await presentation_refusal(asserted) is ReasonCode.HOLDER_KEY


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"challenge": "another"}, ReasonCode.WRONG_AUDIENCE),
        ({"domain": "https://other.example"}, ReasonCode.WRONG_AUDIENCE),
        ({"domain": ["https://other.example", "https://more.example"]}, ReasonCode.WRONG_AUDIENCE),
        ({"domain": DOMAIN + "/"}, ReasonCode.WRONG_AUDIENCE),
        ({"challenge": ""}, MALFORMED),
        ({"challenge": 5}, MALFORMED),
        ({"challenge": "c" * 2049}, MALFORMED),
        ({"expires": "2027-01-15T08:00:00Z"}, ReasonCode.EXPIRED_PRESENTATION),
        ({"created": "2027-01-15T08:00:31Z"}, ReasonCode.CLOCK_SKEW),
        ({"created": "2027-01-15"}, MALFORMED),
        ({"id": "proof-1"}, MALFORMED),
        ({"previousProof": "urn:uuid:1"}, MALFORMED),
    ],
)
async def test_a_presentation_for_somebody_or_some_time_else(options: dict[str, Any], code: ReasonCode) -> None:
    document = presentation_by(HOLDER, signed(credential_by(ISSUER)))
    good = presented(document)
    await verify_presentation(good)

    try:
        made = presented(document, **options)
    except Rejection:  # then somebody else's software would have made it
        made = {**good, "proof": {**good["proof"], **options}}
    assert await presentation_refusal(made) is code


async def test_a_challenge_or_domain_that_is_missing() -> None:
    document = presentation_by(HOLDER, signed(credential_by(ISSUER)))
    unasked = signed(document, HOLDER, Cryptosuite.ECDSA_RDFC_2019, presented(document)["proof"]["proofPurpose"])

    assert await presentation_refusal(unasked) is ReasonCode.WRONG_AUDIENCE
    assert await presentation_refusal(unasked, challenge=None) is ReasonCode.WRONG_AUDIENCE


@pytest.mark.parametrize(
    ("relationships", "deactivated", "code"),
    [
        (["assertion_method"], False, None),
        (["authentication"], False, ReasonCode.BAD_SIGNATURE),
        ([], False, ReasonCode.BAD_SIGNATURE),
        (["assertion_method"], True, ReasonCode.UNKNOWN_ISSUER),
    ],
)
async def test_a_key_in_another_relationship(
    relationships: list[str], deactivated: bool, code: ReasonCode | None
) -> None:
    document = signed(credential_by(ISSUER, issuer="did:one:a"))
    document["proof"]["verificationMethod"] = "did:one:a#key"
    resigned = resign(document, "did:one:a#key")
    resolver = DidResolver({"one": OneKey(ISSUER.public_key, *relationships, deactivated=deactivated)})

    if code is None:
        await verify_credential_document(parse_credential_document(resigned), resolver, now=NOW)
    else:
        assert await credential_refusal(resigned, resolver) is code
    assert await credential_refusal(resign(document, "did:one:a#other"), resolver)
    assert await credential_refusal(resigned) is ReasonCode.UNKNOWN_ISSUER


def resign(document: Mapping[str, Any], method: str) -> dict[str, Any]:
    return sign_document(
        {name: value for name, value in document.items() if name != "proof"},
        cryptosuite=Cryptosuite.EDDSA_RDFC_2022,
        signer=ISSUER,
        verification_method=method,
        purpose=ProofPurpose.ASSERTION_METHOD,
        created=CREATED,
    )


async def test_signed_by_somebody_else_than_the_issuer() -> None:
    assert await credential_refusal(signed(credential_by(ISSUER), OTHER)) is ReasonCode.BAD_SIGNATURE


async def test_presented_by_somebody_else_than_the_holder() -> None:
    document = presentation_by(HOLDER, signed(credential_by(ISSUER)))

    assert await presentation_refusal(presented(document, OTHER)) is ReasonCode.HOLDER_KEY


async def test_a_key_of_another_kind_than_the_suite() -> None:
    document = signed(credential_by(ISSUER))
    for change in ({"cryptosuite": "ecdsa-rdfc-2019"}, {"verificationMethod": method_of(HOLDER)}):
        assert (
            await credential_refusal({**document, "proof": {**document["proof"], **change}}) is ReasonCode.BAD_SIGNATURE
        )
    with pytest.raises(ValueError, match="another kind"):
        signed(credential_by(HOLDER), HOLDER, Cryptosuite.EDDSA_RDFC_2022)


PROOF_FAULTS: dict[str, dict[str, Any]] = {
    "of another type": {"type": "Ed25519Signature2020"},
    "of an unknown suite": {"cryptosuite": "eddsa-2022"},
    "of a suite in a list": {"cryptosuite": ["eddsa-rdfc-2022"]},
    "without a key": {"verificationMethod": None},
    "with a key by a web address": {"verificationMethod": "https://issuer.example/keys/1"},
    "with a key that is an object": {"verificationMethod": {"id": method_of(ISSUER)}},
    "without a purpose": {"proofPurpose": None},
    "with a value in another base": {"proofValue": "uAAAA"},
    "with a long value": {"proofValue": "z" + "2" * 200},
    "with a time that is a number": {"created": CREATED},
    "with an end that is no time": {"expires": "soon"},
    "with a previous proof that is not there": {"previousProof": "urn:uuid:1"},
}


@pytest.mark.parametrize("change", PROOF_FAULTS.values(), ids=PROOF_FAULTS)
async def test_a_proof_that_can_not_be_read(change: dict[str, Any]) -> None:
    document = signed(credential_by(ISSUER))

    assert await credential_refusal({**document, "proof": {**document["proof"], **change}}) is MALFORMED


@pytest.mark.parametrize(
    "value", ["z", "z1", "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm", None]
)
async def test_a_signature_of_another_length(value: Any) -> None:
    document = signed(credential_by(ISSUER))

    code = await credential_refusal({**document, "proof": {**document["proof"], "proofValue": value}})
    assert code in (ReasonCode.BAD_SIGNATURE, MALFORMED)


@pytest.mark.parametrize("proof", [None, [], {}, "proof", [{}], [None]])
async def test_no_proof(proof: Any) -> None:
    assert await credential_refusal({**credential_by(ISSUER), "proof": proof}) is MALFORMED


async def test_too_many_proofs() -> None:
    document = signed(credential_by(ISSUER))

    assert await credential_refusal({**document, "proof": [document["proof"]] * 11}) is ReasonCode.TOO_LARGE


@pytest.mark.parametrize("suite", [Cryptosuite.EDDSA_RDFC_2022, Cryptosuite.EDDSA_JCS_2022])
async def test_ten_proofs_cost_no_ten_readings_of_the_document(
    suite: Cryptosuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = signed(credential_by(ISSUER), ISSUER, suite)
    credential = parse_credential_document({**document, "proof": [document["proof"]] * 10})
    read: list[Mapping[str, Any]] = []

    def expand(part: Mapping[str, Any], *, own_terms: bool) -> Any:
        read.append(part)
        return expand_document(part, own_terms=own_terms)

    monkeypatch.setattr(cryptosuites, "expand_document", expand)
    await verify_credential_document(credential, RESOLVER, now=NOW)
    assert len([part for part in read if "credentialSubject" in part]) == 1


# D6: one of credential and presentation is good.


async def test_a_good_credential_in_a_bad_presentation_and_the_reverse() -> None:
    credential = signed(credential_by(ISSUER))
    forged = {**credential, "credentialSubject": {"id": did_of(OTHER), "alumniOf": "Anywhere"}}
    good = presented(presentation_by(HOLDER, credential))

    await verify_presentation(good)
    assert await presentation_refusal({**good, "verifiableCredential": [forged]}) is ReasonCode.HOLDER_KEY
    assert await presentation_refusal(presented(presentation_by(HOLDER, forged))) is ReasonCode.BAD_SIGNATURE
    assert (
        await presentation_refusal(presented(presentation_by(HOLDER, credential, forged))) is ReasonCode.BAD_SIGNATURE
    )
    unsigned = {name: value for name, value in credential.items() if name != "proof"}
    assert await presentation_refusal(presented(presentation_by(HOLDER, unsigned))) is MALFORMED


# D7: every proof must hold.


async def test_a_set_with_one_bad_proof() -> None:
    document = signed(signed(credential_by(ISSUER)), OTHER)
    first, second = document["proof"]

    await verify_credential_document(parse_credential_document(document), RESOLVER, now=NOW)
    for bad in ({**second, "proofValue": first["proofValue"]}, {**second, "type": "Ed25519Signature2020"}):
        for proofs in ([first, bad], [bad, first]):
            assert await credential_refusal({**document, "proof": proofs}) in (ReasonCode.BAD_SIGNATURE, MALFORMED)


async def test_a_chain_whose_first_link_is_changed_or_gone() -> None:
    first = signed(credential_by(ISSUER), id="urn:uuid:1")
    document = signed(first, OTHER, previousProof="urn:uuid:1")
    one, two = document["proof"]
    other = signed(credential_by(ISSUER), OTHER, id="urn:uuid:1")["proof"]

    await verify_credential_document(parse_credential_document(document), RESOLVER, now=NOW)
    assert await credential_refusal({**document, "proof": [other, two]}) is ReasonCode.BAD_SIGNATURE
    assert await credential_refusal({**document, "proof": two}) is MALFORMED
    assert await credential_refusal({**document, "proof": [one, one, two]}) is MALFORMED
