"""Presence: for each device and hour, the one cell in which the device spent most of that hour.

A ping holds its place until the device's next one, for 30 minutes at most, and never past the window's end.
Held time that crosses an hour's end is split between both hours; the cell with most held seconds has the
hour, ties go to the smaller index. Of pings at one time the last holds, since the others hold for no time.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from hereabouts.movement.kernel import Int32s, Int64s, UInt64s, kernel, read_only, same_length

HOLD_SECONDS = 1800
HOUR_SECONDS = 3600

# An hour has 3600 seconds and every hold takes at least one of them, so at most 3600 cells share an hour,
# and a table of this size is never half full, however many pings there are.
_TABLE_BITS = 13


class Presence(NamedTuple):
    """One row for each device and hour in which the device was held anywhere, ordered by (device, hour)."""

    device: Int32s
    """Code of the device in its batch."""
    hour: Int32s
    """Hours since the window's start, in steps of 3600 seconds."""
    cell: UInt64s
    """H3 index of the cell that has the hour."""


def presence(device: ArrayLike, time: ArrayLike, cell: ArrayLike, window_start: int, window_end: int) -> Presence:
    """Give each device's cell in each hour.

    Linear in the number of pings, whatever they are; scratch memory does not grow with them.

    Parameters
    ----------
    device
        int32[n], codes, ascending.
    time
        int64[n], UTC seconds, ascending within a device; none before ``window_start``.
    cell
        uint64[n], cell of each ping; of equal times the last one counts.
    window_start, window_end
        UTC seconds; hours count from the start, holds end at the end (which need not end an hour).

    Raises
    ------
    ValueError
        If the columns differ in length, are not in order, or a ping is before the window.
    """
    devices = cast(Int32s, read_only(device, np.int32))
    times = cast(Int64s, read_only(time, np.int64))
    cells = cast(UInt64s, read_only(cell, np.uint64))
    same_length(device=devices, time=times, cell=cells)
    rows, out_device, out_hour, out_cell = _fill_hours(devices, times, cells, window_start, window_end)
    if rows < 0:
        raise ValueError("pings must be ordered by (device, time), none before the window's start")
    # Copies, which let the unused ends go.
    return Presence(out_device[:rows].copy(), out_hour[:rows].copy(), out_cell[:rows].copy())


@kernel
def _fill_hours(
    device: Int32s, time: Int64s, cell: UInt64s, window_start: int, window_end: int
) -> tuple[int, Int32s, Int32s, UInt64s]:
    """Give the number of device-hours, or -1 if the pings are not in order, and columns that begin with them."""
    # A hold is shorter than an hour, so it is in two at most. What is never written takes no memory.
    most_rows = 2 * time.size
    out_device, out_hour = np.empty(most_rows, np.int32), np.empty(most_rows, np.int32)
    out_cell = np.empty(most_rows, np.uint64)
    # Seconds of each cell in the hour at hand; an entry with another row's number is empty.
    size = 1 << _TABLE_BITS
    held_row, held, held_cell = np.full(size, -1, np.int64), np.empty(size, np.int64), np.empty(size, np.uint64)
    row, most, hour_end = -1, np.int64(0), np.int64(window_start)
    # A device mostly stays where it is: its seconds there are added up first, and often are all that the hour has.
    here, seconds = np.uint64(0), np.int64(0)
    for i in range(time.size):
        start, end = time[i], min(time[i] + HOLD_SECONDS, np.int64(window_end))
        if i + 1 < time.size and device[i + 1] == device[i]:
            end = min(end, time[i + 1])
        if i == 0 or device[i] != device[i - 1]:
            hour_end = np.int64(window_start)
            in_order = i == 0 or device[i] > device[i - 1]
        else:
            in_order = start >= time[i - 1]
        if start < window_start or not in_order:
            return -1, out_device, out_hour, out_cell
        while start < end:
            if start >= hour_end:
                if most > 0:
                    _add(row, here, seconds, most, held_row, held, held_cell, out_cell)
                elif row >= 0:
                    out_cell[row] = here
                hour = np.int64(np.uint64(start - window_start) // np.uint64(HOUR_SECONDS))
                hour_end = window_start + (hour + 1) * HOUR_SECONDS
                row, most, seconds = row + 1, np.int64(0), np.int64(0)
                out_device[row], out_hour[row] = device[i], hour
            elif cell[i] != here:
                most = _add(row, here, seconds, most, held_row, held, held_cell, out_cell)
                seconds = np.int64(0)
            here = cell[i]
            until = min(end, hour_end)
            seconds += until - start
            start = until
    if most > 0:
        _add(row, here, seconds, most, held_row, held, held_cell, out_cell)
    elif row >= 0:
        out_cell[row] = here
    return row + 1, out_device, out_hour, out_cell


@kernel
def _add(
    row: int,
    cell: np.uint64,
    seconds: np.int64,
    most: np.int64,
    held_row: Int64s,
    held: Int64s,
    held_cell: UInt64s,
    out_cell: UInt64s,
) -> np.int64:
    """Add seconds to a cell of a row; give the most that any cell of the row has, and note whose they are.

    Held seconds only grow, so the greatest is always known and needs no second look at the end.
    """
    mask = np.uint64(held_row.size - 1)
    place = (cell * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _TABLE_BITS)
    while held_row[place] == row and held_cell[place] != cell:
        place = (place + np.uint64(1)) & mask
    if held_row[place] != row:
        held_row[place], held_cell[place], held[place] = row, cell, 0
    held[place] += seconds
    if held[place] > most or (held[place] == most and cell < out_cell[row]):
        most, out_cell[row] = held[place], cell
    return most
