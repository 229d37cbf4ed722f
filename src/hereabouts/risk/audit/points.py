"""Points of a trace at a grain: which ones are drawn, and how many devices have them all.

A point is a cell and a stretch of time. Up to eight of a device's distinct points are drawn, all at once: the first p
of them are a draw of p, so that one draw serves for all numbers of points. Then one pass over the data set finds the
devices that have each drawn point, and those that have several are found from the rarest of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from hereabouts.movement.kernel import Int32s, Int64s, UInt64s, kernel, read_only
from hereabouts.risk.traces import Traces

MOST = 8
"""Points that are drawn of a trace."""

NONE = 255
"""In place of a number of devices, where a trace has not so many points."""

_HASH = np.uint64(0x9E3779B97F4A7C15)
_FILTER_BITS = 22
_DEVICES_AT_ONCE = 1 << 14


class _Table(NamedTuple):
    """Numbers of codes: an open-addressed hash table, and a filter before it, a bit for each code, some shared."""

    keys: UInt64s
    numbers: Int32s
    wanted: UInt64s


@dataclass(frozen=True, repr=False)
class Grain:
    """Traces seen at an H3 resolution and in stretches of so many seconds of UTC."""

    traces: Traces
    place: Int32s
    """Number of the cell at that resolution, for each of the traces' cells."""
    places: int
    seconds: int

    @classmethod
    def of(cls, traces: Traces, resolution: int, seconds: int) -> Grain:
        """See traces so."""
        place, cells = traces.at(resolution)
        return cls(traces, place, len(cells), seconds)


def draw(grain: Grain, devices: Int32s, chance: NDArray[np.float64]) -> UInt64s:
    """Draw up to :data:`MOST` distinct points of each of some devices, without putting them back.

    Parameters
    ----------
    grain
        The traces.
    devices
        Whose, int32[n].
    chance
        Uniform in [0, 1), float64[n, MOST].

    Returns
    -------
    uint64[n, MOST]
        The points, as codes of this grain; 0 where there are no more.
    """
    drawn = np.zeros((len(devices), MOST), np.uint64)
    traces = grain.traces
    most = int(np.diff(traces.starts)[devices].max(initial=0))
    _draw(
        cast(UInt64s, read_only(traces.points, np.uint64)),
        cast(Int64s, read_only(traces.starts, np.int64)),
        read_only(devices, np.int32),
        cast(Int32s, read_only(grain.place, np.int32)),
        np.uint64(grain.seconds),
        read_only(chance, np.float64),
        np.full(grain.places, -1, np.int64),
        np.empty(most, np.uint64),
        drawn,
    )
    return drawn


