"""Trips: from one stay of a device to its next one, where that is soon enough and somewhere else."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from hereabouts.movement.kernel import Int32s, UInt64s, read_only, same_length
from hereabouts.movement.presence import HOUR_SECONDS
from hereabouts.movement.stays import Stays

TRIP_SECONDS = 6 * 3600


class Trips(NamedTuple):
    """Trips of a batch, ordered by (device, time)."""

    device: Int32s
    """Code of the device in its batch."""
    hour: Int32s
    """Hour in which the first stay ends, in steps of 3600 seconds since the window's start."""
    origin: UInt64s
    """Cell of the first stay."""
    destination: UInt64s
    """Cell of the next stay."""
    duration: Int32s
    """Seconds from the first stay's end to the next one's start."""


def trips(found: Stays, cell: ArrayLike, window_start: int) -> Trips:
    """Give the trips between consecutive stays.

    A stay's next one is the device's next of all: where that is too late or in the same cell, there is no
    trip, and no later stay takes its place.

    Parameters
    ----------
    found
        All stays of whole devices, ordered by (device, start).
    cell
        uint64[number of stays], the cell of each stay at the store's resolution.
    window_start
        UTC seconds, from which hours count.

    Raises
    ------
    ValueError
        If the columns differ in length.
    """
    cells = cast(UInt64s, read_only(cell, np.uint64))
    same_length(stays=found.device, cell=cells)
    travelled = found.start[1:] - found.end[:-1]
    same_device = found.device[1:] == found.device[:-1]
    kept = np.flatnonzero(same_device & (travelled <= TRIP_SECONDS) & (cells[1:] != cells[:-1]))
    return Trips(
        device=found.device[kept],
        hour=((found.end[kept] - window_start) // HOUR_SECONDS).astype(np.int32),
        origin=cells[kept],
        destination=cells[kept + 1],
        duration=travelled[kept].astype(np.int32),
    )
