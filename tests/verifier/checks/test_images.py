"""Pictures of QR codes: what is read, and what an attacker's file meets."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
import qrcode
from PIL import Image, ImageDraw

from tests.verifier.conftest import Desk
from vc_core.errors import ReasonCode, Rejection
from verifier.checks.images import MAX_IMAGE_BYTES, read_qr_image
from verifier.checks.service import CODE_PREFIXES

OURS = "SB1:" + "6BFOXN%TSMAHN-H" * 40


def qr_image(text: str) -> Image.Image:
    """A QR code as a wallet draws it."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, box_size=5)
    code.add_data(text)
    drawn: Image.Image = code.make_image().get_image().convert("L")
    return drawn


def encoded(image: Image.Image, form: str = "PNG", **options: int) -> bytes:
    """The image as a file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG file that says to be this large and has no pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("JPEG", {"quality": 60})])
def test_reads_both_formats(form: str, options: dict[str, int]) -> None:
    assert read_qr_image(encoded(qr_image(OURS), form, **options)) == OURS


def test_reads_a_tilted_photo() -> None:
    photo = Image.new("L", (1600, 1200), 200)
    photo.paste(qr_image(OURS), (300, 200))
    assert read_qr_image(encoded(photo.rotate(17, fillcolor=120), "JPEG", quality=50)) == OURS


def test_reads_black_on_transparent() -> None:
    code = qr_image(OURS)
    transparent = Image.new("RGBA", code.size, (0, 0, 0, 0))
    transparent.paste((0, 0, 0, 255), mask=code.point(lambda shade: 255 - shade))
    assert read_qr_image(encoded(transparent)) == OURS


@pytest.mark.parametrize("prefix", ["SB1:", "SBP1:", "SBA1:"])
def test_of_several_codes_ours_is_taken(prefix: str) -> None:
    text = prefix + OURS[4:]
    ours, other = qr_image(text), qr_image("https://hospital.example/wifi")
    both = Image.new("L", (ours.width + other.width + 80, ours.height), 255)
    both.paste(other, (0, 0))
    both.paste(ours, (other.width + 80, 0))
    assert read_qr_image(encoded(both), preferring=CODE_PREFIXES) == text
    assert read_qr_image(encoded(other), preferring=CODE_PREFIXES) == "https://hospital.example/wifi"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ReasonCode.MALFORMED),
        (b"\x89PNG\r\n\x1a\n", ReasonCode.MALFORMED),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ReasonCode.MALFORMED),
        (encoded(qr_image(OURS), "GIF"), ReasonCode.MALFORMED),
        (encoded(qr_image(OURS), "TIFF"), ReasonCode.MALFORMED),
        (encoded(qr_image(OURS))[:400], ReasonCode.MALFORMED),
        (encoded(qr_image(OURS), "JPEG")[:2000], ReasonCode.MALFORMED),
        (png_header(8, 8), ReasonCode.MALFORMED),
        (png_header(5001, 5000), ReasonCode.TOO_LARGE),
        (png_header(10_000, 10_000), ReasonCode.TOO_LARGE),
        (png_header(60_000, 60_000), ReasonCode.TOO_LARGE),
        (encoded(qr_image(OURS)) + bytes(MAX_IMAGE_BYTES), ReasonCode.TOO_LARGE),
        (encoded(Image.new("L", (600, 600), 255)), ReasonCode.NOT_A_CREDENTIAL),
    ],
)
def test_refuses(data: bytes, code: ReasonCode) -> None:
    with pytest.raises(Rejection) as refused:
        read_qr_image(data)
    assert refused.value.code is code


def test_other_barcodes_are_not_looked_for() -> None:
    bars = Image.new("L", (400, 120), 255)
    for x in range(20, 380, 6):
        ImageDraw.Draw(bars).rectangle((x, 10, x + x % 4, 110), fill=0)
    with pytest.raises(Rejection, match="No QR code was found"):
        read_qr_image(encoded(bars))


async def test_a_picture_of_the_patients_code(sqlite_desk: Desk) -> None:
    picture = encoded(qr_image(sqlite_desk.show()), "JPEG", quality=80)
    verdict = await sqlite_desk.check_image(picture, name="../../etc/passwd.exe")
    assert verdict["code"] == "OK"
    assert (await sqlite_desk.check_image(picture))["code"] == "REPLAYED"


async def test_a_picture_without_a_code_says_so(sqlite_desk: Desk) -> None:
    verdict = await sqlite_desk.check_image(encoded(Image.new("RGB", (300, 300), "green")))
    assert (verdict["verdict"], verdict["code"]) == ("rejected", "NOT_A_CREDENTIAL")
    assert verdict["sentence"].startswith("No QR code was found in the picture. Take it again")


async def test_a_large_photo_gets_a_verdict(sqlite_desk: Desk) -> None:
    assert (await sqlite_desk.check_image(bytes(6 * 1024 * 1024)))["code"] == "TOO_LARGE"


async def test_an_upload_beyond_reason_is_not_read(sqlite_desk: Desk) -> None:
    response = await sqlite_desk.client.post("/checks/image", files={"image": bytes(17 * 1024 * 1024)})
    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize("request_", [{}, {"files": {"picture": b"x"}}, {"data": {"image": "text"}}])
async def test_uploads_of_another_form(sqlite_desk: Desk, request_: dict[str, dict[str, str]]) -> None:
    response = await sqlite_desk.client.post("/checks/image", **request_)  # type: ignore[arg-type]  # wrong on purpose
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
