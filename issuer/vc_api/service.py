"""Issuing by the VC API: any credential of the data model, signed as it came but for its issuer and its status."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from issuer.vc_api.keys import VcApiKey, VcApiKeys
from issuer.vc_api.requests import IssueRequest, SecuringFormat
from issuer.vc_api.statuses import GeneralStatuses
from vc_core.clock import Clock
from vc_core.crypto.keys import Algorithm
from vc_core.errors import InvalidRequest
from vc_core.formats.bitstring_status_list import create_credential_status
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose, sign_document
from vc_core.formats.vc_claim import create_jwt_vc
from vc_core.formats.vc_jose import create_enveloped_credential, create_vc_jwt, create_vc_sd_jwt
from vc_core.formats.vcdm import parse_credential_document

_SUITES = {Algorithm.EDDSA: Cryptosuite.EDDSA_RDFC_2022, Algorithm.ES256: Cryptosuite.ECDSA_RDFC_2019}


class VcApiService:
    """Signs credentials of any type. One that can be taken back is written down before it is signed."""

    def __init__(
        self, keys: VcApiKeys, statuses: GeneralStatuses, clock: Clock, randomness: Callable[[int], bytes]
    ) -> None:
        self._keys = keys
        self._statuses = statuses
        self._clock = clock
        self._randomness = randomness

    async def issue(self, request: IssueRequest) -> dict[str, Any] | str:
        """The credential, secured: with a proof, in an envelope, or as the text of a JWT of VCDM 1.1.

        Raises `InvalidRequest` where it names another issuer, or asks for a key or a status that there is not;
        `Rejection` where it is not of the data model, or can't be signed as a whole.
        """
        algorithms = frozenset(_SUITES)
        key = self._keys.choose(
            issuer=_issuer_of(request.credential),
            verification_method=request.verification_method,
            algorithms=algorithms if request.cryptosuite is None else request.cryptosuite.algorithms & algorithms,
        )
        document = _with_issuer(request.credential, key.did)
        parse_credential_document(document)
        if request.status_purposes:
            document = await self._with_status(request, document, key)
        return await asyncio.to_thread(self._secure, request, document, key)  # a key may be far away

    async def _with_status(self, request: IssueRequest, document: dict[str, Any], key: VcApiKey) -> dict[str, Any]:
        """The document with entries of a list of the same issuer."""
        if "credentialStatus" in document:
            raise InvalidRequest("The credential has a status already.")
        if key.did != self._keys.did:
            raise InvalidRequest("Only the issuer of the registry has status lists; a did:key has none.")
        references = await self._statuses.allocate(
            request.status_purposes,
            credential_id=request.credential_id or document.get("id"),
            as_jwt=request.format is not SecuringFormat.LDP_VC,
        )
        return {**document, "credentialStatus": create_credential_status(references)}

    def _secure(self, request: IssueRequest, document: Mapping[str, Any], key: VcApiKey) -> dict[str, Any] | str:
        if request.format is SecuringFormat.LDP_VC:
            return self._with_proof(request, document, key)
        return self._as_jwt(request.format, document, key)

    def _with_proof(self, request: IssueRequest, document: Mapping[str, Any], key: VcApiKey) -> dict[str, Any]:
        return sign_document(
            document,
            cryptosuite=request.cryptosuite or _SUITES[key.algorithm],
            signer=key.signer,
            verification_method=key.verification_method,
            purpose=ProofPurpose.ASSERTION_METHOD,
            created=self._clock(),
            options=request.proof_options,
            own_terms=True,
        )

    def _as_jwt(self, format: SecuringFormat, document: Mapping[str, Any], key: VcApiKey) -> dict[str, Any] | str:
        method, signer = key.verification_method, key.signer
        if format is SecuringFormat.JWT_VC_JSON:
            return create_jwt_vc(document, verification_method=method, signer=signer, issued_at=self._clock())
        if format is SecuringFormat.VC_JWT:
            return create_enveloped_credential(create_vc_jwt(document, verification_method=method, signer=signer))
        subject = document["credentialSubject"]
        hidden = [("credentialSubject", name) for name in subject if name != "id"] if isinstance(subject, dict) else []
        return create_enveloped_credential(
            create_vc_sd_jwt(
                document, hidden=hidden, verification_method=method, signer=signer, randomness=self._randomness
            )
        )


def _issuer_of(credential: Mapping[str, Any]) -> str | None:
    """The issuer that a credential names; None where it names none. Raises `InvalidRequest`."""
    if "issuer" not in credential:
        return None
    issuer = credential["issuer"]
    if isinstance(issuer, dict):
        if "id" not in issuer:
            return None
        issuer = issuer["id"]
    if not isinstance(issuer, str):
        raise InvalidRequest("The issuer is named by a URL, or by an object with an id.")
    return issuer


def _with_issuer(credential: Mapping[str, Any], did: str) -> dict[str, Any]:
    """The credential with this issuer where it names none."""
    if "issuer" not in credential:
        # Where people look for it, after what the document is.
        head = {name: credential[name] for name in ("@context", "id", "type") if name in credential}
        return {**head, "issuer": did, **credential}
    issuer = credential["issuer"]
    return {**credential, "issuer": {"id": did, **issuer} if isinstance(issuer, dict) else issuer}
