"""The bodies of the VC API's requests to a verifier (W3C CCG VC API, sections on verifying)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.errors import InvalidRequest

MAX_TEXT = 2048
"""Characters of an option."""
_TEXTS = ("challenge", "cryptosuite", "domain", "expectedProofPurpose", "verificationMethod")
_RETURNS = ("returnCredential", "returnPresentation")
_KNOWN = {*_TEXTS, *_RETURNS, "checks"}


@dataclass(frozen=True)
class VerifyOptions:
    """What the proof must be like, where that is not None, and what is to be told.

    Proof and dates are always checked. `checks_status` is false where the caller lists the `checks` that it wants, and
    the status is not among them. `unknown`: whether there was an option that had no effect.
    """

    challenge: str | None = None
    domain: str | None = None
    cryptosuite: str | None = None
    verification_method: str | None = None
    proof_purpose: str | None = None
    checks_status: bool = True
    returns_document: bool = False
    unknown: bool = False

    @property
    def expects_a_proof(self) -> bool:
        """Whether something is said of how the proof must be, so that there must be one."""
        texts = (self.challenge, self.domain, self.cryptosuite, self.verification_method, self.proof_purpose)
        return any(text is not None for text in texts)


def parse_verify_request(body: Mapping[str, Any], *members: str) -> tuple[Any, VerifyOptions]:
    """What is to be verified, under one of these names, and the `options`. Raises `InvalidRequest`."""
    given = [name for name in members if name in body]
    if len(given) != 1:
        raise InvalidRequest(f"The body is an object with a {members[0]}, and options.")
    secured, options = body[given[0]], body.get("options", {})
    if not isinstance(secured, dict | str) or not isinstance(options, dict):
        raise InvalidRequest(f"The {members[0]} is an object or text, the options are an object.")
    return secured, _parse_options(options)


def _parse_options(options: Mapping[str, Any]) -> VerifyOptions:
    for name in _TEXTS:
        if name in options and not (isinstance(options[name], str) and 0 < len(options[name]) <= MAX_TEXT):
            raise InvalidRequest(f"The option {name} is not text of at most {MAX_TEXT} characters.")
    checks = options.get("checks")
    if checks is not None and not (isinstance(checks, list) and all(isinstance(each, str) for each in checks)):
        raise InvalidRequest("The option checks is a list of names.")
    if not all(isinstance(options.get(name, False), bool) for name in _RETURNS):
        raise InvalidRequest("The options on what is returned are true or false.")
    return VerifyOptions(
        options.get("challenge"),
        options.get("domain"),
        options.get("cryptosuite"),
        options.get("verificationMethod"),
        options.get("expectedProofPurpose"),
        checks_status=checks is None or bool({"status", "credentialStatus"} & set(checks)),
        returns_document=any(options.get(name, False) for name in _RETURNS),
        unknown=bool(options.keys() - _KNOWN),
    )
