"""What a log's entries say, as the report reads them: each with its number and its day, up to the report's last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hereabouts.log.entries import Entry


@dataclass(frozen=True)
class Event:
    """An entry of the log.

    Attributes
    ----------
    number
        Its place in the log, from 0: what a reader looks it up by.
    entry
        What it says.
    """

    number: int
    entry: Entry

    @property
    def at(self) -> dt.datetime:
        """When, UTC."""
        return dt.datetime.fromisoformat(self.entry.at)

    @property
    def day(self) -> dt.date:
        """The UTC day."""
        return self.at.date()

    @property
    def done(self) -> bool:
        """Whether it says that something was done."""
        return self.entry.outcome == "done"

    @property
    def refused(self) -> bool:
        """Whether it says that something was refused."""
        return self.entry.outcome == "refused"

    def get(self, fact: str) -> Any:
        """A fact, or ``None``."""
        return self.entry.facts.get(fact)


@dataclass(frozen=True)
class Events:
    """The entries up to the report's last day, and which days it is about.

    Attributes
    ----------
    since, until
        First and last UTC day of the report.
    all
        From the log's first entry on: what was in force may have begun before the report does.
    """

    since: dt.date
    until: dt.date
    all: tuple[Event, ...]

    def of(self, *acts: str, ever: bool = False) -> Iterator[Event]:
        """Events of some acts, in order: those of the report's days, or all up to its last day."""
        return (event for event in (self.all if ever else self.within) if event.entry.act in acts)

    @property
    def within(self) -> tuple[Event, ...]:
        """Those of the report's days."""
        return tuple(event for event in self.all if event.day >= self.since)


def events_of(
    entries: Iterable[tuple[int, Entry]], since: dt.date | None = None, until: dt.date | None = None
) -> Events:
    """Read a log's entries.

    Parameters
    ----------
    entries
        All of them, in order, each with its place.
    since, until
        First and last UTC day of the report; by default the days of the log's first and last entry.
    """
    found = tuple(Event(number, entry) for number, entry in entries)
    days = [event.day for event in found] or [since or until or dt.date(1970, 1, 1)]
    last = until or max(days)
    return Events(since or min(days), last, tuple(event for event in found if event.day <= last))
