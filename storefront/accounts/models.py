"""People, how they sign in, and what was tried in their name.

Other tables know a person by `person_id` alone. Name, numbers and addresses stand here, in one
erasable table each (product.md, "Privacy").
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.core.database import Base, BigId
from storefront.core.identifiers import Employment, opaque_id, random_id
from storefront.core.permissions import PersonId, Role


class Person(Base):
    """Somebody who can act. `session_epoch` rises to end every session at once."""

    __tablename__ = "people"

    person_id: Mapped[PersonId] = mapped_column(String(16), primary_key=True, default=opaque_id)
    is_active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    language: Mapped[str] = mapped_column(String(2), default="id")
    created_at: Mapped[datetime]

    details: Mapped["PersonDetails"] = relationship(lazy="raise_on_sql")
    numbers: Mapped[list["PersonNumber"]] = relationship(lazy="raise_on_sql")


class PersonDetails(Base):
    """Who a person is, erasable."""

    __tablename__ = "person_details"

    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    """Lower case. Also a login."""
    phone: Mapped[str] = mapped_column(String(20), default="")


class PersonNumber(Base):
    """A NIP. A PPPK gets a new one with each agency, so a person can have several."""

    __tablename__ = "person_numbers"

    nip: Mapped[str] = mapped_column(String(18), primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"), index=True)
    employment: Mapped[Employment]
    since: Mapped[date]


class Address(Base):
    """Where a person wants private goods brought, erasable."""

    __tablename__ = "addresses"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"), index=True)
    text: Mapped[str] = mapped_column(String(400))
    used_at: Mapped[datetime]


class Credential(Base):
    """An Argon2 hash. No row, no way in: who was imported must be activated first."""

    __tablename__ = "credentials"

    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime]


class CityRole(Base):
    """A role over the whole city. A second person confirms it, but for the very first.

    No column says that it counts: it does when confirmed and not ended (`grants.py`).
    """

    __tablename__ = "city_roles"
    __table_args__ = (
        CheckConstraint("role IN ('city_admin', 'auditor')", name="role_over_the_city"),
        CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by OR proposed_by = 'operator'",
            name="confirmed_by_a_second_person",
        ),
        Index(
            "uq_city_roles_confirmed_by_operator",
            "confirmed_by",
            unique=True,
            sqlite_where=text("confirmed_by = 'operator' AND ended_at IS NULL"),
            postgresql_where=text("confirmed_by = 'operator' AND ended_at IS NULL"),
        ),
        Index(
            "uq_city_roles_open",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"), index=True)
    role: Mapped[Role]
    proposed_by: Mapped[PersonId] = mapped_column(String(16))
    proposed_at: Mapped[datetime]
    confirmed_by: Mapped[PersonId | None] = mapped_column(String(16))
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CodePurpose(StrEnum):
    """The first password, a new one, or the second proof at a sign-in that may be a guess."""

    ACTIVATE = "activate"
    RESET = "reset"
    SIGN_IN = "sign_in"


class OneTimeCode(Base):
    """A link or slip that sets a password or lets somebody in, once.

    The token is not kept: it is made from the row's random id and the app's key (`codes.py`), so
    that neither a copy of the database nor the outbox opens an account.
    """

    __tablename__ = "one_time_codes"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries_not_negative"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=random_id)
    """Random: a number that is given again after a restored backup would revive an old token."""
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"), index=True)
    purpose: Mapped[CodePurpose]
    sent_to: Mapped[str | None] = mapped_column(String(254))
    """The address it went to: a later change of address makes the code void. None: printed."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)


class SignInSession(Base):
    """One device that is signed in. The cookie carries a random key; its digest stands here."""

    __tablename__ = "sign_in_sessions"

    key_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"), index=True)
    epoch: Mapped[int]
    device: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class KnownDevice(Base):
    """A device on which a person signed in before: it is not delayed by others' failures."""

    __tablename__ = "known_devices"
    __table_args__ = (UniqueConstraint("person_id", "device_digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"))
    device_digest: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    """Since the last success. Too many, and the device waits like any other."""


class LoginFailure(Base):
    """A try that has not fitted, by what was tried and where it came from; all as keyed digests.

    It is written before the password is looked at, and taken away when it fits: so many tries at
    once count as many, too.
    """

    __tablename__ = "login_failures"
    __table_args__ = (
        Index(None, "login_digest", "at"),
        Index(None, "address_digest", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login_digest: Mapped[str] = mapped_column(String(64))
    block_digest: Mapped[str] = mapped_column(String(64))
    """The /24 or /48 of the address."""
    address_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
