"""The wallet's own module on what an issuer's page sends the browser back with."""

from __future__ import annotations

import json

from tests.web.typescript import run_in_node

READ = {
    "?code=c&state=s&iss=https%3A%2F%2Fi.test": {"state": "s", "iss": "https://i.test", "code": "c"},
    "?error=access_denied&state=s&iss=i": {"state": "s", "iss": "i", "error": "access_denied"},
    "?code=c&error=access_denied&state=s&iss=i": {"state": "s", "iss": "i", "error": "access_denied"},
    "?code=c": {"state": "", "iss": "", "code": "c"},
    "?code=c&state=s&state=t&iss=i&iss=j": {"state": "", "iss": "", "code": "c"},
    "?code=c&code=d&state=s&iss=i": {"state": "", "iss": "i", "code": ""},
    "?state=s&iss=i": None,
    "?credential_offer_uri=https%3A%2F%2Fi.test": None,
}
"""What is to be read from each query: text that is there twice is nobody's."""


def test_a_response_is_read_and_nothing_that_is_there_twice() -> None:
    queries = "".join(f"{query}\n" for query in READ).encode()
    found = run_in_node("authorization_responses.mjs", queries)
    assert [json.loads(line) for line in found.splitlines()] == list(READ.values())
