"""What an issuer's answer comes to: its content, or a refusal in plain words."""

from __future__ import annotations

from vc_core.errors import ServiceRefused
from vc_core.http import HttpResponse
from vc_core.protocols.oauth.errors import parse_error_response

_REFUSALS = {
    "invalid_grant": "The issuer did not take the code: it was used or has expired, or the transaction code is wrong.",
    "invalid_nonce": "The issuer did not take the proof of the wallet's key; try again.",
}
_NOT_FOR_GOOD = frozenset({"server_error", "temporarily_unavailable", "slow_down"})


def success(answer: HttpResponse) -> HttpResponse:
    """The answer if it is a success; its error as `ServiceRefused` otherwise. Redirects are not followed."""
    if answer.status == 200:
        return answer
    error = parse_error_response(answer.body)
    raise ServiceRefused(error.code, _REFUSALS.get(error.code, f"The issuer refused with the code {error.code}."))


def is_final(error: ServiceRefused) -> bool:
    """Whether the same request would be refused again: no trouble of the moment on the other side."""
    return error.refusal not in _NOT_FOR_GOOD
