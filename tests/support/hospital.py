"""A hospital on the chain that may ask, and the wallet of a patient that answers it by OpenID4VP."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.support.chain import Chain
from tests.support.claims import sample_claims
from tests.support.clock import SetClock
from tests.support.issuing import DAY, TestIssuer
from tests.support.verification import CountedBytes
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import CredentialType
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import P256Signer, signer_to_pem
from vc_core.did.ethr import create_did, did_document
from vc_core.formats.bitstring_status_list import BitstringStatusList
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose, StatusReference
from vc_core.formats.jwt_vc_json import create_jwt_vc_json, create_jwt_vp_json
from vc_core.formats.ldp_vc import create_ldp_vc, create_ldp_vp
from vc_core.formats.sd_jwt import create_sd_jwt_presentation, create_sd_jwt_vc
from vc_core.formats.status_list_credential import create_status_list_credential, sign_status_list_jwt
from vc_core.ledger.events import Role
from vc_core.ledger.governance import create_accreditation_action
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.transactions import LedgerKey
from vc_core.protocols.openid4vp.encrypted_response import encrypt_response
from vc_core.protocols.openid4vp.request import (
    AuthorizationRequest,
    RequestByReference,
    parse_authorization_request,
    parse_authorization_request_link,
)
from vc_core.protocols.openid4vp.response import AuthorizationResponse, UnverifiedResponse, create_response_form

BITS_URI = "https://issuer.test/bits/1"


@dataclass(frozen=True)
class TestHospital:
    """A hospital with its key for requests in the registry, accredited to ask."""

    __test__ = False

    did: str
    requests_key: P256Signer
    requests_method: str

    @property
    def pem(self) -> bytes:
        """The key as a file holds it."""
        return signer_to_pem(self.requests_key)

    @classmethod
    async def register(
        cls,
        chain: Chain,
        *,
        name: str = "Riverside Hospital",
        limits: Mapping[str, Collection[str]] | None = None,
    ) -> TestHospital:
        """One that may ask for every type; or for those of `limits` (by `vct`), and of each for these claims only."""
        ledger_key, key = LedgerKey.generate(), P256Signer.generate()
        did, now = create_did(chain.ledger.chain_id, ledger_key.address), chain.clock()
        await chain.writer.publish_key(ledger_key, key.public_key, valid_seconds=1000 * DAY)
        await chain.writer.publish_name(ledger_key, name)
        for vct in CREDENTIAL_TYPES if limits is None else limits:
            action = create_accreditation_action(
                did,
                Role.VERIFY,
                vct,
                valid_from=now,
                valid_until=now + 900 * DAY,
                allowed_claims=None if limits is None else limits[vct],
            )
            await chain.writer.act(chain.governor, action)
        events = RegistryState(await chain.events()).identity_events("0x" + ledger_key.address.hex())
        methods = {each.public_key: each.id for each in did_document(did, events, now).verification_methods}
        return cls(did, key, methods[key.public_key])


@dataclass
class PhoneWallet:
    """A wallet that does as it is told: tests make it answer well, or badly in one way."""

    issuer: TestIssuer
    clock: SetClock
    holder: P256Signer = field(default_factory=P256Signer.generate)
    status_index: int = 7

    def sd_jwt(self, credential_type: CredentialType, **claims: Any) -> str:
        """A credential as issued, of a day after the issuer registered, for a year."""
        return create_sd_jwt_vc(
            credential_type,
            sample_claims(credential_type) | claims,
            verification_method=self.issuer.credential_method,
            signer=self.issuer.credential_key,
            issued_at=self.issuer.registered_at + DAY,
            expires_at=self.issuer.registered_at + 366 * DAY,
            status=StatusReference(self.issuer.status_uri, self.status_index),
            holder_key=self.holder.public_key,
            randomness=CountedBytes(),
        )

    def show_sd_jwt(self, request: AuthorizationRequest, query_id: str, sd_jwt: str, **changes: Any) -> str:
        """A presentation for one credential query, disclosing what it prefers; `changes` replace the right options."""
        query = request.dcql_query.credential(query_id)
        names = [str(each.path[-1]) for each in query.alternatives()[0]] if query is not None else []
        options: dict[str, Any] = {
            "disclose": names,
            "holder": self.holder,
            "presented_at": self.clock(),
            "audience": str(request.client_id),
            "nonce": request.nonce,
            "transaction_data_hashes": [
                each.sha_256 for each in request.transaction_data if query_id in each.credential_ids
            ],
        }
        return create_sd_jwt_presentation(sd_jwt, **(options | changes))

    def ldp_vp(self, request: AuthorizationRequest, credential_type: CredentialType) -> str:
        """A presentation of a credential as JSON-LD."""
        credential = create_ldp_vc(
            credential_type,
            sample_claims(credential_type),
            verification_method=self.issuer.credential_method,
            signer=self.issuer.credential_key,
            issued_at=self.issuer.registered_at + DAY,
            expires_at=self.issuer.registered_at + 366 * DAY,
            status=[BitstringStatusReference(BITS_URI, 7, StatusPurpose.REVOCATION)],
            holder_key=self.holder.public_key,
            randomness=CountedBytes(),
        )
        return create_ldp_vp(
            credential,
            holder=self.holder,
            presented_at=self.clock(),
            audience=str(request.client_id),
            nonce=request.nonce,
        )

    def jwt_vp(self, request: AuthorizationRequest, credential_type: CredentialType) -> str:
        """A presentation of a credential as a JWT."""
        credential = create_jwt_vc_json(
            credential_type,
            sample_claims(credential_type),
            verification_method=self.issuer.credential_method,
            signer=self.issuer.credential_key,
            issued_at=self.issuer.registered_at + DAY,
            expires_at=self.issuer.registered_at + 366 * DAY,
            status=StatusReference(self.issuer.status_uri, 7),
            holder_key=self.holder.public_key,
        )
        return create_jwt_vp_json(
            credential,
            holder=self.holder,
            presented_at=self.clock(),
            audience=str(request.client_id),
            nonce=request.nonce,
        )


def bitstring_answer(issuer: TestIssuer, *, now: int) -> httpx.Response:
    """What the issuer's server answers at `BITS_URI`: a list in which nothing is revoked."""
    document = create_status_list_credential(
        BitstringStatusList(1, 2**17),
        uri=BITS_URI,
        issuer=issuer.did,
        purpose=StatusPurpose.REVOCATION,
        issued_at=now,
        expires_at=now + DAY,
        time_to_live=60,
    )
    text = sign_status_list_jwt(document, verification_method=issuer.status_method, signer=issuer.status_key)
    return httpx.Response(200, text=text, headers={"Content-Type": "application/vc+jwt"})


