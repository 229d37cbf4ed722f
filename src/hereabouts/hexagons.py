"""H3 index algebra that needs no kernel: parents, centres, neighbours. Public geometry only.

Parents are taken by index, not by geometry: a store cell belongs to the ancestor that H3's hierarchy
gives it, whatever the drawn hexagons suggest.
"""

from __future__ import annotations

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

_RESOLUTION_SHIFT = np.uint64(52)
_DIGIT_BITS = 3
_MAX_RESOLUTION = 15

EARTH_RADIUS = 6_371_008.8
"""Mean radius of the Earth, metres."""


def resolution_of(cells: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Resolution of each cell, shape (n,)."""
    return (cells >> _RESOLUTION_SHIFT) & np.uint64(0xF)


def parents_of(cells: NDArray[np.uint64], resolution: int) -> NDArray[np.uint64]:
    """Ancestors at `resolution` of `cells`, shape (n,), by setting the finer digits to 7.

    An H3 index holds its resolution in bits 52 to 55 and one 3-bit digit for each resolution 1 to 15,
    of which the unused ones are 7 (h3geo.org, "Index inversion and bit layout").
    """
    unused = np.uint64((1 << (_DIGIT_BITS * (_MAX_RESOLUTION - resolution))) - 1)
    cleared = cells & ~(np.uint64(0xF) << _RESOLUTION_SHIFT)
    return (cleared | unused) | (np.uint64(resolution) << _RESOLUTION_SHIFT)


def centres_of(cells: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Centres of `cells`, shape (n, 2): latitude, longitude in WGS84 degrees."""
    return np.array([h3.cell_to_latlng(cell) for cell in cells], dtype=np.float64).reshape(-1, 2)


def distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Haversine distances in metres between points of shape (n, 2), latitude and longitude in degrees."""
    start, end = np.radians(a), np.radians(b)
    half = np.sin((end - start) / 2.0) ** 2
    chord = half[:, 0] + np.cos(start[:, 0]) * np.cos(end[:, 0]) * half[:, 1]
    return np.asarray(2.0 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(chord, 1.0))))


def neighbours_of(cells: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Positions in the sorted array `cells` of each cell's ring of neighbours, shape (n, 6).

    Neighbours that are not among `cells` (and the sixth of a pentagon) are -1.
    """
    found = np.full((cells.size, 6), -1, dtype=np.int64)
    for row, cell in enumerate(cells):
        ring = np.array([c for c in h3.grid_disk(cell, 1) if c != cell], dtype=np.uint64)
        position = np.searchsorted(cells, ring)
        position[position == cells.size] = 0
        found[row, : ring.size] = np.where(cells[position] == ring, position, -1)
    return found
