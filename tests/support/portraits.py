"""A drawn face as a portrait, and as the photo of a camera."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw

from issuer.portraits.pictures import create_portrait_jpeg
from vc_core.credential_types.portrait import create_portrait


def draw_face(size: tuple[int, int] = (160, 200)) -> Image.Image:
    """A face on a plain wall: two eyes, a mouth, hair, shoulders."""
    picture = Image.new("RGB", (160, 200), "#c9d6df")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((15, 150, 145, 260), fill="#0b5d66")
    draw.ellipse((38, 25, 122, 120), fill="#2b1a12")
    draw.ellipse((48, 45, 112, 145), fill="#d9a066")
    for x in (62, 90):
        draw.ellipse((x, 82, x + 10, 89), fill="#2b1a12")
    draw.arc((64, 100, 96, 126), 20, 160, fill="#8a3b2a", width=3)
    return picture.resize(size, Image.Resampling.LANCZOS)


def photo(picture_format: str = "JPEG", size: tuple[int, int] = (160, 200), **options: object) -> bytes:
    """The face in a file."""
    file = io.BytesIO()
    draw_face(size).save(file, picture_format, **options)
    return file.getvalue()


@cache
def portrait_jpeg() -> bytes:
    """The face as the office keeps it."""
    return create_portrait_jpeg(photo("PNG"))


def portrait_claim() -> str:
    """The face as a credential has it."""
    return create_portrait(portrait_jpeg())