async def fetch_request(
    client: httpx.AsyncClient, link: str, *, wallet_nonce: str | None = None
) -> AuthorizationRequest:
    """The request behind a link, its signature not looked at."""
    parsed = parse_authorization_request_link(link)
    if isinstance(parsed, AuthorizationRequest):
        return parsed
    assert isinstance(parsed, RequestByReference)
    path = urlsplit(parsed.request_uri).path
    if parsed.request_uri_method == "post":
        fields = {} if wallet_nonce is None else {"wallet_nonce": wallet_nonce}
        response = await client.post(path, data=fields, headers={"Content-Type": "application/x-www-form-urlencoded"})
    else:
        response = await client.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/oauth-authz-req+jwt")
    return parse_authorization_request(parse_jws(response.text, typ="oauth-authz-req+jwt").payload)


async def post_answer(
    client: httpx.AsyncClient, request: AuthorizationRequest, vp_token: Mapping[str, tuple[str, ...]], **changes: Any
) -> httpx.Response:
    """Posts an answer as the request asks for it, with its state unless told otherwise."""
    response: UnverifiedResponse = AuthorizationResponse(vp_token, changes.get("state", request.state))
    if request.response_mode.is_encrypted:
        response = encrypt_response(response, request.client_metadata)  # type: ignore[arg-type]
    return await post_form(client, request, create_response_form(response))


async def post_form(
    client: httpx.AsyncClient, request: AuthorizationRequest, fields: Mapping[str, str]
) -> httpx.Response:
    """Posts fields to where the request's answer goes."""
    return await client.post(urlsplit(request.response_uri or "").path, data=dict(fields))


def link_fields(link: str) -> dict[str, str]:
    """The parameters of a link."""
    return dict(parse_qsl(urlsplit(link).query))
