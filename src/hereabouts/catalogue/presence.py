"""Presence: devices by cell and hour. Domain, contribution and bound; the proof is in ``presence.md``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numba
import numpy as np
from numpy.typing import NDArray

from hereabouts.hexagons import parents_of
from hereabouts.privacy.measure import Contribution

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]

LEAF = 7
"""The resolution at which a row is in the region or not, whatever is measured."""


def presence_contributions(
    batches: Iterable[tuple[Cells, Integers]], leaves: Cells, domains: Mapping[int, Cells], hours: int
) -> dict[int, Contribution]:
    """What all devices contribute to the hourly counts of each resolution, shape (cells, hours).

    A device is in one cell an hour, so its own vector has at most one entry of 1 an hour: its squared L2 norm
    is at most the number of the window's hours.

    Parameters
    ----------
    batches
        Presence rows: store cells, shape (n,), and numbers of their hours, shape (n,).
    leaves
        The region's cells at resolution 7, sorted: a row is in the region when its ancestor there is.
    domains
        The region's cells at each resolution to be measured (7 or coarser), each sorted.
    hours
        Number of hours of the window.
    """
    finest = max(domains)
    counts = {finest: np.zeros((domains[finest].size, hours), dtype=np.int64)}
    place = np.searchsorted(domains[finest], parents_of(leaves, finest))
    for cells, hour in batches:
        _add(parents_of(cells, LEAF), hour, leaves, place, counts[finest])
    for resolution in domains.keys() - {finest}:
        parent = np.searchsorted(domains[resolution], parents_of(domains[finest], resolution))
        sums = np.zeros((domains[resolution].size, hours), dtype=np.int64)
        np.add.at(sums, parent, counts[finest])
        counts[resolution] = sums
    return {resolution: Contribution(sums, squared_sensitivity=hours) for resolution, sums in counts.items()}


@numba.njit(cache=True, nogil=True)
def _add(cells: Cells, hour: Integers, leaves: Cells, place: Integers, counts: Integers) -> None:
    """Count rows whose cell is among the leaves; a device's next hour is often in the same cell."""
    last, position = np.uint64(0), np.int64(-1)
    for row in range(cells.size):
        cell = cells[row]
        if cell != last:
            last = cell
            leaf = np.searchsorted(leaves, cell)
            position = place[leaf] if leaf < leaves.size and leaves[leaf] == cell else np.int64(-1)
        if position >= 0:
            if not 0 <= hour[row] < counts.shape[1]:
                raise ValueError("a presence row is outside its window: the sealed files are not the store's own")
            counts[position, hour[row]] += 1
