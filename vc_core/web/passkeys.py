"""Signing in with a passkey (WebAuthn Level 3): what a browser is asked, and whether its answer holds.

A passkey is a key pair that a phone, a computer or a security key made for one host name, and uses only after its owner
has shown that it is them. Two ceremonies:

    registration (section 7.1)    create_registration_options → the browser → verify_registration → a public key
    authentication (section 7.2)  create_authentication_options → the browser → verify_assertion → who it was

Options and answers are the JSON that browsers read and write by themselves (`parseCreationOptionsFromJSON`, `toJSON`).
Passkeys are discoverable, so nobody types a name, and the owner is always verified, by finger, face or PIN. What the
device says about its make (attestation) is neither asked for nor believed.

The caller owes what needs a database: that a challenge is its own and used once (`vc_core.web.challenges`), that a
passkey is registered for one person only, and that its new `sign_count` is kept.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import options_to_json_dict, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from vc_core.encoding import EncodingError, base64url_decode
from vc_core.errors import Conflict, InvalidRequest, Unauthenticated

TIMEOUT_SECONDS = 300
"""How long the browser lets its user look for the passkey: what the specification recommends."""
MAX_CREDENTIAL_ID_BYTES = 1023


@dataclass(frozen=True)
class RelyingParty:
    """Who asks: `id` is the host that passkeys are made for, `name` what devices show, `origins` where pages may be."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True)
class VerifiedPasskey:
    """A passkey that was just made. `public_key` is a COSE_Key, `sign_count` 0 where the device does not count."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class RegisteredPasskey(VerifiedPasskey):
    """A passkey as the service keeps it: `user_id` is what its registration named the person by."""

    user_id: bytes


@dataclass(frozen=True)
class VerifiedAssertion:
    """That the owner of a registered passkey was there; `sign_count` is to be kept with the passkey."""

    credential_id: bytes
    sign_count: int


def create_relying_party(public_url: str, *, name: str) -> RelyingParty:
    """Who asks, from a service's own address (an origin). On the loopback interface that is `localhost`.

    Raises `Conflict` where the address has no host name: browsers make no passkeys for IP addresses.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    address = _ip_address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        port = "" if parts.port is None else f":{parts.port}"
        origins = dict.fromkeys((public_url, f"{parts.scheme}://localhost{port}"))
        return RelyingParty("localhost", name, tuple(origins))
    if address is not None or not host:
        raise Conflict("Passkeys need a host name, and the address of this service has none.")
    return RelyingParty(host, name, (public_url,))


def create_registration_options(
    party: RelyingParty, *, user_id: bytes, user_name: str, challenge: bytes, registered: Sequence[bytes] = ()
) -> dict[str, Any]:
    """The options for `navigator.credentials.create` as JSON; `registered` are the ids of passkeys the person has.

    `user_id` (1 to 64 bytes) must not say who the person is; devices show `user_name`.
    """
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user_id,
        user_name=user_name,
        challenge=challenge,
        timeout=TIMEOUT_SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in registered],
    )
    return options_to_json_dict(options)


def verify_registration(response: dict[str, Any], *, party: RelyingParty, expected_challenge: bytes) -> VerifiedPasskey:
    """The passkey in a `RegistrationResponseJSON`. Raises `InvalidRequest` where it was not made as asked."""
    try:
        verified = verify_registration_response(
            credential=response,
            expected_challenge=expected_challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    except Exception as cause:  # noqa: BLE001 - of a stranger's CBOR the library raises more than its own errors
        raise InvalidRequest("The passkey was not made as asked.") from cause
    if _is_framed(response) or len(verified.credential_id) > MAX_CREDENTIAL_ID_BYTES:
        raise InvalidRequest("The passkey was not made as asked.")
    return VerifiedPasskey(verified.credential_id, verified.credential_public_key, verified.sign_count)


def create_authentication_options(party: RelyingParty, *, challenge: bytes) -> dict[str, Any]:
    """The options for `navigator.credentials.get` as JSON: any passkey that the device has for this host."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_SECONDS * 1000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def verify_assertion(
    response: dict[str, Any], *, party: RelyingParty, expected_challenge: bytes, passkey: RegisteredPasskey
) -> VerifiedAssertion:
    """That this passkey signed the challenge, in an `AuthenticationResponseJSON`. Raises `Unauthenticated`.

    A device that counts must have counted on: a copy of its key would fall behind.
    """
    try:
        verified = verify_authentication_response(
            credential=response,
            expected_challenge=expected_challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
        user_id = base64url_decode(response["response"]["userHandle"])
    except Exception as cause:  # noqa: BLE001 - as above
        raise Unauthenticated("The passkey was not accepted.") from cause
    if _is_framed(response) or (verified.credential_id, user_id) != (passkey.credential_id, passkey.user_id):
        raise Unauthenticated("The passkey was not accepted.")
    return VerifiedAssertion(verified.credential_id, verified.new_sign_count)


def parse_credential_id(response: dict[str, Any]) -> bytes:
    """Which passkey an answer says it is of, to look it up by. Raises `InvalidRequest`."""
    try:
        credential_id = base64url_decode(_text(response, "id"))
    except EncodingError as cause:
        raise InvalidRequest("The answer names no passkey.") from cause
    if not 1 <= len(credential_id) <= MAX_CREDENTIAL_ID_BYTES:
        raise InvalidRequest("The answer names no passkey.")
    return credential_id


def parse_challenge(response: dict[str, Any]) -> bytes:
    """Which challenge an answer is to, for the caller to know its own again. Raises `InvalidRequest`."""
    try:
        return parse_client_data_json(base64url_decode(_text(response.get("response"), "clientDataJSON"))).challenge
    except Exception as cause:  # noqa: BLE001 - as above
        raise InvalidRequest("The answer is to no challenge.") from cause


def _is_framed(response: dict[str, Any]) -> bool:
    """Whether the page was inside another site's (sections 7.1 step 10 and 7.2 step 13); the answer is verified."""
    return bool(parse_client_data_json(base64url_decode(response["response"]["clientDataJSON"])).cross_origin)


def _text(value: Any, member: str) -> str:
    text = value.get(member) if isinstance(value, dict) else None
    if not isinstance(text, str):
        raise EncodingError("no such text")
    return text


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
