"""One batch of pings in, its presence, stays and trips out: all that an engine calls."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from hereabouts.movement.cells import CellIndex
from hereabouts.movement.kernel import Int32s, Int64s, UInt64s, read_only
from hereabouts.movement.presence import HOUR_SECONDS, Presence, presence
from hereabouts.movement.sorting import SortedPings, sort_pings
from hereabouts.movement.stays import stays
from hereabouts.movement.trips import Trips, trips

__all__ = ["Movement", "SortedPings", "StayCells", "sort_pings", "summarise"]


class StayCells(NamedTuple):
    """Stays of a batch without positions and seconds, ordered by (device, time)."""

    device: Int32s
    """Code of the device in its batch."""
    cell: UInt64s
    """Cell of the stay's mean position."""
    hour: Int32s
    """Hour in which the stay starts, in steps of 3600 seconds since the window's start."""
    duration: Int32s
    """Seconds from the stay's first ping to its last."""


class Movement(NamedTuple):
    """What is kept of a batch of pings once its window is sealed."""

    presence: Presence
    stays: StayCells
    trips: Trips


def summarise(
    device: ArrayLike,
    time: ArrayLike,
    latitude: ArrayLike,
    longitude: ArrayLike,
    window_start: int,
    window_end: int,
    resolution: int,
    cells: CellIndex | None = None,
) -> Movement:
    """Turn the pings of whole devices in one window into presence, stays and trips.

    A device's rows in the result depend on its own pings alone.

    Parameters
    ----------
    device, time, latitude, longitude
        Pings as :func:`sort_pings` orders them: int32[n] codes, int64[n] UTC seconds, float64[n] WGS84
        degrees.
    window_start, window_end
        UTC seconds; the window is [start, end), all pings are in it.
    resolution
        The store's H3 resolution.
    cells
        A cell index of that resolution, to be kept and handed in again: it learns, and changes nothing but
        the time taken. May be shared by threads.

    Raises
    ------
    ValueError
        If a ping is outside the window, a position is not finite, the pings are not in order, or the cell
        index is of another resolution.
    """
    if cells is None:
        cells = CellIndex(resolution)
    elif cells.resolution != resolution:
        raise ValueError(f"the cell index is of resolution {cells.resolution}, expected {resolution}")
    times = cast(Int64s, read_only(time, np.int64))
    if times.size and not (window_start <= times.min() and times.max() < window_end):
        raise ValueError(f"pings must be in the window [{window_start}, {window_end}), and some are not")
    hours = presence(device, times, cells.cells_of(latitude, longitude), window_start, window_end)
    found = stays(device, times, latitude, longitude)
    stay_cell = cells.cells_of(found.latitude, found.longitude)
    return Movement(
        presence=hours,
        stays=StayCells(
            device=found.device,
            cell=stay_cell,
            hour=((found.start - window_start) // HOUR_SECONDS).astype(np.int32),
            duration=(found.end - found.start).astype(np.int32),
        ),
        trips=trips(found, stay_cell, window_start),
    )
