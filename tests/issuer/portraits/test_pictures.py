"""From any picture to a portrait, and what is refused."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import pytest
from PIL import Image

from issuer.portraits.pictures import create_portrait_jpeg
from tests.support.portraits import draw_face, photo
from vc_core.credential_types.portrait import create_portrait
from vc_core.errors import InvalidRequest


def png_head(width: int, height: int) -> bytes:
    """A PNG of that size, by its header, in hardly any bytes."""
    header = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    chunk = b"\0\0\0\x0d" + header + zlib.crc32(header).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IEND\xaeB`\x82"


def opened(jpeg: bytes) -> Image.Image:
    """The portrait, which is one."""
    create_portrait(jpeg)
    return Image.open(io.BytesIO(jpeg))


@pytest.mark.parametrize(("picture_format", "size"), [("JPEG", (1200, 1600)), ("PNG", (300, 300)), ("WEBP", (80, 100))])
def test_any_picture_becomes_one_of_four_by_five(picture_format: str, size: tuple[int, int]) -> None:
    assert opened(create_portrait_jpeg(photo(picture_format, size))).size == (160, 200)


def test_nothing_of_the_file_is_carried_but_what_is_to_be_seen() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[0x1D] = "2026:09:21"
    file = photo("JPEG", (640, 800), exif=exif, comment=b"taken at home") + b"taken at home"
    assert (file.count(b"taken at home"), b"2026:09:21" in file) == (3, True)
    made = create_portrait_jpeg(file)
    assert b"home" not in made
    assert b"2026" not in made
    assert not opened(made).getexif()


def broken_exif() -> bytes:
    """EXIF that says to turn the picture to the right, and describes it with a fraction where there should be text."""
    entries = struct.pack("<HHIHHHHII", 0x0112, 3, 1, 6, 0, 0x010E, 5, 1, 38)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<III", 0, 1, 2)


def right_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize("exif", [right_exif(), broken_exif()], ids=["right", "broken"])
def test_a_phone_held_upright_gives_an_upright_face(exif: Image.Exif | bytes) -> None:
    file = io.BytesIO()
    draw_face((640, 800)).rotate(90, expand=True).save(file, "JPEG", exif=exif)
    turned, straight = opened(create_portrait_jpeg(file.getvalue())), draw_face()
    for left, top in ((80, 30), (80, 100), (10, 10), (80, 190)):
        pixels = [each.crop((left, top, left + 1, top + 1)).tobytes() for each in (turned, straight)]
        assert all(abs(one - other) < 30 for one, other in zip(*pixels, strict=True))


def test_what_is_transparent_becomes_white() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (160, 200), (255, 0, 0, 0)).save(file, "PNG")
    assert opened(create_portrait_jpeg(file.getvalue())).getpixel((80, 100)) == (255, 255, 255)


def test_even_noise_becomes_small() -> None:
    noise = Image.frombytes("RGB", (160, 200), hashlib.shake_256(b"noise").digest(160 * 200 * 3))
    file = io.BytesIO()
    noise.save(file, "PNG")
    assert opened(create_portrait_jpeg(file.getvalue())).width >= 96


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", photo()[:200], png_head(160, 200)]
    + [png_head(20_000, 20_000), png_head(2**31 - 1, 2**31 - 1), photo("PNG", exif=b"Exif\0\0II*\0")],
    ids=range(8),
)
def test_what_is_no_picture_or_a_bomb(data: bytes) -> None:
    with pytest.raises(InvalidRequest, match="broken one"):
        create_portrait_jpeg(data)


def test_a_picture_of_one_colour_may_be_small_and_yet_too_large() -> None:
    with pytest.raises(InvalidRequest, match="megapixels"):
        create_portrait_jpeg(png_head(2001, 2000))
