"""What the peers' issuer and verifier are told so that they are the registry's hospital with other software."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.support.ministry import certify_hospital
from tests.support.openid4vc_peers import ServicePeer
from tests.support.sample_services import SampleServices
from vc_core.credential_types.appointment_ticket import APPOINTMENT_TICKET
from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.json_ld import VOCABULARY, document_contexts, document_types
from vc_core.credential_types.visit_receipt import VISIT_RECEIPT
from vc_core.crypto.keys import P256Signer
from vc_core.encoding import base64url_encode
from vc_core.formats.bitstring_status_list import create_credential_status
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose

TICKET: Mapping[str, Any] = {
    "health_id": "SB4K7T9QX2M3",
    "name": "စန္ဒာလှိုင်",
    "name_latin": "Sandar Hlaing",
    "birth_year": 1994,
    "hospital": "13756",
    "appointment_date": "2027-01-15",
    "appointment_time": "09:30",
    "appointment_ref": "AP-7",
}
RECEIPT: Mapping[str, Any] = {
    "health_id": "SB4K7T9QX2M3",
    "name": "စန္ဒာလှိုင်",
    "name_latin": "Sandar Hlaing",
    "hospital": "13756",
    "visit_date": "2026-11-20",
    "visit_number": "V-1",
    "visit_kind": "outpatient",
    "total_amount": "100.00",
    "paid_amount": "0.00",
}
CERTIFIED_NAME = "Hospital by its Certificate"
_STATUS_LISTS = "https://hospital.example/status"
FORMATS = ("dc+sd-jwt", "ldp_vc")


def private_jwk(signer: P256Signer) -> dict[str, str]:
    """The key with its private half."""
    return {**signer.public_key.to_jwk(), "d": base64url_encode(signer.to_bytes())}


async def open_foreign_issuer(peer: ServicePeer, services: SampleServices, **settings: Any) -> str:
    """The issuer's URL. It issues appointment tickets in `FORMATS`, by the hospital's key in the registry."""
    signer = services.foreign_hospital.credential_key
    assert isinstance(signer, P256Signer)
    ids = {f"Ticket_{each}": each for each in FORMATS}
    url = await peer.ask(
        "listen",
        key=private_jwk(signer),
        verification_method=services.foreign.methods[signer.public_key],
        configurations={name: _configuration(APPOINTMENT_TICKET, each) for name, each in ids.items()},
        types={name: _making(APPOINTMENT_TICKET, TICKET, each) for name, each in ids.items()},
        others={name: _making(VISIT_RECEIPT, RECEIPT, each) | _receipt(each) for name, each in ids.items()},
        **settings,
    )
    return str(url)


async def open_foreign_verifier(peer: ServicePeer, services: SampleServices) -> str:
    """The verifier's URL. It is known by the hospital's key in the registry, and by a certificate of the ministry."""
    signer = services.foreign_hospital.credential_key
    assert isinstance(signer, P256Signer)
    url = await peer.ask(
        "listen",
        key=private_jwk(signer),
        verification_method=services.foreign.methods[signer.public_key],
        x5c=[b64encode(certify_hospital(CERTIFIED_NAME, signer).der).decode("ascii")],
    )
    return str(url)


def ticket_query(credential_format: str, *claims: str) -> dict[str, Any]:
    """A DCQL query for some claims of an appointment ticket."""
    if credential_format == "dc+sd-jwt":
        meta: dict[str, Any] = {"vct_values": [APPOINTMENT_TICKET.vct]}
        paths = [[name] for name in claims]
    else:
        meta = {"type_values": [[VOCABULARY + APPOINTMENT_TICKET.name]]}
        paths = [["credentialSubject", name] for name in claims]
    credential = {
        "id": "ticket",
        "format": credential_format,
        "meta": meta,
        "claims": [{"path": each} for each in paths],
    }
    return {"credentials": [credential]}


def _definition(credential_type: CredentialType, credential_format: str) -> dict[str, Any]:
    if credential_format == "dc+sd-jwt":
        return {"vct": credential_type.vct}
    contexts, types = document_contexts(credential_type), document_types(credential_type)
    return {"credential_definition": {"@context": contexts, "type": types}}


def _configuration(credential_type: CredentialType, credential_format: str) -> dict[str, Any]:
    return {
        "format": credential_format,
        "scope": credential_type.name,
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
        "credential_metadata": {"display": [{"name": "Appointment", "locale": "en"}]},
        **_definition(credential_type, credential_format),
    }


def _making(credential_type: CredentialType, claims: Mapping[str, Any], credential_format: str) -> dict[str, Any]:
    if credential_format == "dc+sd-jwt":
        disclosable = [claim.name for claim in credential_type.claims if claim.disclosable and claim.name in claims]
        return {"vct": credential_type.vct, "disclosable": disclosable}
    return {"types": document_types(credential_type), "contexts": document_contexts(credential_type)}


def _receipt(credential_format: str) -> dict[str, Any]:
    """What a receipt has and a ticket has not."""
    if credential_format == "dc+sd-jwt":
        return {"claims": RECEIPT, "status": {"idx": 7, "uri": f"{_STATUS_LISTS}/1"}}
    references = [BitstringStatusReference(f"{_STATUS_LISTS}/{each}", 7, each) for each in StatusPurpose][:2]
    entries = [{"id": f"urn:uuid:{uuid4()}", **each} for each in create_credential_status(references)]
    return {"claims": RECEIPT, "status": entries}
