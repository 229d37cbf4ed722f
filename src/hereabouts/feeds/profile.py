"""Profiles: which column of a supplier's feed means what, and in which unit.

A profile is public configuration. It decides what a value means, and the data never does: were a unit found
out by looking at a file, one device's rows could change how all others are read, and the privacy guarantee,
which is about adding or removing one device, would speak of nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TimeUnit = Literal["auto", "s", "ms"]

MILLISECONDS_FROM = 100_000_000_000
"""By the time unit ``"auto"``, epoch values at least this far from zero are milliseconds, the others
seconds.
"""


@dataclass(frozen=True)
class Profile:
    """A mapping from a feed's columns to pings.

    Attributes
    ----------
    name
        What messages call it.
    device, latitude, longitude, time
        The columns that every feed must have. Positions are WGS84 degrees.
    accuracy
        Horizontal accuracy in metres; a feed may lack it, and so may a row.
    consent
        ``true`` or ``false``; a feed may lack it where its supplier has a consent record for all its devices.
    limit_ad_tracking, source_type
        The opt-out of the phone, and where the ping was taken (``sdk``, ``bidstream``, ``other``).
    ignored
        Columns that the feed may have and that are never read. A column that is named nowhere in a profile
        refuses the file: it may be an opt-out that nobody has mapped yet.
    time_unit
        What a bare number in the time column counts from 1970-01-01T00:00Z: ``"s"``, ``"ms"``, or by
        ``"auto"`` milliseconds where it is :data:`MILLISECONDS_FROM` or more from zero and seconds
        elsewhere. That rule looks at one value alone, and reads all that may be accepted rightly: as
        seconds, the bound is in the year 5138, and as milliseconds in 1973, before the earliest accepted
        time.
    """

    name: str
    device: str = "device_id"
    latitude: str = "latitude"
    longitude: str = "longitude"
    time: str = "timestamp"
    accuracy: str | None = "horizontal_accuracy"
    consent: str | None = "consent"
    limit_ad_tracking: str | None = "limit_ad_tracking"
    source_type: str | None = "source_type"
    ignored: frozenset[str] = frozenset()
    time_unit: TimeUnit = "auto"

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which there is no ping."""
        return (self.device, self.time, self.latitude, self.longitude)

    @property
    def optional(self) -> tuple[str, ...]:
        """The columns that are read where they are there."""
        columns = (self.accuracy, self.consent, self.limit_ad_tracking, self.source_type)
        return tuple(column for column in columns if column is not None)

    @property
    def read(self) -> tuple[str, ...]:
        """All columns that are read, the required ones first."""
        return self.required + self.optional


CANONICAL = Profile(name="canonical", ignored=frozenset({"id_type", "consent_framework", "ip_address"}))
"""The columns of hereabouts' own feeds. ``ip_address`` is never read; nor is ``id_type``, because a device's
canonical id is the same whatever type its supplier gave it.
"""
