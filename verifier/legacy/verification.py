"""When a legacy credential of another issuer counts: our checks around didkit's one.

didkit 0.3.3 checks signatures, and that the key is its DID's. It says nothing of an expired JSON-LD credential, nothing
of statuses, of the credentials inside a presentation, of the purpose of a proof, and of a second proof that is wrong.
"""

from __future__ import annotations

from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.legacy.credential import (
    LegacyCredential,
    LegacyPresentation,
    LegacyProof,
    Securing,
)
from verifier.legacy.process import DidkitFailed, DidkitProcess

CLOCK_TOLERANCE = 30
"""Seconds by which an issuer's clock may be ahead of ours."""
_CHECKED = {Securing.LINKED_DATA: ["proof"], Securing.JWT: ["JWS"]}


async def verify_legacy_credential(credential: LegacyCredential, *, didkit: DidkitProcess, now: int) -> None:
    """Returns when the credential counts at `now` (seconds since 1970); raises `Rejection` otherwise.

    1. Its form, its contexts and its issuer's DID were checked by `parse_legacy_credential`.
    2. Is it in force? `NOT_YET_VALID`, `EXPIRED_CREDENTIAL`.
    3. Can its issuer have withdrawn it? Then nobody here can tell whether it did: `STATUS_UNAVAILABLE`.
    4. Is the signature its issuer's? `BAD_SIGNATURE`.

    What the caller still owes: whether to trust the issuer. A did:key is anybody's.
    """
    # 2.
    if max(credential.valid_from, credential.proof.created) > now + CLOCK_TOLERANCE:
        raise Rejection(ReasonCode.NOT_YET_VALID, "The credential is not valid yet.")
    if credential.valid_until is not None and now >= credential.valid_until:
        raise Rejection(ReasonCode.EXPIRED_CREDENTIAL, "The credential has expired.")

    # 3.
    if credential.has_status:
        raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "The status of a legacy credential can't be checked here.")

    # 4.
    await _verify_proof(credential.proof, "credential", {"proofPurpose": "assertionMethod"}, didkit)


async def verify_legacy_presentation(
    presentation: LegacyPresentation,
    *,
    didkit: DidkitProcess,
    now: int,
    expected_challenge: str | None,
    expected_domain: str | None,
) -> None:
    """Returns when each credential counts, and the holder's signature answers the challenge; raises `Rejection`.

    A challenge or domain that is not expected is refused as one that is missing: `WRONG_AUDIENCE`.
    """
    for credential in presentation.credentials:
        await verify_legacy_credential(credential, didkit=didkit, now=now)
    proof = presentation.proof
    if proof.challenge != expected_challenge or proof.domain != expected_domain:
        raise Rejection(ReasonCode.WRONG_AUDIENCE, "The presentation was made for another verifier or question.")
    if proof.created > now + CLOCK_TOLERANCE:
        raise Rejection(ReasonCode.CLOCK_SKEW, "The presentation is dated in the future.")
    options = {"proofPurpose": "authentication"}
    options |= {} if proof.challenge is None else {"challenge": proof.challenge}
    options |= {} if proof.domain is None else {"domain": proof.domain}
    await _verify_proof(proof, "presentation", options, didkit)


async def _verify_proof(proof: LegacyProof, kind: str, options: dict[str, str], didkit: DidkitProcess) -> None:
    """didkit's part. It has to name the check that it made: an answer without errors alone is not enough."""
    if not didkit.installed:
        raise Rejection(
            ReasonCode.NOT_A_CREDENTIAL, "Legacy credentials are not taken here: the extra didkit is not installed."
        )
    form = (
        {"proofFormat": "jwt"} if proof.securing is Securing.JWT else {"verificationMethod": proof.verification_method}
    )
    try:
        answer = await didkit.ask(kind, proof.text, options | form)
    except DidkitFailed as cause:
        raise Rejection(
            ReasonCode.BAD_SIGNATURE, "The signature could not be checked, so it does not count."
        ) from cause
    if answer.get("errors") != [] or answer.get("checks") != _CHECKED[proof.securing]:
        raise Rejection(ReasonCode.BAD_SIGNATURE, "It was changed, or not signed by the key that it names.")
