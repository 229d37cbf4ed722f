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
    rows = _count_hours(devices, times, window_start, window_end)
    if rows < 0:
        raise ValueError("pings must be ordered by (device, time), none before the window's start")
    return Presence(*_fill_hours(devices, times, cells, window_start, window_end, rows))


@kernel
def _hold_end(device: Int32s, time: Int64s, i: int, window_end: int) -> np.int64:
    """When ping i ceases to hold its place."""
    end = np.int64(min(time[i] + HOLD_SECONDS, window_end))
    if i + 1 < time.size and device[i + 1] == device[i]:
        end = min(end, time[i + 1])
    return end


@kernel
def _count_hours(device: Int32s, time: Int64s, window_start: int, window_end: int) -> int:
    """How many device-hours there are, or -1 if the pings are not in order."""
    rows, last = 0, np.int64(-1)
    for i in range(time.size):
        if time[i] < window_start:
            return -1
        if i > 0 and (device[i] < device[i - 1] or (device[i] == device[i - 1] and time[i] < time[i - 1])):
            return -1
        if i > 0 and device[i] != device[i - 1]:
            last = np.int64(-1)
        end = _hold_end(device, time, i, window_end)
        if end > time[i]:
            first = max((time[i] - window_start) // HOUR_SECONDS, last + 1)
            last = (end - 1 - window_start) // HOUR_SECONDS
            rows += int(last - first + 1)
    return rows


@kernel
def _fill_hours(
    device: Int32s, time: Int64s, cell: UInt64s, window_start: int, window_end: int, rows: int
) -> tuple[Int32s, Int32s, UInt64s]:
    out_device, out_hour = np.empty(rows, np.int32), np.empty(rows, np.int32)
    out_cell = np.empty(rows, np.uint64)
    # Seconds of each cell in the hour at hand; an entry with another row's number is empty.
    size = 1 << _TABLE_BITS
    held_row, held = np.full(size, -1, np.int64), np.empty(size, np.int64)
    held_cell = np.empty(size, np.uint64)
    row, most = -1, 0
    for i in range(time.size):
        start, end = time[i], _hold_end(device, time, i, window_end)
        while start < end:
            hour = (start - window_start) // HOUR_SECONDS
            until = min(end, window_start + (hour + 1) * HOUR_SECONDS)
            if row < 0 or out_device[row] != device[i] or out_hour[row] != hour:
                row, most = row + 1, 0
                out_device[row], out_hour[row] = device[i], hour
            place = np.int64((cell[i] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _TABLE_BITS))
            while held_row[place] == row and held_cell[place] != cell[i]:
                place = (place + 1) & (size - 1)
            if held_row[place] != row:
                held_row[place], held_cell[place], held[place] = row, cell[i], 0
            held[place] += until - start
            # Held seconds only grow, so the greatest is always known and needs no second look at the end.
            if held[place] > most or (held[place] == most and cell[i] < out_cell[row]):
                most, out_cell[row] = held[place], cell[i]
            start = until
    return out_device, out_hour, out_cell
