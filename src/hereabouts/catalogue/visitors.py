"""Visitors: distinct devices by cell and day, or over the window. Domain and vectors; proof in ``visitors.md``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.rows import DeviceRows
from hereabouts.catalogue.vectors import DeviceVectors, vectors_of
from hereabouts.windows import Window

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Level = tuple[int, str]
"""Resolution and period."""


def slots_of(period: str, window: Window) -> tuple[Integers, int]:
    """In which slot of a period each hour of the window lies, shape (hours,), and how many slots there are."""
    if period == window.duration:
        return np.zeros(window.hours, dtype=np.int64), 1
    return window.day_of_hour, int(window.day_starts().size)


def visitor_vectors(
    buckets: Iterable[DeviceRows],
    leaves: Cells,
    domains: Mapping[int, Cells],
    levels: Sequence[Level],
    window: Window,
) -> dict[Level, list[DeviceVectors]]:
    """The vectors of each level, bucket by bucket: 1 for each cell and slot that a device has a presence in.

    An entry's number is ``position of the cell x slots + slot``.

    Parameters
    ----------
    buckets
        Rows with presence.
    leaves
        The region's cells at resolution 7, sorted: a row is in the region when its ancestor there is.
    domains
        The region's cells by resolution, sorted.
    levels
        Resolutions (7 or coarser) and periods.
    window
        The window.

    Raises
    ------
    ValueError
        When a row is in none of the window's hours.
    """
    found: dict[Level, list[DeviceVectors]] = {level: [] for level in levels}
    for rows in buckets:
        device, cell, hour = rows.presence
        rows.require_within(window.hours)
        for resolution, period in levels:
            slot_of_hour, slots = slots_of(period, window)
            domain = domains[resolution]
            place = rows.places(leaves, domain, resolution)[cell]
            inside = place >= 0
            entry = place[inside] * slots + slot_of_hour[hour[inside]]
            found[resolution, period].append(vectors_of(device[inside], entry, domain.size * slots, once=True))
    return found
