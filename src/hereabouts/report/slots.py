"""The moments of a level: which ones its window has, in which order, and what a reader calls them.

Hours are ordered and held in UTC and spoken of in the window's time zone, so that the clock hour which comes
twice in autumn is two slots with two names, and the one skipped in spring is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hereabouts.report.manifest import Window

HOUR = "PT1H"
DAY = "P1D"
TYPICAL_WEEK, HOUR_OF_DAY = "typical-week", "hour-of-day"
RECURRING = (TYPICAL_WEEK, HOUR_OF_DAY)
"""Periods whose moments come again: hours of a weekday, of a weekend's day, or of any day."""
SlotKey = int | str
"""UTC seconds of a start, or the name of a recurring slot such as ``weekday-08``."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SATURDAY = 5
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Slot:
    """One moment of a level.

    Attributes
    ----------
    key, label, tick
        Its key in the table, its full name, and its mark on an axis ('' for none).
    rhythm
        For one that comes again: on which days, and at which hour.
    """

    key: SlotKey
    label: str
    tick: str
    rhythm: tuple[str, int] | None = None


def slots_of(window: Window, period: str, keys: Iterable[SlotKey]) -> tuple[Slot, ...]:
    """Return the slots of a period, in order.

    Parameters
    ----------
    window
        The release's window.
    period
        ISO 8601 duration, ``typical-week`` or ``hour-of-day``.
    keys
        The keys that occur in the table; starts in UTC seconds or slot names. Every hour and day of the
        window is a slot whether it occurs or not: an hour without a published row is worth seeing.
    """
    found = set(keys)
    names = sorted({key for key in found if isinstance(key, str)} | _recurring_domain(window, period), key=_natural)
    starts = {key for key in found if isinstance(key, int)} | set(_domain(window, period))
    recurring = tuple(_recurring_slot(name) for name in names)
    return tuple(_dated_slots(window, period, sorted(starts))) + recurring


def day_label(day: date) -> str:
    """Return ``Sat 2 Feb 2008``."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def span_label(start: datetime, end: datetime) -> str:
    """Return the days from ``start`` up to before ``end``: ``Sat 2 Feb 2008 to Fri 8 Feb 2008``."""
    last = end - timedelta(microseconds=1)
    whole_days = start.time() == time(0) and end.time() == time(0)
    if not whole_days:
        return f"{day_label(start.date())}, {start:%H:%M} to {day_label(end.date())}, {end:%H:%M}"
    first = day_label(start.date())
    return first if last.date() == start.date() else f"{first} to {day_label(last.date())}"


def _domain(window: Window, period: str) -> list[int]:
    start, end = int(window.start.timestamp()), int(window.end.timestamp())
    if period == HOUR:
        return list(range(start, end, 3600))
    if period == DAY:
        days = (window.end.date() - window.start.date()).days
        midnights = (
            datetime.combine(window.start.date() + timedelta(days=n), time(0), window.zone) for n in range(days + 1)
        )
        return [moment for moment in (int(at.timestamp()) for at in midnights) if start <= moment < end]
    return []


def _recurring_domain(window: Window, period: str) -> set[str]:
    if period not in RECURRING:
        return set()
    start, end = int(window.start.timestamp()), int(window.end.timestamp())
    hours = (datetime.fromtimestamp(second, UTC).astimezone(window.zone) for second in range(start, end, 3600))
    if period == HOUR_OF_DAY:
        return {f"hour-{at:%H}" for at in hours}
    return {f"{'weekend' if at.weekday() >= _SATURDAY else 'weekday'}-{at:%H}" for at in hours}


def _dated_slots(window: Window, period: str, starts: list[int]) -> Iterable[Slot]:
    seen_day: date | None = None
    for start in starts:
        at = datetime.fromtimestamp(start, UTC).astimezone(window.zone)
        tick = "" if at.date() == seen_day else f"{_DAYS[at.weekday()]} {at.day}"
        seen_day = at.date()
        yield Slot(start, _dated_label(window, period, at), tick)


def _dated_label(window: Window, period: str, at: datetime) -> str:
    if period == HOUR:
        after = (at.astimezone(UTC) + timedelta(hours=1)).astimezone(window.zone)
        clock = f"{at:%H:%M}–{after:%H:%M}"
        twice = at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset() and _is_real(at, window.zone)
        return f"{day_label(at.date())}, {clock}" + (f" (UTC{at:%z})" if twice else "")
    if period == DAY:
        return day_label(at.date())
    if at == window.start:
        return span_label(window.start, window.end)
    return f"from {day_label(at.date())}, {at:%H:%M}"


def _is_real(at: datetime, zone: ZoneInfo) -> bool:
    """Say whether a clock time exists under both folds (it comes twice) and is not in a spring gap."""
    other = at.replace(fold=1 - at.fold)
    back = other.astimezone(UTC).astimezone(zone)
    return back.replace(tzinfo=None) == at.replace(tzinfo=None)


def _natural(name: str) -> tuple[str, int, str]:
    match = re.fullmatch(r"(.*?)-?(\d+)", name)
    return (match[1], int(match[2]), name) if match else (name, -1, name)


def _recurring_slot(name: str) -> Slot:
    match = re.fullmatch(r"(.*?)-?(\d{1,2})", name)
    if not match:
        return Slot(name, name, "")
    kind, hour = match[1], int(match[2])
    days = {"weekday": "Weekdays", "weekend": "Weekends", "": "Every day", "hour": "Every day"}.get(kind, kind)
    label = f"{days}, {hour:02d}:00–{(hour + 1) % 24:02d}:00"
    return Slot(name, label, f"{hour:02d}" if hour % 6 == 0 else "", (days, hour))
