"""Where flows of a finer resolution are looked for: below pairs that are estimated to have more than a few trips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.flows.levels import JudgedFlows
from hereabouts.estimate.reconcile import parent_positions

Integers = NDArray[np.int64]

# What has fewer trips in all has no flow below it that is worth a row.
_FEW = 5.0
# At most so many finer pairs are measured (each is a draw of noise); beyond it only the largest are followed.
MOST_PAIRS = 1_000_000


def all_pairs(cells: int) -> Integers:
    """Every pair of that many cells, as ``origin position x cells + destination position``."""
    return np.arange(cells * cells, dtype=np.int64)


def pairs_below(flows: JudgedFlows, coarse: NDArray[np.uint64], fine: NDArray[np.uint64], resolution: int) -> Integers:
    """The pairs of finer cells whose parents are estimated to have more than a few trips, sorted.

    Which those are is decided on estimates, which are made of noisy values alone.

    Parameters
    ----------
    flows
        The flows of the coarser cells.
    coarse, fine
        The region's sorted cells at both resolutions.
    resolution
        The coarser one.
    """
    position = parent_positions(fine, coarse, resolution)
    first = np.searchsorted(position, np.arange(coarse.size + 1))
    ranked = np.argsort(-flows.judged.mean, kind="stable")
    ranked = ranked[flows.judged.mean[ranked] > _FEW]
    origin, destination = flows.origin[ranked], flows.destination[ranked]
    children = np.diff(first)
    followed = np.cumsum(children[origin] * children[destination]) <= MOST_PAIRS
    found = [np.empty(0, dtype=np.int64)]
    for o, d in zip(origin[followed].tolist(), destination[followed].tolist(), strict=True):
        starts = np.arange(first[o], first[o + 1], dtype=np.int64)
        found.append((starts[:, None] * fine.size + np.arange(first[d], first[d + 1])[None, :]).ravel())
    return np.sort(np.concatenate(found))


def clear_pairs(flows: JudgedFlows, cells: int) -> Integers:
    """The pairs whose flow is more than its own deviation, sorted: worth telling apart by day or hour."""
    clear = flows.judged.mean**2 > flows.judged.variance
    return flows.origin[clear] * cells + flows.destination[clear]
