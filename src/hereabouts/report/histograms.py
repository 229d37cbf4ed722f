"""Distributions as histograms: a bar a bin with its interval, and words for bins, units and what is counted.

A row of bars is drawn by the template as plain SVG inside a table, so that it needs no script, prints, and is read out
as the figures that it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hereabouts.errors import BadInputError
from hereabouts.privacy.bins import BINS
from hereabouts.report import words

WIDTH = 1000
"""Of the longest bar with its interval, in the units of the drawing."""

_MUCH = 0.1
"""A share of what is published may be told where what is not can be a tenth of it at the most."""

Range = tuple[float, float]
_COLUMNS = ("statistic", "bin_low", "bin_high", "unit", "devices_or_trips", "ci95_low", "ci95_high")
_HEADERS = {"km": "Kilometres", "minutes": "Duration", "trips": "Trips", "cells": "Areas"}
_HOURS_FROM = 120.0
"""Minutes from which on a duration is said in hours."""
_NEXT_TO_NONE = 0.1
"""What is less than this is said to be 0: the bin of those who were always in one place ends there."""


@dataclass(frozen=True)
class Told:
    """What a reader is told of a distribution: its title, what it counts, and how that is defined."""

    title: str
    counted: str
    about: str


TOLD: Mapping[str, Told] = {
    "trip-lengths": Told(
        "How far trips go",
        "trips",
        "As the crow flies, between the centres of the small cells in which a trip begins and ends.",
    ),
    "trip-durations": Told("How long trips take", "trips", "From the end of one stay to the beginning of the next."),
    "stay-durations": Told(
        "How long stays last", "stays", "A stay is 20 minutes or more within 200 m; shorter ones are none."
    ),
    "trips-per-device-day": Told(
        "How many trips a device makes in a day", "days of devices", "Days on which a device was present in the region."
    ),
    "cells-per-device-day": Told(
        "In how many small areas a device is in a day",
        "days of devices",
        "Areas in which it spent most of some hour, at the finest size that the store keeps.",
    ),
    "radius-of-gyration": Told(
        "How far devices range",
        "devices",
        "Typical distance of a device from the middle of its own places, over the hours of the whole window.",
    ),
}
"""The distributions in the order in which they are shown."""


@dataclass(frozen=True)
class Bar:
    """One bin: its words, its figures (none where it was not published), and where they end in the drawing."""

    label: str
    value: str | None = None
    interval: str = ""
    share: str = "–"
    end: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Histogram:
    """One distribution: the unit of its bins in words, the bin of the middle one, and whether shares can be told.

    Where what was not published could be much, a share of the rest would mislead.
    """

    statistic: str
    told: Told
    unit: str
    middle: str | None
    bars: tuple[Bar, ...]
    missing: int
    shares: bool


def histograms(
    table: pa.Table | None, minimum: float | None = None, max_relative_halfwidth: float | None = None
) -> tuple[Histogram, ...]:
    """Take the table of distributions apart.

    Parameters
    ----------
    table
        ``distributions`` of a release, or ``None`` where there is none.
    minimum, max_relative_halfwidth
        By which rows were published: how large a bin can be that was not.

    Raises
    ------
    BadInputError
        When a column is missing or holds nulls.
    """
    if table is None:
        return ()
    if lacking := [name for name in _COLUMNS if name not in table.column_names]:
        raise BadInputError("distributions table", f"missing {', '.join(lacking)}; hand in a release's own tables")
    if holed := [name for name in _COLUMNS if table.column(name).null_count]:
        raise BadInputError("distributions table", f"{', '.join(holed)} has nulls; expected a value in each row")
    rows = table.select(_COLUMNS).to_pylist()
    names = list(dict.fromkeys([*TOLD, *(str(row["statistic"]) for row in rows)]))
    by_name = {name: [row for row in rows if row["statistic"] == name] for name in names}
    # Where that is not said, a bin that is missing may hold anything.
    limits = float("inf") if minimum is None else minimum, max_relative_halfwidth or float("inf")
    return tuple(_histogram(name, found, *limits) for name, found in by_name.items() if found)


def _histogram(name: str, rows: list[dict[str, object]], minimum: float, max_relative_halfwidth: float) -> Histogram:
    told = TOLD.get(name, Told(name.replace("-", " ").capitalize(), "devices or trips", ""))
    rows = sorted(rows, key=lambda row: _number(row["bin_low"]))
    values, low, high = (
        np.array([_number(row[key]) for row in rows]) for key in ("devices_or_trips", "ci95_low", "ci95_high")
    )
    ranges = [(_number(row["bin_low"]), _number(row["bin_high"])) for row in rows]
    unit = str(rows[0]["unit"])
    scale = WIDTH / max(float(high.max()), 1e-9)
    total = max(float(values.sum()), 1e-9)
    known = BINS[name].ranges() if name in BINS else ranges
    missing = len(set(known) - set(ranges))
    # A bin that was not published is at the most as large as one that just would have been.
    unsure = float(np.maximum(values - low, high - values).max()) / max_relative_halfwidth
    most = min(max(minimum, unsure), 1e18)
    middle = _middle(dict(zip(ranges, values.tolist(), strict=True)), known, most)
    said = None if middle is None else bin_label(*middle, unit)
    shares = missing * most <= _MUCH * total
    held = {
        between: Bar(
            label=_short(bin_label(*between, unit), unit),
            value=words.figure(values[at]),
            interval=words.interval(low[at], high[at]),
            share=words.percent(values[at] / total),
            end=round(values[at] * scale, 1),
            low=round(max(0.0, low[at]) * scale, 1),
            high=round(high[at] * scale, 1),
        )
        for at, between in enumerate(ranges)
    }
    bars = tuple(held.get(between) or Bar(_short(bin_label(*between, unit), unit)) for between in known)
    return Histogram(name, told, _HEADERS.get(unit, unit), said, bars, missing, shares)


def _middle(held: dict[Range, float], known: Sequence[Range], most: float) -> Range | None:
    """The bin of the middle one; ``None`` where that depends on what missing bins hold, from nothing to `most`."""
    found = set()
    for cut in known:
        # All that is missing lies below the cut, or all above it: the ways that move the middle furthest.
        for below, above in ((most, 0.0), (0.0, most)):
            sums = np.cumsum([held.get(one, below if one < cut else above) for one in known])
            found.add(known[int(np.searchsorted(sums, sums[-1] / 2))] if sums[-1] > 0 else None)
    return found.pop() if len(found) == 1 else None


def bin_label(low: float, high: float, unit: str) -> str:
    """Return a bin in words: ``2 to 4 km``, ``5 or 6 trips``, ``under 5 min``, ``2 h 40 min to 5 h 20 min``."""
    if unit in ("km", "minutes"):
        ends = [_measure(end, unit) for end in (low, high)]
        if high == float("inf"):
            return f"{ends[0]} or more"
        if low < _NEXT_TO_NONE:
            return ends[0] if high < _NEXT_TO_NONE else f"{'under' if low == 0 else 'up to'} {ends[1]}"
        # One unit is enough where both ends have the same.
        alike = [end.partition(" ")[2] for end in ends]
        return f"{ends[0].partition(' ')[0] if alike[0] == alike[1] else ends[0]} to {ends[1]}"
    if high == float("inf"):
        return f"{low:.0f} {unit} or more"
    last = high - 1
    if last == low:
        return f"{low:.0f} {unit.removesuffix('s') if low == 1 else unit}"
    return f"{low:.0f} {'or' if last == low + 1 else 'to'} {last:.0f} {unit}"


def _short(label: str, unit: str) -> str:
    """The label without a unit that the column's header says; durations keep theirs, of which there are two."""
    return label.replace(f" {unit}", "").replace(f" {unit.removesuffix('s')}", "") if unit != "minutes" else label


def _measure(value: float, unit: str) -> str:
    if value == float("inf"):
        return ""
    if unit == "minutes" and value >= _HOURS_FROM:
        hours, minutes = divmod(round(value), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{value if value >= _NEXT_TO_NONE else 0:g} {unit.replace('minutes', 'min')}"


def _number(value: object) -> float:
    return float(str(value))
