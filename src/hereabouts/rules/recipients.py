"""Recipients: who may be given releases, on which terms, and until when (RECIP).

The terms (that nobody be re-identified, above all) are a document that the recipient agreed to; the store keeps its
digest. All who agreed to the same text have the same version of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hereabouts.log.actor import named
from hereabouts.log.entries import append
from hereabouts.rules.documents import digest_of, require_to_come
from hereabouts.rules.people import next_number, vouch
from hereabouts.state import writing
from hereabouts.state.approvals import RecipientRow


@dataclass(frozen=True)
class Recipient:
    """A recipient of releases.

    Attributes
    ----------
    name
        As plans name it.
    version
        Of the terms that it agreed to.
    terms
        SHA-256 of them, in hex.
    expires
        Last day on which it may be given a release.
    """

    name: str
    version: int
    terms: str
    expires: date


def recipients_of(session: Session) -> dict[str, Recipient]:
    """Every recipient that was ever registered, by name, on its last terms."""
    rows = session.scalars(select(RecipientRow).order_by(RecipientRow.number))
    return {row.name: _recipient(row) for row in rows}


def add_recipient(
    engine: Engine,
    name: str,
    terms: Path,
    expires: date,
    *,
    today: date,
    officer_key: Ed25519PrivateKey | None = None,
) -> Recipient:
    """Register a recipient, or its new terms, which take the place of the old.

    Parameters
    ----------
    engine
        The store's state.
    name
        1 to 64 letters, digits, dots, hyphens, underscores or @.
    terms
        What it agreed to; digested, not copied.
    expires
        Last day on which it may be given a release.
    today
        The store's date.
    officer_key
        The officer's, who vouches for it.

    Raises
    ------
    BadInputError
        If the terms are missing, empty or no file.
    MachineError
        If they may not be read.
    RefusedError
        If the officer did not sign.
    UsageError
        If the name is none, or `expires` has passed.
    """
    named(name)
    require_to_come(expires, today)
    digest = digest_of(terms, "the terms that the recipient agreed to")
    with writing(engine) as session:
        known = session.scalar(select(RecipientRow.version).where(RecipientRow.terms == digest).limit(1))
        newest = session.scalar(select(func.max(RecipientRow.version))) or 0
        row = RecipientRow(
            number=next_number(session, RecipientRow.number),
            name=name,
            version=known or newest + 1,
            terms=digest,
            expires=expires,
            added=int(time.time()),
        )
        facts = {
            "recipient": name,
            "number": row.number,
            "version": row.version,
            "terms": digest,
            "expires": str(expires),
        }
        vouched = vouch(session, "recipient", facts, officer_key)
        session.add(row)
        append(session, "recipient", vouched.facts, role=vouched.role)
        return _recipient(row)


def _recipient(row: RecipientRow) -> Recipient:
    return Recipient(row.name, row.version, row.terms, row.expires)
