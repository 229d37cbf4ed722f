"""Supplier add and list: whose feeds may be taken in, on what evidence, until when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from hereabouts.acts.record import Said, acting
from hereabouts.rules.suppliers import Source, Supplier, admit, named_if_registered, registered
from hereabouts.store.store import Store


@dataclass(frozen=True)
class Standing:
    """A registered supplier, and whether its feeds may be taken in today."""

    supplier: Supplier
    in_force: bool


def add_supplier(
    supplier: str,
    store: Path,
    consent_evidence: Path,
    expires: dt.date,
    all_consented: bool = False,
    assessed: dt.date | None = None,
    source: Source = "sdk",
) -> Supplier:
    """Admit a supplier to a store, or renew its admission.

    Parameters
    ----------
    supplier
        Its id: letters, digits, dots, hyphens or underscores.
    store
        The store's folder.
    consent_evidence
        The document that is relied on; it is digested, not copied.
    expires
        Last day on which the admission is in force.
    all_consented
        Its feeds need no consent column; the evidence says why.
    assessed
        Day of the assessment that admits it, today by default; a year later it is admitted no more (SUP-ASSESS).
    source
        Where its pings come from: ``sdk``, ``other``, or ``bidstream``, which is refused (RTB-BAN).

    Raises
    ------
    RefusedError
        When its pings come from ad auctions.
    UsageError
        When the id is none, the admission has expired, or the assessment is not of the last year.
    BadInputError
        When the evidence is missing or empty.
    """
    refusal = Said(document=supplier.encode())
    with acting(store, "supplier", refusal) as target:
        refusal.facts = dict(named_if_registered(target.state, supplier))
        return admit(
            target.state,
            supplier,
            consent_evidence,
            expires,
            all_consented=all_consented,
            assessed=assessed,
            source=source,
            today=_today(),
        )


def list_suppliers(store: Path) -> list[Standing]:
    """Every supplier that was ever admitted to a store, by id.

    Parameters
    ----------
    store
        The store's folder.
    """
    today = _today()
    return [Standing(known, today <= known.last_day) for known in registered(Store(store).state)]


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
