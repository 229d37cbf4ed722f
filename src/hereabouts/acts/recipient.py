"""Recipient: who may be given releases, on which terms (RECIP)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from hereabouts.acts.record import acting
from hereabouts.rules import recipients
from hereabouts.rules.recipients import Recipient
from hereabouts.rules.signatures import read_private_key
from hereabouts.state import reading
from hereabouts.store.store import Store


def add_recipient(name: str, store: Path, terms: Path, expires: dt.date, officer_key: Path | None = None) -> Recipient:
    """Register a recipient, or its new terms.

    Parameters
    ----------
    name
        As plans name it: letters, digits, dots, hyphens, underscores or @.
    store
        The store's folder.
    terms
        What it agreed to: that nobody be re-identified, above all. Digested, not copied.
    expires
        Last day on which it may be given a release.
    officer_key
        The officer's private key, a PEM file, where there is an officer.

    Raises
    ------
    BadInputError
        When the terms or the key cannot be read.
    RefusedError
        When the officer did not sign.
    UsageError
        When the name is none, or `expires` has passed.
    """
    private = None if officer_key is None else read_private_key(officer_key)
    today = dt.datetime.now(dt.UTC).date()
    with acting(store, "recipient") as target:
        return recipients.add_recipient(target.state, name, terms, expires, today=today, officer_key=private)


def list_recipients(store: Path) -> list[Recipient]:
    """Every recipient that was ever registered, on its last terms.

    Parameters
    ----------
    store
        The store's folder.
    """
    with reading(Store(store).state) as session:
        return list(recipients.recipients_of(session).values())
