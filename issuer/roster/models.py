"""The table of people."""

from sqlalchemy import BigInteger
from sqlmodel import Field, UniqueConstraint

from issuer.models import IssuerTable


class Person(IssuerTable, table=True):
    """A person as the office's roster has them. `person_ref` is the office's own reference, `health_id` is ours.

    `nationality`, what is known of a migrant's work, `copay_baht` (digits) and `phone` (as `+66812345678`) are empty
    where the office does not know them.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("identifier_system", "identifier_value"),)

    id: str = Field(primary_key=True, max_length=32)
    person_ref: str = Field(max_length=64, unique=True)
    health_id: str = Field(max_length=12, unique=True)
    name: str = Field(max_length=100)
    name_latin: str = Field(max_length=100)
    birth_date: str = Field(max_length=10)
    nationality: str = Field(max_length=3)
    identifier_system: str = Field(max_length=100)
    identifier_value: str = Field(max_length=20)
    scheme: str = Field(max_length=8)
    regular_hospital: str = Field(max_length=9)
    primary_hospital: str = Field(max_length=9)
    referral_hospital: str = Field(max_length=9)
    covered_from: str = Field(max_length=10)
    covered_until: str = Field(max_length=10)
    work_permit: str = Field(default="", max_length=20)
    work_permit_until: str = Field(default="", max_length=10)
    employer: str = Field(default="", max_length=100)
    copay_baht: str = Field(default="", max_length=5)
    phone: str = Field(default="", max_length=16)
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)
