"""What a holder shows or an issuer hands out, whichever format it is in: the one place that tells formats apart.

The text is whatever a scanner, a person or a server delivered: it is looked at only as far as needed to know its form.
"""

from vc_core.encoding import EncodingError, base64url_decode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import UnverifiedCredential, UnverifiedPresentation
from vc_core.formats.jwt_vc_json import parse_jwt_vc_json, parse_jwt_vp_json
from vc_core.formats.ldp_vc import parse_ldp_vc, parse_ldp_vp
from vc_core.formats.printed_card import CARD_PREFIX, parse_printed_card
from vc_core.formats.qr_pass import PREFIX as QR_PREFIX
from vc_core.formats.qr_pass import parse_qr_pass, parse_qr_presentation
from vc_core.formats.sd_jwt import MAX_LENGTH, parse_sd_jwt_presentation, parse_sd_jwt_vc


def parse_presentation(text: str) -> UnverifiedPresentation:
    """A QR pass (`SB1:`) or printed card (`SBP1:`), SD-JWT with key binding, JWT, or JSON-LD; white space around goes.

    Raises `Rejection`: `TOO_LARGE` over 64 KiB, `NOT_A_CREDENTIAL` where it is none, and what the formats raise.
    """
    text = _bounded(text)
    if text.startswith("{"):
        return parse_ldp_vp(text)
    if text.startswith(QR_PREFIX):
        return parse_qr_presentation(text)
    if text.startswith(CARD_PREFIX):
        return parse_printed_card(text)
    if "~" in text:
        return parse_sd_jwt_presentation(text)
    if _is_jwt(text):
        return parse_jwt_vp_json(text)
    raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not a health credential.")


def parse_credential(text: str) -> UnverifiedCredential:
    """A credential as the credential endpoint returns it: an issued SD-JWT, JWT or JSON-LD, or a QR pass in base64url.

    Raises `Rejection` as `parse_presentation` does.
    """
    text = _bounded(text)
    if text.startswith("{"):
        return parse_ldp_vc(text)
    if "~" in text:
        return parse_sd_jwt_vc(text)
    if _is_jwt(text):
        return parse_jwt_vc_json(text)
    try:
        qr_pass = base64url_decode(text)
    except EncodingError as cause:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not a health credential.") from cause
    return parse_qr_pass(qr_pass)


def _is_jwt(text: str) -> bool:
    """Whether it begins as a JSON object in base64url does and has three parts; no web address looks like that."""
    return text.startswith("eyJ") and text.count(".") == 2


def _bounded(text: str) -> str:
    # Stripping is safe for base45 too, which has a space in its alphabet but never in the last place.
    if len(text) > MAX_LENGTH:
        raise Rejection(ReasonCode.TOO_LARGE, "This is too large to be a health credential.")
    return text.strip()
