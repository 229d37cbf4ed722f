"""Assess: an impact assessment for a purpose is approved, and until when."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from hereabouts.acts.asked import purposes_of
from hereabouts.acts.record import acting
from hereabouts.rules import assessments
from hereabouts.rules.assessments import Assessment
from hereabouts.rules.purposes import require_purpose
from hereabouts.rules.signatures import read_private_key
from hereabouts.state import reading
from hereabouts.store.store import Store


def assess(purpose: str, document: Path, store: Path, expires: dt.date, officer_key: Path | None = None) -> Assessment:
    """File the impact assessment of a purpose; it takes the place of the last one.

    Parameters
    ----------
    purpose
        Its name, as plans name it.
    document
        The assessment; digested, not copied.
    store
        The store's folder.
    expires
        Last day on which it is in force.
    officer_key
        Private key of the officer, who approves it: a PEM file, where there is an officer.

    Raises
    ------
    BadInputError
        When the document or the key cannot be read.
    RefusedError
        When the purpose is not known, or the officer did not sign.
    UsageError
        When `expires` has passed.
    """
    private = None if officer_key is None else read_private_key(officer_key)
    today = dt.datetime.now(dt.UTC).date()
    with acting(store, "assess") as target:
        known = require_purpose(purpose, purposes_of(target))
        return assessments.assess(target.state, known, document, expires, today=today, officer_key=private)


def list_assessments(store: Path) -> list[Assessment]:
    """The last assessment of each purpose, in force or not.

    Parameters
    ----------
    store
        The store's folder.
    """
    with reading(Store(store).state) as session:
        return list(assessments.assessments_of(session).values())
