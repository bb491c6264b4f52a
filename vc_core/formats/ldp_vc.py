"""`ldp_vc`, `ldp_vp`: credentials of our types as JSON-LD with Data Integrity proofs (VCDM 2.0), and presentations.

A credential names its parts by URLs and has exactly the members that `create_ldp_vc` gives it, one proof among them; a
presentation holds one credential and its holder's proof for authentication, with the desk as `domain` and its nonce, if
it has one, as `challenge`. The holder is the did:key or did:jwk that is the subject's id. What is of another form is
refused here, though it may well be a credential: the VC API takes those.

Nothing here checks a signature; that is step 5 and step 8 of `vc_core.verification`, over the message that the proof's
cryptosuite makes of the document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from vc_core.credential_types import type_named
from vc_core.credential_types.definition import CredentialType, InvalidClaims, StatusPolicy
from vc_core.credential_types.json_ld import document_contexts, document_types
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, Signer
from vc_core.did.holder import holder_method, parse_holder_did
from vc_core.did.key import create_did_key
from vc_core.did.multibase import MultibaseError, multibase_decode, multibase_encode
from vc_core.encoding import EncodingError, compact_json, parse_json_object
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.bitstring_status_list import create_credential_status, parse_credential_status
from vc_core.formats.credential import (
    MAX_TIME,
    BitstringStatusReference,
    CredentialFormat,
    CredentialStatus,
    SignedBytes,
    UnverifiedCredential,
    UnverifiedPresentation,
)
from vc_core.formats.data_integrity.cryptosuites import (
    Cryptosuite,
    ProofInput,
    message_to_sign,
)
from vc_core.formats.data_integrity.proofs import ProofPurpose, UnverifiedProof, parse_proofs, sign_document
from vc_core.formats.ldp_vc_text import IssuedText, read_issued_text
from vc_core.formats.ldp_vp_text import PresentedText, read_presented_text
from vc_core.formats.vcdm import CREDENTIALS_V2, is_url, parse_datetime

_MEMBERS = {"@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialSubject", "proof"}
_PRESENTATION_MEMBERS = {"@context", "type", "holder", "verifiableCredential", "proof"}
_PROOF_MEMBERS = {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose"}
_HOLDER_PROOF_MEMBERS = _PROOF_MEMBERS | {"domain"}
_PRESENTATION_TYPES = ["VerifiablePresentation"]
_DID_KEY = "did:key:"
_NO_VALUE, _END = "z1", '"}}'
"""A proof's value before there is a signature, and what follows it in a credential's text."""
_SUITES = {Algorithm.ES256: Cryptosuite.ECDSA_RDFC_2019, Algorithm.EDDSA: Cryptosuite.EDDSA_RDFC_2022}


def create_ldp_vc(
    credential_type: CredentialType,
    claims: Mapping[str, Any],
    *,
    verification_method: str,
    signer: Signer,
    issued_at: int,
    expires_at: int,
    status: Sequence[BitstringStatusReference],
    holder_key: PublicKey,
    randomness: Callable[[int], bytes],
    cryptosuite: Cryptosuite | None = None,
    holder_did: str | None = None,
) -> str:
    """A credential as it is issued, as JSON; times in seconds since 1970, `expires_at` exclusive.

    `verification_method` is the signer's key as a DID URL; `randomness` gives that many random bytes, for the id. The
    cryptosuite is the RDF one for the signer's key where none is given, the holder's name is the did:key of their key
    where they have no other `holder_did`. Raises `InvalidClaims` where the claims are not the type's.
    """
    document: dict[str, Any] = {
        "@context": document_contexts(credential_type),
        "id": UUID(bytes=randomness(16), version=4).urn,
        "type": document_types(credential_type),
        "issuer": verification_method.partition("#")[0],
        "validFrom": _time_text(issued_at),
        "validUntil": _time_text(expires_at),
        "credentialSubject": {"id": holder_did or create_did_key(holder_key), **claims},
    }
    if status:
        entries = create_credential_status(status)
        document["credentialStatus"] = [{"id": _entry_url(entry), **entry} for entry in entries]
    cryptosuite = cryptosuite or _SUITES[signer.public_key.algorithm]
    # A claim called `id` would be read as the holder.
    usual = None if "id" in claims else _sign_usual(document, cryptosuite, signer, verification_method)
    if usual is not None:
        return usual
    credential_type.check_whole(claims)
    signed = sign_document(
        document,
        cryptosuite=cryptosuite,
        signer=signer,
        verification_method=verification_method,
        purpose=ProofPurpose.ASSERTION_METHOD,
        created=issued_at,
    )
    return compact_json(signed).decode("utf-8")


def create_ldp_vp(credential: str, *, holder: Signer, presented_at: int, audience: str, nonce: str | None) -> str:
    """A presentation of an issued credential, as JSON; `holder` signs with the key that the credential is bound to.

    `audience` is the desk's name for itself, `nonce` its challenge if any, `presented_at` in seconds since 1970. Raises
    `Rejection` as `parse_ldp_vc` does.
    """
    parse_ldp_vc(credential)
    document = parse_json_object(credential)
    named = parse_holder_did(document["credentialSubject"]["id"])
    did = named.did if named.did and named.key == holder.public_key else create_did_key(holder.public_key)
    presentation = {
        "@context": [CREDENTIALS_V2],
        "type": _PRESENTATION_TYPES,
        "holder": did,
        "verifiableCredential": [document],
    }
    signed = sign_document(
        presentation,
        cryptosuite=_SUITES[holder.public_key.algorithm],
        signer=holder,
        verification_method=holder_method(did),
        purpose=ProofPurpose.AUTHENTICATION,
        created=presented_at,
        options={"domain": audience} | ({} if nonce is None else {"challenge": nonce}),
    )
    return compact_json(signed).decode("utf-8")


def parse_ldp_vc(text: str) -> UnverifiedCredential:
    """A credential as issued, its signature not yet checked.

    Raises `Rejection`: `NOT_A_CREDENTIAL` where it is of a type that we do not know, `MALFORMED`, and
    `STATUS_UNAVAILABLE` for a status of a kind that is not known.
    """
    issued = read_issued_text(text)
    return _parse_credential(_parse_object(text)) if issued is None else _parse_issued(issued)


def parse_ldp_vp(text: str) -> UnverifiedPresentation:
    """A presented credential with its holder's proof, no signature checked yet.

    Raises `Rejection` as `parse_ldp_vc` does, and `HOLDER_KEY` where the proof is not for authentication by the
    credential's holder.
    """
    shown = read_presented_text(text)
    return _parse_presentation(_parse_object(text)) if shown is None else _parse_presented(shown)


def _parse_presentation(document: Mapping[str, Any]) -> UnverifiedPresentation:
    if document.get("type") not in (_PRESENTATION_TYPES, _PRESENTATION_TYPES[0]):
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not a health credential.")
    if document.keys() != _PRESENTATION_MEMBERS or document["@context"] != [CREDENTIALS_V2]:
        raise _malformed("The presentation has other members than those of a health credential.")
    contained = document["verifiableCredential"]
    if not isinstance(contained, list) or len(contained) != 1 or not isinstance(contained[0], dict):
        raise _malformed("The presentation does not hold exactly one credential.")
    credential = _parse_credential(contained[0])
    proof = _one_proof(document, _HOLDER_PROOF_MEMBERS)
    holder = contained[0]["credentialSubject"]["id"]
    own = (holder, holder_method(holder), ProofPurpose.AUTHENTICATION)
    if (document["holder"], proof.verification_method, proof.purpose) != own:
        raise Rejection(ReasonCode.HOLDER_KEY, "This was not shown by the holder of the credential.")
    if proof.created is None or len(proof.domains) != 1:
        raise _malformed("The holder's proof does not say when and for whom it was made.")
    signed = _signed(document, proof)
    return UnverifiedPresentation(
        credential,
        presented_at=proof.created,
        audience=proof.domains[0],
        nonce=proof.challenge,
        digest=hashlib.sha256(signed.message).digest(),
        signed=signed,
    )


def _parse_presented(shown: PresentedText) -> UnverifiedPresentation:
    """As `_parse_presentation`, for a text that has the form."""
    signed = SignedBytes(_algorithm(shown.cryptosuite), shown.message, multibase_decode(shown.proof_value))
    return UnverifiedPresentation(
        _parse_issued(shown.credential),
        presented_at=shown.presented_at,
        audience=shown.domain,
        nonce=shown.challenge,
        digest=hashlib.sha256(shown.message).digest(),
        signed=signed,
    )


def _sign_usual(
    document: Mapping[str, Any], cryptosuite: Cryptosuite, signer: Signer, verification_method: str
) -> str | None:
    """The document with a proof made at the beginning of its validity, as text; None if that has not the usual form.

    It is written with a proof that has no value yet, and read as credentials are: from the text that fits follow both
    the message to sign and that the claims are those of the type.
    """
    algorithm = signer.public_key.algorithm
    if algorithm not in _SUITES or algorithm not in cryptosuite.algorithms:
        return None
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": str(cryptosuite),
        "created": document["validFrom"],
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
    }
    if cryptosuite.canonicalizes_json:
        proof["@context"] = document["@context"]
    try:
        text = compact_json({**document, "proof": {**proof, "proofValue": _NO_VALUE}}).decode("utf-8")
    except (TypeError, ValueError):
        return None
    issued = read_issued_text(text)
    if issued is None:
        return None
    return text.removesuffix(_NO_VALUE + _END) + multibase_encode(signer.sign(issued.message)) + _END


def _parse_credential(document: Mapping[str, Any]) -> UnverifiedCredential:
    credential_type = _credential_type(document)
    if not _MEMBERS <= document.keys() <= _MEMBERS | {"credentialStatus"} or not is_url(document["id"]):
        raise _malformed("The credential has other members than a health credential.")
    proof = _one_proof(document, _PROOF_MEMBERS)
    if proof.purpose != ProofPurpose.ASSERTION_METHOD or proof.created is None:
        raise _malformed("The credential's proof is not an issuer's.")
    if document["issuer"] != proof.controller:
        raise _malformed("The credential names another issuer than the one of its key.")
    subject = document["credentialSubject"]
    if not isinstance(subject, dict):
        raise _malformed("The credential is not about one person.")
    return UnverifiedCredential(
        CredentialFormat.LDP_VC,
        verification_method=proof.verification_method,
        vct=credential_type.vct,
        issued_at=_checked_time(proof.created),
        not_before=_checked_time(parse_datetime(document["validFrom"])[1]),
        expires_at=_checked_time(parse_datetime(document["validUntil"])[0]),
        status=_status(credential_type, document),
        holder_key=_holder_key(subject.get("id")),
        claims=_claims(credential_type, subject),
        signed=_signed(document, proof),
    )


def _parse_issued(issued: IssuedText) -> UnverifiedCredential:
    """As `_parse_credential`, for a text that has the form; the keys in it are left to look at."""
    signed = SignedBytes(_algorithm(issued.cryptosuite), issued.message, multibase_decode(issued.proof_value))
    return UnverifiedCredential(
        CredentialFormat.LDP_VC,
        verification_method=issued.verification_method,
        vct=issued.form.credential_type.vct,
        issued_at=issued.created,
        not_before=issued.valid_from,
        expires_at=issued.valid_until,
        status=issued.status,
        holder_key=_holder_key(issued.holder),
        claims=issued.claims,
        signed=signed,
    )


def _parse_object(text: str) -> dict[str, Any]:
    try:
        return parse_json_object(text)
    except EncodingError as cause:
        raise _malformed("The credential can't be read.") from cause


def _credential_type(document: Mapping[str, Any]) -> CredentialType:
    types = document.get("type")
    if not isinstance(types, list) or len(types) != 2 or types[0] != "VerifiableCredential":
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is a kind of credential that we do not know.")
    credential_type = type_named(types[1]) if isinstance(types[1], str) else None
    if credential_type is None or document.get("@context") != document_contexts(credential_type):
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is a kind of credential that we do not know.")
    return credential_type


def _one_proof(document: Mapping[str, Any], members: set[str]) -> UnverifiedProof:
    """The one proof, with these members, and for suites over JSON `@context`; others would have to be understood."""
    proofs = parse_proofs(document)
    if len(proofs) != 1 or isinstance(document["proof"], list):
        raise _malformed("There is more than one proof.")
    proof = proofs[0]
    if proof.cryptosuite.canonicalizes_json:
        members = members | {"@context"}
    if proof.purpose == ProofPurpose.AUTHENTICATION and proof.challenge is not None:
        members = members | {"challenge"}
    if proof.configuration.keys() != members:
        raise _malformed("A proof has other members than one of a health credential.")
    return proof


def _signed(document: Mapping[str, Any], proof: UnverifiedProof) -> SignedBytes:
    """What the proof's key signed. P-384 is not for us."""
    algorithm = _algorithm(proof.cryptosuite)
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    message = message_to_sign(ProofInput(unsecured, proof.configuration), proof.cryptosuite, algorithm)
    return SignedBytes(algorithm, message, proof.signature)


