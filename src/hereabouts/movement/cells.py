"""H3 cells of many positions, exactly those of H3, and parents of cells.

H3 is asked once for each lattice point that occurs; all other positions of that hexagon follow by look-up.
This is exact, not approximate: H3's index is a function of (face, i, j) alone, and wherever the look-up
could name another (face, i, j) than H3's own arithmetic would, because the position is too near an edge, H3
is asked for that position itself.
"""

from __future__ import annotations

import threading
from typing import cast

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import ArrayLike

from hereabouts.hexagons import parents_of
from hereabouts.movement.kernel import Floats, Int32s, Int64s, UInt64s, read_only, same_length
from hereabouts.movement.lattice import frame_of, lattice_keys
from hereabouts.movement.numbering import enlarged, number_keys

__all__ = ["CellIndex", "cells_of", "parents_of"]

_SMALLEST_TABLE = 1 << 12
_BLOCK = 1 << 15
"""Positions that are worked on at a time: what is found of them stays in the processor's cache."""
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
        cells, face = np.empty(len(lat), np.uint64), 0
        keys, number = np.empty(_BLOCK, np.uint64), np.empty(_BLOCK, np.int32)
        for start in range(0, len(lat), _BLOCK):
            rows = slice(start, min(start + _BLOCK, len(lat)))
            known, numbered = keys[: rows.stop - start], number[: rows.stop - start]
            face = lattice_keys(self._frame, face, lat[rows], lon[rows], known)
            met.number(known, lat[rows], lon[rows], self.resolution, numbered)
            met.cells.take(numbered, out=cells[rows], mode="clip")  # which spares a copy: all numbers are in range
            unsure = start + np.flatnonzero(numbered == 0)
            cells[unsure] = _ask_h3(lat[unsure], lon[unsure], self.resolution)
        self._of_thread.met = met
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

    def number(self, keys: UInt64s, lat: Floats, lon: Floats, resolution: int, number: Int32s) -> None:
        """Number the hexagon of each position, 0 where it is unsure, and learn the cells of new ones."""
        known = count = len(self.cells)
        new_rows: list[Int64s] = []
        row = 0
        while True:
            row, count, rows = number_keys(keys, row, self.keys, self.numbers, count, number)
            new_rows.append(rows)
            if row == len(keys):
                break
            self.keys, self.numbers = enlarged(self.keys, self.numbers)
        if count > known:
            first = np.concatenate(new_rows)
            self.cells = np.append(self.cells, _ask_h3(lat[first], lon[first], resolution))


def _ask_h3(lat: Floats, lon: Floats, resolution: int) -> UInt64s:
    if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        raise ValueError("a position is not finite; invalid rows are dropped before they reach a kernel")
    found = map(h3.latlng_to_cell, lat.tolist(), lon.tolist(), [resolution] * len(lat))
    return np.fromiter(found, np.uint64, len(lat))
