"""The tables of a store's state.

Instants are whole UTC seconds since the epoch, as everywhere; days are dates. What must stay exact (rho) is
text. The schema of the database itself is made by the migrations beside this module; a test holds the two
together, and :data:`REVISION` to the newest migration.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

REVISION = "0001"
"""Newest migration: what :func:`hereabouts.state.database.open_state` brings a database to."""

WindowStatus = Literal["open", "sealing", "sealed"]
ChargeState = Literal["open", "measured", "void"]


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, so that a migration can speak of them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class StoreFacts(Base):
    """The one row of what a store was made as. It is written by ``init`` and never changed."""

    __tablename__ = "store"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """UUID in hex."""
    created: Mapped[int] = mapped_column(BigInteger)
    timezone: Mapped[str] = mapped_column(Text)
    window: Mapped[str] = mapped_column(Text)
    """Length of a window, an ISO 8601 duration such as ``P7D``."""
    anchor: Mapped[date]
    """Local date that windows are counted from."""
    resolution: Mapped[int]
    """Finest H3 resolution that is kept."""
    max_accuracy: Mapped[float] = mapped_column(Double)
    """Metres: a ping with a worse horizontal accuracy is left out."""
    layout: Mapped[int]
    """Version of the files that lie beside the database."""


class SupplierRow(Base):
    """A supplier that was admitted, and the evidence of consent that it was admitted on."""

    __tablename__ = "suppliers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    evidence_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the evidence file, in hex. The file itself stays with the operator."""
    evidence_name: Mapped[str] = mapped_column(Text)
    expires: Mapped[date]
    """Last day on which the admission is in force."""
    all_consented: Mapped[bool]
    added: Mapped[int] = mapped_column(BigInteger)


class Intake(Base):
    """One feed that was taken in. Confidential: the receipt counts rows."""

    __tablename__ = "intakes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    feed_digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the feed, in hex: the same feed is taken in once."""
    supplier: Mapped[str] = mapped_column(ForeignKey("suppliers.id"))
    profile: Mapped[str] = mapped_column(Text)
    started: Mapped[int] = mapped_column(BigInteger)
    committed: Mapped[int | None] = mapped_column(BigInteger)
    """When its pings were in the store for good: a row is written only then."""
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class WindowRow(Base):
    """A window of the store, from its first ping on. Confidential: the counts are exact."""

    __tablename__ = "windows"
    __table_args__ = (CheckConstraint("status IN ('open', 'sealing', 'sealed')", name="status"),)

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    """First local day and the day after the last, such as ``2008-02-02/2008-02-09``."""
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[WindowStatus] = mapped_column(String(8))
    sealed_at: Mapped[int | None] = mapped_column(BigInteger)
    data_version: Mapped[str] = mapped_column(String(64), default="")
    """Changes with the data of a sealed window; part of every measurement's key. Empty until sealed."""
    counts: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    """``pings``, ``device_hours`` and ``trips``."""


class ChargeRow(Base):
    """What one measurement costs a window's budget. Written by :mod:`hereabouts.ledger` alone."""

    __tablename__ = "charges"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'measured', 'void')", name="state"),
        # The second lock on the door: whatever the code does, one measurement is never paid for twice.
        Index(
            "uq_charges_live",
            "store_id",
            "window",
            "measurement_key",
            unique=True,
            sqlite_where=text("state <> 'void'"),
            postgresql_where=text("state <> 'void'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    store_id: Mapped[str] = mapped_column(String(32))
    """No foreign key: a ledger may stand apart from the stores that draw on it."""
    window: Mapped[str] = mapped_column(String(64))
    measurement_key: Mapped[str] = mapped_column(String(64))
    rho: Mapped[str] = mapped_column(Text)
    """Exact, as ``numerator/denominator``."""
    epsilon: Mapped[float] = mapped_column(Double)
    delta: Mapped[float] = mapped_column(Double)
    plan_name: Mapped[str] = mapped_column(Text)
    state: Mapped[ChargeState] = mapped_column(String(8))
    created: Mapped[int] = mapped_column(BigInteger)
    measured_at: Mapped[int | None] = mapped_column(BigInteger)
