"""What an operator types, as what the registry takes: DIDs, roles, credential types, dates, hashes."""

from __future__ import annotations

import datetime
import re

from sabai.registry.known import KnownRegistry, parse_address
from vc_core.coverage import BANGKOK
from vc_core.credential_types import CREDENTIAL_TYPES, type_named
from vc_core.did.ethr import DidError, create_did, parse_did_ethr
from vc_core.errors import InvalidRequest
from vc_core.ledger.events import Role
from vc_core.wallet_providers import WALLET_ATTESTATION, WALLET_ATTESTATION_NAME

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_HASH = re.compile(r"(?:0x)?([0-9a-fA-F]{64})\Z")


def parse_organisation(text: str, known: KnownRegistry) -> str:
    """A DID by itself, by its address, or by the name that the registry's file gives it. Raises `InvalidRequest`."""
    did = known.dids.get(text, text)
    if did.startswith("0x"):
        return create_did(known.chain_id, parse_account(did))
    try:
        parsed = parse_did_ethr(did)
    except DidError as cause:
        raise InvalidRequest(
            f"An organisation is a DID such as did:ethr:0x{known.chain_id:x}:0x…, or its address."
        ) from cause
    if parsed.chain_id != known.chain_id:
        raise InvalidRequest("The DID is of another chain than this registry.")
    return did


def identity_of(did: str) -> bytes:
    """The 20-byte address that a DID of ours names."""
    return bytes.fromhex(parse_did_ethr(did).address[2:])


def parse_account(text: str) -> bytes:
    """0x and 40 hex digits as 20 bytes. Raises `InvalidRequest`."""
    try:
        return parse_address(text)
    except ValueError as cause:
        raise InvalidRequest("An account is 0x and 40 hex digits.") from cause


def parse_credential_type(name: str) -> str:
    """The `vct` of a credential type by its name, or what wallet providers attest. Raises `InvalidRequest`."""
    if name in (WALLET_ATTESTATION_NAME, WALLET_ATTESTATION):
        return WALLET_ATTESTATION
    found = type_named(name) or CREDENTIAL_TYPES.get(name)
    if found is None:
        names = ", ".join([*(each.name for each in CREDENTIAL_TYPES.values()), WALLET_ATTESTATION_NAME])
        raise InvalidRequest(f"There is no such credential type; known are {names}.")
    return found.vct


def parse_role(text: str) -> Role:
    """`issue`, `verify` or `provide_wallets`. Raises `InvalidRequest`."""
    try:
        return Role[text.upper()]
    except KeyError as cause:
        raise InvalidRequest("A role is issue, verify or provide_wallets.") from cause


def parse_time(text: str) -> int:
    """Seconds since 1970 of a date (its midnight in Bangkok) or an ISO 8601 time with its offset."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as cause:
        raise InvalidRequest("A time is a date such as 2027-12-31, or 2027-12-31T00:00:00+07:00.") from cause
    if _DATE.match(text):
        moment = moment.replace(tzinfo=BANGKOK)
    if moment.tzinfo is None:
        raise InvalidRequest("A time of day needs its offset, such as +07:00.")
    return int(moment.timestamp())


def parse_hash(text: str) -> bytes:
    """64 hex digits as 32 bytes. Raises `InvalidRequest`."""
    match = _HASH.match(text)
    if match is None:
        raise InvalidRequest("A hash is 64 hex digits.")
    return bytes.fromhex(match[1])


def format_moment(seconds: int) -> str:
    """A time as ISO 8601 in UTC; the registry's greatest ones are for ever."""
    if seconds >= 2**37:
        return "for ever"
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
