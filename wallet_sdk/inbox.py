"""The wallet and its provider: registering this device for push, and reading the inbox.

A push carries an opaque id and a template's key and nothing else, since it passes through others' hands and shows on
locked screens. The wallet fetches the message itself once its holder has unlocked it; the inbox is the truth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.credential_types.definition import LANGUAGES
from vc_core.errors import FetchFailed, InvalidRequest, ServiceRefused, Unauthenticated
from vc_core.http import HttpClient, HttpResponse
from wallet_sdk.content import Device
from wallet_sdk.messages import render_message
from wallet_sdk.presentation import create_health_id_presentation
from wallet_sdk.wallet import Wallet

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_CODE = re.compile(r"[A-Za-z_]{1,64}\Z")
_MAX_TOKEN = 4096
_MAX_MESSAGES = 10_000


@dataclass(frozen=True)
class Message:
    """A message as the holder reads it; times in seconds since 1970, `opened_at` None for one not opened yet."""

    id: str
    text: str
    created_at: int
    opened_at: int | None


async def register_device(wallet: Wallet, http: HttpClient, *, fcm_token: str, language: str, now: int) -> Device:
    """Shows the health ID to the provider, and keeps the token that it gives for the inbox.

    `language`: one of `LANGUAGES`. Raises `NoSuchCredential` without a health ID, `InvalidRequest`, `ServiceRefused`,
    `FetchError`.
    """
    if language not in LANGUAGES:
        raise InvalidRequest("The language must be one of " + ", ".join(LANGUAGES) + ".")
    answer = _checked(await http.post_json(wallet.provider + "/device-challenges", {}), 201)
    nonce = _text(answer.json_object(), "nonce")
    presentation = create_health_id_presentation(wallet, now=now, audience=wallet.provider, nonce=nonce)
    body = {"presentation": presentation, "fcm_token": fcm_token, "language": language}
    registered = _checked(await http.post_json(wallet.provider + "/devices", body), 201).json_object()
    device = Device(_text(registered, "device_id"), _text(registered, "device_token"), language)
    wallet.set_device(device)
    return device


async def fetch_inbox(wallet: Wallet, http: HttpClient) -> list[Message]:
    """The messages of this wallet's holder, the oldest first, read page by page.

    Raises `Unauthenticated` where the wallet is not registered, `ServiceRefused`, `FetchError`.
    """
    device = _device(wallet)
    messages: list[Message] = []
    query = ""
    while len(messages) < _MAX_MESSAGES:
        answer = _checked(await http.get(f"{wallet.provider}/inbox{query}", token=device.device_token), 200)
        page = _parse_page(answer.json_object(), device.language)
        if not page:
            break
        messages += page
        query = f"?after={page[-1].id}"
    return messages


async def fetch_message(wallet: Wallet, http: HttpClient, message_id: str) -> Message:
    """One message, which the provider then counts as opened. Raises as `fetch_inbox`."""
    device = _device(wallet)
    if not _ID.match(message_id):
        raise InvalidRequest("This is not the id of a message.")
    answer = _checked(await http.get(f"{wallet.provider}/inbox/{message_id}", token=device.device_token), 200)
    return _parse_message(answer.json_object(), device.language)


async def handle_push(wallet: Wallet, http: HttpClient, data: Mapping[str, str]) -> Message:
    """The message that a push tells of. `data`: exactly `id` and `template`; raises `InvalidRequest` for anything else.

    The push's template is only a hint for a locked screen: what is shown comes from the inbox.
    """
    if data.keys() != {"id", "template"}:
        raise InvalidRequest("This push is not from the wallet's provider.")
    return await fetch_message(wallet, http, data["id"])


def _device(wallet: Wallet) -> Device:
    if wallet.device is None:
        raise Unauthenticated("This wallet is not registered with its provider yet.")
    return wallet.device


def _parse_page(value: Mapping[str, Any], language: str) -> list[Message]:
    messages = value.get("messages")
    if not isinstance(messages, list):
        raise FetchFailed("The provider's inbox can't be read.")
    return [_parse_message(each, language) for each in messages]


def _parse_message(value: Any, language: str) -> Message:
    try:
        message_id, template, parameters = value["id"], value["template"], value["parameters"]
        created_at, opened_at = value["created_at"], value["opened_at"]
        if not _ID.match(message_id) or not isinstance(template, str) or not isinstance(parameters, dict):
            raise FetchFailed("The provider's inbox can't be read.")
        if type(created_at) is not int or type(opened_at) not in (int, type(None)):
            raise FetchFailed("The provider's inbox can't be read.")
    except (KeyError, TypeError) as cause:
        raise FetchFailed("The provider's inbox can't be read.") from cause
    return Message(message_id, render_message(template, parameters, language), created_at, opened_at)


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= _MAX_TOKEN:
        raise FetchFailed("The provider's answer can't be read.")
    return text


def _checked(answer: HttpResponse, expected_status: int) -> HttpResponse:
    """The answer if it has that status; else its problem's code (RFC 9457) as `ServiceRefused`, without its words."""
    if answer.status == expected_status:
        return answer
    try:
        code = answer.json_object().get("code")
    except FetchFailed:
        code = None
    if not isinstance(code, str) or not _CODE.match(code):
        code = "unknown"
    if code == "unauthenticated":
        raise ServiceRefused(code, "The provider does not know this device any more.")
    raise ServiceRefused(code, f"The provider refused with the code {code}.")
