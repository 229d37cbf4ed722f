"""A grid over the globe that says at once of most positions that no sensitive place is near.

Rows of a level are equally high, columns about as wide as rows are high, down to the poles. A place is put
into the first level where it touches few cells, and a position looked up in every level that is used. Cells
come in tiles of 8 by 8, one bit a cell: a look-up is one hash of the tile and one bit.

The grid names candidates (:mod:`hereabouts.feeds.places.spans` says where), and
:mod:`hereabouts.feeds.places.nearest` judges them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.feeds.places.shapes import Floats, Parts
from hereabouts.feeds.places.spans import columns_of, reached, spans_of
from hereabouts.movement.kernel import Int32s, UInt64s, kernel

_FINEST, _FINE, *_LEVELS = (2048, 8), (1024, 7), (512, 6), (128, 4), (16, 1), (2, 0)
"""Rows a degree (54 m, 109 m, 217 m, 870 m, 7 km, 56 km), and log2 of the rows that share their width of columns."""

_MOST_CELLS = 400
"""Of one place in its level; the last level takes all that is left."""

_MOST_ON_FINEST = 50_000
"""Parts: of more (a large country's places) the finest level would take gigabytes, and the next stands for it."""

_HASH = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: spreads keys that differ in low bits only
_COLUMN_BITS = 17
_AT_ONCE = 1024
# As words without a sign: an index that cannot be negative costs less.
_EIGHTH, _IN_TILE, _TILE_BITS = np.uint64(3), np.uint64(7), np.uint64(_COLUMN_BITS)


@dataclass(frozen=True, repr=False)
class Level:
    """One level of the grid, of cells and the parts of places that may be near a position in them.

    Attributes
    ----------
    rows
        Rows a degree of latitude.
    shift
        log2 of the rows in a band.
    columns
        Columns a degree of longitude, by band, float64.
    slots
        Open-addressed hash table of tiles, a power of two of slots of two words each: number of the tile and one
        (0 is an empty slot), and which of its cells are used, a bit each.
    bases
        By slot: number of the tile's first cell.
    starts
        By cell in use: where its candidates begin; one more for the end.
    candidates
        Parts, ascending in each cell.
    """

    rows: float
    shift: int
    columns: Floats
    slots: UInt64s
    bases: Int32s
    starts: Int32s
    candidates: Int32s


def levels_of(parts: Parts, reach: Floats) -> list[Level]:
    """Build the levels that parts need.

    Parameters
    ----------
    parts
        The parts.
    reach
        Metres around each part within which a position may be at its place, shape (p,).
    """
    boxes = reached(parts, reach)
    left = np.arange(len(parts))
    built = []
    for rows, shift in (_FINEST if len(parts) <= _MOST_ON_FINEST else _FINE, *_LEVELS):
        columns = columns_of(rows, shift)
        fits = (_cells(boxes[left], rows) <= _MOST_CELLS) | (rows == _LEVELS[-1][0])
        chosen, left = left[fits], left[~fits]
        if len(chosen):
            spans = spans_of(parts, reach, boxes, chosen, float(rows), shift, columns)
            built.append(_level(spans, float(rows), shift, columns))
    return built


def _cells(boxes: Floats, rows: int) -> Floats:
    """About how many cells of a level a box touches."""
    west, south, east, north = boxes.T
    least = np.where(south * north <= 0.0, 0.0, np.minimum(np.abs(south), np.abs(north)))
    across = np.minimum(east - west, 360.0) * rows * np.cos(np.radians(least)) + 1.0
    return np.asarray(across * ((north - south) * rows + 1.0))


def _level(spans: NDArray[np.int64], rows: float, shift: int, columns: Floats) -> Level:
    """Gather the cells of spans (part, row, first and last column) into tiles."""
    part, row, first, last = spans.T
    counts = last - first + 1
    which = np.repeat(np.arange(len(spans)), counts)
    column = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[which]
    row, part = row[which], part[which]
    tile = ((row >> 3) << _COLUMN_BITS) | (column >> 3)
    cell = (tile << 6) | ((row & 7) << 3) | (column & 7)
    order = np.lexsort((part, cell))
    cell, part = cell[order], part[order]
    fresh = np.append(True, (cell[1:] != cell[:-1]) | (part[1:] != part[:-1]))
    cell, part = cell[fresh], part[fresh]
    used, starts = np.unique(cell, return_index=True)
    tiles, base = np.unique(used >> 6, return_index=True)
    bits = np.left_shift(np.uint64(1), (used & 63).astype(np.uint64))
    words = np.bitwise_or.reduceat(bits, base)
    size = 1 << int(4 * len(tiles)).bit_length()
    slots, bases = np.zeros(2 * size, np.uint64), np.zeros(size, np.int32)
    _fill(slots, bases, tiles.astype(np.uint64), words, base.astype(np.int32))
    return Level(
        rows, shift, columns, slots, bases, np.append(starts, len(cell)).astype(np.int32), part.astype(np.int32)
    )


@kernel
def _slot(slots: UInt64s, tile: np.uint64) -> np.uint64:
    """Where a tile is in the table, or would be put."""
    mask = np.uint64(slots.size // 2 - 1)
    slot = (tile * _HASH) >> np.uint64(32) & mask
    while slots[np.uint64(2) * slot] != tile and slots[np.uint64(2) * slot] != 0:
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel
def _fill(slots: UInt64s, bases: Int32s, tiles: UInt64s, words: UInt64s, base: Int32s) -> None:
    for k in range(tiles.size):
        slot = _slot(slots, tiles[k] + np.uint64(1))
        slots[np.uint64(2) * slot] = tiles[k] + np.uint64(1)
        slots[np.uint64(2) * slot + np.uint64(1)] = words[k]
        bases[slot] = base[k]


@kernel
def find(
    latitude: Floats,
    longitude: Floats,
    begin: int,
    end: int,
    rows: float,
    shift: int,
    columns: Floats,
    slots: UInt64s,
    bases: Int32s,
    near: Int32s,
    cells: Int32s,
) -> int:
    """Look up positions in one level.

    Parameters
    ----------
    latitude, longitude
        WGS84 degrees.
    begin, end
        Which of them.
    rows, shift, columns, slots, bases
        Of the level.
    near, cells
        Filled here: positions that lie in a cell with candidates, and the cell's number; room for all.

    Returns
    -------
    int
        How many such positions there are; -1 when one is not on Earth.
    """
    count = 0
    tiles, bits = np.empty(_AT_ONCE, np.uint64), np.empty(_AT_ONCE, np.uint64)
    for start in range(begin, end, _AT_ONCE):
        many = min(_AT_ONCE, end - start)
        astray = 0
        for j in range(many):
            astray += not ((abs(latitude[start + j]) <= 90.0) & (abs(longitude[start + j]) <= 180.0))
        if astray:
            return -1
        for j in range(many):
            row = np.uint64(np.int64((latitude[start + j] + 90.0) * rows))
            column = np.uint64(np.int64((longitude[start + j] + 180.0) * columns[row >> np.uint64(shift)]))
            tiles[j] = ((row >> _EIGHTH) << _TILE_BITS) + (column >> _EIGHTH) + np.uint64(1)
            bits[j] = ((row & _IN_TILE) << _EIGHTH) + (column & _IN_TILE)
        for j in range(many):
            slot = _slot(slots, tiles[j])
            word = slots[np.uint64(2) * slot + np.uint64(1)]
            if word >> bits[j] & np.uint64(1):
                near[count] = start + j
                cells[count] = bases[slot] + _ones(word & ((np.uint64(1) << bits[j]) - np.uint64(1)))
                count += 1
    return count


@kernel
def _ones(word: np.uint64) -> np.uint64:
    """How many bits of a word are set: of pairs, of fours, of bytes, and all bytes' by one product (Knuth, 7.1.3)."""
    word -= word >> np.uint64(1) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (word >> np.uint64(2) & np.uint64(0x3333333333333333))
    word = word + (word >> np.uint64(4)) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return word * np.uint64(0x0101010101010101) >> np.uint64(56)
