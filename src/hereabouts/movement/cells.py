"""H3 cells of many positions, exactly those of H3, and parents of cells.

H3 is asked once for each lattice point that occurs; all other positions of that hexagon follow by look-up.
This is exact, not approximate: H3's index is a function of (face, i, j) alone, and wherever the look-up
could name another (face, i, j) than H3's own arithmetic would, because the position is too near an edge, H3
is asked for that position itself.
"""

from __future__ import annotations

import math
import threading
from typing import cast

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import ArrayLike

from hereabouts.hexagons import parents_of
from hereabouts.movement.kernel import Floats, Int32s, Int64s, UInt64s, kernel, read_only, same_length
from hereabouts.movement.lattice import frame_of, is_on_face, lattice_key, nearest_face

__all__ = ["CellIndex", "cells_of", "parents_of"]

_HASH = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: spreads keys that differ in low bits only
_SMALLEST_TABLE = 1 << 12
_MOST_KEYS = 1 << 22
"""A thread forgets its hexagons beyond this many between two calls (about 120 MB; a city has some 10,000)."""


class CellIndex:
    """H3 cells of positions at one resolution; remembers the hexagons that it has met.

    May be kept for the life of a process and shared by threads: each thread remembers for itself.

    Parameters
    ----------
    resolution
        H3 resolution, 0 to 15.

    Raises
    ------
    ValueError
        If there is no such resolution.
    """

    def __init__(self, resolution: int) -> None:
        if not 0 <= resolution <= 15:
            raise ValueError(f"H3 has resolutions 0 to 15, got {resolution}")
        self.resolution = resolution
        self._frame = cast(Floats, read_only(frame_of(resolution), np.float64))
        self._of_thread = threading.local()

    def cells_of(self, latitude: ArrayLike, longitude: ArrayLike) -> UInt64s:
        """Give the cell of each position.

        Parameters
        ----------
        latitude, longitude
            float64[n], WGS84 degrees.

        Returns
        -------
        uint64[n]
            H3 indexes, equal to ``h3.latlng_to_cell`` for every row.

        Raises
        ------
        ValueError
            If a position is not finite, or the columns differ in length.
        """
        lat = cast(Floats, read_only(latitude, np.float64))
        lon = cast(Floats, read_only(longitude, np.float64))
        same_length(latitude=lat, longitude=lon)
        met: _Hexagons | None = getattr(self._of_thread, "met", None)
        if met is None or len(met.cells) > _MOST_KEYS:
            met = _Hexagons()
        self._of_thread.met = None  # an interrupt below must not leave a table that is half learnt
        number = met.number(self._frame, lat, lon, self.resolution)
        self._of_thread.met = met
        cells = met.cells[number]
        unsure = np.flatnonzero(number == 0)
        cells[unsure] = _ask_h3(lat[unsure], lon[unsure], self.resolution)
        return cells


def cells_of(latitude: ArrayLike, longitude: ArrayLike, resolution: int) -> UInt64s:
    """Give the H3 cell of each position, once; see :class:`CellIndex` for many batches."""
    return CellIndex(resolution).cells_of(latitude, longitude)


class _Hexagons:
    """A hash table from lattice keys to numbers 1, 2, …, and the cell of each number; number 0 is nowhere."""

    def __init__(self) -> None:
        self.keys = np.zeros(_SMALLEST_TABLE, np.uint64)
        self.numbers = np.zeros(_SMALLEST_TABLE, np.int32)
        self.cells = np.zeros(1, np.uint64)

    def number(self, frame: Floats, lat: Floats, lon: Floats, resolution: int) -> Int32s:
        """Number the hexagon of each position, 0 where it is unsure, and learn the cells of new ones."""
        number = np.empty(len(lat), np.int32)
        known = count = len(self.cells)
        new_rows: list[Int64s] = []
        row = 0
        while True:
            row, reached, rows = _number_rows(frame, lat, lon, row, self.keys, self.numbers, count, number)
            new_rows.append(rows)
            count = reached
            if row == len(lat):
                break
            self.keys, self.numbers = _enlarged(self.keys, self.numbers)
        if count > known:
            first = np.concatenate(new_rows)
            self.cells = np.append(self.cells, _ask_h3(lat[first], lon[first], resolution))
        return number


def _ask_h3(lat: Floats, lon: Floats, resolution: int) -> UInt64s:
    if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        raise ValueError("a position is not finite; invalid rows are dropped before they reach a kernel")
    found = map(h3.latlng_to_cell, lat.tolist(), lon.tolist(), [resolution] * len(lat))
    return np.fromiter(found, np.uint64, len(lat))


@kernel
def _place(keys: UInt64s, key: np.uint64) -> np.uint64:
    """Where a key is in an open-addressed table (a power of two of places, 0 is empty), or would be put."""
    mask = np.uint64(keys.size - 1)
    place = (key * _HASH) >> np.uint64(32) & mask
    while keys[place] != key and keys[place] != 0:
        place = (place + np.uint64(1)) & mask
    return place


@kernel
def _number_rows(
    frame: Floats,
    lat: Floats,
    lon: Floats,
    row: int,
    keys: UInt64s,
    numbers: Int32s,
    count: int,
    number: Int32s,
) -> tuple[int, int, Int64s]:
    """Number rows from ``row`` on until the table is half full.

    Gives the row where it stopped, the next free number, and a row of each new hexagon.
    """
    room = keys.size // 2 + 1
    new_rows = np.empty(max(room - count, 0), np.int64)
    new, face, last_key, last_number = 0, 0, np.uint64(0), np.int32(0)
    while row < lat.size:
        phi, theta = math.radians(lat[row]), math.radians(lon[row])
        x, y, z = math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)
        key = np.uint64(0)
        if not is_on_face(frame, face, x, y, z):
            face = nearest_face(frame, x, y, z)
        if is_on_face(frame, face, x, y, z):
            key = lattice_key(frame, face, x, y, z)
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
def _enlarged(keys: UInt64s, numbers: Int32s) -> tuple[UInt64s, Int32s]:
    more_keys, more_numbers = np.zeros(keys.size * 4, np.uint64), np.zeros(keys.size * 4, np.int32)
    for old in range(keys.size):
        if keys[old] != 0:
            place = _place(more_keys, keys[old])
            more_keys[place], more_numbers[place] = keys[old], numbers[old]
    return more_keys, more_numbers
