"""Windows, hours and days of a store's time zone. Public facts only, no pings.

A window is a span of whole local days, counted from an anchor day; a device is protected over all of it.
Hours are steps of 3,600 seconds from the window's first instant, so that an autumn day has 25 and a spring
day 23 of them; an hour belongs to the local day in which it begins, and a day begins when the clock first shows
its date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from hereabouts.errors import UsageError

HOUR = 3600
# Windows are counted from the anchor; ISO weeks start on a Monday, and this is one before any ping.
DEFAULT_ANCHOR = dt.date(1990, 1, 1)
_EARLIEST = dt.date(1989, 12, 1)
# In which a window may be named; at the ends of Python's calendar arithmetic fails.
_YEARS = range(1900, 9000)


@dataclass(frozen=True)
class Window:
    """One window of a store.

    Attributes
    ----------
    first, after
        Local dates of its first day and of the day after its last.
    timezone
        IANA name of the store's time zone.
    """

    first: dt.date
    after: dt.date
    timezone: str

    @property
    def name(self) -> str:
        """``FIRST/AFTER``, two ISO dates: the name in plans and manifests."""
        return f"{self.first}/{self.after}"

    @property
    def folder(self) -> str:
        """The name as one path component."""
        return f"{self.first}_{self.after}"

    @cached_property
    def start(self) -> int:
        """UTC second of the first instant."""
        return local_midnight(self.first, self.timezone)

    @cached_property
    def end(self) -> int:
        """UTC second of the first instant after the window."""
        return local_midnight(self.after, self.timezone)

    @property
    def duration(self) -> str:
        """ISO 8601 duration, for example ``P7D``."""
        return f"P{(self.after - self.first).days}D"

    @cached_property
    def hours(self) -> int:
        """How many hours the window has; the last may be short where an offset changes by part of an hour."""
        return -((self.start - self.end) // HOUR)

    @cached_property
    def day_of_hour(self) -> NDArray[np.int64]:
        """Number of the local day in which each hour begins, a place in :meth:`day_starts`, shape (hours,)."""
        return np.searchsorted(self.day_starts(), self.hour_starts(), side="right").astype(np.int64) - 1

    def hour_of_day(self) -> tuple[list[str], NDArray[np.int64]]:
        """Names of the day's hours (``hour-00`` and on), and to which each hour of the window belongs, shape (hours,).

        It is the hour that a clock shows when it begins; one that comes twice in autumn belongs to the same name.
        """
        return self._slots(lambda local: f"hour-{local.hour:02d}")

    def typical_week(self) -> tuple[list[str], NDArray[np.int64]]:
        """The same by weekday and weekend (Saturday and Sunday): ``weekday-00`` to ``weekend-23``."""
        return self._slots(lambda local: f"{'weekend' if local.weekday() >= 5 else 'weekday'}-{local.hour:02d}")

    def _slots(self, name_of: Callable[[dt.datetime], str]) -> tuple[list[str], NDArray[np.int64]]:
        zone = ZoneInfo(self.timezone)
        named = [name_of(dt.datetime.fromtimestamp(int(start), zone)) for start in self.hour_starts()]
        names, place = np.unique(named, return_inverse=True)
        return [str(name) for name in names], place.astype(np.int64)

    def hour_starts(self) -> NDArray[np.int64]:
        """UTC seconds at which the hours begin, shape (hours,)."""
        return self.start + HOUR * np.arange(self.hours, dtype=np.int64)

    def day_starts(self) -> NDArray[np.int64]:
        """UTC seconds at which the days begin, shape (days,); a day that a zone left out at the date line is none."""
        days = (self.first + dt.timedelta(d) for d in range((self.after - self.first).days))
        starts = {local_midnight(day, self.timezone) for day in days}
        return np.array(sorted(starts - {self.end}), dtype=np.int64)


@dataclass(frozen=True)
class Calendar:
    """The windows of a store: their time zone, length and the day they count from."""

    timezone: str
    days: int
    anchor: dt.date

    @classmethod
    def of(cls, timezone: str, duration: str, anchor: dt.date | None) -> Calendar:
        """Check what a user wrote.

        Raises
        ------
        UsageError
            When the time zone is not in the IANA database, or the duration is not whole days or weeks.
        """
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(f"got time zone '{timezone}', expected an IANA name such as Europe/Paris") from None
        found = re.fullmatch(r"P(\d{1,3})([DW])", duration)
        days = int(found[1]) * (7 if found[2] == "W" else 1) if found else 0
        if not 1 <= days <= 366:
            raise UsageError(
                f"got window length '{duration}', expected whole days or weeks such as P7D (at most P366D)"
            )
        return cls(timezone, days, anchor or DEFAULT_ANCHOR)

    def number(self, window: Window) -> int:
        """The window's place in the count from the anchor, 0 for the one that begins there."""
        return (window.first - self.anchor).days // self.days

    def window(self, number: int) -> Window:
        """The window with that place in the count."""
        first = self.anchor + dt.timedelta(days=self.days * number)
        return Window(first, first + dt.timedelta(days=self.days), self.timezone)

    def at(self, second: int) -> Window:
        """The window in which a UTC second lies."""
        day = dt.datetime.fromtimestamp(second, ZoneInfo(self.timezone)).date()
        number = (day - self.anchor).days // self.days
        # Clocks that are put back over midnight show the old date again, after the new day has begun.
        return self.window(number + (second >= self.window(number).end))

    def named(self, name: str) -> Window:
        """The window that a plan calls ``FIRST/AFTER``.

        Raises
        ------
        UsageError
            When the text is not two dates, or they are not the ends of a window of this store.
        """
        try:
            first, after = (dt.date.fromisoformat(part) for part in name.split("/"))
        except ValueError:
            raise UsageError(f"got window '{name}', expected FIRST/AFTER such as 2008-02-02/2008-02-09") from None
        if first.year not in _YEARS:
            raise UsageError(f"got window '{name}', expected one of the years 1900 to 8999")
        window = self.window((first - self.anchor).days // self.days)
        if (window.first, window.after) != (first, after):
            raise UsageError(f"got window '{name}', but this store's windows there are {window.name}: use one of these")
        return window

    def starts(self, until: int) -> tuple[int, NDArray[np.int64]]:
        """First UTC seconds of all windows from 1989 to the UTC second `until`, and the first one's number."""
        first = (_EARLIEST - self.anchor).days // self.days
        last = self.number(self.at(until)) + 1
        return first, np.array([self.window(n).start for n in range(first, last + 1)], dtype=np.int64)


def local_midnight(day: dt.date, timezone: str) -> int:
    """UTC second at which the local day begins (the first instant, where midnight is skipped)."""
    zone = ZoneInfo(timezone)
    midnight = dt.datetime.combine(day, dt.time(), zone)
    second = int(midnight.timestamp())
    # Where clocks skip midnight, the naive reading falls before the gap: the day begins at its end.
    while dt.datetime.fromtimestamp(second, zone).date() < day:
        second += 60
    return second
