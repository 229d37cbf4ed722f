"""Presence: devices by cell and hour. Domain, contribution and bound; the proof is in ``presence.md``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.domain import positions_in
from hereabouts.hexagons import parents_of
from hereabouts.privacy.measure import Contribution

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Rows = tuple[Cells, NDArray[np.integer], Integers]
"""Presence rows: the distinct store cells, shape (k,); of each row its cell's place among them, and the number of its
hour, shape (n,)."""


def presence_contributions(
    batches: Iterable[Rows], leaves: Cells, domains: Mapping[int, Cells], hours: int
) -> dict[int, Contribution]:
    """What all devices contribute to the hourly counts of each resolution, shape (cells, hours).

    A device is in one cell an hour, so its own vector has at most one entry of 1 an hour: its squared L2 norm
    is at most the number of the window's hours.

    Parameters
    ----------
    batches
        Presence rows.
    leaves
        The region's cells at resolution 7, sorted: a row is in the region when its ancestor there is.
    domains
        The region's cells at each resolution to be measured (7 or coarser), each sorted.
    hours
        Number of hours of the window.

    Raises
    ------
    ValueError
        When a row is in none of these hours.
    """
    finest = max(domains)
    # One row more, for what is outside the region: it is dropped.
    counts = np.zeros((domains[finest].size + 1, hours), dtype=np.int64)
    for cells, code, hour in batches:
        if hour.size and not 0 <= hour.min() <= hour.max() < hours:
            raise ValueError("a presence row is outside its window: the sealed files are not the store's own")
        position = positions_in(cells, leaves, domains[finest], finest)
        entry = (np.where(position < 0, domains[finest].size, position) * hours)[code]
        entry += hour
        np.add.at(counts.reshape(-1), entry, 1)
    inside = {finest: counts[:-1]}
    for resolution in domains.keys() - {finest}:
        parent = np.searchsorted(domains[resolution], parents_of(domains[finest], resolution))
        sums = np.zeros((domains[resolution].size, hours), dtype=np.int64)
        np.add.at(sums, parent, inside[finest])
        inside[resolution] = sums
    return {resolution: Contribution(sums, squared_sensitivity=hours) for resolution, sums in inside.items()}
