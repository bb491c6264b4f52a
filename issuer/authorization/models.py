"""Tables of who may fetch what. Whatever a bearer holds is here only as a hash, in hex digits."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Text
from sqlmodel import Field

from issuer.models import IssuerTable


class Authorization(IssuerTable, table=True):
    """That a wallet may fetch one set of credentials of one person.

    An offer's redemption, an authorization code and a refresh token each end in one. Those that refresh tokens led to
    belong to the `family_id` of the first, whose id it is: what was issued from one code is revoked together.
    `credential_identifiers` are the configurations by identifier, None where the wallet did not ask in a way that gets
    identifiers (OpenID4VCI 1.0 section 6.2). `claims` are those that the officer stated in the offer, by credential
    type, until the tokens are over. `instance_jkt` is the thumbprint of the wallet's attested key, None where none was.
    """

    __tablename__ = "authorizations"

    id: str = Field(primary_key=True, max_length=32)
    family_id: str = Field(max_length=32, index=True)
    person_id: str = Field(max_length=32, foreign_key="people.id", index=True)
    configuration_ids: list[str] = Field(sa_type=JSON)
    credential_identifiers: dict[str, str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    claims: dict[str, dict[str, Any]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    client_id: str | None = Field(default=None, max_length=300)
    instance_jkt: str | None = Field(default=None, max_length=43)
    offer_id: str | None = Field(default=None, max_length=32, foreign_key="offers.id", index=True)
    created_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)


class AccessToken(IssuerTable, table=True):
    """An access token. `dpop_jkt` is the thumbprint of the key that it is bound to (RFC 9449), None for a bearer's."""

    __tablename__ = "access_tokens"

    token_hash: str = Field(primary_key=True, max_length=64)
    authorization_id: str = Field(max_length=32, foreign_key="authorizations.id", index=True)
    dpop_jkt: str | None = Field(default=None, max_length=43)
    expires_at: int = Field(sa_type=BigInteger, index=True)


class RefreshToken(IssuerTable, table=True):
    """A refresh token, which is good once; it stays here when it was used, so that a second use is noticed."""

    __tablename__ = "refresh_tokens"

    token_hash: str = Field(primary_key=True, max_length=64)
    authorization_id: str = Field(max_length=32, foreign_key="authorizations.id", index=True)
    dpop_jkt: str | None = Field(default=None, max_length=43)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    used_at: int | None = Field(default=None, sa_type=BigInteger)


class UsedProof(IssuerTable, table=True):
    """A DPoP proof, or the proof of a wallet attestation, that came: it counts once. `digest` is in hex digits."""

    __tablename__ = "used_proofs"

    digest: str = Field(primary_key=True, max_length=64)
    expires_at: int = Field(sa_type=BigInteger, index=True)


class NonceSecret(IssuerTable, table=True):
    """The secret behind the nonces that this server makes, in hex digits: one row, which the first process writes.

    Who reads it can make proofs in advance, and nothing else.
    """

    __tablename__ = "nonce_secrets"

    id: int = Field(primary_key=True)
    secret: str = Field(max_length=64)


class AuthorizationRequestRow(IssuerTable, table=True):
    """One authorization request, from its pushing or the opening of the page to the redemption of its code.

    It goes on only, each step by one conditional UPDATE: pushed (`request_uri_hash`), opened in a browser
    (`session_hash` is of the secret in its cookie), the patient known (`person_id`), decided (`code_hash` where the
    patient agreed), redeemed (`code_used_at`, `authorization_id`). `expires_at` is of the step that it is at.
    `dpop_jkt` and `instance_jkt` are of the keys that a pushed request proved, or asked to be bound to.
    """

    __tablename__ = "authorization_requests"

    id: str = Field(primary_key=True, max_length=32)
    client_id: str = Field(max_length=300)
    redirect_uri: str = Field(sa_type=Text)
    state: str | None = Field(default=None, sa_type=Text)
    code_challenge: str = Field(max_length=43)
    dpop_jkt: str | None = Field(default=None, max_length=43)
    instance_jkt: str | None = Field(default=None, max_length=43)
    configuration_ids: list[str] = Field(sa_type=JSON)
    with_identifiers: bool
    offer_id: str | None = Field(default=None, max_length=32, foreign_key="offers.id")
    request_uri_hash: str | None = Field(default=None, max_length=64, unique=True)
    session_hash: str | None = Field(default=None, max_length=64, unique=True)
    attempts: int = 0
    person_id: str | None = Field(default=None, max_length=32, foreign_key="people.id")
    decided_at: int | None = Field(default=None, sa_type=BigInteger)
    code_hash: str | None = Field(default=None, max_length=64, unique=True)
    code_used_at: int | None = Field(default=None, sa_type=BigInteger)
    authorization_id: str | None = Field(default=None, max_length=32, foreign_key="authorizations.id")
    expires_at: int = Field(sa_type=BigInteger, index=True)


class SignInCode(IssuerTable, table=True):
    """The newest one-time code of a person by one channel: `office` or `sms`.

    `code_mac` is keyed with a secret of the settings, so that a copy of this table is no help in guessing eight digits.
    """

    __tablename__ = "sign_in_codes"

    person_id: str = Field(primary_key=True, max_length=32, foreign_key="people.id")
    channel: str = Field(primary_key=True, max_length=10)
    code_mac: str = Field(max_length=64)
    attempts: int = 0
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    used_at: int | None = Field(default=None, sa_type=BigInteger)


class SignInPresentation(IssuerTable, table=True):
    """A request for a health ID that signs a patient in, until the browser is back with `response_code`.

    `request_id` is of the authorization request; `person_id` is there once a wallet has answered, once.
    """

    __tablename__ = "sign_in_presentations"

    state_hash: str = Field(primary_key=True, max_length=64)
    request_id: str = Field(max_length=32)
    nonce: str = Field(max_length=64)
    person_id: str | None = Field(default=None, max_length=32, foreign_key="people.id")
    response_code_hash: str | None = Field(default=None, max_length=64, unique=True)
    expires_at: int = Field(sa_type=BigInteger, index=True)
