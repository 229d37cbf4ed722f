"""Pings in the order that the kernels need: by device, time, latitude and longitude, each ping once.

Linear sorts throughout: a hash table gives each pseudonym a code, and stable counting passes (a radix sort)
order the rows by time and then by device. Only pings of one device at one second are compared with each
other.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from hereabouts.movement.kernel import Floats, Int32s, Int64s, UInt64s, kernel, read_only, same_length

_DIGIT_BITS = 11
_ROW = np.uint64(0xFFFFFFFF)
_MIX_HIGH, _MIX_LOW = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


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
    code, devices = _code_devices(pseudonyms)
    order = np.lexsort((devices[:, 1], devices[:, 0]))
    rank = np.empty(len(devices), np.int32)
    rank[order] = np.arange(len(devices), dtype=np.int32)
    passes = -(-(latest - earliest).bit_length() // _DIGIT_BITS)
    rows, ends = _order_rows(code, rank, times, earliest, passes)
    return SortedPings(devices[order], *_distinct(rows, ends, earliest, lat, lon))


@kernel
def _place(highs: UInt64s, lows: UInt64s, codes: Int32s, high: np.uint64, low: np.uint64) -> np.int64:
    """Where a pseudonym is in an open-addressed table (a power of two of places, code -1 is empty)."""
    mask = codes.size - 1
    place = np.int64((high * _MIX_HIGH ^ low * _MIX_LOW) >> np.uint64(33)) & mask
    while codes[place] >= 0 and (highs[place] != high or lows[place] != low):
        place = (place + 1) & mask
    return place


@kernel
def _code_devices(pseudonym: UInt64s) -> tuple[Int32s, UInt64s]:
    """Number the pseudonyms in order of appearance; give each row's number, and the pseudonyms."""
    n = pseudonym.shape[0]
    code = np.empty(n, np.int32)
    size, count = 1024, 0
    highs, lows, codes = np.empty(size, np.uint64), np.empty(size, np.uint64), np.full(size, -1, np.int32)
    for row in range(n):
        high, low = pseudonym[row, 0], pseudonym[row, 1]
        if row > 0 and high == pseudonym[row - 1, 0] and low == pseudonym[row - 1, 1]:
            code[row] = code[row - 1]
            continue
        place = _place(highs, lows, codes, high, low)
        if codes[place] < 0:
            highs[place], lows[place], codes[place] = high, low, count
            count += 1
        code[row] = codes[place]
        if 2 * count > size:
            size *= 4
            highs, lows, codes = _enlarged(highs, lows, codes, size)
    devices = np.empty((count, 2), np.uint64)
    for filled in range(size):
        if codes[filled] >= 0:
            devices[codes[filled], 0], devices[codes[filled], 1] = highs[filled], lows[filled]
    return code, devices


@kernel
def _enlarged(highs: UInt64s, lows: UInt64s, codes: Int32s, size: int) -> tuple[UInt64s, UInt64s, Int32s]:
    """Move a table of pseudonyms into a larger one."""
    new_highs, new_lows = np.empty(size, np.uint64), np.empty(size, np.uint64)
    new_codes = np.full(size, -1, np.int32)
    for old in range(codes.size):
        if codes[old] >= 0:
            place = _place(new_highs, new_lows, new_codes, highs[old], lows[old])
            new_highs[place], new_lows[place], new_codes[place] = highs[old], lows[old], codes[old]
    return new_highs, new_lows, new_codes


@kernel
def _order_rows(code: Int32s, rank: Int32s, time: Int64s, earliest: int, passes: int) -> tuple[UInt64s, Int64s]:
    """Order rows by (rank of device, time).

    Gives, in that order, seconds since the earliest in the upper and the row in the lower 32 bits; and where
    each device's rows end.
    """
    n = time.size
    rows, spare = np.empty(n, np.uint64), np.empty(n, np.uint64)
    for i in range(n):
        rows[i] = np.uint64(time[i] - earliest) << np.uint64(32) | np.uint64(i)
    digits = np.uint64((1 << _DIGIT_BITS) - 1)
    for p in range(passes):
        shift = np.uint64(32 + p * _DIGIT_BITS)
        starts = np.zeros((1 << _DIGIT_BITS) + 1, np.int64)
        for i in range(n):
            starts[np.int64(rows[i] >> shift & digits) + 1] += 1
        for k in range(1, starts.size):
            starts[k] += starts[k - 1]
        for i in range(n):
            digit = np.int64(rows[i] >> shift & digits)
            spare[starts[digit]] = rows[i]
            starts[digit] += 1
        rows, spare = spare, rows
    ends = np.zeros(rank.size + 1, np.int64)
    for i in range(n):
        ends[rank[code[i]] + 1] += 1
    for k in range(1, ends.size):
        ends[k] += ends[k - 1]
    for i in range(n):
        device = rank[code[np.int64(rows[i] & _ROW)]]
        spare[ends[device]] = rows[i]
        ends[device] += 1
    return spare, ends[:-1].copy()


@kernel
def _sort_places(rows: UInt64s, first: int, after: int, latitude: Floats, longitude: Floats) -> None:
    """Order the pings of one second in place by (latitude, longitude): a shell sort, as they are few."""
    gap = 1
    while gap < (after - first) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(first + gap, after):
            moved, j = rows[i], i
            row = np.int64(moved & _ROW)
            while j - gap >= first:
                other = np.int64(rows[j - gap] & _ROW)
                if latitude[other] < latitude[row] or (
                    latitude[other] == latitude[row] and longitude[other] <= longitude[row]
                ):
                    break
                rows[j] = rows[j - gap]
                j -= gap
            rows[j] = moved
        gap //= 3


@kernel
def _distinct(
    rows: UInt64s, ends: Int64s, earliest: int, latitude: Floats, longitude: Floats
) -> tuple[Int32s, Int64s, Floats, Floats]:
    """Gather the pings in their final order, each once."""
    n = rows.size
    out_device, out_time = np.empty(n, np.int32), np.empty(n, np.int64)
    out_latitude, out_longitude = np.empty(n, np.float64), np.empty(n, np.float64)
    kept, first = 0, 0
    for device in range(ends.size):
        while first < ends[device]:
            second = rows[first] >> np.uint64(32)
            after = first + 1
            while after < ends[device] and rows[after] >> np.uint64(32) == second:
                after += 1
            if after - first > 1:
                _sort_places(rows, first, after, latitude, longitude)
            fresh = kept
            for i in range(first, after):
                row = np.int64(rows[i] & _ROW)
                lat, lon = latitude[row] + 0.0, longitude[row] + 0.0  # -0.0 + 0.0 is 0.0
                if kept > fresh and out_latitude[kept - 1] == lat and out_longitude[kept - 1] == lon:
                    continue
                out_device[kept], out_time[kept] = device, earliest + np.int64(second)
                out_latitude[kept], out_longitude[kept] = lat, lon
                kept += 1
            first = after
    return out_device[:kept], out_time[:kept], out_latitude[:kept], out_longitude[:kept]
