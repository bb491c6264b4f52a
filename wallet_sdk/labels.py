"""What a holder reads of a credential: the names of its type and claims, and their values, in the holder's language.

The words are ours for the types that we know. For others they are the issuer's own, a stranger's: made inert, and cut.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import Claim, ClaimKind
from vc_core.encoding import compact_json
from wallet_sdk.content import HeldCredential
from wallet_sdk.messages import format_date
from wallet_sdk.plain_text import plain_text


def type_label(held: HeldCredential, language: str) -> str:
    """The name of the credential's type."""
    known = CREDENTIAL_TYPES.get(held.vct)
    words = known.labels if known is not None else held.words.name if held.words is not None else {}
    return _in_language(words, language) or plain_text(held.vct)


def claim_names(held: HeldCredential) -> tuple[str, ...]:
    """The names of the credential's claims, in the order of its type's definition where we know it."""
    known = CREDENTIAL_TYPES.get(held.vct)
    first = [each.name for each in known.claims if each.name in held.claims] if known is not None else []
    return tuple(dict.fromkeys((*first, *held.claims)))


def claim_label(held: HeldCredential, name: str, language: str) -> str:
    """The name of a claim of the credential."""
    claim = _known_claim(held, name)
    if claim is not None:
        return _in_language(claim.labels, language)
    words = {} if held.words is None else held.words.claims.get(name, {})
    return _in_language(words, language) or plain_text(name)


def claim_text(held: HeldCredential, name: str, value: Any, language: str) -> str:
    """A claim's value: dates and choices in words, what has parts as JSON."""
    claim = _known_claim(held, name)
    if claim is not None and claim.kind is ClaimKind.DATE:
        return format_date(datetime.date.fromisoformat(value), language)
    if claim is not None:
        return plain_text(claim.text(value, language))
    return plain_text(value if isinstance(value, str) else compact_json(value).decode("utf-8"))


def _known_claim(held: HeldCredential, name: str) -> Claim | None:
    known = CREDENTIAL_TYPES.get(held.vct)
    return next((each for each in known.claims if each.name == name), None) if known is not None else None


def _in_language(words: Mapping[str, str], language: str) -> str:
    """The text in the language, else in English, else in the first there is; empty where there is none."""
    for locale in (language, "en", "", *words):
        if words.get(locale):
            return plain_text(words[locale])
    return ""
