"""Times as feeds write them, brought to whole seconds of UTC since 1970.

Four spellings: Arrow timestamps of any unit (without a zone they are UTC), ISO 8601 text, and the epoch as
a number or as the text of one, in the unit that the profile says. Fractions are floored. A fifth, day and time of the
day in two columns, is joined to ISO 8601 text first.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hereabouts.feeds.profile import MILLISECONDS_FROM, TimeUnit
from hereabouts.feeds.values.text import Bytes, Int64s, is_text, is_valid, plain, trimmed, view
from hereabouts.movement.kernel import kernel

UNREADABLE = -(2**63)
"""Stands for a time that is missing or cannot be read."""

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_UNITS: dict[TimeUnit, int] = {"s": 1, "ms": 1000, "us": 1_000_000, "auto": 0}
_FARTHEST = 1e18


def is_time(kind: pa.DataType) -> bool:
    """Say whether a type can hold times: timestamps, text, whole or floating-point numbers."""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind) or is_text(kind))


def is_date(kind: pa.DataType) -> bool:
    """Say whether a type can hold days: dates, or text."""
    return bool(pa.types.is_date(kind)) or is_text(kind)


def is_time_of_day(kind: pa.DataType) -> bool:
    """Say whether a type can hold times of a day: times, or text."""
    return bool(pa.types.is_time(kind)) or is_text(kind)


def joined(dates: pa.Array, times: pa.Array) -> pa.Array:
    """Join days and times of the day, which a feed has in two columns, to ISO 8601 text.

    Parameters
    ----------
    dates, times
        n days and n times, of types that :func:`is_date` and :func:`is_time_of_day` take. Text must be the two halves
        of an ISO 8601 time (``2008-10-23`` and ``05:53:04+02:00``), perhaps with white space around them.

    Returns
    -------
    pyarrow.Array
        n binary values for :func:`seconds`; null where one half is.
    """
    return pc.binary_join_element_wise(_half(dates), _half(times), pa.scalar(b"T", pa.large_binary()))


def _half(values: pa.Array) -> pa.Array:
    """Give text without white space around it, whether or not its bytes are UTF-8."""
    if pa.types.is_date64(values.type):
        values = values.cast(pa.date32())
    text = plain(values) if is_text(values.type) else values.cast(pa.string())
    large = pa.types.is_large_string(text.type) or pa.types.is_large_binary(text.type)
    string, binary = (pa.large_string(), pa.large_binary()) if large else (pa.string(), pa.binary())
    # Arrow trims by bytes, and never looks whether they are text.
    return pc.ascii_trim_whitespace(text.view(string)).view(binary).cast(pa.large_binary())


def seconds(values: pa.Array, unit: TimeUnit) -> NDArray[np.int64]:
    """Give times as whole seconds since the epoch.

    Parameters
    ----------
    values
        n times, of a type that :func:`is_time` takes.
    unit
        What bare numbers count.

    Returns
    -------
    numpy.ndarray
        Shape (n,), int64, floored; :data:`UNREADABLE` where there is no time to read.
    """
    kind = values.type
    if is_text(kind):
        return _text_seconds(*view(values), _UNITS[unit])
    if pa.types.is_timestamp(kind):
        return _floored(_numbers(values.view(pa.int64())), _PER_SECOND[kind.unit], values.null_count)
    if pa.types.is_floating(kind):
        instants = values.cast(pa.float64()).fill_null(np.nan).to_numpy()
        readable = np.abs(instants) < _FARTHEST
        epochs = np.floor(np.where(readable, instants, 0.0)).astype(np.int64)
        return np.where(readable, _epoch_seconds(epochs, unit), UNREADABLE)
    # A uint64 over the top of int64 turns negative, and is as little of an accepted time as it was before.
    return _epoch_seconds(_numbers(values.cast(pa.int64(), safe=False)), unit)


def _numbers(values: pa.Array) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = values.fill_null(UNREADABLE).to_numpy()
    return numbers


def _floored(ticks: NDArray[np.int64], per_second: int, missing: int) -> NDArray[np.int64]:
    whole = ticks if per_second == 1 else ticks // per_second
    return np.where(ticks == UNREADABLE, UNREADABLE, whole) if missing else whole


def _epoch_seconds(epochs: NDArray[np.int64], unit: TimeUnit) -> NDArray[np.int64]:
    if unit == "s":
        return epochs
    larger = epochs != UNREADABLE
    if unit == "auto":
        larger &= (epochs >= MILLISECONDS_FROM) | (epochs <= -MILLISECONDS_FROM)
    return np.where(larger, epochs // (_UNITS[unit] or 1000), epochs)


@kernel
def _digits(data: Bytes, start: int, count: int) -> int:
    """Read exactly ``count`` decimal digits; -1 where one of them is none."""
    number = 0
    for i in range(start, start + count):
        digit = int(data[i]) - 48
        if not 0 <= digit <= 9:
            return -1
        number = number * 10 + digit
    return number


@kernel
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, days_from_civil)."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@kernel
def _month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@kernel
def _offset(data: Bytes, start: int, stop: int) -> int:
    """Read ``Z``, ``+HH``, ``+HHMM`` or ``+HH:MM`` as seconds east of UTC; UNREADABLE if it is no zone."""
    if stop == start:
        return 0
    sign = data[start]
    if sign in (90, 122):
        return 0 if stop - start == 1 else UNREADABLE
    if sign not in (43, 45) or stop - start not in (3, 5, 6):
        return UNREADABLE
    if stop - start == 6 and data[start + 3] != 58:
        return UNREADABLE
    hours = _digits(data, start + 1, 2)
    minutes = 0 if stop - start == 3 else _digits(data, stop - 2, 2)
    if not (0 <= hours <= 23 and 0 <= minutes <= 59):
        return UNREADABLE
    east = hours * 3600 + minutes * 60
    return east if sign == 43 else -east


@kernel
def _iso(data: Bytes, start: int, stop: int) -> int:
    """Read ``YYYY-MM-DDTHH:MM[:SS[.fraction]][zone]``; a blank may stand for the T, no zone means UTC."""
    if stop - start < 16 or data[start + 4] != 45 or data[start + 7] != 45 or data[start + 13] != 58:
        return UNREADABLE
    if data[start + 10] not in (84, 116, 32):
        return UNREADABLE
    year, month, day = _digits(data, start, 4), _digits(data, start + 5, 2), _digits(data, start + 8, 2)
    hour, minute, second = _digits(data, start + 11, 2), _digits(data, start + 14, 2), 0
    if year < 0 or not 1 <= month <= 12 or not 1 <= day <= _month_length(year, month):
        return UNREADABLE
    at = start + 16
    if at < stop and data[at] == 58:
        if stop - at < 3:
            return UNREADABLE
        second = _digits(data, at + 1, 2)
        at += 3
        if at < stop and data[at] in (46, 44):
            at += 1
            before = at
            while at < stop and 48 <= data[at] <= 57:
                at += 1
            if at == before:
                return UNREADABLE
    # A leap second is 23:59:60, and the first second of the next minute in a count that knows none.
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60):
        return UNREADABLE
    east = _offset(data, at, stop)
    if east == UNREADABLE:
        return UNREADABLE
    return _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - east


@kernel
def _epoch(data: Bytes, start: int, stop: int, unit: int) -> int:
    """Read a decimal number, of which ``unit`` make a second; with unit 0, of seconds or milliseconds by its size."""
    at, negative = start, False
    if data[at] in (43, 45):
        negative = data[at] == 45
        at += 1
    number, before = 0, at
    while at < stop and 48 <= data[at] <= 57 and at - before <= 18:
        number = number * 10 + (int(data[at]) - 48)
        at += 1
    if at == before or at - before > 18:
        return UNREADABLE
    rest = False
    if at < stop and data[at] == 46:
        at += 1
        while at < stop and 48 <= data[at] <= 57:
            rest = rest or data[at] != 48
            at += 1
    if at < stop:
        return UNREADABLE
    if negative:
        number = -number - (1 if rest else 0)
    if unit == 0:
        unit = 1000 if abs(number) >= MILLISECONDS_FROM else 1
    return number // unit


@kernel
def _text_seconds(offsets: Int64s, data: Bytes, valid: Bytes, first: int, unit: int) -> NDArray[np.int64]:
    out = np.empty(len(offsets) - 1, np.int64)
    for i in range(len(out)):
        start, stop = trimmed(data, offsets[i], offsets[i + 1])
        if start == stop or not is_valid(valid, first + i):
            out[i] = UNREADABLE
        elif stop - start > 4 and data[start + 4] == 45:
            out[i] = _iso(data, start, stop)
        else:
            out[i] = _epoch(data, start, stop, unit)
    return out
