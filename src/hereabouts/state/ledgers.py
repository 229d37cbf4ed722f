"""The tables of a ledger beside its charges: which ledger it is, who draws on it, and which feeds they have taken.

They lie in every state database; written to are those of the database that the ledger is in.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hereabouts.state.tables import Base


class LedgerIdentity(Base):
    """The one row that says which ledger a database holds; there is none where it is a store's own."""

    __tablename__ = "ledger"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """UUID in hex: another database at the same address is another ledger."""
    created: Mapped[int] = mapped_column(BigInteger)


class LedgerStore(Base):
    """A store that draws on the ledger: what others need to know of its windows."""

    __tablename__ = "ledger_stores"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    timezone: Mapped[str] = mapped_column(Text)
    days: Mapped[int]
    """Length of its windows."""
    anchor: Mapped[date]
    """Local date that its windows are counted from."""
    budget: Mapped[str] = mapped_column(Text)
    """Rho of each window, exact, as ``numerator/denominator``."""


class LedgerFeed(Base):
    """A feed that a store has taken, or was about to. Confidential: who has the file can tell who took it."""

    __tablename__ = "ledger_feeds"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the feed, in hex. Not keyed: stores must arrive at the same one, and have no secret in common."""
    store_id: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)
