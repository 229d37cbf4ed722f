"""Pings in the order that the kernels need: by device, time, latitude and longitude, each ping once.

Three passes. A hash table numbers the pseudonyms and counts their rows; each row is moved once, to its device's
part of the batch, where devices stand in the order of their pseudonyms; then each part is put in order by itself,
in the processor's cache. Feeds come more or less in the order of time, and moving keeps the order of the rows: a
part that is in order costs one look, one that is made of a few runs is merged from them.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from hereabouts.movement.kernel import Floats, Int32s, Int64s, UInt64s, kernel, read_only, same_length

_MIX_HIGH, _MIX_LOW = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_ROW = np.uint64(0xFFFFFFFF)
_SMALLEST_TABLE = 1 << 12
_SHORT = 16  # rows that are sorted by insertion, before longer stretches are merged


class SortedPings(NamedTuple):
    """Pings ordered by (device, time, latitude, longitude), none twice: one batch for the kernels."""

    devices: UInt64s
    """uint64[k, 2], the distinct pseudonyms as (high, low), ascending; a device's code is its row here."""
    device: Int32s
    """int32[m], code of each ping's device."""
    time: Int64s
    """int64[m], UTC seconds."""
    latitude: Floats
    """float64[m], WGS84 degrees; 0.0 and -0.0 are one number and come out as 0.0."""
    longitude: Floats
    """float64[m], likewise."""


def sort_pings(pseudonym: ArrayLike, time: ArrayLike, latitude: ArrayLike, longitude: ArrayLike) -> SortedPings:
    """Order pings for the kernels and drop exact duplicates; the order of the rows given does not matter.

    Linear where each device's rows come in the order of time, or in a few such runs (a file a day, several
    suppliers); at worst ``n log n``.

    Parameters
    ----------
    pseudonym
        uint64[n, 2], 128 bits of each ping's device as (high, low).
    time
        int64[n], UTC seconds; earliest and latest less than 2^32 seconds apart.
    latitude, longitude
        float64[n], WGS84 degrees, finite.

    Raises
    ------
    ValueError
        If the columns differ in length or shape, or there are 2^31 rows or 2^32 seconds or more.
    """
    pseudonyms = cast(UInt64s, read_only(pseudonym, np.uint64))
    times = cast(Int64s, read_only(time, np.int64))
    lat = cast(Floats, read_only(latitude, np.float64))
    lon = cast(Floats, read_only(longitude, np.float64))
    if pseudonyms.ndim != 2 or pseudonyms.shape[1] != 2:
        raise ValueError(f"pseudonyms must have shape (n, 2), got {pseudonyms.shape}")
    n = same_length(pseudonym=pseudonyms, time=times, latitude=lat, longitude=lon)
    earliest, latest = (int(times.min()), int(times.max())) if n else (0, 0)
    if n >= 1 << 31 or latest - earliest >= 1 << 32:
        raise ValueError(f"a batch has less than 2^31 rows and 2^32 seconds, got {n} and {latest - earliest}")
    code, devices, counts = _code_devices(pseudonyms)
    order = np.lexsort((devices[:, 1], devices[:, 0]))
    ends = np.cumsum(counts[order])
    starts = np.empty(len(devices), np.int64)
    starts[order] = ends - counts[order]
    times, lat, lon = _by_device(code, starts, times, lat, lon)
    device = code  # no longer needed, and as long as the batch
    kept = _order_devices(ends, int(counts.max(initial=0)), earliest, device, times, lat, lon)
    return SortedPings(devices[order], device[:kept], times[:kept], lat[:kept], lon[:kept])


