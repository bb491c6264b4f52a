"""Issuing by the VC API: any credential of the data model, signed as it came but for its issuer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from issuer.vc_api.keys import VcApiKeys
from issuer.vc_api.requests import IssueRequest
from vc_core.clock import Clock
from vc_core.crypto.keys import Algorithm
from vc_core.errors import InvalidRequest
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose, sign_document
from vc_core.formats.vcdm import parse_credential_document

_SUITES = {Algorithm.EDDSA: Cryptosuite.EDDSA_RDFC_2022, Algorithm.ES256: Cryptosuite.ECDSA_RDFC_2019}


class VcApiService:
    """Signs credentials of any type."""

    def __init__(self, keys: VcApiKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    async def issue(self, request: IssueRequest) -> dict[str, Any]:
        """The credential with a proof.

        Raises `InvalidRequest` where it names another issuer, or asks for a key that there is not; `Rejection` where it
        is not of the data model, or can't be signed as a whole.
        """
        algorithms = frozenset(_SUITES)
        key = self._keys.choose(
            issuer=_issuer_of(request.credential),
            verification_method=request.verification_method,
            algorithms=algorithms if request.cryptosuite is None else request.cryptosuite.algorithms & algorithms,
        )
        document = _with_issuer(request.credential, key.did)
        parse_credential_document(document)
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


def _issuer_of(credential: Mapping[str, Any]) -> str | None:
    """The issuer that a credential names; None where it names none. Raises `InvalidRequest`."""
    issuer = credential.get("issuer")
    if issuer is None and "issuer" not in credential:
        return None
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
