"""Distributions: histograms in public bins. Each is one function of a device's own rows; proof in ``distributions.md``.

A :class:`Distribution` says of each thing that it counts (a trip, a stay, a device's day, a device) whose it is and
what its value is. The rest is the same for all: where a device has only so many of them, its histogram has a natural
bound; where it may have any number, its histogram is scaled to a length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.rows import PRESENCE, STAYS, TRIPS, DeviceRows
from hereabouts.catalogue.vectors import DeviceVectors, vectors_of
from hereabouts.movement.gyration import radii_of_gyration
from hereabouts.privacy.bins import BINS
from hereabouts.privacy.measure import Contribution
from hereabouts.windows import Window

Cells = NDArray[np.uint64]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Values = tuple[Integers, NDArray[np.integer] | Floats]
"""Whose each counted thing is, and its value, in the unit of the bins; shapes (n,)."""


@dataclass(frozen=True)
class Distribution:
    """One distribution.

    Attributes
    ----------
    tables
        The sealed tables that it reads.
    values
        From one bucket's rows, the region's sorted cells at resolution 7, and the window.
    most
        How many things a device has at most, given the days of the window; ``None`` where there is no such number.
    """

    tables: frozenset[str]
    values: Callable[[DeviceRows, Cells, Window], Values]
    most: Callable[[int], int] | None = None


def _trip_lengths(rows: DeviceRows, leaves: Cells, _: Window) -> Values:
    within = _trips_within(rows, leaves)
    return rows.trips.device[within], rows.trips.metres[within] / 1000.0


def _trip_durations(rows: DeviceRows, leaves: Cells, _: Window) -> Values:
    within = _trips_within(rows, leaves)
    return rows.trips.device[within], rows.trips.minutes[within]


def _stay_durations(rows: DeviceRows, leaves: Cells, _: Window) -> Values:
    within = rows.inside(leaves)[rows.stays.cell]
    return rows.stays.device[within], rows.stays.minutes[within]


def _trips_per_device_day(rows: DeviceRows, leaves: Cells, window: Window) -> Values:
    days = int(window.day_starts().size)
    device, cell, hour = rows.presence
    there = rows.inside(leaves)[cell]
    device_days = np.unique(device[there] * days + window.day_of_hour[hour[there]])
    within = _trips_within(rows, leaves)
    made = rows.trips.device[within] * days + window.day_of_hour[rows.trips.hour[within]]
    position = np.searchsorted(device_days, made)
    # A trip that ends its first stay on a day without presence belongs to no device-day.
    known = np.isin(made, device_days)
    return device_days // days, np.bincount(position[known], minlength=device_days.size)


def _cells_per_device_day(rows: DeviceRows, leaves: Cells, window: Window) -> Values:
    days = int(window.day_starts().size)
    device, cell, hour = rows.presence
    there = rows.inside(leaves)[cell]
    device_day = device[there] * days + window.day_of_hour[hour[there]]
    held = np.unique(device_day * rows.cells.size + cell[there]) // max(rows.cells.size, 1)
    device_days, cells = np.unique(held, return_counts=True)
    return device_days // days, cells


def _radius_of_gyration(rows: DeviceRows, leaves: Cells, _: Window) -> Values:
    device, cell, _hour = rows.presence
    inside = rows.inside(leaves)
    centre = np.zeros((rows.cells.size, 2))
    centre[inside] = np.array([_centre(index) for index in rows.cells[inside].tolist()]).reshape(-1, 2)
    there = inside[cell]
    radius = radii_of_gyration(device[there], centre[cell[there]], rows.devices) / 1000.0
    known = np.flatnonzero(np.isfinite(radius))
    return known, radius[known]


def _trips_within(rows: DeviceRows, leaves: Cells) -> NDArray[np.bool_]:
    """Trips with both ends in the region."""
    inside = rows.inside(leaves)
    return np.asarray(inside[rows.trips.origin] & inside[rows.trips.destination])


@lru_cache(maxsize=1 << 20)
def _centre(cell: int) -> tuple[float, float]:
    """Latitude and longitude of a cell's centre; one bucket's devices are where another's are."""
    latitude, longitude = h3.cell_to_latlng(cell)
    return latitude, longitude


def _one(_days: int) -> int:
    return 1


def _one_a_day(days: int) -> int:
    return days


DISTRIBUTIONS = {
    "trip-lengths": Distribution(frozenset({TRIPS}), _trip_lengths),
    "trip-durations": Distribution(frozenset({TRIPS}), _trip_durations),
    "stay-durations": Distribution(frozenset({STAYS}), _stay_durations),
    "trips-per-device-day": Distribution(frozenset({PRESENCE, TRIPS}), _trips_per_device_day, _one_a_day),
    "cells-per-device-day": Distribution(frozenset({PRESENCE}), _cells_per_device_day, _one_a_day),
    "radius-of-gyration": Distribution(frozenset({PRESENCE}), _radius_of_gyration, _one),
}
"""The distributions by their names in plans."""


def tables_read(statistics: Iterable[str]) -> frozenset[str]:
    """The sealed tables that some distributions read."""
    return frozenset().union(*(DISTRIBUTIONS[name].tables for name in statistics))


@dataclass(frozen=True, repr=False)
class Histograms:
    """What one distribution's devices contribute, before it is known how far they are scaled.

    Attributes
    ----------
    statistic
        Its name.
    natural
        The sums, where the histogram has a natural bound.
    vectors
        The devices' histograms, bucket by bucket, where it is scaled.
    """

    statistic: str
    natural: Contribution | None
    vectors: Sequence[DeviceVectors]

    @property
    def size(self) -> int:
        """How many bins there are."""
        return len(BINS[self.statistic].edges)


def histograms(
    buckets: Iterable[DeviceRows], leaves: Cells, statistics: Sequence[str], window: Window
) -> list[Histograms]:
    """What all devices contribute to each of some distributions, in the order in which these are named.

    Parameters
    ----------
    buckets
        Rows of the tables that they read.
    leaves
        The region's cells at resolution 7, sorted.
    statistics
        Names of distributions.
    window
        The window.

    Raises
    ------
    ArithmeticError
        When a device has more things than its natural bound allows.
    ValueError
        When a row is in none of the window's hours.
    """
    days = int(window.day_starts().size)
    sums = {name: np.zeros(len(BINS[name].edges), dtype=np.int64) for name in statistics}
    vectors: dict[str, list[DeviceVectors]] = {name: [] for name in statistics}
    for rows in buckets:
        rows.require_within(window.hours)
        for name in statistics:
            device, values = DISTRIBUTIONS[name].values(rows, leaves, window)
            entry = BINS[name].place(values)
            if (most := DISTRIBUTIONS[name].most) is None:
                vectors[name].append(vectors_of(device, entry, sums[name].size))
                continue
            if np.bincount(device).max(initial=0) > most(days):
                raise ArithmeticError(f"a device counts more often in {name} than it can: nothing may be measured")
            sums[name] += np.bincount(entry, minlength=sums[name].size)
    return [Histograms(name, _natural(name, sums[name], days), vectors[name]) for name in statistics]


def _natural(name: str, sums: Integers, days: int) -> Contribution | None:
    most = DISTRIBUTIONS[name].most
    return None if most is None else Contribution(sums, squared_sensitivity=most(days) ** 2)
