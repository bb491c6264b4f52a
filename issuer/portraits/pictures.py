"""From an officer's picture to a portrait: decoded, cut to shape, and written anew, so that nothing else is carried.

A picture is an attacker's file until shown otherwise: three formats are tried, whatever its name says, and its size in
pixels is bounded before a pixel is decoded. What is written has neither EXIF, with the place where a photo was taken,
nor anything else of the file but what is to be seen.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from vc_core.credential_types.portrait import MAX_BYTES, MAX_HEIGHT, MAX_WIDTH
from vc_core.errors import InvalidRequest

MAX_PIXELS = 25_000_000
"""What phones' cameras make; the office's page sends far less."""
_FORMATS = ("JPEG", "PNG", "WEBP")
_SIZES = ((MAX_WIDTH, MAX_HEIGHT), (128, 160), (96, 120))
_QUALITIES = (80, 65, 50, 40, 30)
_TOWARDS_THE_TOP = (0.5, 0.4)
"""Where a picture of another shape is cut: heads are above the middle."""


def create_portrait_jpeg(data: bytes) -> bytes:
    """The portrait in a JPEG, PNG or WebP. Blocks: call in a thread.

    Raises `InvalidRequest` where it is no such picture, broken, or larger than one should be.
    """
    picture = _decode(data)
    for size in _SIZES:
        portrait = ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=_TOWARDS_THE_TOP)
        for quality in _QUALITIES:
            written = io.BytesIO()
            portrait.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= MAX_BYTES:
                return written.getvalue()
    raise InvalidRequest("The picture has too much in it to be made as small as a portrait is.")


def _decode(data: bytes) -> Image.Image:
    """The picture upright and in colours, on white where it is transparent."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the line below is far stricter
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
        with image:
            if image.width * image.height > MAX_PIXELS:
                raise InvalidRequest(f"The picture is over {MAX_PIXELS // 1_000_000} megapixels; take a smaller one.")
            image.draft("RGB", (2 * MAX_WIDTH, 2 * MAX_HEIGHT))  # JPEGs are decoded no larger than they are needed
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            # A picture of our own, since Pillow keeps a file's comment with what it made of it, and writes it again.
            white = Image.new("RGBA", upright.size, "white")
            white.alpha_composite(upright)
            return white.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as cause:  # what Pillow raises for others
        raise InvalidRequest("This is not a JPEG, PNG or WebP picture, or a broken one.") from cause
