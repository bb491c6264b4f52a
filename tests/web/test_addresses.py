"""Which addresses that a stranger names the phone's pages may ask."""

from __future__ import annotations

import json

from tests.web.typescript import run_in_node

HERE, ABROAD = "http://127.0.0.1:8000/", "https://wallet.example.org/"
MAY_BE_ASKED = {
    (ABROAD, "https://issuer.example.org/offer"): True,
    (HERE, "https://issuer.example.org/offer"): True,
    (HERE, "http://localhost:8001/offer"): True,
    (ABROAD, "http://localhost:8001/offer"): False,
    (ABROAD, "http://127.0.0.1:631/"): False,
    (HERE, "http://issuer.example.org/offer"): False,
    (HERE, "ftp://127.0.0.1/"): False,
}
"""Of the page's own address and the one that is named."""


def test_only_a_page_of_this_machine_asks_this_machine() -> None:
    asked = json.loads(run_in_node("addresses.mjs", json.dumps(list(MAY_BE_ASKED)).encode()))
    assert dict(zip(MAY_BE_ASKED, asked, strict=True)) == MAY_BE_ASKED
