"""A text as a QR code (ISO/IEC 18004): PNG, SVG or a terminal's lines.

Error correction M and a quiet zone of four modules, as desks' scanners were measured with. Text in the alphabet of
base45 goes in alphanumeric mode, which holds two characters in 11 bits; any other text as bytes. The cost of drawing
is tens of milliseconds: call this from a thread where an event loop is running.
"""

from __future__ import annotations

import io

import qrcode
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathImage

from vc_core.errors import InvalidRequest

QUIET_ZONE_MODULES = 4


def create_png(text: str, *, pixels_per_module: int = 8) -> bytes:
    """The QR code as a PNG image. Raises `InvalidRequest` where the text is too long."""
    image = _code(text, pixels_per_module).make_image(image_factory=PilImage)
    target = io.BytesIO()
    image.save(target, format="PNG")
    return target.getvalue()


def create_svg(text: str) -> str:
    """The QR code as an SVG document of one path. Raises `InvalidRequest` where the text is too long."""
    target = io.BytesIO()
    _code(text, 10).make_image(image_factory=SvgPathImage).save(target)
    return target.getvalue().decode("utf-8")


def create_terminal_lines(text: str) -> list[str]:
    """The QR code as lines for a terminal, two modules high each: dark modules are blanks, light ones blocks.

    For terminals of light text on a dark ground. Raises `InvalidRequest` where the text is too long.
    """
    rows = _code(text, 1).get_matrix()
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    halves = {(True, True): " ", (True, False): "▄", (False, True): "▀", (False, False): "█"}
    return ["".join(halves[pair] for pair in zip(*rows[i : i + 2], strict=True)) for i in range(0, len(rows), 2)]


def _code(text: str, pixels_per_module: int) -> qrcode.QRCode:
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=pixels_per_module, border=QUIET_ZONE_MODULES
    )
    try:
        # optimize=0 keeps the text in one segment, whose mode the package picks: alphanumeric where it can be.
        code.add_data(text, optimize=0)
        code.make(fit=True)
    except (ValueError, qrcode.exceptions.DataOverflowError) as cause:
        raise InvalidRequest("This text is too long for a QR code.") from cause
    return code