def _code_devices(pseudonym: UInt64s) -> tuple[Int32s, UInt64s, Int64s]:
    """Number the pseudonyms in order of appearance; give each row's number, the pseudonyms, and how often each came."""
    code = np.empty(len(pseudonym), np.int32)
    size, count, row = _SMALLEST_TABLE, 0, 0
    devices, counts = np.empty((0, 2), np.uint64), np.empty(0, np.int64)
    while row < len(pseudonym):
        codes, lows = np.full(size, -1, np.int32), np.empty(size, np.uint64)
        devices = np.concatenate([devices[:count], np.empty((size // 2 - count, 2), np.uint64)])
        counts = np.concatenate([counts[:count], np.zeros(size // 2 - count, np.int64)])
        row, count = _number_rows(pseudonym, row, codes, lows, devices, counts, count, code)
        size *= 4
    return code, devices[:count], counts[:count]


# Places in tables and columns are unsigned below: of signed ones numba asks each time whether they count from the end.


@kernel
def _place(codes: Int32s, lows: UInt64s, devices: UInt64s, high: np.uint64, low: np.uint64) -> np.uint64:
    """Where a pseudonym is in an open-addressed table (a power of two of places, code -1 is empty)."""
    mask = np.uint64(codes.size - 1)
    place = (high * _MIX_HIGH ^ low * _MIX_LOW) >> np.uint64(33) & mask
    while codes[place] >= 0 and (lows[place] != low or devices[np.uint64(codes[place]), 0] != high):
        place = (place + np.uint64(1)) & mask
    return place


@kernel
def _number_rows(
    pseudonym: UInt64s,
    row: int,
    codes: Int32s,
    lows: UInt64s,
    devices: UInt64s,
    counts: Int64s,
    count: int,
    code: Int32s,
) -> tuple[int, int]:
    """Number rows from ``row`` on until the table has no more room for devices.

    Parameters
    ----------
    pseudonym
        Of every row.
    codes, lows
        An empty hash table: codes of devices, -1 where there is none, and the lower halves of their pseudonyms.
    devices, counts
        Pseudonyms and numbers of rows of the devices known so far, ``count`` of them, with room for more.
    code
        Filled here, for each row.

    Returns
    -------
    row, count
        The row that found no room, or the number of rows; how many devices are known.
    """
    for known in range(count):
        place = _place(codes, lows, devices, devices[known, 0], devices[known, 1])
        codes[place], lows[place] = known, devices[known, 1]
    while row < code.size:
        high, low = pseudonym[row, 0], pseudonym[row, 1]
        place = _place(codes, lows, devices, high, low)
        if codes[place] < 0:
            if count == counts.size:
                break
            codes[place], lows[place] = count, low
            devices[count, 0], devices[count, 1] = high, low
            count += 1
        code[row] = codes[place]
        counts[np.uint64(codes[place])] += 1
        row += 1
    return row, count


@kernel
def _by_device(
    code: Int32s, starts: Int64s, time: Int64s, latitude: Floats, longitude: Floats
) -> tuple[Int64s, Floats, Floats]:
    """Move each row to the next free place of its device; uses up ``starts``."""
    n = time.size
    out_time, out_latitude, out_longitude = np.empty(n, np.int64), np.empty(n, np.float64), np.empty(n, np.float64)
    for row in range(n):
        device = np.uint64(code[row])
        place = np.uint64(starts[device])
        starts[device] += 1
        out_time[place] = time[row]
        out_latitude[place], out_longitude[place] = latitude[row] + 0.0, longitude[row] + 0.0  # -0.0 + 0.0 is 0.0
    return out_time, out_latitude, out_longitude


@kernel
def _order_devices(
    ends: Int64s, most: int, earliest: int, device: Int32s, time: Int64s, latitude: Floats, longitude: Floats
) -> int:
    """Put each device's rows in order in place, each ping once, and close up the gaps; give how many rows are left.

    A device's rows end at ``ends``, and are ``most`` at most; ``device`` is filled.
    """
    keys, spare = np.empty(most, np.uint64), np.empty(most, np.uint64)
    kept, first = 0, 0
    for number in range(ends.size):
        after = ends[number]
        if not _is_ordered(time[first:after], latitude[first:after], longitude[first:after]):
            own = keys[: after - first]
            for k in range(own.size):
                own[k] = np.uint64(time[first + k] - earliest) << np.uint64(32) | np.uint64(k)
            _sort_keys(own, spare)
            _sort_ties(own, latitude[first:after], longitude[first:after])
            _gather(own, spare.view(np.float64), latitude[first:after])
            _gather(own, spare.view(np.float64), longitude[first:after])
            for k in range(own.size):
                time[first + k] = earliest + np.int64(own[k] >> np.uint64(32))
        fresh = kept
        for row in range(first, after):
            again = kept > fresh and time[row] == time[kept - 1]
            if again and latitude[row] == latitude[kept - 1] and longitude[row] == longitude[kept - 1]:
                continue
            device[kept], time[kept], latitude[kept], longitude[kept] = number, time[row], latitude[row], longitude[row]
            kept += 1
        first = after
    return kept


@kernel
def _is_ordered(time: Int64s, latitude: Floats, longitude: Floats) -> bool:
    """Whether pings stand in the order (time, latitude, longitude) already."""
    for row in range(1, time.size):
        if time[row] <= time[row - 1] and (
            time[row] < time[row - 1]
            or latitude[row] < latitude[row - 1]
            or (latitude[row] == latitude[row - 1] and longitude[row] < longitude[row - 1])
        ):
            return False
    return True


@kernel
def _sort_keys(keys: UInt64s, spare: UInt64s) -> None:
    """Sort in place: short stretches by insertion, then neighbours are merged where they are not in order yet."""
    n = keys.size
    for first in range(0, n, _SHORT):
        for i in range(first + 1, min(first + _SHORT, n)):
            moved, j = keys[i], i
            while j > first and keys[j - 1] > moved:
                keys[j] = keys[j - 1]
                j -= 1
            keys[j] = moved
    length = _SHORT
    while length < n:
        for first in range(0, n - length, 2 * length):
            middle, after = first + length, min(first + 2 * length, n)
            if keys[middle - 1] > keys[middle]:
                for k in range(length):
                    spare[k] = keys[first + k]
                left, right, to = 0, middle, first
                while left < length:
                    if right < after and keys[right] < spare[left]:
                        keys[to] = keys[right]
                        right += 1
                    else:
                        keys[to] = spare[left]
                        left += 1
                    to += 1
        length *= 2


@kernel
def _sort_ties(keys: UInt64s, latitude: Floats, longitude: Floats) -> None:
    """Order the pings of each second by place: ``keys`` is sorted, with seconds above and rows in the lower 32 bits."""
    first = 0
    while first < keys.size:
        after = first + 1
        while after < keys.size and keys[after] >> np.uint64(32) == keys[first] >> np.uint64(32):
            after += 1
        if after - first > 1:
            _sort_places(keys, first, after, latitude, longitude)
        first = after


@kernel
def _sort_places(keys: UInt64s, first: int, after: int, latitude: Floats, longitude: Floats) -> None:
    """Order the pings of one second in place by (latitude, longitude): a shell sort, as they are few."""
    gap = 1
    while gap < (after - first) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(first + gap, after):
            moved, j = keys[i], i
            row = moved & _ROW
            while j - gap >= first:
                other = keys[j - gap] & _ROW
                if latitude[other] < latitude[row] or (
                    latitude[other] == latitude[row] and longitude[other] <= longitude[row]
                ):
                    break
                keys[j] = keys[j - gap]
                j -= gap
            keys[j] = moved
        gap //= 3


@kernel
def _gather(keys: UInt64s, spare: Floats, column: Floats) -> None:
    """Bring a column into the order of the keys."""
    for k in range(keys.size):
        spare[k] = column[keys[k] & _ROW]
    for k in range(keys.size):
        column[k] = spare[k]
