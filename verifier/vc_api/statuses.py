"""The status of any credential: the lists that it names are fetched whole, and must be signed by its own issuer."""

from __future__ import annotations

from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import FetchError, ReasonCode, Rejection
from vc_core.formats.bitstring_status_list import parse_credential_status
from vc_core.formats.credential import BitstringStatusReference
from vc_core.formats.status_list import Status
from vc_core.formats.status_list_credential import open_status_list
from vc_core.formats.vcdm import parse_credential_document
from vc_core.http import HttpClient
from vc_core.status import StatusSource
from vc_core.trust import TrustSource
from verifier.vc_api.proofs import ProofVerifier, ProvenCredential

_ACCEPT = "application/vc+jwt, application/vc, application/ld+json, application/json"
_UNAVAILABLE = "The issuer's status list can't be had, so nobody knows whether this still holds."


class CredentialStatuses:
    """Looks statuses up: Bitstring Status Lists of any issuer, Token Status Lists of those in the registry."""

    def __init__(self, http: HttpClient, proofs: ProofVerifier, tokens: StatusSource, trust: TrustSource) -> None:
        self._http = http
        self._proofs = proofs
        self._tokens = tokens
        self._trust = trust

    async def check(self, credential: ProvenCredential, *, now: int) -> bool:
        """Whether the credential has a status; returns when no entry of it withdraws it.

        Raises `Rejection`: `REVOKED`, `SUSPENDED`, `STATUS_UNAVAILABLE`, and `MALFORMED` for an entry that is none.
        """
        token, value = credential.token_status, credential.document.get("credentialStatus")
        if token is not None:
            known = await self._tokens.status(token, issuer=credential.issuer, trust=self._trust, now=now)
            _refuse(known.status)
        references = () if value is None else parse_credential_status(value)
        for reference in references:
            _refuse(await self._status(reference, credential.issuer, now))
        return token is not None or bool(references)

    async def _status(self, reference: BitstringStatusReference, issuer: str, now: int) -> Status:
        try:
            list_credential = await self._proofs.verify_unasked(await self._fetch(reference.uri), now=now)
            if list_credential.issuer != issuer:
                raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "The status list is another issuer's.")
            document = parse_credential_document(list_credential.document)
            return open_status_list(document, expected_uri=reference.uri, now=now).status_of(reference)
        except Rejection as cause:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, cause.message) from cause

    async def _fetch(self, uri: str) -> object:
        """The list's credential: text of a JWT, or a JSON object."""
        try:
            response = await self._http.get(uri, accept=_ACCEPT)
            if response.status != 200:
                raise Rejection(ReasonCode.STATUS_UNAVAILABLE, _UNAVAILABLE)
            if response.body.startswith(b"{"):
                return parse_json_object(response.body)
            return response.body.decode("ascii").strip()
        except (FetchError, EncodingError, UnicodeDecodeError) as cause:
            raise Rejection(ReasonCode.STATUS_UNAVAILABLE, _UNAVAILABLE) from cause


def _refuse(status: Status) -> None:
    if status is Status.SUSPENDED:
        raise Rejection(ReasonCode.SUSPENDED, "The issuer has suspended this credential.")
    if status is not Status.VALID:
        raise Rejection(ReasonCode.REVOKED, "The issuer has revoked this credential.")
