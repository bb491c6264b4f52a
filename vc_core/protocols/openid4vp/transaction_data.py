"""`transaction_data` (OpenID4VP 1.0 sections 5.1, 8.4 and B.3.3): what the holder agrees to by presenting.

Each is a JSON object in base64url. The holder's key signs its SHA-256 in the key binding JWT, over the text as it was
sent: so the presentation proves what the holder was shown. We have two types, and every member that we list is needed:

| type | member | is |
|---|---|---|
| `urn:sabai:transaction:consent:1` | `purpose` | what the data is for, in the holder's language |
| | `recipient` | who gets it |
| | `valid_until` | the last day of the consent, `YYYY-MM-DD` |
| `urn:sabai:transaction:visit:1` | `hospital` | the hospital's code, 5 or 9 digits |
| | `visit_id` | the hospital's own name for the visit; no name of a person |
| | `visit_date` | the day of the visit, `YYYY-MM-DD` |
| | `service` | what was done, as the patient is to confirm it |

Beside these there are `credential_ids` and, always in ours, `transaction_data_hashes_alg` with `sha-256`. A type or a
member that is not known here is refused: nobody is to sign what could not be shown to them.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.credential_types.text import is_displayable
from vc_core.encoding import EncodingError, base64url_decode, base64url_encode, compact_json, parse_json_object
from vc_core.errors import ProtocolError

CONSENT = "urn:sabai:transaction:consent:1"
VISIT = "urn:sabai:transaction:visit:1"
SHA_256 = "sha-256"
_MAX_TEXT = 300
_IDENTIFIER = re.compile(r"[A-Za-z0-9._~-]{1,64}\Z")
_HOSPITAL_CODE = re.compile(r"[0-9]{5}([0-9]{4})?\Z")


@dataclass(frozen=True)
class TransactionData:
    """One of them: its type, the ids of the credential queries of which one authorizes it, and the type's members.

    `text` is as sent, which is what gets hashed.
    """

    type: str
    credential_ids: tuple[str, ...]
    members: Mapping[str, str]
    text: str

    @property
    def sha_256(self) -> str:
        """What `transaction_data_hashes` has of it: the hash of the text as sent, in base64url."""
        return base64url_encode(hashlib.sha256(self.text.encode("utf-8")).digest())


def create_transaction_data(type_: str, credential_ids: Sequence[str], members: Mapping[str, str]) -> TransactionData:
    """One for a request. Raises `ProtocolError` `invalid_transaction_data` where it is not of the type's form."""
    value = {
        "type": type_,
        "credential_ids": list(credential_ids),
        "transaction_data_hashes_alg": [SHA_256],
        **members,
    }
    return parse_transaction_data(base64url_encode(compact_json(value)), credential_ids=credential_ids)


def parse_transaction_data(text: str, *, credential_ids: Collection[str]) -> TransactionData:
    """One text of a request whose credential queries have these ids.

    Raises `ProtocolError` `invalid_transaction_data`, for every reason of section 8.5.
    """
    try:
        value = parse_json_object(base64url_decode(text))
    except EncodingError as cause:
        raise _bad("It is not a JSON object in base64url.") from cause
    type_ = value.pop("type", None)
    checks = _TYPES.get(type_) if isinstance(type_, str) else None
    if checks is None:
        raise _bad("Its type is not known here.")
    names = value.pop("credential_ids", None)
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise _bad("It does not say which credential authorizes it.")
    if not set(names) <= set(credential_ids) or len(set(names)) != len(names):
        raise _bad("It names a credential that is not asked for.")
    algorithms = value.pop("transaction_data_hashes_alg", [SHA_256])
    if not isinstance(algorithms, list) or SHA_256 not in algorithms:
        raise _bad("It is to be hashed in a way that is not known here.")
    if value.keys() != checks.keys() or not all(check(value[name]) for name, check in checks.items()):
        raise _bad("Its members are not those of its type.")
    return TransactionData(str(type_), tuple(names), value, text)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= _MAX_TEXT and is_displayable(value)


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


_TYPES: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    CONSENT: {"purpose": _is_text, "recipient": _is_text, "valid_until": _is_date},
    VISIT: {
        "hospital": _matches(_HOSPITAL_CODE),
        "visit_id": _matches(_IDENTIFIER),
        "visit_date": _is_date,
        "service": _is_text,
    },
}


def _bad(message: str) -> ProtocolError:
    return ProtocolError("invalid_transaction_data", message)