def _algorithm(cryptosuite: Cryptosuite) -> Algorithm:
    return Algorithm.EDDSA if Algorithm.EDDSA in cryptosuite.algorithms else Algorithm.ES256


def _claims(credential_type: CredentialType, subject: Mapping[str, Any]) -> dict[str, Any]:
    claims = {name: value for name, value in subject.items() if name != "id"}
    try:
        credential_type.check_whole(claims)
    except InvalidClaims as cause:
        raise _malformed("The credential's claims are not those of its type.") from cause
    return claims


def _status(credential_type: CredentialType, document: Mapping[str, Any]) -> tuple[CredentialStatus, ...]:
    if "credentialStatus" in document:
        return parse_credential_status(document["credentialStatus"])
    if credential_type.status_policy is StatusPolicy.REQUIRED:
        raise _malformed("The credential does not say where its status is.")
    return ()


def _holder_key(did: Any) -> PublicKey:
    """The key that a did:key or did:jwk is."""
    try:
        if not isinstance(did, str) or not did.startswith(_DID_KEY):
            return parse_holder_did(did).key
        return PublicKey.from_multikey(multibase_decode(did[len(_DID_KEY) :]), deferred=True)
    except (KeyFormatError, MultibaseError) as cause:
        raise _malformed("The credential is not bound to a key that we can use.") from cause


def _entry_url(entry: Mapping[str, Any]) -> str:
    return f"{entry['statusListCredential']}#{entry['statusListIndex']}"


def _time_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix("+00:00") + "Z"


def _checked_time(seconds: int) -> int:
    if not 0 <= seconds <= MAX_TIME:
        raise _malformed("A time in the credential is out of range.")
    return seconds


def _malformed(message: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, message)
