"""Tables of offers, nonces and issued credentials. Whatever a bearer holds is here only as a hash, in hex digits."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, text
from sqlmodel import Field, Index, UniqueConstraint

from issuer.models import IssuerTable


class Offer(IssuerTable, table=True):
    """One offer to one person, from its making to its redemption.

    `reference_hash` is of the secret at the end of the offer's address. `code_hash` is None where the offer has no
    pre-authorized code, `issuer_state_hash` where it does not lead to the authorization page. `tx_code` is what wallets
    are told of the transaction code, None where none is asked for; `tx_code_mac` is keyed with the pre-authorized code,
    which is nowhere here: a copy of this table is no help in guessing six digits. `claims` are those that the
    officer stated, by credential type, until the offer is redeemed or over. `needs_approval`: what is fetched by it is
    issued only when an officer has approved it.
    """

    __tablename__ = "offers"

    id: str = Field(primary_key=True, max_length=32)
    reference_hash: str = Field(max_length=64, unique=True)
    code_hash: str | None = Field(default=None, max_length=64, unique=True)
    issuer_state_hash: str | None = Field(default=None, max_length=64, unique=True)
    tx_code: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    tx_code_mac: str | None = Field(default=None, max_length=64)
    tx_code_attempts: int = 0
    person_id: str = Field(max_length=32, foreign_key="people.id", index=True)
    configuration_ids: list[str] = Field(sa_type=JSON)
    claims: dict[str, dict[str, Any]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    redeemed_at: int | None = Field(default=None, sa_type=BigInteger)
    needs_approval: bool = Field(default=False)


class Nonce(IssuerTable, table=True):
    """A `c_nonce` that has not been used yet."""

    __tablename__ = "nonces"

    nonce_hash: str = Field(primary_key=True, max_length=64)
    expires_at: int = Field(sa_type=BigInteger, index=True)


class SetState(StrEnum):
    """Whether a set of credentials may be issued: at once, or by an officer's decision."""

    GRANTED = "granted"
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


class CredentialSet(IssuerTable, table=True):
    """What one authorization brings in one configuration: as many credentials as keys were proven.

    `holders` are these keys in order, each `{"jwk": …, "did": …}`, `did` null where the wallet showed the bare key. The
    id is what the wallet knows as `notification_id`, and while it waits for an officer as `transaction_id`; both count
    only together with a token of the same family. `claims` are those that the officer stated in the offer, kept until a
    set that had to wait is collected or refused. `reason` says why it was refused.
    """

    __tablename__ = "credential_sets"
    __table_args__ = (
        UniqueConstraint("authorization_id", "configuration_id"),
        Index("ix_credential_sets_state", "state", "created_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    authorization_id: str = Field(max_length=32, foreign_key="authorizations.id")
    family_id: str = Field(max_length=32, index=True)
    configuration_id: str = Field(max_length=100)
    person_id: str = Field(max_length=32, foreign_key="people.id", index=True)
    holders: list[dict[str, Any]] = Field(sa_type=JSON)
    claims: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    state: str = Field(max_length=10)
    reason: str | None = Field(default=None, max_length=40)
    created_at: int = Field(sa_type=BigInteger)
    decided_at: int | None = Field(default=None, sa_type=BigInteger)
    collected_at: int | None = Field(default=None, sa_type=BigInteger)


class CredentialNotification(IssuerTable, table=True):
    """That a wallet told what became of a set: each event once, however often it is told."""

    __tablename__ = "credential_notifications"

    set_id: str = Field(primary_key=True, max_length=32, foreign_key="credential_sets.id")
    event: str = Field(primary_key=True, max_length=30)
    received_at: int = Field(sa_type=BigInteger)


class Issuance(IssuerTable, table=True):
    """One issued credential: for whom, to which key, and where its status is. The credential itself is not kept.

    The row is there before the credential is signed. `status` is a value of `vc_core.formats.status_list.Status`;
    `list_id` and `status_index` are None where the credential's type has no status. `holder_jwk` is the wallet's public
    key as a JWK in JSON, `verification_method` the DID URL of the key that signed; both are None in rows from before
    they were kept. One of a bulk issuance has no authorization.
    """

    __tablename__ = "issuances"
    __table_args__ = (
        UniqueConstraint("authorization_id", "configuration_id", "holder_thumbprint"),
        UniqueConstraint("list_id", "status_index"),
        Index("ix_issuances_person_type", "person_id", "credential_type"),
        # Publishing a list reads the few that are withdrawn, however many were issued.
        Index(
            "ix_issuances_withdrawn",
            "list_id",
            "status_index",
            "status",
            sqlite_where=text("status != 0"),
            postgresql_where=text("status != 0"),
        ),
    )

    id: str = Field(primary_key=True, max_length=32)
    authorization_id: str | None = Field(default=None, max_length=32, foreign_key="authorizations.id")
    configuration_id: str = Field(max_length=100)
    person_id: str = Field(max_length=32, foreign_key="people.id")
    credential_type: str = Field(max_length=50)
    format: str = Field(max_length=20)
    holder_thumbprint: str = Field(max_length=43)
    holder_jwk: str | None = Field(default=None, max_length=200)
    verification_method: str | None = Field(default=None, max_length=120)
    list_id: str | None = Field(max_length=32, foreign_key="status_lists.id")
    status_index: int | None
    status: int = 0
    issued_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
