"""What an issuer's answer comes to: its content, or a refusal in plain words."""

from __future__ import annotations

from vc_core.errors import ServiceRefused
from vc_core.http import HttpResponse
from vc_core.protocols.oauth.errors import parse_error_response

STALE_NONCE = "invalid_nonce"
EXPIRED_TOKEN = "invalid_token"  # noqa: S105 - an error code

_REFUSALS = {
    # The authorization server (RFC 6749, RFC 9126, OpenID4VCI 1.0 section 6.3).
    "invalid_grant": "The issuer did not take the code: it was used or has expired, or the transaction code is wrong.",
    "invalid_client": "The issuer does not know this wallet.",
    "unauthorized_client": "The issuer does not let this wallet ask in this way.",
    "invalid_scope": "The issuer does not let this wallet ask for these credentials.",
    "invalid_authorization_details": "The issuer does not let this wallet ask for these credentials.",
    "unsupported_grant_type": "The issuer does not take the kind of code that its offer has.",
    "unsupported_response_type": "The issuer does not know the way in which this wallet asks.",
    "access_denied": "The issuer refused, or you did, on its page.",
    "invalid_dpop_proof": "The issuer did not take the proof of the key that the access is bound to.",
    "use_dpop_nonce": "The issuer did not take the proof of the key that the access is bound to.",
    "use_fresh_attestation": "The issuer wants newer word on this wallet from its provider; try again.",
    "use_attestation_challenge": "The issuer wants newer word on this wallet from its provider; try again.",
    "invalid_request": "The issuer did not understand the request.",
    # The credential endpoint (sections 8.3.1.2, 9.3 and 11.3).
    "invalid_token": "The access to the issuer has ended before this credential came.",
    "insufficient_scope": "The access that the issuer gave is not for this credential.",
    "invalid_nonce": "The issuer did not take the proof of the wallet's key; try again.",
    "invalid_proof": "The issuer did not take the proof of the wallet's key.",
    "invalid_encryption_parameters": "The issuer did not take the way in which the wallet encrypts.",
    "unknown_credential_configuration": "The issuer does not know this credential any more.",
    "unknown_credential_identifier": "The issuer does not know this credential any more.",
    "credential_request_denied": "The issuer decided not to give this credential.",
    "invalid_transaction_id": "The issuer does not know of this credential any more, which it had put off.",
    "invalid_credential_request": "The issuer did not understand the request.",
    # Anywhere.
    "server_error": "The issuer's service has trouble of its own.",
    "temporarily_unavailable": "The issuer's service is not there at the moment.",
}
_NOT_FOR_GOOD = frozenset(
    {"server_error", "temporarily_unavailable", "slow_down", "use_fresh_attestation", "use_attestation_challenge"}
)


def success(answer: HttpResponse) -> HttpResponse:
    """The answer if it is a success; its error as `ServiceRefused` otherwise. Redirects are not followed."""
    if 200 <= answer.status < 300:
        return answer
    raise refusal(_error_code(answer))


def refusal(code: str) -> ServiceRefused:
    """The refusal with that code, in plain words."""
    return ServiceRefused(code, _REFUSALS.get(code, f"The issuer refused with the code {code}."))


def is_final(error: ServiceRefused) -> bool:
    """Whether the same request would be refused again: no trouble of the moment on the other side."""
    return error.refusal not in _NOT_FOR_GOOD


def _error_code(answer: HttpResponse) -> str:
    """The code in the body; a resource that names none but asks for authorization did not take the token (RFC 6750)."""
    code = str(parse_error_response(answer.body).code)
    return EXPIRED_TOKEN if answer.status == 401 and code == "server_error" else code
