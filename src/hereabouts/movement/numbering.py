"""Numbers for keys: an open-addressed hash table, which its caller enlarges when it is half full."""

from __future__ import annotations

import numpy as np

from hereabouts.movement.kernel import Int32s, Int64s, UInt64s, kernel

_HASH = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: spreads keys that differ in low bits only


@kernel
def _place(keys: UInt64s, key: np.uint64) -> np.uint64:
    """Where a key is in a table (a power of two of places, 0 is empty), or would be put."""
    mask = np.uint64(keys.size - 1)
    place = (key * _HASH) >> np.uint64(32) & mask
    while keys[place] != key and keys[place] != 0:
        place = (place + np.uint64(1)) & mask
    return place


@kernel
def number_keys(
    wanted: UInt64s, row: int, keys: UInt64s, numbers: Int32s, count: int, number: Int32s
) -> tuple[int, int, Int64s]:
    """Number the keys of rows from ``row`` on until the table is half full; key 0 has number 0.

    Parameters
    ----------
    wanted
        The key of each row.
    row
        First row to number.
    keys, numbers
        The table, a power of two of places; key 0 is an empty place. Filled here.
    count
        Next free number; the first is 1.
    number
        Filled here, for each row.

    Returns
    -------
    row, count, new_rows
        The row at which there was no more room, or the number of rows; the next free number; a row of each new
        key, by number.
    """
    room = keys.size // 2 + 1
    new_rows = np.empty(max(room - count, 0), np.int64)
    new, last_key, last_number = 0, np.uint64(0), np.int32(0)
    while row < wanted.size:
        key = wanted[row]
        if key != last_key:
            last_key, last_number = key, np.int32(0)
            if key != 0:
                place = _place(keys, key)
                if keys[place] == 0:
                    if new == new_rows.size:
                        break
                    keys[place], numbers[place] = key, count + new
                    new_rows[new] = row
                    new += 1
                last_number = numbers[place]
        number[row] = last_number
        row += 1
    return row, count + new, new_rows[:new].copy()


@kernel
def enlarged(keys: UInt64s, numbers: Int32s) -> tuple[UInt64s, Int32s]:
    """Move a table of numbered keys into one of four times its size."""
    more_keys, more_numbers = np.zeros(keys.size * 4, np.uint64), np.zeros(keys.size * 4, np.int32)
    for old in range(keys.size):
        if keys[old] != 0:
            place = _place(more_keys, keys[old])
            more_keys[place], more_numbers[place] = keys[old], numbers[old]
    return more_keys, more_numbers
