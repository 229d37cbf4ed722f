"""Supplier add: whose feeds may be taken in, on what evidence, until when."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from hereabouts.rules.suppliers import Supplier, admit
from hereabouts.store.store import Store


def add_supplier(
    supplier: str, store: Path, consent_evidence: Path, expires: dt.date, all_consented: bool = False
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

    Raises
    ------
    UsageError
        When the id is none, or the admission has expired.
    BadInputError
        When the evidence is missing or empty.
    """
    target = Store(store)
    today = dt.datetime.now(dt.UTC).date()
    return admit(target.state, supplier, consent_evidence, expires, all_consented=all_consented, today=today)
