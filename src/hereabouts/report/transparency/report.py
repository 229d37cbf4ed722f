"""The report: everything that it says, as figures; ``transparency.json`` is this, and the page is drawn from it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from hereabouts.log.checkpoint import Checkpoint
from hereabouts.log.entries import Entry
from hereabouts.report.transparency import asked, oversight, people
from hereabouts.report.transparency import spent as costs
from hereabouts.report.transparency.events import Events, events_of

VERSION = 1


@dataclasses.dataclass(frozen=True)
class Log:
    """The log that the report was made from.

    Attributes
    ----------
    origin, size, root
        Of its checkpoint; the root hash in hex.
    key
        The verifier key that its signature was checked with; ``None`` where nobody said whose log it has to be.
    signers
        Names under which the checkpoint is signed: the log's, and those of witnesses.
    """

    origin: str
    size: int
    root: str
    key: str | None
    signers: list[str]


@dataclasses.dataclass(frozen=True)
class Report:
    """The transparency report of a store.

    Attributes
    ----------
    store
        What the log's first entry says of it.
    since, until
        First and last UTC day that it is about.
    """

    log: Log
    store: dict[str, Any]
    since: dt.date
    until: dt.date
    entries: int
    requests: list[asked.Request]
    refusals: list[asked.Refusal]
    by_month: list[asked.Tally]
    by_purpose: list[asked.Tally]
    by_role: list[asked.Tally]
    spent: costs.Spent
    stops: list[oversight.Stop]
    reviews: oversight.Reviews
    assessments: list[oversight.Assessment]
    officers: list[oversight.Officer]
    policies: list[oversight.PolicyInForce]
    suppliers: list[people.Supplier]
    recipients: list[people.Recipient]
    withdrawals: list[people.Withdrawal]
    places: list[people.Places]
    retention: list[people.Retained]
    accounts: list[people.Account]

    @property
    def incidents(self) -> int:
        """How many incidents the reviews of the report's days noted."""
        return sum(review.incidents for review in self.reviews.made)

    def answered(self, answer: asked.Answer) -> int:
        """How many requests got an answer."""
        return sum(request.answer == answer for request in self.requests)

    def to_json(self) -> str:
        """The report for machines: every name here, exact fractions as ``numerator/denominator``."""
        totals: dict[str, int] = {answer: self.answered(answer) for answer in asked.ANSWERS}
        content: dict[str, Any] = {
            "version": VERSION,
            "totals": {"requests": len(self.requests), **totals, "incidents": self.incidents},
            **_plain(self),
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def make_report(
    log: Log, entries: Iterable[tuple[int, Entry]], since: dt.date | None = None, until: dt.date | None = None
) -> Report:
    """Make the report of a log.

    Parameters
    ----------
    log
        What was verified of it.
    entries
        All of its entries, in order, each with its place.
    since, until
        First and last UTC day; by default the days of the log's first and last entry.
    """
    events = events_of(entries, since, until)
    plans = asked.requests(events)
    return Report(
        log=log,
        store=_store(events),
        since=events.since,
        until=events.until,
        entries=len(events.within),
        requests=plans,
        refusals=asked.refusals(events),
        by_month=asked.months(events, plans),
        by_purpose=asked.tallies([(plan.purpose, plan) for plan in plans]),
        by_role=asked.tallies([(plan.role, plan) for plan in plans]),
        spent=costs.spent(events),
        stops=oversight.stops(events),
        reviews=oversight.reviews(events),
        assessments=oversight.assessments(events),
        officers=oversight.officers(events),
        policies=oversight.policies(events),
        suppliers=people.suppliers(events),
        recipients=people.recipients(events),
        withdrawals=people.withdrawals(events),
        places=people.places(events),
        retention=people.retention(events),
        accounts=people.accounts(events),
    )


def log_of(checkpoint: Checkpoint, key: str | None, signers: list[str]) -> Log:
    """What the report says of its log."""
    return Log(checkpoint.origin, checkpoint.size, checkpoint.root.hex(), key, signers)


def _store(events: Events) -> dict[str, Any]:
    return next((dict(event.entry.facts) for event in events.of("init", ever=True)), {})


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Fraction | dt.date) else value
