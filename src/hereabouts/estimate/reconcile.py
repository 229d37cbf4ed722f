"""Making levels agree: children add up to their parent, and both stay as near to their own estimates as can be.

Upward, each resolution's noisy numbers are joined with the sums of its children's, weighted by how exact they
are (the upward pass of Hay, Rastogi, Miklau and Suciu 2010). Downward, after each resolution was estimated by
itself, what the parent has more or less than its children is shared among them by their uncertainty.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.hexagons import parents_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_CHILDREN = 7
_ROUNDS = 20


def parent_positions(children: NDArray[np.uint64], parents: NDArray[np.uint64], resolution: int) -> Integers:
    """Position of each child's ancestor in the sorted `parents` of that resolution, shape (children,)."""
    return np.searchsorted(parents, parents_of(children, resolution)).astype(np.int64)


def join_upward(
    parent: Floats, variance: float, children: Floats, child_variance: float, steps: int
) -> tuple[Floats, float]:
    """The parent's noisy values joined with the sums of its descendants' noisy values.

    Parameters
    ----------
    parent, children
        Noisy values of the same rows, shape (rows, hours); `children` already summed by parent.
    variance, child_variance
        Of the noise in a parent's value, and in a single child's.
    steps
        How many resolutions lie between them.

    Returns
    -------
    tuple
        The joined values and the variance of their noise; where a parent at the region's edge has fewer
        children, its noise is less than that.
    """
    summed = child_variance * float(_CHILDREN) ** steps
    weight = summed / (variance + summed)
    return weight * parent + (1.0 - weight) * children, weight * variance


def share_downward(parent: Floats, children: Floats, variance: Floats, position: Integers) -> Floats:
    """Children moved so that they add up to their parents, shape (children, columns), none below zero.

    Parameters
    ----------
    parent
        Values to add up to, shape (parents, columns), none below zero.
    children
        Values of the children, none below zero.
    variance
        Their error variances: the less certain a child, the more it moves.
    position
        Each child's parent; ascending, every parent has a child.
    """
    if not children.size:
        return children
    first = np.flatnonzero(np.concatenate([[True], position[1:] != position[:-1]]))
    moved = children
    for _ in range(_ROUNDS):
        gap = parent - np.add.reduceat(moved, first, axis=0)
        if not (np.abs(gap) > 1e-9 * (1.0 + parent)).any():
            break
        # A child that stands at zero cannot give; the others give more in the next round.
        able = np.where((moved > 0) | (gap[position] > 0), variance, 0.0) + 1e-12 * moved
        total = np.add.reduceat(able, first, axis=0)
        step = np.divide(gap, total, out=np.zeros_like(gap), where=total > 0)
        moved = np.maximum(moved + able * step[position], 0.0)
    sums = np.add.reduceat(moved, first, axis=0)
    # What is left after the last round is a sliver; it must not make children more than their parent.
    excess = np.divide(parent, sums, out=np.ones_like(sums), where=sums > parent)
    return np.asarray(moved * excess[position])
