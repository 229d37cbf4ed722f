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
    LargeBinary,
    MetaData,
    Select,
    String,
    Text,
    func,
    select,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

REVISION = "0003"
"""Newest migration: what :func:`hereabouts.state.database.open_state` brings a database to."""

WindowStatus = Literal["open", "sealing", "sealed"]
ChargeState = Literal["open", "measured", "void"]
SupplierSource = Literal["sdk", "other"]
"""Where a supplier's pings come from: apps that hold its code, or anything else but an ad auction (RTB-BAN)."""


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
    ledger: Mapped[str] = mapped_column(Text, default="own")
    """``own``, or the id of the ledger that it shares: no other one holds what it has spent."""


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
    assessed: Mapped[date]
    """Day on which an operator last looked at how it comes by its pings (SUP-ASSESS)."""
    source: Mapped[SupplierSource] = mapped_column(String(16))


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
    frames: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """How many encrypted frames it wrote, by window. Purges take rows out of frames and leave the frames."""
    places_version: Mapped[int] = mapped_column(default=0)
    """Version of the list of sensitive places that its gate had; 0 where there was none."""


class PlaceListRow(Base):
    """A version of the list of sensitive places (SL-LIST); the list itself is a file beside the database."""

    __tablename__ = "place_lists"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the list's canonical content, in hex."""
    assessed: Mapped[date]
    """Day on which somebody last looked whether the list is complete."""
    added: Mapped[int] = mapped_column(BigInteger)
    summary: Mapped[dict[str, int]] = mapped_column(JSON)
    """Places by category."""


class PlaceTest(Base):
    """A run of ``places test`` (SL-TEST): planted pings, and whether any of them passed."""

    __tablename__ = "place_tests"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    ran: Mapped[int] = mapped_column(BigInteger)
    places_version: Mapped[int]
    report: Mapped[dict[str, Any]] = mapped_column(JSON)


class Withdrawal(Base):
    """A list of ids whose consent was withdrawn (WITHDRAW, DELETE). Confidential: the receipt counts rows.

    Neither the ids nor their pseudonyms come here; their suppression tokens are a file beside the database.
    """

    __tablename__ = "withdrawals"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    requested: Mapped[date]
    """Day on which it was asked for."""
    source: Mapped[str] = mapped_column(Text)
    """Who handed it in, in the operator's words."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file of tokens, in hex."""
    begun: Mapped[int] = mapped_column(BigInteger)
    """From here on its devices are kept out, and what is left of them is removed before anything else is done."""
    finished: Mapped[int | None] = mapped_column(BigInteger)
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON)


class RetentionRun(Base):
    """A run of ``retain`` (RETAIN): by which schedule, up to which instants, and what it did. Confidential."""

    __tablename__ = "retention_runs"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    ran: Mapped[int] = mapped_column(BigInteger)
    schedule_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the schedule as ``retain --schedule`` prints it, in hex."""
    keys_until: Mapped[int] = mapped_column(BigInteger)
    """Windows that ended by then have no pseudonym key any more, whether or not anybody was in them."""
    tables_until: Mapped[int] = mapped_column(BigInteger)
    """Windows that ended by then have no tables any more; 0 where tables are kept."""
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON)


def _newest(version: Mapped[int]) -> Select[tuple[int]]:
    return select(func.coalesce(func.max(version), 0))


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
    """``pings`` (distinct ones, when it was sealed), ``device_hours`` and ``trips`` (now)."""
    # A window that is new was filled through the newest gates: it begins up to date, whoever registers it.
    places_version: Mapped[int] = mapped_column(default=_newest(PlaceListRow.version).scalar_subquery())
    """Version of the list of sensitive places that its pings or tables have been purged by."""
    withdrawals_version: Mapped[int] = mapped_column(default=_newest(Withdrawal.version).scalar_subquery())
    """The last withdrawal whose devices are not in it any more."""
    before: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    """Rows by table when the purge under way began: so that a resumed one knows what it has removed."""
    looked: Mapped[str] = mapped_column(String(64), default="")
    """The version of its data that exact figures were made of, and only ever are (one-look); empty before that."""


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
            sqlite_where=text("state <> 'void'"),  # its migration says so to PostgreSQL too, which few commands ask
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
    plan_key: Mapped[str] = mapped_column(String(64), default="")
    """The measurement's key without the version of the data: what the same plan finds after they have changed."""
    data_version: Mapped[str] = mapped_column(String(64), default="")
    """Version of the data that it measures."""


class PolicyVersion(Base):
    """A policy that was in force, from the first act under it on."""

    __tablename__ = "policies"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of `content`, in hex. Confidential: protected areas could be tried against it."""
    content: Mapped[str] = mapped_column(Text)
    since: Mapped[int] = mapped_column(BigInteger)


class LogEntryRow(Base):
    """An entry of the transparency log, which its static files are made from; written by :mod:`hereabouts.log` alone.

    `entry` is public. `salt` and `document` are confidential: with them its owner can show what an entry commits to.
    """

    __tablename__ = "log_entries"

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 0, without gaps."""
    entry: Mapped[bytes] = mapped_column(LargeBinary)
    subject: Mapped[str | None] = mapped_column(Text, unique=True)
    """What it is about, for what must be logged once whatever happens, such as ``charge:7``."""
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
