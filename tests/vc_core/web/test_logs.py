"""Log lines: one JSON object each, whatever is in the message."""

from __future__ import annotations

import json
import logging

import pytest

from vc_core.web.logs import JsonFormatter


@pytest.mark.parametrize("message", ["plain", "สบาย", "half \ud800 a pair", "two\nlines"], ids=lambda text: ascii(text))
def test_a_line_is_one_json_object_with_named_fields_only(message: str) -> None:
    record = logging.makeLogRecord(
        {"name": "sabai", "levelname": "INFO", "msg": message, "created": 1_790_000_000.9, "status": 200, "body": "no"}
    )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2026-09-21T14:13:20Z",
        "level": "info",
        "logger": "sabai",
        "message": message,
        "status": 200,
    }
