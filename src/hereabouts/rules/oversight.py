"""Stop orders, and reviews of the log.

Anybody may stop; only the officer lifts. A review says up to which entry of the log somebody has looked, and how many
incidents they noted: what was noted, and why it was stopped, is confidential, and committed to.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hereabouts.errors import UsageError
from hereabouts.log.actor import actor
from hereabouts.log.entries import Entry, append, to_document
from hereabouts.rules.people import next_number, officer_of, vouch
from hereabouts.state import writing
from hereabouts.state.approvals import ReviewRow, StopOrderRow
from hereabouts.state.tables import LogEntryRow


@dataclass(frozen=True)
class StopOrder:
    """An order that halts intake and releases.

    Attributes
    ----------
    number
        Of the register.
    account
        Who gave it.
    reason
        Why; confidential.
    since
        UTC seconds since the epoch.
    """

    number: int
    account: str
    reason: str
    since: int


@dataclass(frozen=True)
class Review:
    """A review of the log.

    Attributes
    ----------
    number
        Of the register.
    reviewer
        Account of the officer; of the operator, where there is no officer.
    up_to
        Place of the last entry that was looked at.
    incidents
        What was noted; confidential, but for how many.
    """

    number: int
    reviewer: str
    up_to: int
    incidents: tuple[str, ...]


def stop_of(session: Session) -> StopOrder | None:
    """The stop order in force, if there is one."""
    row = session.scalars(select(StopOrderRow).where(StopOrderRow.lifted.is_(None))).one_or_none()
    return None if row is None else StopOrder(row.number, row.account, row.reason, row.since)


def order_stop(engine: Engine, reason: str) -> StopOrder:
    """Halt intake and releases.

    Raises
    ------
    UsageError
        If they are halted already, or no reason is given.
    """
    if not reason.strip():
        raise UsageError("got no reason, expected why it is stopped, in a sentence")
    with writing(engine) as session:
        known = stop_of(session)
        if known is not None:
            raise UsageError(f"stop order {known.number} is in force already: there is nothing to do")
        row = StopOrderRow(
            number=next_number(session, StopOrderRow.number), account=actor(), reason=reason, since=int(time.time())
        )
        session.add(row)
        append(session, "stop", {"order": row.number}, document=to_document({"reason": reason}))
        return StopOrder(row.number, row.account, row.reason, row.since)


def lift_stop(engine: Engine, officer_key: Ed25519PrivateKey | None = None) -> StopOrder:
    """Lift the stop order in force; gives it.

    Raises
    ------
    RefusedError
        If the officer did not sign.
    UsageError
        If there is none.
    """
    with writing(engine) as session:
        known = stop_of(session)
        if known is None:
            raise UsageError("no stop order is in force: there is nothing to lift")
        vouched = vouch(session, "resume", {"order": known.number}, officer_key)
        row = session.get_one(StopOrderRow, known.number)
        row.lifted, row.lifted_by = int(time.time()), actor()
        append(session, "resume", vouched.facts, role=vouched.role)
        return known


def review_log(
    engine: Engine, up_to: int, incidents: Sequence[str] = (), officer_key: Ed25519PrivateKey | None = None
) -> Review:
    """File a review of the log.

    Parameters
    ----------
    engine
        The store's state.
    up_to
        Place of the last entry that was looked at.
    incidents
        What was noted.
    officer_key
        The officer's, who reviewed it.

    Raises
    ------
    RefusedError
        If the officer did not sign.
    UsageError
        If there is no such entry, or a review went further before.
    """
    with writing(engine) as session:
        size = session.scalars(select(func.count()).select_from(LogEntryRow)).one()
        last = max(_unreviewed(session) - 1, 0)
        if not last <= up_to < size:
            raise UsageError(
                f"got entry {up_to}, expected one from {last} (where the last review ended) to {size - 1} (the last)"
            )
        head = officer_of(session)
        row = ReviewRow(
            number=next_number(session, ReviewRow.number),
            reviewer=actor() if head is None else head.account,
            up_to=up_to,
            made=int(time.time()),
            incidents=list(incidents),
        )
        facts = {"review": row.number, "up_to": up_to, "incidents": len(incidents)}
        vouched = vouch(session, "review", facts, officer_key)
        session.add(row)
        noted = to_document({"incidents": list(incidents)}) if incidents else None
        append(session, "review", vouched.facts, role=vouched.role, document=noted)
        return Review(row.number, row.reviewer, up_to, tuple(incidents))


def unreviewed_since(session: Session) -> int | None:
    """When the first entry was made that no review has looked at: UTC seconds; ``None`` where there is none."""
    row = session.get(LogEntryRow, _unreviewed(session))
    return None if row is None else int(datetime.fromisoformat(Entry.from_bytes(row.entry).at).timestamp())


def _unreviewed(session: Session) -> int:
    """The place of the first entry that no review has looked at."""
    last = session.scalar(select(func.max(ReviewRow.up_to)))
    return 0 if last is None else last + 1
