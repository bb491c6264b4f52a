"""From an officer's picture to a portrait: decoded, cut to shape, and written anew, so that nothing else is carried.

A picture is an attacker's file until shown otherwise: three formats are tried, whatever its name says, and its size in
pixels is bounded before a pixel is decoded. What is written has neither EXIF, with the place where a photo was taken,
nor anything else of the file but what is to be seen.
"""

from __future__ import annotations

import io

from PIL import ExifTags, Image, ImageOps

from vc_core.credential_types.portrait import MAX_BYTES, MAX_HEIGHT, MAX_WIDTH
from vc_core.errors import InvalidRequest

MAX_PIXELS = 4_000_000
"""Thirty times what the office's page sends. Of one colour, the smallest file holds as many as fill the memory."""
_FORMATS = ("JPEG", "PNG", "WEBP")
_SIZES = ((MAX_WIDTH, MAX_HEIGHT), (128, 160), (96, 120))
_QUALITIES = (80, 65, 50, 40, 30)
_TOWARDS_THE_TOP = (0.5, 0.4)
"""Where a picture of another shape is cut: heads are above the middle."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by its orientation in EXIF."""


def create_portrait_jpeg(data: bytes) -> bytes:
    """The portrait in a JPEG, PNG or WebP. Blocks, and takes up to 100 MB: call in a thread, for one at a time.

    Raises `InvalidRequest` where it is no such picture, broken, or larger than one should be.
    """
    picture = _decode(data)
    for size in _SIZES:
        portrait = picture.resize(size, Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            written = io.BytesIO()
            portrait.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= MAX_BYTES:
                return written.getvalue()
    raise InvalidRequest("The picture has too much in it to be made as small as a portrait is.")


def _decode(data: bytes) -> Image.Image:
    """The picture upright and in colours, of the largest size that a portrait has, on white where it is transparent."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InvalidRequest(f"The picture is over {MAX_PIXELS // 1_000_000} megapixels; take a smaller one.")
            image.draft("RGB", (2 * MAX_WIDTH, 2 * MAX_HEIGHT))  # JPEGs are decoded no larger than they are needed
            return _fit(image)
    except InvalidRequest:
        raise
    except Exception as cause:  # noqa: BLE001 - nothing but Pillow is called, which raises of a broken file what it may
        raise InvalidRequest("This is not a JPEG, PNG or WebP picture, or a broken one.") from cause


def _fit(image: Image.Image) -> Image.Image:
    # No more of EXIF than this: `ImageOps.exif_transpose` writes all of it anew, and fails where any part is broken.
    turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    upright = image if turn is None else image.transpose(turn)
    small = ImageOps.fit(
        upright.convert("RGBA"), (MAX_WIDTH, MAX_HEIGHT), Image.Resampling.LANCZOS, centering=_TOWARDS_THE_TOP
    )
    # A picture of our own, since Pillow keeps a file's comment with what it made of it, and writes it again.
    white = Image.new("RGBA", small.size, "white")
    white.alpha_composite(small)
    return white.convert("RGB")
