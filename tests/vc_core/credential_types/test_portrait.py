"""What may be a portrait: a small JPEG without anything that is not to be seen."""

from __future__ import annotations

import base64
import io

import pytest

from tests.support.claims import sample_claims
from tests.support.portraits import draw_face, portrait_claim, portrait_jpeg
from vc_core.credential_types.definition import InvalidClaims
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.portrait import MAX_BYTES, MAX_LENGTH, PREFIX, create_portrait, parse_portrait


def jpeg(size: tuple[int, int] = (160, 200), **options: object) -> bytes:
    """A face, written as Pillow is told to."""
    file = io.BytesIO()
    draw_face(size).save(file, "JPEG", **{"quality": 40, **options})
    return file.getvalue()


GOOD = portrait_jpeg()
JFIF = GOOD[2:20]
AFTER_JFIF = GOOD[:2] + GOOD[20:]

NO_PORTRAITS = [
    jpeg(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"),
    jpeg(comment=b"taken at home"),
    jpeg(progressive=True),
    jpeg((161, 200)),
    jpeg((160, 201)),
    GOOD + b"\0",
    GOOD + GOOD,
    GOOD[:-2],
    GOOD[:-1],
    GOOD[:100],
    GOOD[:2],
    b"",
    b"\x89PNG\r\n\x1a\n" + GOOD,
    GOOD[:2] + JFIF[:2] + b"\0\x13" + JFIF[4:-2] + b"\1\1" + b"rgb" + GOOD[20:],
    GOOD[:2] + b"\xff\xe1\0\x08Exif\0\0" + GOOD[2:],
    GOOD[:2] + b"\xff\xfe\0\x02" + GOOD[2:],
    GOOD[:2] + b"\xff\xdb\0\1" + GOOD[2:],
    GOOD[:-2] + b"\xff\xe1\0\x02\xff\xd9",
    GOOD[:-2] + b"\0" * MAX_BYTES + b"\xff\xd9",
    GOOD.replace(b"\xff\xc0\0\x11\x08\0\xc8\0\xa0", b"\xff\xc0\0\x11\x08\xff\xdc\xff\xdc"),
]

TEXTS_WITHOUT = [
    "",
    PREFIX,
    PREFIX.replace("jpeg", "png") + base64.b64encode(GOOD).decode("ascii"),
    PREFIX + base64.b64encode(GOOD).decode("ascii") + "\n",
    PREFIX + base64.b64encode(GOOD).decode("ascii") + "====",
    PREFIX + base64.urlsafe_b64encode(b"\xff" * 30).decode("ascii"),
    PREFIX + base64.b64encode(GOOD[:-1]).decode("ascii"),
    "https://office.example/photo.jpg",
    PREFIX + "é",
]


def test_a_portrait_is_a_data_url_of_a_jpeg() -> None:
    claim = portrait_claim()
    assert claim.startswith(PREFIX)
    assert len(claim) <= MAX_LENGTH == 5_487
    assert parse_portrait(claim) == GOOD
    assert parse_portrait(create_portrait(AFTER_JFIF)) == AFTER_JFIF
    claims = sample_claims(HEALTH_ID) | {"portrait": claim}
    HEALTH_ID.check(claims)
    with pytest.raises(InvalidClaims):
        HEALTH_ID.check_whole(claims)


@pytest.mark.parametrize("data", NO_PORTRAITS, ids=range(20))
def test_what_is_no_portrait(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        create_portrait(data)


@pytest.mark.parametrize("value", TEXTS_WITHOUT, ids=range(9))
def test_texts_that_hold_none(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_portrait(value)
