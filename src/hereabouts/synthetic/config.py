"""What is asked of the made-up town: its size, its days, its seed, and how dirty its feed is."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hereabouts.errors import UsageError

_MAX_DEVICES = 1_000_000_000
_MAX_PINGS_PER_DAY = 5000.0
# The largest town, hundreds of kilometres wide, stays clear of the poles and of the antimeridian.
_MAX_LATITUDE, _MAX_LONGITUDE = 70.0, 165.0


@dataclass(frozen=True)
class TownConfig:
    """A made-up town and the feed it gives. Equal configurations give equal bytes.

    Parameters
    ----------
    devices
        How many devices live there, at least 1; the town's extent grows with the fourth root.
    days
        How many local days of pings, at least 1.
    seed
        Which town: 0 to 2**64 - 1. Two seeds share no device and no place.
    start
        The first local day; a Monday by default.
    pings_per_day
        Mean pings of a device in a day, repeated rows and silent days included. Devices differ widely.
    timezone
        The IANA zone by whose clock the town lives. Timestamps are UTC whatever it is.
    latitude, longitude
        The town's centre, WGS84 degrees. The default is farmland in the English Midlands, whose
        winter clock is UTC.
    consent_refusal, limit_ad_tracking
        Shares of devices that refuse consent, or limit ad tracking: all rows of a device say the same.
    odd_ids
        Share of rows whose identifier is not written canonically: in upper case, without hyphens,
        or with spaces around it.
    duplicates
        Share of rows that are written twice.
    poor_fixes
        Share of rows whose horizontal accuracy is worse than 500 m.

    Raises
    ------
    UsageError
        For a value out of its range.
    """

    devices: int
    days: int
    seed: int = 0
    start: dt.date = dt.date(2024, 3, 4)
    pings_per_day: float = 14.3
    timezone: str = "UTC"
    latitude: float = 52.3
    longitude: float = -1.1
    consent_refusal: float = 0.03
    limit_ad_tracking: float = 0.12
    odd_ids: float = 0.03
    duplicates: float = 0.003
    poor_fixes: float = 0.005

    def __post_init__(self) -> None:
        _require_whole("devices", self.devices, 1, _MAX_DEVICES)
        _require_whole("days", self.days, 1, (dt.date.max - dt.date.min).days)
        _require_whole("seed", self.seed, 0, 2**64 - 1)
        if not 0 < self.pings_per_day <= _MAX_PINGS_PER_DAY:
            limit = f"above 0 and up to {_MAX_PINGS_PER_DAY:g}"
            raise UsageError(f"pings_per_day is {self.pings_per_day!r}: give a number {limit}")
        _require_within("latitude", self.latitude, -_MAX_LATITUDE, _MAX_LATITUDE)
        _require_within("longitude", self.longitude, -_MAX_LONGITUDE, _MAX_LONGITUDE)
        for share in ("consent_refusal", "limit_ad_tracking", "odd_ids", "duplicates", "poor_fixes"):
            _require_within(share, getattr(self, share), 0.0, 1.0)
        self._require_calendar()

    def midnights(self) -> list[int]:
        """Starts of the local days and the end of the last one: days + 1 UTC seconds since the epoch."""
        zone = ZoneInfo(self.timezone)
        days = (self.start + dt.timedelta(days=day) for day in range(self.days + 1))
        return [int(dt.datetime.combine(day, dt.time(), zone).timestamp()) for day in days]

    def _require_calendar(self) -> None:
        if type(self.start) is not dt.date:  # a datetime is a date to isinstance
            raise UsageError(f"start is {self.start!r}: give a date, such as 2024-03-04")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, OSError, TypeError, ValueError) as error:  # as zoneinfo raises them for odd names
            raise UsageError(f"timezone is {self.timezone!r}: give an IANA name, such as UTC") from error
        try:
            self.start + dt.timedelta(days=self.days)
        except OverflowError as error:
            reach = f"{self.days} days from {self.start} run past the calendar"
            raise UsageError(f"{reach}: start earlier or give fewer days") from error


def _require_whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UsageError(f"{name} is {value!r}: give a whole number from {low} to {high}")


def _require_within(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise UsageError(f"{name} is {value!r}: give a number from {low:g} to {high:g}")
