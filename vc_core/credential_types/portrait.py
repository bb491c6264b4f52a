"""A portrait as a claim: a small JPEG in a data URL, `data:image/jpeg;base64,…`, as the EUDI PID has it in SD-JWT VCs.

What counts as one is narrow, so that whoever shows it knows what they hand to a decoder: baseline JPEG, at most 4,096
bytes and 160 by 200 pixels, with the tables that decoding needs and nothing else. A segment that may hold where and by
what a photo was taken (EXIF, GPS), a thumbnail, a comment or a byte after the end is refused.
"""

from __future__ import annotations

import base64
import binascii

MAX_BYTES = 4096
MAX_WIDTH, MAX_HEIGHT = 160, 200
PREFIX = "data:image/jpeg;base64,"
MAX_LENGTH = len(PREFIX) + -(-MAX_BYTES // 3) * 4
PATTERN = r"data:image/jpeg;base64,(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
"""The form of the text, in the syntax that Python and JSON Schema share."""

_START, _END, _SCAN, _JFIF = 0xD8, 0xD9, 0xDA, 0xE0
_BASELINE_FRAME = 0xC0
_TABLES = frozenset({0xC4, 0xDB, 0xDD})
"""Huffman tables, quantisation tables, the restart interval."""
_RESTARTS = range(0xD0, 0xD8)
_JFIF_WITHOUT_THUMBNAIL = 16
_COMPONENTS = (1, 3)


def create_portrait(jpeg: bytes) -> str:
    """The claim's value for a JPEG. Raises `ValueError` where it is none that may be a portrait."""
    _check_jpeg(jpeg)
    return PREFIX + base64.b64encode(jpeg).decode("ascii")


def parse_portrait(value: str) -> bytes:
    """The JPEG in a claim's value. Raises `ValueError` where it is of another form, too large, or holds more."""
    if len(value) > MAX_LENGTH or not value.startswith(PREFIX):
        raise ValueError("not a data URL of a small JPEG")
    text = value.removeprefix(PREFIX)
    try:
        jpeg = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise ValueError("not base64") from cause
    if base64.b64encode(jpeg).decode("ascii") != text:
        raise ValueError("base64 with bits left over")
    _check_jpeg(jpeg)
    return jpeg


def _check_jpeg(data: bytes) -> None:
    """Goes from marker to marker (ITU-T T.81 annex B); raises `ValueError` at the first that has no place here."""
    if len(data) > MAX_BYTES or data[:2] != bytes((0xFF, _START)):
        raise ValueError("not a small JPEG")
    at, frames = 2, 0
    while True:
        marker, content = _segment(data, at)
        at += 4 + len(content)
        if marker == _BASELINE_FRAME:
            _check_frame(content)
            frames += 1
        elif marker == _SCAN and frames == 1:
            _check_scan(data[at:])
            return
        elif marker not in _TABLES and not _is_plain_jfif(marker, content):
            raise ValueError("a segment that a portrait has no use for")


def _segment(data: bytes, at: int) -> tuple[int, bytes]:
    """The marker there and the segment's content."""
    if len(data) < at + 4 or data[at] != 0xFF:
        raise ValueError("no marker where one should be")
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    if not at + 4 <= end <= len(data):
        raise ValueError("a segment of an impossible length")
    return data[at + 1], data[at + 4 : end]


def _is_plain_jfif(marker: int, content: bytes) -> bool:
    return marker == _JFIF and len(content) == _JFIF_WITHOUT_THUMBNAIL - 2 and content.startswith(b"JFIF\0")


def _check_frame(content: bytes) -> None:
    """Raises `ValueError` for a picture that is too large, or that few decoders know."""
    if len(content) < 6 or content[0] != 8 or content[5] not in _COMPONENTS or len(content) != 6 + 3 * content[5]:
        raise ValueError("a frame of an unusual kind")
    height, width = int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big")
    if not (0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT):
        raise ValueError("too many pixels")


def _check_scan(data: bytes) -> None:
    """The one scan of a baseline picture, up to the end of the file. Raises `ValueError`."""
    at = data.find(0xFF)
    while at != -1:
        following = data[at + 1 : at + 2]
        if following == bytes((_END,)):
            if at + 2 != len(data):
                raise ValueError("bytes after the end of the picture")
            return
        if following != b"\0" and (not following or following[0] not in _RESTARTS):
            raise ValueError("a marker within the scan")
        at = data.find(0xFF, at + 2)
    raise ValueError("a picture without an end")
