"""Profiles: which column of a supplier's feed means what, and in which unit.

A profile is public configuration. It decides what a value means, and the data never does: were a unit found
out by looking at a file, one device's rows could change how all others are read, and the privacy guarantee,
which is about adding or removing one device, would speak of nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hereabouts.feeds.consent.rule import ConsentRule

TimeUnit = Literal["auto", "s", "ms", "us"]

MILLISECONDS_FROM = 100_000_000_000
"""By the time unit ``"auto"``, epoch values at least this far from zero are milliseconds, the others
seconds.
"""

_DEFAULT_RULE = ConsentRule()


@dataclass(frozen=True)
class Profile:
    """A mapping from a feed's columns to pings.

    A feed gives batches with a column of each of the names ``device``, ``latitude``, ``longitude``, ``time`` and those
    optional ones that it has. Mostly they are columns of the file as it stands. Where the file has something else in
    their place (``time_parts``, ``time_or``, ``device_from_file``), the feed makes the column, and the name is the
    profile's own.

    Attributes
    ----------
    name
        What messages and receipts call it.
    device, latitude, longitude, time
        The columns that every feed must have. Positions are WGS84, in units of ``degrees_per_unit``.
    accuracy
        Horizontal accuracy in metres; a feed may lack it, and so may a row.
    consent
        ``true`` or ``false``, or a TCF or GPP string; a feed may lack it where its supplier has a consent record for
        all its devices.
    consent_framework
        What the consent column of a row holds: ``tcf``, ``gpp``, or nothing for ``true`` and ``false``.
    consent_rule
        What is asked of it (rule CONSENT).
    limit_ad_tracking, source_type
        The opt-out of the phone, and where the ping was taken (``sdk``, ``bidstream``, ``other``).
    ignored
        Columns that the feed may have and that are never read. A column that is named nowhere in a profile
        refuses the file: it may be an opt-out that nobody has mapped yet.
    direct_identifiers
        Columns of names, e-mail addresses, phone numbers, IP addresses and the like: never read either, and
        known for what they are.
    time_unit
        What a bare number in the time column counts from 1970-01-01T00:00Z: ``"s"``, ``"ms"``, ``"us"``, or by
        ``"auto"`` milliseconds where it is :data:`MILLISECONDS_FROM` or more from zero and seconds
        elsewhere. That rule looks at one value alone, and reads all that may be accepted rightly: as
        seconds, the bound is in the year 5138, and as milliseconds in 1973, before the earliest accepted
        time.
    degrees_per_unit
        What one unit of latitude and longitude is: 1e-7 for E7 integers; ``None`` for degrees.
    time_parts
        The two columns, of days and of times of the day, that the file has in place of one.
    time_or
        A column that is read as ``time`` where that cannot be read; a file may have either or both.
    device_from_file
        Whether each file is one device's, and named after it: the name up to the format's ending, in
        lower case, is the id.
    document
        For feeds whose JSON files are one document each, in place of one object a line: the member of the outermost
        object that holds the array of rows, or the empty string where that array is the document.
    separators
        What may stand between the values of a CSV line; the first one by which the header has the required columns.
    description
        A sentence for people who choose among profiles.
    """

    name: str
    device: str = "device_id"
    latitude: str = "latitude"
    longitude: str = "longitude"
    time: str = "timestamp"
    accuracy: str | None = "horizontal_accuracy"
    consent: str | None = "consent"
    consent_framework: str | None = "consent_framework"
    limit_ad_tracking: str | None = "limit_ad_tracking"
    source_type: str | None = "source_type"
    ignored: frozenset[str] = frozenset()
    direct_identifiers: frozenset[str] = frozenset()
    consent_rule: ConsentRule = _DEFAULT_RULE
    time_unit: TimeUnit = "auto"
    degrees_per_unit: float | None = None
    time_parts: tuple[str, str] | None = None
    time_or: str | None = None
    device_from_file: bool = False
    document: str | None = None
    separators: tuple[str, ...] = (",",)
    description: str = ""

    @property
    def needs(self) -> tuple[tuple[str, ...], ...]:
        """The file's columns without which there is no ping; of each group, one is enough."""
        device = () if self.device_from_file else ((self.device,),)
        if self.time_parts is not None:
            times: tuple[tuple[str, ...], ...] = tuple((part,) for part in self.time_parts)
        else:
            times = ((self.time,) if self.time_or is None else (self.time, self.time_or),)
        return (*device, *times, (self.latitude,), (self.longitude,))

    @property
    def required(self) -> tuple[str, ...]:
        """All columns that :attr:`needs` speaks of."""
        return tuple(name for group in self.needs for name in group)

    @property
    def optional(self) -> tuple[str, ...]:
        """The columns that are read where they are there."""
        columns = (self.accuracy, self.consent, self.consent_framework, self.limit_ad_tracking, self.source_type)
        return tuple(column for column in columns if column is not None)

    @property
    def read(self) -> tuple[str, ...]:
        """All columns that are read from the file, the required ones first."""
        return self.required + self.optional

    @property
    def unread(self) -> frozenset[str]:
        """All columns that the file may have and that are never read."""
        return self.ignored | self.direct_identifiers

    @property
    def derives(self) -> bool:
        """Whether a feed makes some of its columns from others, or from its file's name."""
        return self.device_from_file or self.time_parts is not None or self.time_or is not None


CANONICAL = Profile(
    name="canonical",
    ignored=frozenset({"id_type"}),
    direct_identifiers=frozenset({"ip_address"}),
    description="The columns of hereabouts' own feeds.",
)
"""The columns of hereabouts' own feeds. ``ip_address`` is never read; nor is ``id_type``, because a device's
canonical id is the same whatever type its supplier gave it.
"""
