"""Where a store cell stands in what is measured: whether it is in the region, and which cell there is its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.hexagons import parents_of

Cells = NDArray[np.uint64]

LEAF = 7
"""The resolution at which a row is in the region or not, whatever is measured."""


def positions_in(cells: Cells, leaves: Cells, domain: Cells, resolution: int) -> NDArray[np.int64]:
    """Position of each cell's ancestor in the measured domain, -1 where the cell is not in the region; shape (cells,).

    Parameters
    ----------
    cells
        Store cells.
    leaves
        The region's cells at resolution 7, sorted: a cell is in the region when its ancestor there is.
    domain
        The region's cells at `resolution` (7 or coarser), sorted.
    """
    ancestors = parents_of(cells, LEAF)
    leaf = np.minimum(np.searchsorted(leaves, ancestors), leaves.size - 1)
    place = np.searchsorted(domain, parents_of(leaves, resolution)).astype(np.int64)
    return np.where(leaves[leaf] == ancestors, place[leaf], -1)