def crowds(grain: Grain, drawn: UInt64s, among: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Tell how many devices have the first p of some points, for each p.

    Parameters
    ----------
    grain
        The traces.
    drawn
        As :func:`draw` gives them, uint64[n, MOST].
    among
        Which devices are looked at, bool[devices].

    Returns
    -------
    uint8[n, MOST]
        0 for none, 1 for one, 2 for two or more; :data:`NONE` where there are not so many points.
    """
    codes = np.unique(drawn)
    codes = codes[codes != 0]
    number = np.where(drawn == 0, -1, np.searchsorted(codes, drawn)).astype(np.int32)
    bits = max(12, int(len(codes) * 2).bit_length())
    table = _Table(
        np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.int32), np.zeros(1 << (_FILTER_BITS - 6), np.uint64)
    )
    _enter(codes, table)
    counts, found = _found(grain, among, table, len(codes))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    postings, following = np.empty(int(starts[-1]), np.int32), starts[:-1].copy()
    while found:
        _post(*found.pop(0), following, postings)
    return _crowds(number, starts, postings)


def _found(
    grain: Grain, among: NDArray[np.bool_], table: _Table, points: int
) -> tuple[Int64s, list[tuple[Int32s, Int32s]]]:
    """How many devices have each point; and each point with each device that has it, in the order of devices."""
    traces = grain.traces
    counts, last = np.zeros(points, np.int64), np.full(points, -1, np.int32)
    found = []
    for first in range(0, traces.devices, _DEVICES_AT_ONCE):
        after = min(first + _DEVICES_AT_ONCE, traces.devices)
        rows = int(traces.starts[after] - traces.starts[first])
        point, device = np.empty(rows, np.int32), np.empty(rows, np.int32)
        hits = _look(
            cast(UInt64s, read_only(traces.points, np.uint64)),
            cast(Int64s, read_only(traces.starts, np.int64)),
            first,
            after,
            cast(Int32s, read_only(grain.place, np.int32)),
            np.uint64(grain.seconds),
            read_only(among, np.bool_),
            table,
            counts,
            last,
            (point, device),
        )
        found.append((point[:hits].copy(), device[:hits].copy()))
    return counts, found


@kernel
def _code(point: np.uint64, place: Int32s, seconds: np.uint64) -> np.uint64:
    """Cell in the upper half, counted from 1; stretch of time in the lower one."""
    cell = np.uint64(place[point & np.uint64(0xFFFFFFFF)]) + np.uint64(1)
    return cell << np.uint64(32) | np.uint64(np.uint32(point >> np.uint64(32)) // np.uint32(seconds))


@kernel
def _draw(
    points: UInt64s,
    starts: Int64s,
    devices: Int32s,
    place: Int32s,
    seconds: np.uint64,
    chance: NDArray[np.float64],
    seen: Int64s,
    own: UInt64s,
    drawn: UInt64s,
) -> None:
    """Points come in order of time: each cell of a stretch is met first where `seen` has not this stretch yet."""
    stretch = 0
    for i in range(devices.size):
        count, last = 0, np.uint64(0)
        stretch += 1
        for row in range(starts[devices[i]], starts[devices[i] + 1]):
            code = _code(points[row], place, seconds)
            time, cell = code & np.uint64(0xFFFFFFFF), (code >> np.uint64(32)) - np.uint64(1)
            if time != last:
                stretch += 1
                last = time
            if seen[cell] != stretch:
                seen[cell] = stretch
                own[count] = code
                count += 1
        for p in range(min(count, drawn.shape[1])):
            other = p + min(int(chance[i, p] * (count - p)), count - p - 1)
            own[p], own[other] = own[other], own[p]
            drawn[i, p] = own[p]


@kernel
def _enter(codes: UInt64s, table: _Table) -> None:
    """Fill a table."""
    keys, numbers, wanted = table
    mask = np.uint64(keys.size - 1)
    bits = np.uint64(wanted.size * 64 - 1)
    for k in range(codes.size):
        spread = codes[k] * _HASH
        bit = (spread >> np.uint64(20)) & bits
        wanted[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))
        slot = (spread >> np.uint64(32)) & mask
        while keys[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        keys[slot], numbers[slot] = codes[k], k


@kernel
def _look(
    points: UInt64s,
    starts: Int64s,
    first: int,
    after: int,
    place: Int32s,
    seconds: np.uint64,
    among: NDArray[np.bool_],
    table: _Table,
    counts: Int64s,
    last: Int32s,
    found: tuple[Int32s, Int32s],
) -> int:
    """Find the drawn points that devices have, each once a device; give how many were found."""
    keys, numbers, wanted = table
    point, device = found
    mask = np.uint64(keys.size - 1)
    bits = np.uint64(wanted.size * 64 - 1)
    hits = 0
    for d in range(first, after):
        if not among[d]:
            continue
        before = np.uint64(0)
        for row in range(starts[d], starts[d + 1]):
            code = _code(points[row], place, seconds)
            if code == before:
                continue
            before = code
            spread = code * _HASH
            bit = (spread >> np.uint64(20)) & bits
            if not (wanted[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1):
                continue
            slot = (spread >> np.uint64(32)) & mask
            while keys[slot] != code and keys[slot] != 0:
                slot = (slot + np.uint64(1)) & mask
            if keys[slot] == code and last[numbers[slot]] != d:
                number = numbers[slot]
                last[number] = d
                counts[number] += 1
                point[hits], device[hits] = number, d
                hits += 1
    return hits


@kernel
def _post(point: Int32s, device: Int32s, following: Int64s, postings: Int32s) -> None:
    """Add devices to the lists of their points, which stay in order."""
    for k in range(point.size):
        postings[following[point[k]]] = device[k]
        following[point[k]] += 1


@kernel
def _has(starts: Int64s, postings: Int32s, point: int, device: int) -> bool:
    """Whether a point's list has a device: a binary search."""
    low, high = starts[point], starts[point + 1]
    while low < high:
        middle = (low + high) // 2
        if postings[middle] < device:
            low = middle + 1
        else:
            high = middle
    return bool(low < starts[point + 1] and postings[low] == device)


@kernel
def _crowds(number: Int32s, starts: Int64s, postings: Int32s) -> NDArray[np.uint8]:
    result = np.full(number.shape, 255, np.uint8)
    for i in range(number.shape[0]):
        found, the_one, rarest = 2, -1, 0
        for p in range(number.shape[1]):
            point = number[i, p]
            if point < 0:
                break
            if found < 2:  # of those that had the points so far, who has this one too?
                if found == 1 and not _has(starts, postings, point, the_one):
                    found = 0
                result[i, p] = found
                continue
            best = number[i, rarest]
            if starts[point + 1] - starts[point] < starts[best + 1] - starts[best]:
                rarest, best = p, point
            found = 0
            for k in range(starts[best], starts[best + 1]):
                has_all = True
                for q in range(p + 1):
                    if q != rarest and not _has(starts, postings, number[i, q], postings[k]):
                        has_all = False
                        break
                if has_all:
                    found += 1
                    the_one = postings[k]
                    if found == 2:
                        break
            result[i, p] = found
    return result
