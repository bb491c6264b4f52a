"""QR codes as a scanner reads them."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vc_core.errors import InvalidRequest
from wallet_sdk.qr import create_png, create_svg, create_terminal_lines

TEXT = "SB1:" + "6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0FDC:5AIA%G7X+AQB9"


def _scan(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(image)
    assert found.ec_level == "M"
    return str(found.text)


@settings(max_examples=15, deadline=None)
@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%*+-./:", min_size=1, max_size=650))
def test_a_png_reads_as_the_text(text: str) -> None:
    assert _scan(Image.open(io.BytesIO(create_png(text)))) == text


def test_base45_goes_in_alphanumeric_mode() -> None:
    """650 characters in version 16 at most: in byte mode it would take version 20."""
    text = (TEXT * 7)[:650]
    modules = Image.open(io.BytesIO(create_png(text, pixels_per_module=1))).width - 8
    assert modules == 17 + 4 * 16


def test_the_terminal_shows_the_same_modules() -> None:
    lines = create_terminal_lines(TEXT)
    image = Image.open(io.BytesIO(create_png(TEXT, pixels_per_module=1))).convert("L")
    halves = {" ": (0, 0), "▄": (0, 255), "▀": (255, 0), "█": (255, 255)}
    drawn = Image.new("L", (len(lines[0]), 2 * len(lines)), 255)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            for half in (0, 1):
                drawn.putpixel((column, 2 * row + half), halves[character][half])
    assert drawn.crop((0, 0, image.width, image.height)).tobytes() == image.tobytes()
    assert len(lines[0]) == image.width
    assert all(character == "█" for character in lines[0] + lines[1])


def test_svg_is_one_path_with_the_quiet_zone() -> None:
    svg = create_svg(TEXT)
    modules = Image.open(io.BytesIO(create_png(TEXT, pixels_per_module=1))).width
    assert "<script" not in svg
    assert len(re.findall("<path", svg)) == 1
    assert f'viewBox="0 0 {modules} {modules}"' in svg


def test_a_text_too_long() -> None:
    for create in (create_png, create_svg, create_terminal_lines):
        with pytest.raises(InvalidRequest, match="too long"):
            create("A" * 4000)
