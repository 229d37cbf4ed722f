"""What a sample's columns look like: whole times or halves of them, degrees or parts of one, answers about consent.

Each finding is a share of values. Whoever proposes a profile says it to a person; intake never asks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hereabouts.feeds.formats.sample import Column

ENOUGH = 0.9
"""From this share of its values on, a column is taken for what they look like: some of a feed are always dirt."""

_DAY_PATTERN = r"\d{4}-\d{2}-\d{2}"
_ZONE_PATTERN = r"([Zz]|[+-]\d{2}(:?\d{2})?)"
_CLOCK_PATTERN = rf"\d{{2}}:\d{{2}}(:\d{{2}}([.,]\d+)?)?{_ZONE_PATTERN}?"
_ISO = re.compile(rf"{_DAY_PATTERN}[Tt ]{_CLOCK_PATTERN}")
_ZONED = re.compile(rf".*:\d{{2}}([.,]\d+)?{_ZONE_PATTERN}")
_DAY = re.compile(_DAY_PATTERN)
_CLOCK = re.compile(_CLOCK_PATTERN)
_WHOLE = re.compile(r"[-+]?\d+")
_TCF = re.compile(r"C[A-Za-z0-9_-]{20,}(\.[A-Za-z0-9_-]+)*")
_GPP = re.compile(r"DB[A-Za-z0-9_-]+(~[A-Za-z0-9_.~-]*)?")
_FLAG = re.compile(r"true|false", re.IGNORECASE)
_PER_SECOND = {"s": 1, "ms": 1000, "us": 1_000_000}
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800  # 1990 and 2100
_DEGREES_PER_UNIT = {"degrees": 1.0, "E6": 1e-6, "E7": 1e-7}


@dataclass(frozen=True)
class Finding:
    """What a column most likely is, and what speaks for it.

    Attributes
    ----------
    what
        Which of the possible answers.
    share
        The share of values that fit it; 1 where the column's type alone says it.
    others
        Other answers that fit many values too: then a person has to know.
    """

    what: str
    share: float
    others: tuple[str, ...] = ()


def time_of(column: Column) -> Finding | None:
    """Tell how a column writes times: ``timestamp``, ``iso``, ``s``, ``ms``, ``us``; ``None`` if it has none."""
    if column.kind.startswith("timestamp"):
        return Finding("timestamp", 1.0)
    found = {"iso": share_like(column.values, _ISO)}
    for unit, ticks in _PER_SECOND.items():
        found[unit] = share_between(column.values, _EARLIEST * ticks, _LATEST * ticks)
    return _best(found)


def has_zone(column: Column) -> bool:
    """Say whether a column's times say their zone."""
    return "tz=" in column.kind or share_like(column.values, _ZONED) >= ENOUGH


def is_days(column: Column) -> bool:
    """Say whether a column has days without a time."""
    return column.kind.startswith("date") or share_like(column.values, _DAY) >= ENOUGH


def is_clock(column: Column) -> bool:
    """Say whether a column has times without a day."""
    return column.kind.startswith(("time32", "time64")) or share_like(column.values, _CLOCK) >= ENOUGH


def degrees_of(latitude: Column, longitude: Column) -> Finding | None:
    """Tell the unit of two columns of positions: ``degrees``, ``E6``, ``E7``; ``None`` if they hold no such numbers.

    What fits degrees fits all smaller units too, as if everybody were near 0, 0. So the largest that fits is likeliest.
    """
    whole = min(share_like(column.values, _WHOLE) for column in (latitude, longitude))
    for unit, size in _DEGREES_PER_UNIT.items():
        if unit != "degrees" and whole < ENOUGH:
            break
        north, east = 90.0 / size, 180.0 / size
        fits = min(share_between(latitude.values, -north, north), share_between(longitude.values, -east, east))
        if fits >= ENOUGH:
            return Finding(unit, fits, ("E7",) if unit == "E6" else ())
    return None


def per_unit(unit: str) -> float | None:
    """Give the degrees that a unit of :func:`degrees_of` stands for; ``None`` for degrees."""
    return None if unit == "degrees" else _DEGREES_PER_UNIT[unit]


def consent_of(column: Column) -> Finding | None:
    """Tell how a column answers about consent: ``flag``, ``tcf``, ``gpp``; ``None`` if it does not."""
    if column.kind in ("bool", "booleans"):
        return Finding("flag", 1.0)
    patterns = {"flag": _FLAG, "tcf": _TCF, "gpp": _GPP}
    return _best({what: share_like(column.values, pattern) for what, pattern in patterns.items()})


def is_flag(column: Column) -> bool:
    """Say whether a column has hardly anything but true and false."""
    finding = consent_of(column)
    return finding is not None and finding.what == "flag"


def is_number(column: Column) -> bool:
    """Say whether a column has hardly anything but numbers."""
    return share_between(column.values, -float("inf"), float("inf")) >= ENOUGH


def is_words(column: Column, words: Collection[str]) -> bool:
    """Say whether a column has hardly anything but some words."""
    values = column.values
    return bool(values) and sum(value.strip().casefold() in words for value in values) / len(values) >= ENOUGH


def share_like(values: Sequence[str], pattern: re.Pattern[str]) -> float:
    """Give the share of values that a pattern describes; none where there are no values."""
    return sum(pattern.fullmatch(value.strip()) is not None for value in values) / max(len(values), 1)


def share_between(values: Sequence[str], low: float, high: float) -> float:
    """Give the share of values that are numbers from `low` to `high`; none where there are no values."""
    return sum(low <= number <= high for number in map(_number, values)) / max(len(values), 1)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _best(found: dict[str, float]) -> Finding | None:
    what = max(found, key=lambda answer: found[answer])
    if found[what] < ENOUGH:
        return None
    return Finding(what, found[what], tuple(other for other in found if other != what and found[other] > 1 - ENOUGH))
