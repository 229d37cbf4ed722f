"""Whether a feed has the columns that its profile speaks of, in types that can hold them.

Only names and types are judged here, which stand in a file's own header before any row. They refuse the
file; what stands in a row costs that row alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence

import pyarrow as pa

from hereabouts.errors import BadInputError
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.values.instants import is_date, is_time, is_time_of_day
from hereabouts.feeds.values.numbers import is_number
from hereabouts.feeds.values.text import is_text

_LOOKED_AT = 100
"""So many characters of a name are looked at: it may be as long as a line, and every value meant here is shorter."""

_TIMES = "timestamps, ISO 8601 text or epoch numbers"
_VALUE = re.compile(
    r"[-+]?\d+([.,]\d*)?([eE][-+]?\d+)?|[-+]?\.\d+"  # a number
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|\d{1,2}:\d{2}(:\d{2})?.*"  # a day, a time
    r"|[^\s@]+@[^\s@]+|\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?|[0-9a-fA-F]{32,}"  # an id
    r"|\d{1,3}(\.\d{1,3}){3}|\+\d[\d ()/-]{6,}\d"  # an address, a phone number
)

_RUN_ON = re.compile(r"[0-9a-fA-F.,:+-]{4,}")


def is_device(kind: pa.DataType) -> bool:
    """Say whether a type can hold device ids: text, or whole numbers."""
    return is_text(kind) or bool(pa.types.is_integer(kind))


def is_flag(kind: pa.DataType) -> bool:
    """Say whether a type can hold true and false: booleans, or text."""
    return is_text(kind) or bool(pa.types.is_boolean(kind))


def has_needed(names: Container[str], profile: Profile) -> bool:
    """Say whether a file's columns are enough for its profile."""
    return all(any(name in names for name in group) for group in profile.needs)


def check_names(source: object, names: Sequence[str], profile: Profile) -> None:
    """Refuse a file whose columns are not those of its profile.

    Raises
    ------
    BadInputError
        If a required column is missing, a column is there twice, or one is unknown to the profile.
    """
    missing = [" or ".join(group) for group in profile.needs if not any(name in names for name in group)]
    known = {*profile.read, *profile.unread}
    unknown = [name for name in names if name not in known]
    if any(map(is_value, unknown)):
        raise BadInputError(
            source,
            f"its first line holds values, and no names of columns: expected {listed(profile.required)} (profile "
            f"'{profile.name}'); put a line with the columns' names before the rows",
        )
    if missing:
        raise BadInputError(
            source,
            f"missing columns: {listed(missing)}; found {listed(names)} (profile '{profile.name}'); use "
            f"a profile that maps this feed's columns",
        )
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise BadInputError(source, f"columns there more than once: {listed(twice)}; each may be there once")
    if unknown:
        raise BadInputError(
            source,
            f"unknown columns: {listed(unknown)}; profile '{profile.name}' reads {listed(profile.read)} and "
            f"ignores {listed(sorted(profile.unread))}; use a profile that reads or ignores them too, or "
            f"leave them out",
        )


def check_types(source: object, schema: pa.Schema, profile: Profile) -> None:
    """Refuse a file whose columns cannot hold what its profile says they hold.

    An optional column without any value (of Arrow's null type) is taken as it is: null in every row.

    Raises
    ------
    BadInputError
        If a column has another type.
    """
    days, times = profile.time_parts or (None, None)
    kinds: list[tuple[str | None, Callable[[pa.DataType], bool], str]] = [
        (profile.device, is_device, "text or whole numbers"),
        (profile.latitude, is_number, "numbers"),
        (profile.longitude, is_number, "numbers"),
        (profile.time, is_time, _TIMES),
        (profile.time_or, is_time, _TIMES),
        (days, is_date, "dates, or text such as 2008-10-23"),
        (times, is_time_of_day, "times, or text such as 05:53:04"),
        (profile.accuracy, is_number, "numbers"),
        (profile.consent, is_flag, "booleans or text"),
        (profile.consent_framework, is_text, "text"),
        (profile.limit_ad_tracking, is_flag, "booleans or text"),
        (profile.source_type, is_text, "text"),
    ]
    needed = {group[0] for group in profile.needs if len(group) == 1}
    for name, takes, expected in kinds:
        if name is None or name not in schema.names:
            continue
        kind = schema.field(name).type
        if not takes(kind) and not (pa.types.is_null(kind) and name not in needed):
            raise BadInputError(source, f"column {name} is of type {kind}, expected {expected}")


def is_value(name: str) -> bool:
    """Say whether a column's name looks like a value that stands where a name should: a number, a time, an id.

    >>> [is_value(name) for name in ("latitudeE7", "", "116.25", "2008-02-02 13:30:45", "a@example.org")]
    [False, False, True, True, True]
    """
    return _VALUE.fullmatch(name.strip()[:_LOOKED_AT]) is not None


def listed(names: Iterable[str], most: int = 20) -> str:
    """Write names one after another, the first few of many, each cut to a length that fits a message.

    What looks like a row's value is not written: no message may hold one.
    """
    found = list(names)
    if not found:
        return "none"
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(map(shown, found[:most])) + more


def shown(name: str) -> str:
    """Write one name, cut to a length that fits a message, and no value in its place."""
    if is_value(name):
        return "(a value)"
    # A header that lost its line's end runs on into the first row.
    name = _RUN_ON.sub(lambda piece: "…" if sum(map(str.isdigit, piece[0])) >= 4 else piece[0], name[:_LOOKED_AT])
    name = name if len(name) <= 60 else f"{name[:57]}..."
    return name if name.isprintable() and name else repr(name)[1:-1] or "''"
