"""Bodies of protocol messages, read within limits; what is wrong with them is a `ProtocolError`."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request

from vc_core.errors import PayloadTooLarge, ProtocolError

MAX_MESSAGE_BYTES = 256 * 1024
MAX_FIELDS = 30


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form, repeated ones too, which a framework's dictionaries would hide.

    Raises `ProtocolError` `invalid_request`, `PayloadTooLarge`.
    """
    if media_type_of(request) != "application/x-www-form-urlencoded":
        raise ProtocolError("invalid_request", "The request must be sent as application/x-www-form-urlencoded.")
    try:
        return parse_query((await read_message(request)).decode("ascii"))
    except UnicodeDecodeError as cause:
        raise ProtocolError("invalid_request", "The form can't be read.") from cause


def parse_query(text: str) -> list[tuple[str, str]]:
    """The fields of an encoded form or of an address's query, in order. Raises `ProtocolError` `invalid_request`."""
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as cause:
        raise ProtocolError("invalid_request", "The parameters can't be read.") from cause


async def read_message(request: Request) -> bytes:
    """The body, within a smaller bound than a roster's. Raises `PayloadTooLarge`."""
    body = await request.body()
    if len(body) > MAX_MESSAGE_BYTES:
        raise PayloadTooLarge(f"The request may have at most {MAX_MESSAGE_BYTES} bytes.")
    return body


def media_type_of(request: Request) -> str:
    """The media type of the body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
