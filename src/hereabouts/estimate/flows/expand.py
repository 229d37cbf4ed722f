"""Where flows of a finer resolution are looked for: below the pairs whose noisy value stood out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.measurements import FlowLevel
from hereabouts.estimate.reconcile import parent_positions

Integers = NDArray[np.int64]

_STANDS_OUT_SD = 2.5
# At most so many finer pairs are measured (each is a draw of noise); beyond it only the largest are followed.
MOST_PAIRS = 1_000_000


def all_pairs(cells: int) -> Integers:
    """Every pair of that many cells, as ``origin position x cells + destination position``."""
    return np.arange(cells * cells, dtype=np.int64)


def pairs_below(level: FlowLevel, domains: Mapping[int, NDArray[np.uint64]], resolution: int) -> Integers:
    """The pairs of `resolution` whose parents at the coarser `level` stood out of the noise, sorted.

    Which those are is decided on noisy values alone.

    Parameters
    ----------
    level
        The coarser measurement.
    domains
        The region's sorted cells by resolution.
    resolution
        The finer resolution.
    """
    coarse, fine = domains[level.resolution], domains[resolution]
    position = parent_positions(fine, coarse, level.resolution)
    first = np.searchsorted(position, np.arange(coarse.size + 1))
    strength = level.noisy / np.sqrt(level.variance)
    ranked = np.argsort(-strength, kind="stable")
    ranked = ranked[strength[ranked] > _STANDS_OUT_SD]
    origin, destination = np.divmod(level.pairs[ranked], coarse.size)
    children = np.diff(first)
    ranked = ranked[np.cumsum(children[origin] * children[destination]) <= MOST_PAIRS]
    found = [np.empty(0, dtype=np.int64)]
    for pair in level.pairs[ranked]:
        o, d = divmod(int(pair), coarse.size)
        starts = np.arange(first[o], first[o + 1], dtype=np.int64)
        found.append((starts[:, None] * fine.size + np.arange(first[d], first[d + 1])[None, :]).ravel())
    return np.sort(np.concatenate(found))
