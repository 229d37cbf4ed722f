"""The tables of what a regulated policy asks for: people and their keys, assessments, signatures, recipients, orders.

Every row is numbered from 1 within its table; a number is part of what is signed, so that no signature can be used
twice. Written by :mod:`hereabouts.rules` alone, each in the transaction of its entry in the log.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hereabouts.state.tables import Base


class PersonRow(Base):
    """A person: one account, and one Ed25519 key, which never becomes another's."""

    __tablename__ = "people"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """The public key's 32 bytes, in hex."""
    since: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[int | None] = mapped_column(BigInteger)
    """When they were taken off the register: from then on their signatures count no more."""


class OfficerRow(Base):
    """Who answers for the store, from when to when; the last row is the officer of now."""

    __tablename__ = "officers"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person: Mapped[int] = mapped_column(ForeignKey("people.number"))
    since: Mapped[int] = mapped_column(BigInteger)


class AssessmentRow(Base):
    """An impact assessment for a purpose. The document stays with the officer; this is its digest."""

    __tablename__ = "assessments"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file, in hex."""
    approver: Mapped[str] = mapped_column(String(64))
    expires: Mapped[date]
    """Last day on which it is in force."""
    filed: Mapped[int] = mapped_column(BigInteger)


class ApprovalRow(Base):
    """A person's signature on a plan; whether it is one is verified each time that the plan is run."""

    __tablename__ = "approvals"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    plan: Mapped[str] = mapped_column(String(64), index=True)
    """Digest of what the plan asks for, in hex."""
    person: Mapped[int] = mapped_column(ForeignKey("people.number"))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    made: Mapped[int] = mapped_column(BigInteger)


class RecipientRow(Base):
    """Who may be given releases, on which terms (RECIP); the last row of a name counts."""

    __tablename__ = "recipients"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    """Of the terms: the same for all who agreed to the same text."""
    terms: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the terms, in hex."""
    expires: Mapped[date]
    added: Mapped[int] = mapped_column(BigInteger)


class StopOrderRow(Base):
    """An order that halts intake and releases, until it is lifted. Its reason is confidential."""

    __tablename__ = "stop_orders"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[int] = mapped_column(BigInteger)
    lifted: Mapped[int | None] = mapped_column(BigInteger)
    lifted_by: Mapped[str | None] = mapped_column(String(64))


class ReviewRow(Base):
    """A review of the log: by whom, up to which entry, and what was found. The findings are confidential."""

    __tablename__ = "log_reviews"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reviewer: Mapped[str] = mapped_column(String(64))
    up_to: Mapped[int]
    """Place of the last entry that was looked at."""
    made: Mapped[int] = mapped_column(BigInteger)
    incidents: Mapped[list[str]] = mapped_column(JSON)
