"""The QR code that a phone scans to find a request, as a picture."""

from __future__ import annotations

import io

import qrcode
import qrcode.image.svg
from qrcode.exceptions import DataOverflowError

from vc_core.errors import Conflict

_PIXELS_PER_MODULE = 8


def draw_qr_png(text: str) -> bytes:
    """A PNG. Takes tens of milliseconds: not for the event loop. Raises `Conflict` where the text is too long."""
    image = io.BytesIO()
    _code(text).make_image().save(image, format="PNG")
    return image.getvalue()


def draw_qr_svg(text: str) -> bytes:
    """An SVG; as `draw_qr_png`."""
    image = io.BytesIO()
    _code(text).make_image(image_factory=qrcode.image.svg.SvgPathImage).save(image)
    return image.getvalue()


def _code(text: str) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_L, box_size=_PIXELS_PER_MODULE)
    code.add_data(text)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as cause:
        raise Conflict("This request is too long for a QR code: ask by reference.") from cause
    return code
