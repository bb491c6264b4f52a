"""From a picture of a QR code to its text.

A picture is an attacker's file until shown otherwise: only two formats are tried, whatever its name says; its size on
the wire and its size in pixels are bounded before a pixel is decoded; and only QR codes are looked for.
"""

from __future__ import annotations

import io
import warnings

import zxingcpp
from PIL import Image
from starlette.datastructures import UploadFile

from vc_core.errors import ReasonCode, Rejection

MAX_IMAGE_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
_FORMATS = ("PNG", "JPEG")
_QR_CODE = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

# For the whole process, and meant so: whoever opens a picture that Pillow holds for a bomb gets an error.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def read_qr_image(data: bytes, *, preferring: tuple[str, ...] = ()) -> str:
    """The text of the QR code in a PNG or JPEG. Blocks: call in a thread.

    Of several codes it is the first that begins with one of `preferring`, or the first where none does. Raises
    `Rejection`: `TOO_LARGE`, `MALFORMED` where it is no such picture or a broken one, `NOT_A_CREDENTIAL` where there is
    no QR code in it.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise Rejection(ReasonCode.TOO_LARGE, "The picture is over 5 MB; take a smaller one.")
    barcodes = zxingcpp.read_barcodes(_decode(data), formats=_QR_CODE, text_mode=zxingcpp.TextMode.Plain)
    texts = [barcode.text for barcode in barcodes]
    if not texts:
        raise Rejection(
            ReasonCode.NOT_A_CREDENTIAL,
            "No QR code was found in the picture. Take it again, closer and sharper, with the whole code in it.",
        )
    return next((text for text in texts if text.startswith(preferring)), texts[0])


async def read_upload(upload: UploadFile) -> bytes:
    """The uploaded bytes, or one more than a picture may have where there are more."""
    return await upload.read(MAX_IMAGE_BYTES + 1)


def _decode(data: bytes) -> Image.Image:
    """The picture in shades of grey, on white where it is transparent."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Rejection(
                    ReasonCode.TOO_LARGE,
                    f"The picture is over {MAX_PIXELS // 1_000_000} megapixels; take a smaller one.",
                )
            if image.has_transparency_data:
                white = Image.new("RGBA", image.size, "white")
                white.alpha_composite(image.convert("RGBA"))
                return white.convert("L")
            return image.convert("L")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as cause:
        raise Rejection(ReasonCode.TOO_LARGE, "The picture has far too many pixels; take a smaller one.") from cause
    except (OSError, ValueError, SyntaxError) as cause:  # what Pillow raises for files that are broken or of no format
        raise Rejection(ReasonCode.MALFORMED, "This is not a PNG or JPEG picture, or a broken one.") from cause
