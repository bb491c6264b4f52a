"""What the VC API answers, in the words of the W3C's test suites and, beside them, in ours."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse
from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from vc_core.errors import ReasonCode, SabaiError
from vc_core.web.problem import ERRORS_PAGE, problem_response
from verifier.vc_api.requests import VerifyOptions
from verifier.vc_api.service import CheckedCredential, CheckedPresentation

_PROBLEMS = "https://www.w3.org/TR/vc-data-model#"
_PROBLEM_TYPES = {
    ReasonCode.NOT_YET_VALID: "RANGE_ERROR",
    ReasonCode.EXPIRED_CREDENTIAL: "RANGE_ERROR",
    ReasonCode.EXPIRED_PRESENTATION: "RANGE_ERROR",
    ReasonCode.CLOCK_SKEW: "RANGE_ERROR",
    ReasonCode.BAD_SIGNATURE: "CRYPTOGRAPHIC_SECURITY_ERROR",
    ReasonCode.HOLDER_KEY: "CRYPTOGRAPHIC_SECURITY_ERROR",
    ReasonCode.UNKNOWN_ISSUER: "CRYPTOGRAPHIC_SECURITY_ERROR",
    ReasonCode.NOT_A_CREDENTIAL: "PARSING_ERROR",
    ReasonCode.MALFORMED: "MALFORMED_VALUE_ERROR",
    ReasonCode.TOO_LARGE: "MALFORMED_VALUE_ERROR",
}
_UNKNOWN_OPTION = "There was an option that is not known here; it had no effect."
_UNSIGNED = "The presentation is not signed: nothing says who holds these credentials."


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))


class IssuerFinding(_Answer):
    """Who issued it. That a DID signed says nothing of whether to trust it: `registered` is whether ours knows it."""

    id: str
    registered: bool
    name: str | None
    accredited_for: list[str] = Field(description="Types of the credential that the registry accredits it for.")


class CredentialFinding(_Answer):
    """A credential that counts, as far as its issuer's word goes."""

    issuer: IssuerFinding
    securing: list[str] = Field(description="Cryptosuites or formats.")
    status: str = Field(description="valid, none (it can't be withdrawn) or not_checked.")


class Verification(_Answer):
    """A good answer: `checks` names what was checked; `errors` and `problemDetails` are empty."""

    verified: bool = True
    checks: list[str]
    warnings: list[str]
    errors: list[str] = []
    problem_details: list[dict[str, Any]] = []


class CredentialVerification(Verification):
    """Of a credential."""

    result: CredentialFinding
    verifiable_credential: dict[str, Any] | None = None


class PresentationVerification(Verification):
    """Of a presentation; `holder` is the DID that signed it, null where nobody did."""

    holder: str | None
    securing: list[str]
    credential_results: list[CredentialFinding]
    verifiable_presentation: dict[str, Any] | None = None


def credential_answer(checked: CheckedCredential, options: VerifyOptions) -> CredentialVerification:
    """The answer on a credential that was verified."""
    return CredentialVerification(
        checks=_checks(options, holder=False),
        warnings=[_UNKNOWN_OPTION] if options.unknown else [],
        result=_finding(checked),
        verifiable_credential=dict(checked.document) if options.returns_document else None,
    )


def presentation_answer(checked: CheckedPresentation, options: VerifyOptions) -> PresentationVerification:
    """The answer on a presentation that was verified."""
    warnings = [_UNKNOWN_OPTION] if options.unknown else []
    return PresentationVerification(
        checks=_checks(options, holder=checked.holder is not None),
        warnings=warnings + ([_UNSIGNED] if checked.holder is None else []),
        holder=checked.holder,
        securing=list(checked.securing),
        credential_results=[_finding(each) for each in checked.credentials],
        verifiable_presentation=dict(checked.document) if options.returns_document else None,
    )


def refusal(error: SabaiError) -> JSONResponse:
    """The answer on what was refused: our problem details, with the members that a VC API has beside them."""
    problem = _PROBLEM_TYPES.get(ReasonCode(error.code)) if error.code in list(ReasonCode) else "PARSING_ERROR"
    details = {
        "type": ERRORS_PAGE + "#" + str(error.code).lower() if problem is None else _PROBLEMS + problem,
        "code": str(error.code),
        "title": problem or str(error.code),
        "detail": error.message,
    }
    return problem_response(
        error,
        extensions={
            "verified": False,
            "checks": [],
            "warnings": [],
            "errors": [error.message],
            "problemDetails": [details],
        },
    )


def _checks(options: VerifyOptions, *, holder: bool) -> list[str]:
    return ["proof", "validity"] + ["status"] * options.checks_status + ["holder"] * holder


def _finding(checked: CheckedCredential) -> CredentialFinding:
    issuer = IssuerFinding(
        id=checked.issuer,
        registered=checked.registered,
        name=checked.name,
        accredited_for=list(checked.accredited_for),
    )
    return CredentialFinding(issuer=issuer, securing=list(checked.securing), status=checked.status)
