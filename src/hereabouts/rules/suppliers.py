"""Suppliers: whose feeds may be taken in, on what evidence of consent, and until when (SUP-ASSESS, RTB-BAN).

A supplier is admitted by an operator before any of its feeds is read. The evidence (a contract, an
assessment, a consent record) stays with the operator; the store keeps its digest, so that it can be shown
later which document was relied on. An admission is in force to its last day, and no longer than a year after
the supplier was last assessed. What comes from ad auctions is never admitted.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from sqlalchemy import Engine, select

from hereabouts.errors import RefusedError, UsageError
from hereabouts.log.entries import append
from hereabouts.rules.documents import digest_of
from hereabouts.state.database import reading, writing
from hereabouts.state.tables import SupplierRow, SupplierSource

Source = Literal["sdk", "bidstream", "other"]
"""Where a supplier's pings come from, as an operator may say."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Supplier:
    """An admitted supplier.

    Attributes
    ----------
    evidence_digest
        SHA-256 of the evidence file, in hex.
    expires
        Last day on which the admission is in force.
    all_consented
        Whether the evidence says that every device in its feeds consented, so that they need no consent
        column.
    added
        When it was admitted, or admitted anew: UTC seconds since the epoch.
    assessed
        Day on which it was last assessed.
    source
        Where its pings come from.
    """

    id: str
    evidence_digest: str
    evidence_name: str
    expires: date
    all_consented: bool
    added: int
    assessed: date
    source: SupplierSource

    @property
    def last_day(self) -> date:
        """Last day on which its admission is in force: its expiry, or a year after its assessment if that is sooner."""
        return min(self.expires, a_year_after(self.assessed))


def admit(
    engine: Engine,
    supplier_id: str,
    evidence: Path,
    expires: date,
    *,
    all_consented: bool = False,
    assessed: date | None = None,
    source: Source = "sdk",
    today: date,
) -> Supplier:
    """Admit a supplier, or renew its admission with new evidence (which takes the place of the old).

    Parameters
    ----------
    engine
        The store's state.
    supplier_id
        1 to 64 letters, digits, dots, hyphens or underscores.
    evidence
        The document that is relied on; it is digested, not copied.
    expires
        Last day on which the admission is in force.
    all_consented
        Its feeds need no consent column; the evidence says why.
    assessed
        Day of the assessment that admits it, today by default.
    source
        Where its pings come from.
    today
        The store's date.

    Raises
    ------
    RefusedError
        If its pings come from ad auctions (rule ``RTB-BAN``).
    UsageError
        If the id is none, `expires` has passed, or the assessment is of a later day or over a year old.
    BadInputError
        If the evidence is missing, empty or no file.
    MachineError
        If the evidence may not be read.
    """
    if not _ID.fullmatch(supplier_id):
        raise UsageError(
            f"supplier id '{supplier_id}' is none: expected 1 to 64 letters, digits, dots, hyphens or underscores"
        )
    if expires < today:
        raise UsageError(f"an admission that expired on {expires} admits nobody (today is {today}): give a later day")
    if source == "bidstream":
        raise RefusedError(
            "RTB-BAN",
            f"supplier '{supplier_id}' is said to take its pings from ad auctions (bidstream), whose bidders nobody "
            "consented to: no policy admits it; take feeds from apps whose users were asked",
        )
    if source not in get_args(SupplierSource):
        raise UsageError(f"got source '{source}', expected {', '.join(get_args(Source))}")
    assessed = assessed or today
    if not assessed <= today <= a_year_after(assessed):
        raise UsageError(
            f"got an assessment of {assessed}, expected one of the year up to today ({today}): assess the supplier, "
            "then admit it"
        )
    digest = digest_of(evidence, "the evidence of consent")
    with writing(engine) as session:
        row = session.merge(
            SupplierRow(
                id=supplier_id,
                evidence_digest=digest,
                evidence_name=evidence.name,
                expires=expires,
                all_consented=all_consented,
                added=int(time.time()),
                assessed=assessed,
                source=source,
            )
        )
        facts = {
            "supplier": supplier_id,
            "expires": str(expires),
            "assessed": str(assessed),
            "source": source,
            "all_consented": all_consented,
        }
        append(session, "supplier", facts, document=digest.encode())
        return _supplier(row)


def named_if_registered(engine: Engine, supplier_id: str) -> dict[str, str]:
    """What the public log may say of a supplier in a refusal: nothing of one that was never admitted.

    Such a name is whatever somebody typed.
    """
    with reading(engine) as session:
        return {} if session.get(SupplierRow, supplier_id) is None else {"supplier": supplier_id}


def require_in_force(engine: Engine, supplier_id: str, today: date) -> Supplier:
    """Return a supplier whose admission is in force.

    Raises
    ------
    RefusedError
        If it was never admitted, or its admission has expired (rule ``supplier``), or its assessment is over a
        year old (rule ``SUP-ASSESS``).
    """
    with reading(engine) as session:
        row = session.get(SupplierRow, supplier_id)
    remedy = f"'hereabouts supplier add {supplier_id} --consent-evidence FILE --expires DATE'"
    if row is None:
        raise RefusedError(
            "supplier", f"supplier '{supplier_id}' was never admitted to this store: admit it by {remedy}"
        )
    if row.expires < today:
        raise RefusedError(
            "supplier",
            f"the admission of supplier '{supplier_id}' expired on {row.expires}: renew it by {remedy}",
        )
    supplier = _supplier(row)
    if supplier.last_day < today:
        raise RefusedError(
            "SUP-ASSESS",
            f"supplier '{supplier_id}' was last assessed on {row.assessed}, over a year ago: assess it, and renew its "
            f"admission by {remedy}",
        )
    return supplier


def registered(engine: Engine) -> list[Supplier]:
    """Return every supplier that was ever admitted, by id."""
    with reading(engine) as session:
        return [_supplier(row) for row in session.scalars(select(SupplierRow).order_by(SupplierRow.id))]


def a_year_after(day: date) -> date:
    """Return the same day of the next year; of the 29th of February, the 28th."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year + 1, day=last)


def _supplier(row: SupplierRow) -> Supplier:
    return Supplier(
        id=row.id,
        evidence_digest=row.evidence_digest,
        evidence_name=row.evidence_name,
        expires=row.expires,
        all_consented=row.all_consented,
        added=row.added,
        assessed=row.assessed,
        source=row.source,
    )
