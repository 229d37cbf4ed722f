"""Impact assessments: for each purpose the one that was filed last, until it expires.

The document stays with the officer; the store keeps its digest, so that it can be shown later which one was approved.
An assessment is one of a purpose in this store, and so of a data set and a purpose.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hereabouts.log.actor import actor
from hereabouts.log.entries import append
from hereabouts.rules.documents import digest_of, require_to_come
from hereabouts.rules.people import next_number, officer_of, vouch
from hereabouts.rules.purposes import Purpose
from hereabouts.state import writing
from hereabouts.state.approvals import AssessmentRow


@dataclass(frozen=True)
class Assessment:
    """An impact assessment.

    Attributes
    ----------
    number
        Of the register.
    purpose
        What it is of.
    digest
        SHA-256 of the document, in hex.
    approver
        Account of the officer who approved it; of the operator, where there is no officer.
    expires
        Last day on which it is in force.
    """

    number: int
    purpose: str
    digest: str
    approver: str
    expires: date


def assessments_of(session: Session) -> dict[str, Assessment]:
    """The last assessment of each purpose, in force or not."""
    rows = session.scalars(select(AssessmentRow).order_by(AssessmentRow.number))
    return {row.purpose: _assessment(row) for row in rows}


def assess(
    engine: Engine,
    purpose: Purpose,
    document: Path,
    expires: date,
    *,
    today: date,
    officer_key: Ed25519PrivateKey | None = None,
) -> Assessment:
    """File an assessment, which takes the place of the purpose's last one.

    Parameters
    ----------
    engine
        The store's state.
    purpose
        What it is of.
    document
        The assessment; it is digested, not copied.
    expires
        Last day on which it is in force.
    today
        The store's date.
    officer_key
        The officer's, who approves it.

    Raises
    ------
    BadInputError
        If the document is missing, empty or no file.
    MachineError
        If it may not be read.
    RefusedError
        If the officer did not sign.
    UsageError
        If `expires` has passed.
    """
    require_to_come(expires, today)
    digest = digest_of(document, "an impact assessment")
    with writing(engine) as session:
        head = officer_of(session)
        row = AssessmentRow(
            number=next_number(session, AssessmentRow.number),
            purpose=purpose.name,
            digest=digest,
            approver=actor() if head is None else head.account,
            expires=expires,
            filed=int(time.time()),
        )
        facts = {
            "assessment": row.number,
            "purpose": row.purpose,
            "digest": digest,
            "approver": row.approver,
            "expires": str(expires),
        }
        vouched = vouch(session, "assess", facts, officer_key)
        session.add(row)
        append(session, "assess", vouched.facts, role=vouched.role)
        return _assessment(row)


def _assessment(row: AssessmentRow) -> Assessment:
    return Assessment(row.number, row.purpose, row.digest, row.approver, row.expires)
