"""Credentials and presentations of the W3C model as JWTs, whoever signed them: the way in for the VC API.

    envelope = parse_vc_jwt(text)                 # vc+jwt, vc+sd-jwt or jwt_vc_json, by its own header
    key = … envelope.verification_method …        # in the DID document of envelope.signer, under assertionMethod
    envelope.verify(key, now=now)                 # signature, the JWT's times, the credential's validity period
    envelope.document.document                    # the credential as JSON, with what its disclosures disclose

    envelope = parse_vp_jwt(text)                 # vp+jwt or jwt_vp_json; the key is under authentication
    envelope.verify(key, now=now)
    envelope.check_answer(expected_audience=…, expected_nonce=…)
    for each in envelope.credentials: …           # each is an envelope to verify in the same way

`parse_enveloped_credential` and `parse_enveloped_presentation` take the `data:` URL forms of VCDM 2.0. What is made:
`create_vc_jwt`, `create_vc_sd_jwt`, `create_vp_jwt` and the `create_enveloped_…` in `vc_jose.py` for VCDM 2.0;
`create_jwt_vc`, `create_jwt_vp` in `vc_claim.py` for 1.1. Our own credential types are in `jwt_vc_json.py`.
"""

from __future__ import annotations

from typing import Any

from vc_core.encoding import EncodingError, base64url_decode, parse_json_object
from vc_core.formats.vc_claim import parse_jwt_vc, parse_jwt_vp
from vc_core.formats.vc_envelope import MAX_PRESENTATION_LENGTH, UnverifiedEnvelope, check_length, malformed
from vc_core.formats.vc_jose import parse_enveloped_vc, parse_vc_jose, parse_vc_sd_jwt, parse_vp_jose
from vc_core.formats.vcdm import parse_enveloped


def parse_vc_jwt(text: str) -> UnverifiedEnvelope:
    """A credential as a JWT or SD-JWT, its signature not yet checked.

    Raises `Rejection`: `TOO_LARGE` over 64 KiB, `MALFORMED` for what is none of the three kinds, `NOT_A_CREDENTIAL` for
    a text with `~` that is no SD-JWT, `STATUS_UNAVAILABLE` where its status is of a kind that is not known here.
    """
    if "~" in text:
        return parse_vc_sd_jwt(text)
    match _typ(text):
        case "vc+jwt" | "application/vc+jwt" as typ:
            return parse_vc_jose(text, typ=typ)
        case None | "JWT" as typ:
            return parse_jwt_vc(text, typ=typ)
        case _:
            raise malformed("This is a JWT of another kind than a credential.")


def parse_vp_jwt(text: str) -> UnverifiedEnvelope:
    """A presentation as a JWT and the credentials in it, no signature checked yet.

    Raises `Rejection`: `TOO_LARGE` over 256 KiB, and as `parse_vc_jwt`.
    """
    match _typ(text):
        case "vp+jwt" | "application/vp+jwt" as typ:
            return parse_vp_jose(text, typ=typ)
        case None | "JWT" as typ:
            return parse_jwt_vp(text, typ=typ)
        case _:
            raise malformed("This is a JWT of another kind than a presentation.")


def parse_enveloped_credential(value: Any) -> UnverifiedEnvelope:
    """The credential in an `EnvelopedVerifiableCredential`, parsed JSON. Raises `Rejection` as `parse_vc_jwt`."""
    return parse_enveloped_vc(parse_enveloped(value, "EnvelopedVerifiableCredential"))


def parse_enveloped_presentation(value: Any) -> UnverifiedEnvelope:
    """The presentation in an `EnvelopedVerifiablePresentation`, parsed JSON. Raises `Rejection` as `parse_vp_jwt`."""
    enveloped = parse_enveloped(value, "EnvelopedVerifiablePresentation")
    if enveloped.media_type != "application/vp+jwt":
        raise malformed("The envelope is of a media type that is not known here.")
    return parse_vp_jose(enveloped.content)


def _typ(text: str) -> Any:
    """The header's `typ`, None where it has none: all that is read before it is known what to expect."""
    check_length(text, MAX_PRESENTATION_LENGTH)
    try:
        return parse_json_object(base64url_decode(text.partition(".")[0])).get("typ")
    except EncodingError as cause:
        raise malformed("This is not a JWT.") from cause
